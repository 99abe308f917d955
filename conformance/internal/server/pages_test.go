package server_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMockListsEnd checks that a list whose example has a next page is complete after the second page, and that the links point to
// the mock.
func TestMockListsEnd(t *testing.T) {
	t.Parallel()
	mock := newMock(t)
	type list struct {
		Kernels []any
		Links   struct{ Pages map[string]string }
		Meta    struct{ Total int }
	}
	get := func(path string) (l list) {
		resp, e := mock.send(t, request{"GET", path, "", nil})
		require.Empty(t, e.Violations)
		require.NoError(t, json.Unmarshal(resp.Body.Bytes(), &l))
		return l
	}
	first := get("/v2/droplets/1/kernels?per_page=20")
	second := "http://example.com/v2/droplets/1/kernels?page=2&per_page=20"
	assert.Len(t, first.Kernels, 1)
	assert.Equal(t, 1, first.Meta.Total)
	assert.Equal(t, map[string]string{"next": second, "last": second}, first.Links.Pages)
	last := get("/v2/droplets/1/kernels?page=2&per_page=20")
	assert.Empty(t, last.Kernels)
	assert.Equal(t, 1, last.Meta.Total)
	link := "http://example.com/v2/droplets/1/kernels?page=1&per_page=20"
	assert.Equal(t, map[string]string{"first": link, "prev": link}, last.Links.Pages)

	resp, _ := mock.send(t, request{"GET", "/v2/images", "", nil})
	assert.Contains(t, resp.Body.String(), `"meta":{"total":3}`, "the example has six images: three of them, each twice")
	resp, _ = mock.send(t, request{"GET", "/v2/droplets/autoscale?page=1", "", nil})
	assert.Contains(t, resp.Body.String(), `"pages":null`)
	resp, _ = mock.send(t, request{"GET", "/v2/droplets/backups/policies", "", nil})
	assert.Contains(t, resp.Body.String(), `"backup_enabled":true`)
}
