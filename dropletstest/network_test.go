package dropletstest_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestAddressesAreDistinctAndValid(t *testing.T) {
	const n = 2000
	addresses := make(map[netip.Addr]bool)
	for _, d := range dropletstest.New(dropletstest.WithDroplets(n)).Droplets() {
		for _, v4 := range d.Networks.V4 {
			addr, err := netip.ParseAddr(v4.IPAddress)
			require.NoError(t, err)
			addresses[addr] = true
			if v4.Type == droplets.NetworkTypePublic {
				gateway, err := netip.ParseAddr(v4.Gateway)
				require.NoError(t, err)
				subnet := netip.PrefixFrom(gateway, 20).Masked()
				require.True(t, subnet.Contains(addr), "%s and %s", addr, gateway)
				require.NotEqual(t, gateway, addr)
			} else {
				require.Equal(t, "nil", v4.Gateway)
				require.True(t, addr.IsPrivate())
			}
		}
	}
	assert.Len(t, addresses, 2*n)
}

// requireDistinctAddresses checks that no two Droplets have the same address, that all addresses are valid, and that each IPv6 address is
// in the subnet of its gateway.
func requireDistinctAddresses(t *testing.T, api *dropletstest.API) {
	t.Helper()
	owners := make(map[netip.Addr]int64)
	for _, d := range api.Droplets() {
		var texts []string
		for _, v4 := range d.Networks.V4 {
			texts = append(texts, v4.IPAddress)
		}
		for _, v6 := range d.Networks.V6 {
			texts = append(texts, v6.IPAddress)
			if v6.Gateway != "" {
				subnet := netip.PrefixFrom(netip.MustParseAddr(v6.Gateway), v6.Netmask).Masked()
				require.True(t, subnet.Contains(netip.MustParseAddr(v6.IPAddress)), "%s and %s", v6.IPAddress, v6.Gateway)
			}
		}
		for _, text := range texts {
			addr, err := netip.ParseAddr(text)
			require.NoError(t, err)
			require.Zero(t, owners[addr], "%s of %d", addr, d.ID)
			owners[addr] = d.ID
		}
	}
}

// TestAddressesOfAddedDroplets checks that Droplets whose ids lead to the same address have different ones.
func TestAddressesOfAddedDroplets(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(10))
		c := api.Client()
		ipv6 := []string{"ipv6"}
		for _, id := range []int64{7, 8, 500_000_008 + 128_000, 1<<53 - 1<<40, 128_007, 256_007} {
			api.AddDroplet(droplets.Droplet{ID: id, Features: ipv6, Region: &droplets.Region{Slug: "nyc3"}})
		}
		requireDistinctAddresses(t, api)
		for _, d := range api.Droplets() {
			if len(d.Networks.V6) == 0 {
				runAction(t, c, d.ID, droplets.EnableIPv6Request{})
			}
		}
		requireDistinctAddresses(t, api)
		api = requireReloadable(t, api)
		createActive(t, api.Client(), createRequest("a"))
		requireDistinctAddresses(t, api)

		added := api.AddDroplet(droplets.Droplet{ID: 1000})
		address, _ := added.PublicIPv4()
		require.NoError(t, api.Client().Droplets.Delete(t.Context(), 1000))
		added = api.AddDroplet(droplets.Droplet{ID: 1001})
		other, _ := added.PublicIPv4()
		added = api.AddDroplet(droplets.Droplet{ID: 129_000})
		again, _ := added.PublicIPv4()
		assert.NotEqual(t, address, other)
		assert.Equal(t, address, again, "the address of a deleted Droplet is used again")
	})
}

// TestGivenAddresses checks that the addresses which are given to AddDroplet are not assigned again.
func TestGivenAddresses(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		nyc3 := &droplets.Region{Slug: "nyc3"}
		networks := func(public, private, v6 string) droplets.Networks {
			return droplets.Networks{V4: []droplets.NetworkV4{{IPAddress: public, Type: droplets.NetworkTypePublic},
				{IPAddress: private, Type: droplets.NetworkTypePrivate}}, V6: []droplets.NetworkV6{{IPAddress: v6, Type: droplets.NetworkTypePublic}}}
		}
		original := dropletstest.New(dropletstest.WithDroplets(6))
		for _, d := range original.Droplets() {
			runAction(t, original.Client(), d.ID, droplets.EnableIPv6Request{})
		}
		api := dropletstest.New()
		vpc := api.AddVPC("small", "nyc3", "10.251.0.0/28")
		api.AddDroplet(droplets.Droplet{ID: 3, VPCUUID: vpc, Region: nyc3, Networks: networks("203.0.113.2", "10.251.0.3", "2001:db8::1")})
		for _, d := range original.Droplets()[1:] {
			api.AddDroplet(d)
		}
		assert.NotEqual(t, "203.0.113.2", api.AddReservedIP(3))
		req := createRequest("a")
		req.VPCUUID, req.IPv6 = vpc, true
		for range 12 { // a /28 has 13 addresses for Droplets
			createActive(t, api.Client(), req)
		}
		for range 3 {
			createActive(t, api.Client(), createRequest("b"))
		}
		_, err := api.Client().Droplets.Create(t.Context(), req)
		requireUnprocessable(t, err, "no more addresses")
		requireDistinctAddresses(t, api)
		api = requireReloadable(t, api)
		requireDistinctAddresses(t, api)

		for name, given := range map[string]droplets.Networks{
			`"203.0.113.2"`: networks("203.0.113.2", "10.0.0.1", "2001:db8::2"),
			`"10.251.0.3"`:  networks("203.0.113.9", "10.251.0.3", "2001:db8::2"),
			`"2001:db8::1"`: networks("203.0.113.9", "10.0.0.1", "2001:db8::1"),
			`"203.0.113.3"`: networks("203.0.113.3", "10.0.0.1", "2001:db8::2"), // reserved
		} {
			assertPanics(t, "dropletstest: AddDroplet: ", name+" is in use", func() { api.AddDroplet(droplets.Droplet{Networks: given}) })
		}
		require.NoError(t, api.Client().Droplets.Delete(t.Context(), 3))
		api.AddDroplet(droplets.Droplet{ID: 4, Networks: networks("203.0.113.2", "10.251.0.3", "2001:db8::1")})
	})
}

// TestEnableIPv6OfGivenAddresses checks the IPv6 addresses of Droplets whose other addresses were given to AddDroplet.
func TestEnableIPv6OfGivenAddresses(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		for i := range 3 {
			d := api.AddDroplet(droplets.Droplet{Networks: droplets.Networks{
				V4: []droplets.NetworkV4{{IPAddress: fmt.Sprintf("192.0.2.%d", i+1), Type: droplets.NetworkTypePublic}}}})
			require.Empty(t, d.Networks.V6)
			d = *runAction(t, api.Client(), d.ID, droplets.EnableIPv6Request{})
			require.Len(t, d.Networks.V6, 1)
			assert.Len(t, d.Networks.V4, 1, "the other addresses stay the same")
			gateway := netip.MustParseAddr(d.Networks.V6[0].Gateway)
			assert.True(t, netip.PrefixFrom(gateway, d.Networks.V6[0].Netmask).Contains(netip.MustParseAddr(d.Networks.V6[0].IPAddress)))
		}
		requireDistinctAddresses(t, api)
		d := createActive(t, api.Client(), createRequest("a"))
		runAction(t, api.Client(), d.ID, droplets.EnableIPv6Request{})
		api.AddDroplet(droplets.Droplet{ID: 128_000, Features: []string{"ipv6"}})
		requireDistinctAddresses(t, api)
		requireDistinctAddresses(t, requireReloadable(t, api))
	})
}

// TestAddressesOfNewDropletsAreReserved checks that an address is not given away before its Droplet, which is still new, has it.
func TestAddressesOfNewDropletsAreReserved(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Addresses: time.Minute}))
		for range 3 {
			_, err := api.Client().Droplets.Create(t.Context(), createRequest("a"))
			require.NoError(t, err)
		}
		api.AddDroplet(droplets.Droplet{ID: 1})
		api = requireReloadable(t, api)
		api.AddDroplet(droplets.Droplet{ID: 2})
		sleep(time.Hour)
		assert.Len(t, api.Droplets()[4].Networks.V4, 2)
		requireDistinctAddresses(t, api)
	})
}

// TestGivenAddressesOfTheVPC checks private addresses that no Droplet can have: those of the network, the gateway and the broadcast.
func TestGivenAddressesOfTheVPC(t *testing.T) {
	api := dropletstest.New()
	vpc := api.AddVPC("small", "nyc3", "10.251.0.16/28")
	for _, address := range []string{"10.251.0.16", "10.251.0.17", "10.251.0.31", "10.251.0.32", "10.251.0.15", "10.251.0.18", "10.251.0.30"} {
		api.AddDroplet(droplets.Droplet{VPCUUID: vpc, Region: &droplets.Region{Slug: "nyc3"},
			Networks: droplets.Networks{V4: []droplets.NetworkV4{{IPAddress: address, Type: droplets.NetworkTypePrivate}}}})
	}
	api = requireReloadable(t, api)
	for range 11 {
		d := api.AddDroplet(droplets.Droplet{VPCUUID: vpc})
		assert.Len(t, d.Networks.V4, 2)
	}
	assert.Len(t, api.AddDroplet(droplets.Droplet{VPCUUID: vpc}).Networks.V4, 1, "the range is full")
	requireDistinctAddresses(t, api)
}

// TestStateWithTheSameAddressTwice checks that a state is rejected in which two Droplets have an address, or a number is invalid.
func TestStateWithTheSameAddressTwice(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(2))
	var saved bytes.Buffer
	require.NoError(t, api.WriteState(&saved))
	for old, replacement := range map[string][2]string{
		`"ip_address":"198.18.0.3"`: {`"ip_address":"198.18.0.2"`, `the Droplet 500000002 has the address "198.18.0.2" of another one`},
		`"number":1,`:               {`"number":0,`, `the Droplet 500000002 has the address "198.18.0.2" of another one`},
		`"number":0,`:               {`"number":-2,`, "the network number -2 of Droplet 500000001 is out of range"},
		`"number":0,"`:              {`"number":1099511627776,"`, "the network number 1099511627776 of Droplet 500000001 is out of range"},
	} {
		changed := strings.Replace(saved.String(), old, replacement[0], 1)
		require.NotEqual(t, saved.String(), changed)
		require.ErrorContains(t, dropletstest.New().ReadState(strings.NewReader(changed)), replacement[1])
	}
}

// TestMoreDropletsThanBenchmarkAddresses checks the addresses of an account that has more Droplets than there are addresses for benchmarks.
func TestMoreDropletsThanBenchmarkAddresses(t *testing.T) {
	api := dropletstest.New()
	var all []droplets.NetworkV4 // of one Droplet, because 128,000 Droplets would take seconds
	for i := range 128_000 {
		all = append(all, droplets.NetworkV4{IPAddress: fmt.Sprintf("198.%d.%d.%d", 18+i/250/256, i/250%256, i%250+2), Type: droplets.NetworkTypePublic})
	}
	api.AddDroplet(droplets.Droplet{ID: 1000, Networks: droplets.Networks{V4: all}})
	for i := range int64(300) {
		added := api.AddDroplet(droplets.Droplet{ID: i + 1})
		v4 := added.Networks.V4[0]
		addr, gateway := netip.MustParseAddr(v4.IPAddress), netip.MustParseAddr(v4.Gateway)
		require.True(t, netip.PrefixFrom(gateway, 20).Masked().Contains(addr), "%s and %s", addr, gateway)
		require.True(t, netip.MustParsePrefix("240.0.0.0/4").Contains(addr), addr)
	}
	requireDistinctAddresses(t, api)
}

// TestReservedIPsSkipGivenAddresses checks that a reserved IP is not an address that a Droplet already has.
func TestReservedIPsSkipGivenAddresses(t *testing.T) {
	api := dropletstest.New()
	var v4 []droplets.NetworkV4
	for i := range 254 {
		v4 = append(v4, droplets.NetworkV4{IPAddress: fmt.Sprintf("203.0.113.%d", i+1), Type: droplets.NetworkTypePublic})
	}
	d := api.AddDroplet(droplets.Droplet{Networks: droplets.Networks{V4: v4}})
	for range 508 {
		require.NotContains(t, api.AddReservedIP(d.ID), "203.0.113.")
	}
	assertPanics(t, "dropletstest: AddReservedIP: ", "limit of 762 reserved IPs", func() { api.AddReservedIP(d.ID) })
	assert.Equal(t, 422, sendRequest(t, api, http.MethodPost, "/v2/reserved_ips", `{"region":"nyc3"}`).StatusCode)
}
