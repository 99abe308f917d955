package main

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func createDroplet(t *testing.T, client *droplets.Client, req droplets.DropletCreateRequest) int64 {
	t.Helper()
	if req.Size == "" {
		req.Size, req.Image = "s-1vcpu-1gb", droplets.ImageSlug("ubuntu-24-04-x64")
	}
	created, err := client.Droplets.Create(t.Context(), req)
	require.NoError(t, err)
	return created.Droplet.ID
}

func gpuRequest(name string, tags ...string) droplets.DropletCreateRequest {
	return droplets.DropletCreateRequest{Name: name, Region: "tor1", Size: "gpu-h100x1-80gb",
		Image: droplets.ImageSlug("gpu-h100x1-base"), Tags: tags}
}

// newAccount returns a fake account with two web servers and two GPU Droplets. One of each kind has the tag prod.
func newAccount(t *testing.T) (*dropletstest.API, *droplets.Client) {
	t.Helper()
	api := dropletstest.New(dropletstest.WithActionDuration(0))
	client := api.Client()
	for _, req := range []droplets.DropletCreateRequest{gpuRequest("gpu-prod", "prod"), {Name: "web-prod", Tags: []string{"prod", "web"}},
		gpuRequest("gpu-test", "test"), {Name: "web-test", Tags: []string{"test", "web"}}} {
		createDroplet(t, client, req)
	}
	return api, client
}

func dropletNames(found []droplets.Droplet) (names []string) {
	for i := range found {
		names = append(names, found[i].Name)
	}
	return names
}

func TestListIncludesGPUDroplets(t *testing.T) {
	t.Parallel()
	_, client := newAccount(t)
	found, err := listDroplets(t.Context(), client, "")
	require.NoError(t, err)
	assert.Equal(t, []string{"gpu-prod", "web-prod", "gpu-test", "web-test"}, dropletNames(found), "by ID, not by list")
}

func TestListByTagIncludesGPUDroplets(t *testing.T) {
	t.Parallel()
	api, client := newAccount(t)
	found, err := listDroplets(t.Context(), client, "prod")
	require.NoError(t, err)
	assert.Equal(t, []string{"gpu-prod", "web-prod"}, dropletNames(found), "a Droplet of both lists is there once")
	found, err = listDroplets(t.Context(), client, "none")
	require.NoError(t, err)
	assert.Empty(t, found)

	// A Droplet in the list of a tag is included even if its tag has another case.
	found, err = listDroplets(t.Context(), dropletsWithTag(t, "Prod"), "prod")
	require.NoError(t, err)
	assert.Len(t, found, 1)

	// The list of a tag may not include GPU Droplets.
	api.Respond(1, dropletstest.Match{Func: func(r *http.Request) bool { return r.URL.Query().Has("tag_name") }},
		dropletstest.Fault{Status: http.StatusOK, Body: `{"droplets":[],"links":{},"meta":{"total":0}}`})
	found, err = listDroplets(t.Context(), client, "prod")
	require.NoError(t, err)
	assert.Equal(t, []string{"gpu-prod"}, dropletNames(found))
}

// dropletsWithTag returns a client of an API that has one Droplet with a tag, and lists it for any tag.
func dropletsWithTag(t *testing.T, tag string) *droplets.Client {
	t.Helper()
	api := dropletstest.New(dropletstest.WithActionDuration(0))
	client := api.Client()
	createDroplet(t, client, droplets.DropletCreateRequest{Name: "web", Tags: []string{tag}})
	req, err := client.NewRequest(t.Context(), http.MethodGet, "v2/droplets", nil)
	require.NoError(t, err)
	var page json.RawMessage
	_, err = client.Do(req, &page)
	require.NoError(t, err)
	api.Respond(-1, dropletstest.Match{Func: func(r *http.Request) bool { return r.URL.Query().Has("tag_name") }},
		dropletstest.Fault{Status: http.StatusOK, Body: string(page)})
	return client
}

// TestListIsCompleteOrAnError has a page that fails.
func TestListIsCompleteOrAnError(t *testing.T) {
	t.Parallel()
	for name, match := range map[string]func(*http.Request) bool{
		"second page":      func(r *http.Request) bool { return r.URL.Query().Get("page") == "2" },
		"list of GPUs":     func(r *http.Request) bool { return r.URL.Query().Get("type") == "gpus" },
		"list of Droplets": func(r *http.Request) bool { return r.URL.Query().Get("type") == "" },
	} {
		api := dropletstest.New(dropletstest.WithDroplets(300))
		api.Respond(1, dropletstest.Match{Func: match}, dropletstest.Fault{Status: http.StatusForbidden})
		found, err := listDroplets(t.Context(), api.Client(), "")
		require.ErrorIs(t, err, droplets.ErrForbidden, name)
		assert.Nil(t, found, name)
		found, err = listDroplets(t.Context(), api.Client(), "")
		require.NoError(t, err, name)
		assert.Len(t, found, 300, name)
	}
}
