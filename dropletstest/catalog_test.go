package dropletstest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func TestCatalog(t *testing.T) {
	api := dropletstest.New()
	var sizes struct{ Sizes []droplets.Size }
	sendRequest(t, api, http.MethodGet, "/v2/sizes?per_page=200", "").decode(t, &sizes)
	bySlug := make(map[string]droplets.Size)
	for _, s := range sizes.Sizes {
		bySlug[s.Slug] = s
	}
	small := bySlug["s-1vcpu-1gb"]
	assert.Equal(t, 25, small.Disk)
	assert.InDelta(t, 6, small.PriceMonthly, 0)
	assert.InDelta(t, 0.00893, small.PriceHourly, 0)
	assert.Equal(t, 50, bySlug["s-1vcpu-2gb"].Disk)
	assert.Equal(t, 60, bySlug["s-2vcpu-2gb"].Disk)
	assert.NotNil(t, bySlug["gpu-h100x1-80gb"].GPUInfo)
	assert.Len(t, bySlug["gpu-h100x1-80gb"].DiskInfo, 2)
}

func TestAccountRegionsSizes(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDropletLimit(7))
	assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/account", "").body, `"droplet_limit":7`)
	for _, slug := range []string{"nyc1", "nyc3", "sfo3", "fra1", "ams3", "sgp1"} {
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/regions", "").body, `"slug":"`+slug+`"`)
	}
	assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/sizes?per_page=2&page=2", "").body, `"prev"`)
}
