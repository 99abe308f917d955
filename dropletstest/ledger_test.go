package dropletstest_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func TestRequestsAndLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		api := dropletstest.New(dropletstest.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		c := api.Client()
		made, err := c.Droplets.Create(t.Context(), request("a"))
		require.NoError(t, err)
		_, err = c.Droplets.List(t.Context(), &droplets.DropletListOptions{TagName: "#prod"})
		require.NoError(t, err)
		require.NoError(t, c.Droplets.Delete(t.Context(), made.Droplet.ID))

		requests := api.Requests()
		require.Len(t, requests, 3)
		create := requests[0]
		assert.Equal(t, []any{"droplets_create", http.MethodPost, "/v2/droplets", http.StatusAccepted},
			[]any{create.Operation, create.Method, create.Path, create.Status})
		assert.JSONEq(t, `{"name":"a","region":"nyc3","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64"}`, string(create.Body))
		assert.Equal(t, "#prod", requests[1].Query.Get("tag_name"))
		assert.Equal(t, "REDACTED", create.Header.Get("Authorization"))
		assert.NotContains(t, fmt.Sprintf("%+v", requests), dropletstest.Token)
		assert.NotContains(t, log.String(), dropletstest.Token)
		assert.Contains(t, log.String(), "operation=droplets_destroy")

		entries := api.Ledger()
		require.Len(t, entries, 2)
		assert.Equal(t, dropletstest.Entry{Kind: dropletstest.EntryCreate, Time: create.Time, DropletID: made.Droplet.ID,
			Name: "a", RequestID: create.ID, Operation: "droplets_create"}, entries[0])
		assert.Equal(t, dropletstest.EntryDelete, entries[1].Kind)
	})
}

func TestWhatComesBackIsTheCallers(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	d := api.Droplets()[0]
	d.Tags[0], d.Region.Slug, d.Networks.V4[0].IPAddress = "changed", "changed", "changed"
	do(t, api, http.MethodPost, "/v2/tags", `{}`)
	r := api.Requests()[0]
	r.Header.Set("X", "changed")
	r.Body[0] = 'x'
	assert.NotContains(t, fmt.Sprintf("%+v %+v", api.Droplets(), api.Requests()), "changed")
	assert.Equal(t, "{}", string(api.Requests()[0].Body))
}

func TestRequestsAreBounded(t *testing.T) {
	api := dropletstest.New()
	for range 20_001 {
		do(t, api, http.MethodGet, "/v2/none", "")
	}
	assert.Len(t, api.Requests(), 10_001)
}

func TestConcurrentUse(t *testing.T) {
	api := dropletstest.New(dropletstest.WithActionDuration(0), dropletstest.WithDroplets(50))
	c := api.Client()
	done := make(chan error)
	for i := range 16 {
		go func() {
			made, err := c.Droplets.Create(t.Context(), request(fmt.Sprintf("d%d", i)))
			if err == nil {
				_, err = c.Droplets.List(t.Context(), nil)
				api.Droplets()
				api.Requests()
			}
			if err == nil {
				err = c.Droplets.Delete(t.Context(), made.Droplet.ID)
			}
			done <- err
		}()
	}
	for range 16 {
		require.NoError(t, <-done)
	}
	assert.Len(t, api.Droplets(), 50)
	assert.Len(t, api.Ledger(), 32)
}

func TestClientPanicsWithBadOptions(t *testing.T) {
	assert.Panics(t, func() { dropletstest.New().Client(droplets.WithHTTPClient(nil)) })
}
