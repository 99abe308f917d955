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

func TestAccountRegionsAndSizes(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDropletLimit(7))
	assert.JSONEq(t, `{"account":{"droplet_limit":7,"email":"user@dropletstest.invalid","uuid":"b6fr89dbf6d9156cace5f3c78dc9851d957381ef",
		"email_verified":true,"status":"active","status_message":""}}`, sendRequest(t, api, http.MethodGet, "/v2/account", "").body)
	regions, sizes := make(map[string][]string), make(map[string][]string)
	for _, r := range collect(t, api.Client().Regions.All(t.Context(), nil)) {
		assert.True(t, r.Available, r.Slug)
		regions[r.Slug] = r.Sizes
	}
	assert.Len(t, regions, 12)
	for _, s := range collect(t, api.Client().Sizes.All(t.Context(), &droplets.ListOptions{PerPage: 5})) {
		sizes[s.Slug] = s.Regions
		for _, region := range s.Regions {
			assert.Contains(t, regions[region], s.Slug, "a region lists the sizes that list the region")
		}
	}
	assert.Len(t, sizes, 14)
	for region, slugs := range regions {
		for _, slug := range slugs {
			assert.Contains(t, sizes[slug], region)
		}
	}
}
