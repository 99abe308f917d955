package droplets_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/droplets-go/droplets"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNetworksHaveTheTextsOfTheAPI: the methods parse addresses, the fields keep them as they came.
func TestNetworksHaveTheTextsOfTheAPI(t *testing.T) {
	t.Parallel()
	const text = "2604:A880:0800:0010:0000:0000:02DD:4001"
	_, c := newAPI(t, sequence(respond(200, `{"droplet":{"id":42,"networks":{"v6":[{"ip_address":"`+text+`","netmask":64,"type":"public"}]}}}`)))
	d, err := c.Droplets.Get(t.Context(), 42)
	require.NoError(t, err)
	assert.Equal(t, text, d.Networks.V6[0].IPAddress)
	address, ok := d.PublicIPv6()
	assert.True(t, ok)
	assert.Equal(t, "2604:a880:800:10::2dd:4001", address.String(), "compressed and in lower case")
}

// TestAddressesOfAType: the first valid address of the type is returned, whatever comes before it.
func TestAddressesOfAType(t *testing.T) {
	t.Parallel()
	network := func(v4 bool) (*droplets.Droplet, error) {
		key, private, public := "v6", "fd00::1", "2604:a880::1"
		if v4 {
			key, private, public = "v4", "10.0.0.1", "203.0.113.1"
		}
		list := fmt.Sprintf(`[{"ip_address":%q,"type":"private"},{"ip_address":"none","type":"public"},{"ip_address":%q,"type":"public"}]`, private, public)
		var d droplets.Droplet
		return &d, json.Unmarshal([]byte(fmt.Sprintf(`{"networks":{%q:%s}}`, key, list)), &d)
	}
	d, err := network(true)
	require.NoError(t, err)
	public, ok := d.PublicIPv4()
	assert.True(t, ok)
	assert.Equal(t, "203.0.113.1", public.String())
	private, ok := d.PrivateIPv4()
	assert.True(t, ok)
	assert.Equal(t, "10.0.0.1", private.String())
	_, ok = d.PublicIPv6()
	assert.False(t, ok)
	d, err = network(false)
	require.NoError(t, err)
	public, ok = d.PublicIPv6()
	assert.True(t, ok)
	assert.Equal(t, "2604:a880::1", public.String())
	_, ok = d.PublicIPv4()
	assert.False(t, ok)
	var onlyPrivate droplets.Droplet
	require.NoError(t, json.Unmarshal([]byte(`{"networks":{"v4":[{"ip_address":"10.0.0.1","type":"private"}],"v6":[{"ip_address":"fd00::1","type":"private"}]}}`), &onlyPrivate))
	_, ok = onlyPrivate.PublicIPv4()
	assert.False(t, ok)
	_, ok = onlyPrivate.PublicIPv6()
	assert.False(t, ok)
}
