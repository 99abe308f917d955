package dropletstest_test

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestDropletLifecycle(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(time.Minute))
		c := api.Client()
		req := createRequest("web-01")
		req.IPv6, req.Monitoring, req.Tags = true, true, []string{"web", "web", "prod"}

		created, err := c.Droplets.Create(t.Context(), req)
		require.NoError(t, err)
		d := created.Droplet
		assert.Equal(t, droplets.DropletStatusNew, d.Status)
		assert.True(t, d.Locked)
		assert.Equal(t, droplets.Networks{V4: []droplets.NetworkV4{}, V6: []droplets.NetworkV6{}}, d.Networks)
		assert.Equal(t, time.Now().Truncate(time.Second).UTC(), d.CreatedAt)
		require.Len(t, created.Actions, 1)
		assert.Equal(t, "create", created.Actions[0].Rel)
		assert.Greater(t, created.Actions[0].ID, int64(1)<<31)

		sleep(time.Minute - time.Nanosecond)
		assert.Equal(t, droplets.DropletStatusNew, getDroplet(t, c, d.ID).Status)
		sleep(time.Nanosecond)
		d = getDroplet(t, c, d.ID)
		assert.Equal(t, droplets.DropletStatusActive, d.Status)
		assert.False(t, d.Locked)
		assert.Equal(t, []string{"web", "prod"}, d.Tags)
		assert.Subset(t, d.Features, []string{"ipv6", "monitoring", "private_networking"})
		for _, addr := range []func() (netip.Addr, bool){d.PublicIPv4, d.PrivateIPv4, d.PublicIPv6} {
			a, ok := addr()
			assert.True(t, ok && a.IsValid())
		}
		assert.NotEmpty(t, d.VPCUUID)
		assert.NotNil(t, d.Size)
		assert.NotNil(t, d.Image)
		assert.NotNil(t, d.Region)

		require.NoError(t, c.Droplets.Delete(t.Context(), d.ID))
		require.ErrorIs(t, c.Droplets.Delete(t.Context(), d.ID), droplets.ErrNotFound)
		_, err = c.Droplets.Get(t.Context(), d.ID)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		assert.Empty(t, api.Droplets())
	})
}

func TestCreateMultiple(t *testing.T) {
	api := dropletstest.New(dropletstest.WithActionDuration(0))
	c := api.Client()
	created, err := c.Droplets.CreateMultiple(t.Context(), droplets.DropletMultiCreateRequest{Names: []string{"a", "b", "c"},
		Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-22-04-x64")})
	require.NoError(t, err)
	require.Len(t, created.Droplets, 3)
	require.Len(t, created.Actions, 3)
	addresses := make(map[netip.Addr]bool)
	for i, d := range created.Droplets {
		a, err := c.Actions.Get(t.Context(), created.Actions[i].ID)
		require.NoError(t, err)
		assert.Equal(t, d.ID, a.ResourceID)
		now := getDroplet(t, c, d.ID)
		assert.Equal(t, "nyc3", now.Region.Slug, "a create without a region gets the default one")
		public, _ := now.PublicIPv4()
		private, _ := now.PrivateIPv4()
		addresses[public], addresses[private] = true, true
	}
	assert.Len(t, addresses, 6, "addresses are unique")
}

func TestCreateWithoutPublicNetworking(t *testing.T) {
	c := dropletstest.New(dropletstest.WithActionDuration(0)).Client()
	no := false
	req := createRequest("inside")
	req.PublicNetworking = &no
	d := createActive(t, c, req)
	_, ok := d.PublicIPv4()
	assert.False(t, ok)
	_, ok = d.PrivateIPv4()
	assert.True(t, ok)
	_, err := c.DropletActions.EnableIPv6(t.Context(), d.ID)
	requireUnprocessable(t, err, "public networking")
}

func TestRejectedCreates(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDropletLimit(2), dropletstest.WithDroplets(1))
	volume := api.AddVolume("data", "fra1", 10)
	for name, tc := range map[string]struct{ body, message string }{
		"size":             {`{"name":"a","size":"s-none","image":"ubuntu-24-04-x64"}`, "invalid size for Droplet creation"},
		"image":            {`{"name":"a","size":"s-1vcpu-1gb","image":"plan9"}`, "invalid image for Droplet creation"},
		"image id":         {`{"name":"a","size":"s-1vcpu-1gb","image":4}`, "invalid image for Droplet creation"},
		"no image":         {`{"name":"a","size":"s-1vcpu-1gb"}`, "invalid image for Droplet creation"},
		"region":           {`{"name":"a","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","region":"mars1"}`, "invalid region for Droplet creation"},
		"region of a GPU":  {`{"name":"a","size":"gpu-h100x1-80gb","image":"gpu-h100x1-base","region":"sgp1"}`, "not available in region"},
		"no name":          {`{"size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64"}`, "Name can't be blank"},
		"name":             {`{"name":"a_b","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64"}`, "hostname"},
		"both names":       {`{"name":"a","names":["b"],"size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64"}`, "name and names cannot be combined"},
		"eleven names":     {`{"names":["a","b","c","d","e","f","g","h","i","j","k"],"size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64"}`, "Only up to 10 Droplets"},
		"disk":             {`{"name":"a","size":"s-1vcpu-512mb-10gb","image":190000001}`, "needs a disk of 25 GB"},
		"key":              {`{"name":"a","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","ssh_keys":[5]}`, "invalid key identifiers"},
		"volume":           {`{"name":"a","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","volumes":["x"]}`, `Volume \"x\" could not be found`},
		"volume elsewhere": {`{"name":"a","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","region":"nyc3","volumes":["` + volume + `"]}`, "is in region fra1 and the Droplet is in nyc3"},
		"policy alone":     {`{"name":"a","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","backup_policy":{"plan":"daily"}}`, "A backup policy needs backups"},
		"plan":             {`{"name":"a","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","backups":true,"backup_policy":{"plan":"yearly"}}`, `\"yearly\" is not a valid backup plan`},
		"limit":            {`{"names":["a","b"],"size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64"}`, "droplet limit"},
		"type":             {`{"name":7,"size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64"}`, "name has the wrong type: number"},
	} {
		t.Run(name, func(t *testing.T) {
			resp := sendRequest(t, api, http.MethodPost, "/v2/droplets", tc.body)
			assert.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode)
			assert.Contains(t, resp.body, tc.message)
			assert.Len(t, api.Droplets(), 1)
		})
	}
	assert.Equal(t, http.StatusBadRequest, sendRequest(t, api, http.MethodPost, "/v2/droplets", `{"name":`).StatusCode)
}

func TestRegionPrefix(t *testing.T) {
	c := dropletstest.New(dropletstest.WithActionDuration(0)).Client()
	req := createRequest("a")
	req.Region = "nyc"
	assert.Equal(t, "nyc3", createActive(t, c, req).Region.Slug)
	req.Size, req.Image = "gpu-h100x1-80gb", droplets.ImageSlug("gpu-h100x1-base")
	assert.Equal(t, "nyc2", createActive(t, c, req).Region.Slug, "the first region with the size")
}

// TestDefaultRegion checks the region of a create without one: the first region that has the size, the image and the VPC.
func TestDefaultRegion(t *testing.T) {
	api := dropletstest.New(dropletstest.WithActionDuration(0))
	c := api.Client()
	imageID := func(regions ...string) droplets.ImageRef {
		return droplets.ImageID(api.AddImage(droplets.Image{Regions: regions}).ID)
	}
	vpc := api.AddVPC("mine", "tor1", "")
	for _, tc := range []struct {
		region, size string
		image        droplets.ImageRef
		vpc, want    string
	}{
		{"", "s-1vcpu-1gb", imageID("syd1", "fra1"), "", "fra1"},
		{"s", "s-1vcpu-1gb", imageID("syd1", "fra1"), "", "syd1"},
		{"nyc", "s-1vcpu-1gb", imageID("nyc1", "nyc2"), "", "nyc1"},
		{"nyc", "gpu-h100x1-80gb", imageID("nyc1", "nyc2"), "", "nyc2"},
		{"", "gpu-h100x1-80gb", imageID("nyc3", "tor1"), "", "tor1"},
		{"", "s-1vcpu-1gb", droplets.ImageSlug("ubuntu-24-04-x64"), vpc, "tor1"},
		{"", "gpu-h100x1-80gb", droplets.ImageSlug("gpu-h100x1-base"), vpc, "tor1"},
		{"", "s-1vcpu-1gb", imageID("syd1", "tor1"), vpc, "tor1"},
		{"nyc1", "s-1vcpu-1gb", imageID("nyc1"), "", "nyc1"},
	} {
		req := createRequest("a")
		req.Region, req.Size, req.Image, req.VPCUUID = tc.region, tc.size, tc.image, tc.vpc
		assert.Equal(t, tc.want, createActive(t, c, req).Region.Slug, "%+v", tc)
	}
	for _, tc := range []struct {
		region  string
		image   droplets.ImageRef
		message string
	}{
		{"nyc", imageID("fra1"), "is not available in region nyc3."},
		{"nyc3", imageID("nyc1"), "is not available in region nyc3."},
		{"nyc33", imageID("nyc3"), `You specified an invalid region for Droplet creation: "nyc33".`},
	} {
		req := createRequest("a")
		req.Region, req.Image = tc.region, tc.image
		_, err := c.Droplets.Create(t.Context(), req)
		requireUnprocessable(t, err, tc.message)
	}
}

func TestCreateWithSubnetAndPartitions(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		req := createRequest("gpu")
		req.Region, req.Size, req.Image = "", "gpu-mi300x1-192gb", droplets.ImageSlug("gpu-amd-base")
		req.VPCUUID, req.SubnetUUID, req.GPUPartitionMode = api.AddVPC("gpu", "tor1", ""), "subnet", droplets.GPUPartitionModeDPXNPS2
		created, err := c.Droplets.Create(t.Context(), req)
		require.NoError(t, err)
		assert.Equal(t, droplets.GPUPartitionModeDPXNPS2, created.Droplet.GPUPartitionMode)
		assert.Equal(t, "subnet", created.Droplet.SubnetUUID)
		assert.Equal(t, "tor1", created.Droplet.Region.Slug, "the region of the VPC")
		assert.Contains(t, created.Droplet.Size.GPUInfo.SupportedPartitionModes, droplets.GPUPartitionModeSPXNPS1)
		assert.Nil(t, created.Droplet.GPUInfo.SupportedPartitionModes, "only sizes have them")
		d := getDroplet(t, c, created.Droplet.ID)
		assert.Equal(t, "subnet", d.SubnetUUID)
		assert.Empty(t, d.GPUPartitionMode, "only the response to the create has it")
		requireReloadable(t, api)

		for _, size := range []string{"gpu-h100x1-80gb", "s-1vcpu-1gb"} {
			req.Size, req.Image, req.Region = size, droplets.ImageSlug("ubuntu-24-04-x64"), ""
			_, err = c.Droplets.Create(t.Context(), req)
			requireUnprocessable(t, err, "GPU partition mode")
		}
		req.Size, req.Image, req.GPUPartitionMode = "gpu-mi300x1-192gb", droplets.ImageSlug("gpu-amd-base"), "PARTITION_MODE_CPX_NPS4"
		_, err = c.Droplets.Create(t.Context(), req)
		requireUnprocessable(t, err, "PARTITION_MODE_CPX_NPS4")
		added := api.AddDroplet(droplets.Droplet{SubnetUUID: "subnet", GPUPartitionMode: droplets.GPUPartitionModeDPXNPS2})
		assert.Equal(t, "subnet", added.SubnetUUID)
		assert.Empty(t, added.GPUPartitionMode)
	})
}
