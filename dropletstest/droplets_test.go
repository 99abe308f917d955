package dropletstest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestListFilters(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		c := dropletstest.New(dropletstest.WithActionDuration(0)).Client()
		gpu := createRequest("gpu-1")
		gpu.Region, gpu.Size, gpu.Image, gpu.Tags = "", "gpu-h100x1-80gb", droplets.ImageSlug("gpu-h100x1-base"), []string{"both"}
		web := createRequest("Web-1")
		web.Tags = []string{"both"}
		createActive(t, c, gpu)
		createActive(t, c, web)
		createActive(t, c, createRequest("web-10"))

		names := func(opts droplets.DropletListOptions) []string {
			var all []string
			for _, d := range collect(t, c.Droplets.All(t.Context(), &opts)) {
				all = append(all, d.Name)
			}
			return all
		}
		assert.Equal(t, []string{"Web-1", "web-10"}, names(droplets.DropletListOptions{}))
		assert.Equal(t, []string{"gpu-1"}, names(droplets.DropletListOptions{Type: droplets.DropletTypeGPUs}))
		assert.Equal(t, []string{"Web-1"}, names(droplets.DropletListOptions{Name: "wEB-1"}))
		assert.Empty(t, names(droplets.DropletListOptions{Name: "gpu-1"}))
		assert.Equal(t, []string{"gpu-1"}, names(droplets.DropletListOptions{Name: "gpu-1", Type: droplets.DropletTypeGPUs}))
		assert.Equal(t, []string{"gpu-1", "Web-1"}, names(droplets.DropletListOptions{TagName: "both"}))
	})
	api := dropletstest.New()
	const combined = "tag_name cannot be combined with name or type"
	requireRejections(t, api, []rejection{
		{"tag and name", http.MethodGet, "/v2/droplets?tag_name=a&name=b", "", 422, combined},
		{"tag and type", http.MethodGet, "/v2/droplets?tag_name=a&type=gpus", "", 422, combined},
		{"type", http.MethodGet, "/v2/droplets?type=cars", "", 422, "type must be droplets or gpus"},
	})
}

func TestDeleteByTag(t *testing.T) {
	c := dropletstest.New(dropletstest.WithActionDuration(0)).Client()
	req := createRequest("a")
	req.Tags = []string{"env:prod"}
	createActive(t, c, req)
	createActive(t, c, createRequest("b"))
	require.ErrorIs(t, c.Droplets.DeleteByTag(t.Context(), "unknown"), droplets.ErrNotFound)
	require.NoError(t, c.Droplets.DeleteByTag(t.Context(), "env:prod"))
	require.NoError(t, c.Droplets.DeleteByTag(t.Context(), "env:prod"), "the tag still exists")
	left := collect(t, c.Droplets.All(t.Context(), nil))
	require.Len(t, left, 1)
	assert.Equal(t, "b", left[0].Name)
}
