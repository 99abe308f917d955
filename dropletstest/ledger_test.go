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
		created, err := c.Droplets.Create(t.Context(), createRequest("a"))
		require.NoError(t, err)
		_, err = c.Droplets.List(t.Context(), &droplets.DropletListOptions{TagName: "#prod"})
		require.NoError(t, err)
		require.NoError(t, c.Droplets.Delete(t.Context(), created.Droplet.ID))

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
		assert.Equal(t, dropletstest.Entry{Kind: dropletstest.EntryCreate, Time: create.Time, DropletID: created.Droplet.ID,
			Name: "a", RequestID: create.ID, Operation: "droplets_create"}, entries[0])
		assert.Equal(t, dropletstest.EntryDelete, entries[1].Kind)
	})
}

func TestRequestsAreBounded(t *testing.T) {
	api := dropletstest.New()
	for range 20_001 {
		sendRequest(t, api, http.MethodGet, "/v2/none", "")
	}
	assert.Len(t, api.Requests(), 10_001)
}
