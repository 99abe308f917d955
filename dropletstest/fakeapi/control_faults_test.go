package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

const createBody = `{"name": "a", "size": "s-1vcpu-1gb", "image": "ubuntu-24-04-x64"}`

func (p process) create(t *testing.T) controlResponse {
	t.Helper()
	return p.send(t, "POST", "/v2/droplets", createBody, "Authorization: Bearer any")
}

func TestFaultStatus(t *testing.T) {
	p := start(t)
	body := `{"operation": "droplets_create", "times": 2, "status": 503, "headers": {"Retry-After": "7", "X-Several": ["a", "b"], "Ratelimit-Limit": null},
		"body": "<html>"}`
	assert.JSONEq(t, `{"operation": "droplets_create", "times": 2, "status": 503, "body": "<html>",
		"headers": {"Retry-After": "7", "X-Several": ["a", "b"], "Ratelimit-Limit": []}}`, p.control(t, "POST", "/_fake/faults", body).body)
	for range 2 {
		resp := p.create(t)
		assert.Equal(t, 503, resp.status)
		assert.Equal(t, "<html>", resp.body)
		assert.Equal(t, "7", resp.header.Get("Retry-After"))
		assert.Equal(t, []string{"a", "b"}, resp.header.Values("X-Several"))
		assert.Empty(t, resp.header.Get("Ratelimit-Limit"))
	}
	assert.Equal(t, 202, p.create(t).status)
	require.NoError(t, p.stop())
}

// TestFaultsOfNetworkAndStorage plans faults for operations that package droplets does not have, and lists their requests.
func TestFaultsOfNetworkAndStorage(t *testing.T) {
	p := start(t)
	for operation, path := range map[string]string{"vpcs_create": "/v2/vpcs", "volumes_create": "/v2/volumes", "firewalls_create": "/v2/firewalls",
		"reservedIPs_create": "/v2/reserved_ips", "floatingIPs_create": "/v2/floating_ips"} {
		p.control(t, "POST", "/_fake/faults", `{"operation": "`+operation+`", "status": 503}`)
		assert.Equal(t, 503, p.send(t, "POST", path, "{}", "Authorization: Bearer any").status, operation)
		var log requestLog
		p.control(t, "GET", "/_fake/requests?operation="+operation, "").decode(t, &log)
		assert.Equal(t, 1, log.Total, operation)
	}
	require.NoError(t, p.stop())
}

// TestListedFaultsCanBePlannedAgain checks that faults are listed in the form in which they are posted.
func TestListedFaultsCanBePlannedAgain(t *testing.T) {
	p := start(t)
	for _, body := range []string{
		`{"method": "DELETE", "path": "/v2/droplets/*", "times": 3, "applied": true, "break": "response"}`,
		`{"body_contains": "web", "always": true, "delay": "1.5s"}`,
		`{"times": 1, "break": "body"}`, `{"times": 1, "break": "dial"}`, `{"times": 1, "headers": {"Date": []}}`,
	} {
		assert.JSONEq(t, body, p.control(t, "POST", "/_fake/faults", body).body)
	}
	p.control(t, "POST", "/_fake/faults", `{"method": "post", "status": 200}`)
	var listed faultList
	p.control(t, "GET", "/_fake/faults", "").decode(t, &listed)
	require.Len(t, listed.Faults, 6)
	assert.Equal(t, "POST", listed.Faults[5].Method)
	assert.JSONEq(t, `{"unused": 7}`, p.control(t, "DELETE", "/_fake/faults", "").body)
	assert.JSONEq(t, `{"faults": []}`, p.control(t, "GET", "/_fake/faults", "").body)
	require.NoError(t, p.stop())
}

// TestFaultsBreakConnections checks the error of the client and the account for each way to break a response.
func TestFaultsBreakConnections(t *testing.T) {
	p := start(t)
	c := p.client(t, "any")
	for i, tc := range []struct {
		fault   string
		created bool
	}{
		{`{"operation": "droplets_create", "break": "response"}`, false},
		{`{"operation": "droplets_create", "break": "response", "applied": true}`, true},
		{`{"operation": "droplets_create", "break": "body"}`, true},
		{`{"operation": "droplets_create", "break": "dial"}`, false},
		{`{"operation": "droplets_create", "status": 202, "body": "{\"droplet\": {", "applied": true}`, true},
	} {
		p.control(t, "POST", "/_fake/reset", "")
		p.control(t, "POST", "/_fake/faults", tc.fault)
		_, err := c.Droplets.Create(t.Context(), createRequest("a"))
		require.ErrorIs(t, err, droplets.ErrMaybeApplied, tc.fault)
		assert.Len(t, names(t, c), map[bool]int{true: 1}[tc.created], "%d: %s", i, tc.fault)
	}
	require.NoError(t, p.stop())
}

// startRequest sends a POST, which net/http does not retry, in a goroutine, and waits until the fake has received it. The channel
// receives the error of the request, or nil.
func (p process) startRequest(ctx context.Context, t *testing.T, path string) <-chan error {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+path, strings.NewReader(`{"name": "a"}`))
		if err == nil {
			req.Header.Set("Authorization", "Bearer any")
			var resp *http.Response
			if resp, err = http.DefaultClient.Do(req); err == nil {
				err = resp.Body.Close()
			}
		}
		done <- err
	}()
	for len(p.statuses(t, path)) == 0 {
		continue
	}
	return done
}

// statuses returns the statuses of the requests for a path. The status of a request without a response is 0.
func (p process) statuses(t *testing.T, path string) (all []int) {
	t.Helper()
	var log requestLog
	p.control(t, "GET", "/_fake/requests?path="+path, "").decode(t, &log)
	for _, r := range log.Requests {
		all = append(all, r.Status)
	}
	return all
}

// TestDelayUnderManualClock checks that a delayed response arrives only when the clock was advanced by the delay.
func TestDelayUnderManualClock(t *testing.T) {
	p := start(t, "-clock", "manual")
	p.control(t, "POST", "/_fake/faults", `{"path": "/v2/tags", "delay": "1h"}`)
	done := p.startRequest(t.Context(), t, "/v2/tags")
	p.control(t, "POST", "/_fake/clock", `{"advance": "59m"}`)
	assert.Equal(t, []int{0}, p.statuses(t, "/v2/tags"))
	p.control(t, "POST", "/_fake/clock", `{"advance": "1m"}`)
	require.NoError(t, <-done)
	assert.Equal(t, []int{201}, p.statuses(t, "/v2/tags"))

	p.control(t, "POST", "/_fake/faults", `{"path": "/v2/images", "delay": "1h"}`)
	ctx, cancel := context.WithCancel(t.Context())
	done = p.startRequest(ctx, t, "/v2/images")
	cancel()
	require.ErrorIs(t, <-done, context.Canceled, "a client can cancel a delayed request")
	require.NoError(t, p.stop())
}

// TestExitEndsDelayedRequests checks that the program can exit while a request is delayed under a manual clock.
func TestExitEndsDelayedRequests(t *testing.T) {
	p := start(t, "-clock", "manual")
	p.control(t, "POST", "/_fake/faults", `{"path": "/v2/tags", "delay": "1h"}`)
	done := p.startRequest(t.Context(), t, "/v2/tags")
	require.NoError(t, p.stop())
	require.ErrorIs(t, <-done, io.EOF)
}

// TestResetEndsDelayedRequests checks that a delayed request of one test cannot change the account of the next test.
func TestResetEndsDelayedRequests(t *testing.T) {
	p := start(t, "-clock", "manual")
	p.control(t, "POST", "/_fake/faults", `{"path": "/v2/tags", "delay": "1h"}`)
	done := p.startRequest(t.Context(), t, "/v2/tags")
	p.control(t, "POST", "/_fake/reset", "")
	require.ErrorIs(t, <-done, io.EOF)
	assert.JSONEq(t, `{"requests": [], "total": 0}`, p.control(t, "GET", "/_fake/requests", "").body)
	p.control(t, "POST", "/_fake/clock", `{"advance": "1h"}`)
	assert.JSONEq(t, `{"tags": [], "links": {}, "meta": {"total": 0}}`, p.send(t, "GET", "/v2/tags", "", "Authorization: Bearer any").body)
	require.NoError(t, p.stop())
}

func TestFailNextActions(t *testing.T) {
	p := start(t, "-seed", "1")
	c := p.client(t, "any")
	run := func(req droplets.ActionRequest) droplets.ActionStatus {
		a, err := c.DropletActions.Initiate(t.Context(), 500000001, req)
		require.NoError(t, err)
		a, err = c.Actions.Get(t.Context(), a.ID)
		require.NoError(t, err)
		return a.Status
	}
	assert.JSONEq(t, `{"type": "reboot", "nth": 2}`, p.control(t, "POST", "/_fake/fail-next-action", `{"type": "reboot", "nth": 2}`).body)
	assert.Equal(t, []droplets.ActionStatus{"completed", "completed", "errored", "completed"}, []droplets.ActionStatus{
		run(droplets.RebootRequest{}), run(droplets.PowerCycleRequest{}), run(droplets.RebootRequest{}), run(droplets.RebootRequest{})})
	assert.JSONEq(t, `{"nth": 1}`, p.control(t, "POST", "/_fake/fail-next-action", "").body)
	assert.Equal(t, droplets.ActionStatusErrored, run(droplets.RebootRequest{}))
	p.control(t, "POST", "/_fake/fail-next-action", `{"types": ["rename", "reboot"]}`)
	assert.Equal(t, droplets.ActionStatusCompleted, run(droplets.PowerCycleRequest{}))
	assert.Equal(t, droplets.ActionStatusErrored, run(droplets.RenameRequest{Name: "b"}))
	p.control(t, "POST", "/_fake/fail-next-action", "")
	p.control(t, "POST", "/_fake/fail-next-destroy", `{"resource_id": "500000001"}`)
	p.control(t, "DELETE", "/_fake/faults", "")
	assert.Equal(t, droplets.ActionStatusCompleted, run(droplets.PowerCycleRequest{}))
	p.control(t, "POST", "/_fake/fail-next-destroy", `{"resource_id": "0"}`) // no resource has this id
	require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), 500000001))
	_, err := c.AssociatedResources.WaitForDestroy(t.Context(), 500000001)
	require.NoError(t, err)
	require.NoError(t, p.stop())
}

func TestFailNextDestroy(t *testing.T) {
	p := start(t, "-seed", "1")
	c := p.client(t, "any")
	p.control(t, "POST", "/_fake/fail-next-destroy", `{"resource_id": "500000001", "message": "no"}`)
	require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), 500000001))
	_, err := c.AssociatedResources.WaitForDestroy(t.Context(), 500000001)
	var failed *droplets.DestroyError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "no", failed.Status.Droplet.ErrorMessage)
	require.NoError(t, p.stop())
}

func TestIgnoreShutdown(t *testing.T) {
	p := start(t, "-seed", "2")
	c := p.client(t, "any")
	shutdown := func(id int64) droplets.DropletStatus {
		_, err := c.DropletActions.Shutdown(t.Context(), id)
		require.NoError(t, err)
		d, err := c.Droplets.Get(t.Context(), id)
		require.NoError(t, err)
		return d.Status
	}
	assert.JSONEq(t, `{"droplet_ids": [500000001]}`, p.control(t, "POST", "/_fake/ignore-shutdown", `{"droplet_ids": [500000001]}`).body)
	assert.Equal(t, droplets.DropletStatusActive, shutdown(500000001))
	assert.Equal(t, droplets.DropletStatusOff, shutdown(500000002))
	p.control(t, "POST", "/_fake/reset", "")
	p.control(t, "POST", "/_fake/ignore-shutdown", "")
	assert.Equal(t, droplets.DropletStatusActive, shutdown(500000002))
	require.NoError(t, p.stop())
}

func TestFaultFlag(t *testing.T) {
	p := start(t, "-fault", "droplets_create:502:times=1", "-fault", `{"method": "POST", "path": "/v2/tags", "status": 500, "headers": {"X-A": "b:c"}}`,
		"-fault", ":applied:break=response:always:method=PUT", "-fault", "tags_list:delay=1ms:body={}:path=/v2/*")
	assert.Equal(t, 502, p.create(t).status)
	assert.Equal(t, 202, p.create(t).status)
	assert.JSONEq(t, `{"faults": [{"method": "POST", "path": "/v2/tags", "times": 1, "status": 500, "headers": {"X-A": "b:c"}},
		{"method": "PUT", "always": true, "applied": true, "break": "response"},
		{"operation": "tags_list", "path": "/v2/*", "times": 1, "delay": "1ms", "body": "{}"}]}`, p.control(t, "GET", "/_fake/faults", "").body)
	require.NoError(t, p.stop())
}

func TestLagFlag(t *testing.T) {
	p := start(t, "-lag", "visibility=1s,addresses=2s,status=3s,snapshots=4s", "-clock", "manual")
	c := p.client(t, "any")
	created, err := c.Droplets.Create(t.Context(), createRequest("a"))
	require.NoError(t, err)
	_, err = c.Droplets.Get(t.Context(), created.Droplet.ID)
	require.ErrorIs(t, err, droplets.ErrNotFound)
	for _, want := range []struct {
		status    droplets.DropletStatus
		addresses bool
	}{{droplets.DropletStatusNew, false}, {droplets.DropletStatusNew, true}, {droplets.DropletStatusActive, true}} {
		p.control(t, "POST", "/_fake/clock", `{"advance": "1s"}`)
		d, err := c.Droplets.Get(t.Context(), created.Droplet.ID)
		require.NoError(t, err)
		assert.Equal(t, want.status, d.Status)
		assert.Equal(t, want.addresses, len(d.Networks.V4) > 0)
	}
	_, err = c.DropletActions.Snapshot(t.Context(), created.Droplet.ID, droplets.SnapshotRequest{Name: "snap"})
	require.NoError(t, err)
	for _, want := range []int{0, 1} {
		page, err := c.Droplets.ListSnapshots(t.Context(), created.Droplet.ID, nil)
		require.NoError(t, err)
		assert.Len(t, page.Items, want)
		p.control(t, "POST", "/_fake/clock", `{"advance": "4s"}`)
	}
	require.NoError(t, p.stop())
}
