package dropletstest_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestRequestsAndLedger(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
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
		assert.Equal(t, dropletstest.Entry{Kind: dropletstest.EntryDelete, Time: requests[2].Time, DropletID: created.Droplet.ID,
			Name: "a", RequestID: requests[2].ID, Operation: "droplets_destroy"}, entries[1])
	})
}

// TestLogRecord checks the record of a request, at a time that stands still except for the delay of a fault.
func TestLogRecord(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		api := dropletstest.New(dropletstest.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Delay: 1500 * time.Millisecond})
		resp := sendRequest(t, api, http.MethodGet, "/v2/images/ubuntu-24-04-x64?a=b%20c", "")
		assert.Equal(t, "time=2000-01-01T00:00:01.500Z level=INFO msg=request method=GET path=\"/v2/images/ubuntu-24-04-x64?a=b%20c\" status=200 "+
			"operation=images_get took=1.5s request_id="+resp.Header.Get("X-Request-Id")+"\n", log.String())
		assert.Equal(t, "4d9d8375-3c56-4925-a3e7-000000000001", resp.Header.Get("X-Request-Id"))
		log.Reset()
		api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Break: dropletstest.BreakDial})
		_, err := api.Client(noRetries).Droplets.List(t.Context(), nil)
		require.Error(t, err)
		assert.Empty(t, log.String(), "the request did not arrive")
		assert.Len(t, api.Requests(), 1)
	})
}

func TestRequestsAreBounded(t *testing.T) {
	api := dropletstest.New()
	for range 20_001 {
		sendRequest(t, api, http.MethodGet, "/v2/none", "")
	}
	assert.Len(t, api.Requests(), 10_001)
}

// TestRequestsAreBoundedBySize sends 100 bodies of 1 MiB, of which 16 MiB are kept.
func TestRequestsAreBoundedBySize(t *testing.T) {
	api := dropletstest.New()
	body := strings.Repeat("x", 1<<20)
	for i := range 100 {
		sendRequest(t, api, http.MethodPost, fmt.Sprintf("/v2/tags?i=%d", i), body)
	}
	requests := api.Requests()
	n := len(requests) // require.Len would print the bodies
	require.Equal(t, 15, n, "the limit of 16 MiB includes URLs and headers")
	assert.Equal(t, "99", requests[14].Query.Get("i"), "the newest are kept")
	assert.Equal(t, "85", requests[0].Query.Get("i"))
	for range 5 {
		sendRequest(t, api, http.MethodGet, "/v2/tags", "")
	}
	n = len(api.Requests())
	assert.Equal(t, 20, n, "small requests drop nothing")
	sendRequest(t, api, http.MethodPost, "/v2/tags", strings.Repeat("x", 3<<20))
	last := api.Requests()[len(api.Requests())-1]
	assert.Equal(t, http.StatusRequestEntityTooLarge, last.Status)
}
