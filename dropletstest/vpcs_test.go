package dropletstest_test

import (
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

type testVPC struct {
	ID, URN, Name, Description, Region string
	IPRange                            string    `json:"ip_range"`
	CreatedAt                          time.Time `json:"created_at"`
	Default                            bool
}

type (
	testVPCRoot  struct{ VPC testVPC }
	testVPCsPage struct {
		VPCs []testVPC
		Meta struct{ Total int }
	}
	testMembersPage struct {
		Members []struct{ URN, Name string }
		Meta    struct{ Total int }
	}
)

func listVPCs(t *testing.T, api *dropletstest.API) []testVPC {
	t.Helper()
	page := get[testVPCsPage](t, api, "/v2/vpcs?per_page=200")
	require.Len(t, page.VPCs, page.Meta.Total)
	return page.VPCs
}

func TestVPCLifecycle(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		defaults := listVPCs(t, api)
		v := call[testVPCRoot](t, api, http.MethodPost, "/v2/vpcs",
			`{"name":"env.prod-vpc","description":"production","region":"nyc1","ip_range":"10.10.10.0/24"}`, http.StatusCreated).VPC
		assert.Equal(t, testVPC{ID: v.ID, URN: "do:vpc:" + v.ID, Name: "env.prod-vpc", Description: "production", Region: "nyc1",
			IPRange: "10.10.10.0/24", CreatedAt: time.Now().UTC()}, v)
		path := "/v2/vpcs/" + v.ID
		assert.Equal(t, v, get[testVPCRoot](t, api, path).VPC)
		assert.Equal(t, append(defaults, v), listVPCs(t, api))

		v = call[testVPCRoot](t, api, http.MethodPatch, path, `{"name":"renamed"}`, http.StatusOK).VPC
		assert.Equal(t, []string{"renamed", "production"}, []string{v.Name, v.Description})
		v = call[testVPCRoot](t, api, http.MethodPut, path, `{"name":"replaced"}`, http.StatusOK).VPC
		assert.Equal(t, []string{"replaced", ""}, []string{v.Name, v.Description}, "PUT resets the fields that it does not have")

		change(t, api, http.MethodDelete, path, "")
		assert.Equal(t, defaults, listVPCs(t, api))
		requireRejections(t, api, []rejection{{"deleted", http.MethodGet, path, "", 404, "could not be found"}})
	})
}

func TestEachRegionHasADefaultVPC(t *testing.T) {
	api := dropletstest.New()
	regions, err := api.Client().Regions.List(t.Context(), nil)
	require.NoError(t, err)
	vpcs := listVPCs(t, api)
	require.Len(t, vpcs, len(regions.Items))
	regionsWithVPC := make(map[string]bool)
	for _, v := range vpcs {
		assert.True(t, v.Default)
		assert.Equal(t, "default-"+v.Region, v.Name)
		regionsWithVPC[v.Region] = true
	}
	assert.Len(t, regionsWithVPC, len(vpcs))
	d := api.AddDroplet(droplets.Droplet{})
	assert.Equal(t, "5a4981aa-9653-4bd1-bef5-d6bf0edd3ab7", d.VPCUUID, "the same in every account")
	v := get[testVPCRoot](t, api, "/v2/vpcs/"+d.VPCUUID).VPC
	assert.Equal(t, []any{"nyc3", "10.100.0.0/16", time.Date(2020, 4, 7, 12, 0, 0, 0, time.UTC)}, []any{v.Region, v.IPRange, v.CreatedAt})
	assert.Equal(t, "10.122.0.0/16", get[testVPCRoot](t, api, "/v2/vpcs/5a4981aa-9653-4bd1-bef5-d6bf0f88bf3f").VPC.IPRange, "that of the last region")
}

func TestDefaultVPC(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		before := createActive(t, c, createRequest("before"))
		id := api.AddVPC("mine", "nyc3", "192.168.0.0/24")
		requireRejections(t, api, []rejection{
			{"default", http.MethodDelete, "/v2/vpcs/" + before.VPCUUID, "", 403, "Can not delete default VPCs"},
			{"unset", http.MethodPatch, "/v2/vpcs/" + before.VPCUUID, `{"default":false}`, 422, "cannot be unset"},
		})
		assert.True(t, call[testVPCRoot](t, api, http.MethodPatch, "/v2/vpcs/"+id, `{"default":true}`, http.StatusOK).VPC.Default)
		assert.False(t, get[testVPCRoot](t, api, "/v2/vpcs/"+before.VPCUUID).VPC.Default)
		after := createActive(t, c, createRequest("after"))
		assert.Equal(t, id, after.VPCUUID)
		requireReloadable(t, api)

		requireRejections(t, api, []rejection{{"members", http.MethodDelete, "/v2/vpcs/" + before.VPCUUID, "", 409, "members"}})
		require.NoError(t, c.Droplets.Delete(t.Context(), before.ID))
		change(t, api, http.MethodDelete, "/v2/vpcs/"+before.VPCUUID, "")
		requireReloadable(t, api)
	})
}

func TestVPCMembersAndAddresses(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		v := post[testVPCRoot](t, api, "/v2/vpcs", `{"name":"small","region":"nyc3","ip_range":"172.16.5.16/28"}`, 201).VPC
		members := "/v2/vpcs/" + v.ID + "/members"
		assert.Equal(t, 0, get[testMembersPage](t, api, members).Meta.Total)
		addresses := make(map[string]bool)
		prefix := netip.MustParsePrefix(v.IPRange)
		var last *droplets.Droplet
		for i := range 13 { // a /28 without the network, the gateway and the broadcast address
			req := createRequest(fmt.Sprintf("d-%d", i))
			req.VPCUUID = v.ID
			last = createActive(t, c, req)
			assert.Equal(t, v.ID, last.VPCUUID)
			private := networkOf(t, last, droplets.NetworkTypePrivate)
			require.Len(t, private, 1)
			assert.True(t, prefix.Contains(netip.MustParseAddr(private[0].IPAddress)))
			assert.Equal(t, "255.255.255.240", private[0].Netmask)
			addresses[private[0].IPAddress] = true
		}
		assert.Len(t, addresses, 13)
		assert.NotContains(t, addresses, "172.16.5.17", "the gateway")
		full := fmt.Sprintf(`{"name":"x","region":"nyc3","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","vpc_uuid":%q}`, v.ID)
		requireRejections(t, api, []rejection{
			{"full", http.MethodPost, "/v2/droplets", full, 422, "no more addresses"},
			{"members", http.MethodDelete, "/v2/vpcs/" + v.ID, "", 409, "members"},
		})
		page := get[testMembersPage](t, api, members+"?resource_type=droplet&per_page=5&page=3")
		assert.Equal(t, 13, page.Meta.Total)
		require.Len(t, page.Members, 3)
		assert.Equal(t, fmt.Sprintf("do:droplet:%d", last.ID), page.Members[2].URN)
		assert.Equal(t, "d-12", page.Members[2].Name)
		assert.Empty(t, get[testMembersPage](t, api, members+"?resource_type=load_balancer").Members)

		require.NoError(t, c.Droplets.Delete(t.Context(), last.ID))
		requireReloadable(t, api)
		req := createRequest("again")
		req.VPCUUID = v.ID
		again := createActive(t, c, req)
		assert.Equal(t, networkOf(t, last, droplets.NetworkTypePrivate), networkOf(t, again, droplets.NetworkTypePrivate), "the only one that is free")
	})
}

func TestVPCMembersAreHiddenDuringLag(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Visibility: time.Minute}))
		id := api.AddVPC("mine", "nyc3", "")
		req := createRequest("a")
		req.VPCUUID = id
		_, err := api.Client().Droplets.Create(t.Context(), req)
		require.NoError(t, err)
		path := "/v2/vpcs/" + id
		assert.Equal(t, 0, get[testMembersPage](t, api, path+"/members").Meta.Total)
		requireRejections(t, api, []rejection{{"members", http.MethodDelete, path, "", 409, "members"}})
		sleep(time.Minute)
		assert.Equal(t, 1, get[testMembersPage](t, api, path+"/members").Meta.Total)
	})
}

func TestVPCRanges(t *testing.T) {
	api := dropletstest.New()
	var all []netip.Prefix
	for _, v := range listVPCs(t, api) {
		all = append(all, netip.MustParsePrefix(v.IPRange))
	}
	for i := range 40 {
		v := post[testVPCRoot](t, api, "/v2/vpcs", fmt.Sprintf(`{"name":"v%d","region":"fra1"}`, i), 201).VPC
		r := netip.MustParsePrefix(v.IPRange)
		assert.Equal(t, 20, r.Bits())
		assert.True(t, r.Addr().IsPrivate())
		for _, other := range all {
			require.False(t, other.Overlaps(r), "%s and %s", other, r)
		}
		all = append(all, r)
	}
}

func TestRejectedVPCs(t *testing.T) {
	api := dropletstest.New()
	id := api.AddVPC("mine", "nyc3", "192.168.0.0/16")
	post := func(name, body, message string) rejection {
		return rejection{name, http.MethodPost, "/v2/vpcs", body, 422, message}
	}
	droplet := `{"name":"x","region":"fra1","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","vpc_uuid":%q}`
	requireRejections(t, api, []rejection{
		post("no name", `{"region":"nyc3"}`, "Name can't be blank"),
		post("name", `{"name":"a b","region":"nyc3"}`, "Name may only contain"),
		post("same name", `{"name":"mine","region":"nyc1"}`, "already exists"),
		post("description", `{"name":"a","region":"nyc3","description":"`+strings.Repeat("x", 256)+`"}`, "too long"),
		post("no region", `{"name":"a"}`, "Region can't be blank"),
		post("region", `{"name":"a","region":"mars1"}`, "mars1"),
		post("no CIDR", `{"name":"a","region":"nyc3","ip_range":"10.0.0.0"}`, "CIDR"),
		post("host bits", `{"name":"a","region":"nyc3","ip_range":"10.0.0.1/24"}`, "CIDR"),
		post("public", `{"name":"a","region":"nyc3","ip_range":"8.8.8.0/24"}`, "RFC 1918"),
		post("partly public", `{"name":"a","region":"nyc3","ip_range":"172.0.0.0/8"}`, "RFC 1918"),
		post("IPv6", `{"name":"a","region":"nyc3","ip_range":"fd00::/64"}`, "RFC 1918"),
		post("too large", `{"name":"a","region":"nyc3","ip_range":"10.0.0.0/15"}`, "between /28 and /16"),
		post("too small", `{"name":"a","region":"nyc3","ip_range":"10.0.0.0/29"}`, "between /28 and /16"),
		post("overlap", `{"name":"a","region":"nyc1","ip_range":"192.168.5.0/24"}`, "overlaps with another VPC network"),
		{"unknown", http.MethodGet, "/v2/vpcs/none", "", 404, ""},
		{"update unknown", http.MethodPut, "/v2/vpcs/none", `{"name":"a"}`, 404, ""},
		{"delete unknown", http.MethodDelete, "/v2/vpcs/none", "", 404, ""},
		{"members of unknown", http.MethodGet, "/v2/vpcs/none/members", "", 404, ""},
		{"PUT without a name", http.MethodPut, "/v2/vpcs/" + id, `{"description":"x"}`, 422, "Name can't be blank"},
		{"PATCH without a name", http.MethodPatch, "/v2/vpcs/" + id, `{"name":""}`, 422, "Name can't be blank"},
		{"name in use", http.MethodPatch, "/v2/vpcs/" + id, `{"name":"default-nyc3"}`, 422, "already exists"},
		{"type", http.MethodPatch, "/v2/vpcs/" + id, `{"name":1}`, 422, "wrong type"},
		{"JSON", http.MethodPost, "/v2/vpcs", `{`, 400, "JSON"},
		{"members are read only", http.MethodPost, "/v2/vpcs/" + id + "/members", "", 405, ""},
		{"the list cannot be deleted", http.MethodDelete, "/v2/vpcs", "", 405, ""},
		{"region of the Droplet", http.MethodPost, "/v2/droplets", fmt.Sprintf(droplet, id), 422, "is in region nyc3 and the Droplet is in fra1"},
		{"VPC of the Droplet", http.MethodPost, "/v2/droplets", fmt.Sprintf(droplet, "none"), 422, "invalid VPC"},
	})
	assert.PanicsWithValue(t, `dropletstest: AddVPC: A VPC with the name "mine" already exists.`, func() { api.AddVPC("mine", "nyc3", "") })
}

// TestAddDropletWithItsVPC checks that AddDroplet adds a VPC that does not exist, for Droplets that were copied from a real account.
func TestAddDropletWithItsVPC(t *testing.T) {
	api := dropletstest.New()
	const id = "760e09ef-dc84-11e8-981e-3cfdfeaae000"
	a := api.AddDroplet(droplets.Droplet{VPCUUID: id, Region: &droplets.Region{Slug: "fra1"}})
	b := api.AddDroplet(droplets.Droplet{VPCUUID: id, Region: &droplets.Region{Slug: "fra1"}})
	assert.Equal(t, []string{id, id}, []string{a.VPCUUID, b.VPCUUID})
	v := get[testVPCRoot](t, api, "/v2/vpcs/"+id).VPC
	assert.Equal(t, "fra1", v.Region)
	assert.Equal(t, 2, get[testMembersPage](t, api, "/v2/vpcs/"+id+"/members").Meta.Total)
	requireReloadable(t, api)
	assertPanics(t, "dropletstest: AddDroplet: ", `the VPC "`+id+`" is in region fra1`, func() {
		api.AddDroplet(droplets.Droplet{VPCUUID: id, Region: &droplets.Region{Slug: "nyc3"}})
	})
	assertPanics(t, "dropletstest: AddDroplet: ", `the VPC "a b" is invalid`, func() { api.AddDroplet(droplets.Droplet{VPCUUID: "a b"}) })
}
