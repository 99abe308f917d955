package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// web returns a Droplet with a value for every label. The spelling of its IPv6 address is not the canonical one.
func web() droplets.Droplet {
	return droplets.Droplet{
		ID: 3164444, Name: "web-1.example.com", Status: droplets.DropletStatusActive, SizeSlug: "s-1vcpu-1gb",
		Features: []string{"virtio", "backups", "ipv6"}, Tags: []string{"web", "env:prod"},
		Image:   &droplets.Image{Slug: "ubuntu-24-04-x64", Name: "24.04 (LTS) x64"},
		Region:  &droplets.Region{Slug: "nyc3"},
		VPCUUID: "f9b0769c-e118-42fb-a0c4-fed15ef69662",
		Networks: droplets.Networks{
			V4: []droplets.NetworkV4{
				{IPAddress: "10.128.192.124", Type: droplets.NetworkTypePrivate},
				{IPAddress: "198.18.32.182", Type: droplets.NetworkTypePublic},
				{IPAddress: "198.18.32.183", Type: droplets.NetworkTypePublic},
			},
			V6: []droplets.NetworkV6{{IPAddress: "2001:DB8:0800:0010:0000:0000:02DD:4001", Type: droplets.NetworkTypePublic}},
		},
	}
}

// fleet returns Droplets of all kinds that differ in the file.
func fleet() []droplets.Droplet {
	private := droplets.Droplet{ID: 3164445, Name: "db <&> \"1\"", Status: droplets.DropletStatusOff, SizeSlug: "s-2vcpu-4gb",
		Image:    &droplets.Image{Name: "golden-image"}, // a snapshot has no slug
		Region:   &droplets.Region{Slug: "fra1"},
		Networks: droplets.Networks{V4: []droplets.NetworkV4{{IPAddress: "10.128.192.125", Type: droplets.NetworkTypePrivate}}}}
	creating := droplets.Droplet{ID: 3164446, Name: "new", Status: droplets.DropletStatusNew}
	onlyIPv6 := droplets.Droplet{ID: 3164447, Name: "v6", Status: droplets.DropletStatusActive,
		Networks: droplets.Networks{V6: []droplets.NetworkV6{{IPAddress: "2001:db8::1", Type: droplets.NetworkTypePublic}}}}
	bare := droplets.Droplet{ID: 3164448, Name: "scopes-are-missing", Tags: []string{"a,b", "c"},
		Networks: droplets.Networks{V4: []droplets.NetworkV4{{IPAddress: "198.18.32.184", Type: droplets.NetworkTypePublic}}}}
	return []droplets.Droplet{web(), private, creating, onlyIPv6, bare}
}

func TestFileIsTheGoldenFile(t *testing.T) {
	t.Parallel()
	got, err := encode(newTargetGroups(fleet(), 9100))
	require.NoError(t, err)
	assert.Equal(t, readFile(t, "testdata/targets.json"), string(got))
}

func TestEmptyListIsAnArray(t *testing.T) {
	t.Parallel()
	got, err := encode(newTargetGroups(nil, 80))
	require.NoError(t, err)
	assert.Equal(t, "[]\n", string(got))
}
