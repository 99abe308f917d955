package dropletstest_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
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
