package dropletstest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

type pageBody struct {
	Droplets []droplets.Droplet
	Links    struct {
		Pages map[string]string
	}
	Meta struct{ Total int }
}

func TestPagination(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(450))
	const base = "https://api.example/v2/droplets"
	for path, want := range map[string]struct {
		items int
		links map[string]string
	}{
		"":                      {20, map[string]string{"next": base + "?page=2", "last": base + "?page=23"}},
		"?page=23":              {10, map[string]string{"first": base + "?page=1", "prev": base + "?page=22"}},
		"?per_page=200&page=2":  {200, map[string]string{"first": base + "?page=1&per_page=200", "prev": base + "?page=1&per_page=200", "next": base + "?page=3&per_page=200", "last": base + "?page=3&per_page=200"}},
		"?per_page=1000":        {200, map[string]string{"next": base + "?page=2&per_page=1000", "last": base + "?page=3&per_page=1000"}},
		"?page=99":              {0, map[string]string{"first": base + "?page=1", "prev": base + "?page=23"}},
		"?page=0&per_page=none": {20, map[string]string{"next": base + "?page=2&per_page=none", "last": base + "?page=23&per_page=none"}},
		"?per_page=0&page=2":    {20, map[string]string{"first": base + "?page=1&per_page=0", "prev": base + "?page=1&per_page=0", "next": base + "?page=3&per_page=0", "last": base + "?page=23&per_page=0"}},
		"?per_page=-1&page=-1":  {20, map[string]string{"next": base + "?page=2&per_page=-1", "last": base + "?page=23&per_page=-1"}},
		"?per_page=1&page=450":  {1, map[string]string{"first": base + "?page=1&per_page=1", "prev": base + "?page=449&per_page=1"}},
		"?per_page=1&page=449":  {1, map[string]string{"first": base + "?page=1&per_page=1", "prev": base + "?page=448&per_page=1", "next": base + "?page=450&per_page=1", "last": base + "?page=450&per_page=1"}},
		"?name=droplet-00001":   {1, nil},
	} {
		var got pageBody
		resp := sendRequest(t, api, http.MethodGet, "/v2/droplets"+path, "")
		resp.decode(t, &got)
		assert.Len(t, got.Droplets, want.items, path)
		assert.Equal(t, want.links, got.Links.Pages, path)
		if want.links == nil {
			assert.Contains(t, resp.body, `"links":{}`)
		} else {
			assert.Equal(t, 450, got.Meta.Total)
		}
	}
	c := api.Client()
	assert.Len(t, collect(t, c.Droplets.All(t.Context(), nil)), 450)
	assert.Len(t, collect(t, c.BackupPolicies.All(t.Context(), nil)), 450)
}
