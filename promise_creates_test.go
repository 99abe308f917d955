package droplets_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestCreatesAreRememberedForTenMinutes: the API does not show the Droplet all this time, and the client does not create another.
func TestCreatesAreRememberedForTenMinutes(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(visibility(time.Hour))
		c := api.Client()
		first, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		for range 9 {
			<-time.After(time.Minute)
			d, created, err := c.Droplets.Ensure(t.Context(), createRequest())
			require.NoError(t, err)
			assert.False(t, created)
			assert.Equal(t, first.Droplet.ID, d.ID)
		}
		<-time.After(50 * time.Second)
		_, created, err := c.Droplets.Ensure(t.Context(), createRequest())
		require.NoError(t, err)
		assert.False(t, created, "after nine minutes and fifty seconds")
		assert.Len(t, api.Droplets(), 1)
	})
}

// TestCreateAndWaitReturnsTheAddresses: the API shows the address some time after the Droplet is active.
func TestCreateAndWaitReturnsTheAddresses(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		for _, ipv6 := range []bool{false, true} {
			api := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Addresses: 30 * time.Second}))
			req := createRequest()
			req.IPv6 = ipv6
			d, err := api.Client().Droplets.CreateAndWait(t.Context(), req)
			require.NoError(t, err)
			_, hasIPv4 := d.PublicIPv4()
			_, hasIPv6 := d.PublicIPv6()
			assert.True(t, hasIPv4)
			assert.Equal(t, ipv6, hasIPv6)
		}
	})
}

// TestFindByNameOfAnotherClient: the client does not remember the Droplets, so that it must find them in both lists.
func TestFindByNameOfAnotherClient(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		gpu := createRequest()
		gpu.Name, gpu.Size, gpu.Region = "gpu-1", gpuSize(t, api), ""
		upper := createRequest()
		upper.Name = "WEB-1"
		for _, req := range []droplets.DropletCreateRequest{gpu, upper, createRequest()} {
			_, err := api.Client().Droplets.CreateAndWait(t.Context(), req)
			require.NoError(t, err)
		}
		c := api.Client()
		for _, name := range []string{"gpu-1", "WEB-1", "web-1"} {
			d, err := c.Droplets.FindByName(t.Context(), name)
			require.NoError(t, err)
			assert.Equal(t, name, d.Name)
		}
	})
}

// TestPendingActionsAreCreateActions: links to other actions are left out.
func TestPendingActionsAreCreateActions(t *testing.T) {
	t.Parallel()
	result := droplets.DropletMultiCreateResult{Droplets: []droplets.Droplet{{ID: 1}, {ID: 2}},
		Actions: []droplets.ActionLink{{ID: 11, Rel: "create"}, {ID: 12, Rel: "snapshot"}, {ID: 13}, {ID: 14, Rel: "create"}}}
	var ids [][2]int64
	for _, a := range result.PendingActions() {
		ids = append(ids, [2]int64{a.ID, a.ResourceID})
	}
	assert.Equal(t, [][2]int64{{11, 1}, {13, 2}, {14, 0}}, ids)
}

// TestResultsOfCreatesHaveTheirActions: the links of the response are in the result.
func TestResultsOfCreatesHaveTheirActions(t *testing.T) {
	t.Parallel()
	const links = `"links":{"actions":[{"id":7,"rel":"create","href":"https://api.digitalocean.com/v2/actions/7"}]}`
	want := []droplets.ActionLink{{ID: 7, Rel: "create", HREF: "https://api.digitalocean.com/v2/actions/7"}}
	_, c := newAPI(t, sequence(respond(202, `{"droplet":{"id":1,"name":"web-1"},`+links+`}`)))
	one, err := c.Droplets.Create(t.Context(), createRequest())
	require.NoError(t, err)
	assert.Equal(t, want, one.Actions)
	_, c = newAPI(t, sequence(respond(202, `{"droplets":[{"id":1,"name":"web-1"}],`+links+`}`)))
	multiple := multiCreate("web-1")
	several, err := c.Droplets.CreateMultiple(t.Context(), multiple)
	require.NoError(t, err)
	assert.Equal(t, want, several.Actions)
}
