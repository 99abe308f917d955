package droplets_test

import (
	"testing"

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
