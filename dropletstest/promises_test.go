package dropletstest_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestTransportAcceptsIncompleteRequests checks requests that http.Client would complete, and one that has no URL.
func TestTransportAcceptsIncompleteRequests(t *testing.T) {
	api := dropletstest.New()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example/v2/account", http.NoBody)
	require.NoError(t, err)
	req.Header, req.Body, req.Host = nil, nil, ""
	resp, err := api.Transport().RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, "401 Unauthorized", resp.Status)
	assert.Equal(t, []any{"HTTP/1.1", 1, 1}, []any{resp.Proto, resp.ProtoMajor, resp.ProtoMinor})
	assert.Same(t, req, resp.Request)
	assert.Nil(t, req.Header, "the request is not changed")
	req.URL = nil
	_, err = api.Transport().RoundTrip(req)
	require.EqualError(t, err, "dropletstest: the request has no URL")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = api.Transport().RoundTrip(httptest.NewRequestWithContext(ctx, http.MethodPost, "/v2/tags", http.NoBody))
	require.ErrorIs(t, err, context.Canceled)
	_, err = api.Client(noRetries).Droplets.Create(ctx, createRequest("a"))
	require.ErrorIs(t, err, context.Canceled)
	assert.Len(t, api.Requests(), 1, "a request whose context has ended is not sent")
}

// TestTransportDropsLateResponses checks that a response is not returned if the context ended while the API processed the request.
func TestTransportDropsLateResponses(t *testing.T) {
	api := dropletstest.New()
	ctx, cancel := context.WithCancel(t.Context())
	api.Respond(1, dropletstest.Match{Func: func(*http.Request) bool { cancel(); return true }}, dropletstest.Fault{Header: http.Header{"X-A": {"b"}}})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.example/v2/tags", http.NoBody)
	require.NoError(t, err)
	_, err = api.Transport().RoundTrip(req)
	require.ErrorIs(t, err, context.Canceled)
	assert.Len(t, api.Requests(), 1)
}

// TestHeaderOfAFaultWithoutAResponse checks that a fault with a header and without a response does not fail.
func TestHeaderOfAFaultWithoutAResponse(t *testing.T) {
	api := dropletstest.New()
	api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Break: dropletstest.BreakAnswer, Header: http.Header{"X-A": {"b"}}})
	_, err := api.Client(noRetries).Droplets.List(t.Context(), nil)
	require.ErrorContains(t, err, "connection reset")
}

// TestLinksOverTLS checks that links begin with https on a server with TLS.
func TestLinksOverTLS(t *testing.T) {
	srv := httptest.NewTLSServer(dropletstest.New(dropletstest.WithDroplets(3)))
	defer srv.Close()
	srv.Client().Transport.(*http.Transport).TLSClientConfig.MinVersion = tls.VersionTLS12
	c, err := droplets.NewClient("any", droplets.WithBaseURL(srv.URL), droplets.WithHTTPClient(srv.Client()))
	require.NoError(t, err)
	created, err := c.Droplets.Create(t.Context(), createRequest("a"))
	require.NoError(t, err)
	assert.Equal(t, srv.URL+"/v2/actions/"+strconv.FormatInt(created.Actions[0].ID, 10), created.Actions[0].HREF)
}

func TestManual(t *testing.T) {
	assert.True(t, dropletstest.NewManualClock(clockStart).Manual())
	assert.False(t, dropletstest.New().Clock().Manual())
}

// TestHeadRequests checks that a HEAD request has the header of the GET request, and no body.
func TestHeadRequests(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	want := sendRequest(t, api, http.MethodGet, "/v2/droplets", "")
	got := sendRequest(t, api, http.MethodHead, "/v2/droplets", "")
	assert.Equal(t, 200, got.StatusCode)
	assert.Empty(t, got.body)
	assert.Equal(t, want.Header.Get("Content-Length"), got.Header.Get("Content-Length"))
	assert.Equal(t, strconv.Itoa(len(want.body)), got.Header.Get("Content-Length"))
	assert.Equal(t, 405, sendRequest(t, api, http.MethodHead, "/v2/droplets/actions", "").StatusCode)
	deleted := sendRequest(t, api, http.MethodDelete, fmt.Sprintf("/v2/droplets/%d", api.Droplets()[0].ID), "")
	assert.NotContains(t, deleted.Header, "Content-Length", "a 204 has none")
}

// TestMovedBackupWindow checks that no backup is made in a window that was moved.
func TestMovedBackupWindow(t *testing.T) {
	virtualtime.Within(t, 90*24*time.Hour, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		req := createRequest("a")
		req.Backups = true
		d := createActive(t, c, req)
		at := func(hour int) droplets.ChangeBackupPolicyRequest {
			return droplets.ChangeBackupPolicyRequest{Policy: droplets.BackupPolicy{Plan: droplets.BackupPlanDaily, Hour: &hour}}
		}
		moved := runAction(t, c, d.ID, at(8))
		assert.Equal(t, 8, moved.NextBackupWindow.Start.Hour())
		assert.Equal(t, 4*time.Hour, moved.NextBackupWindow.End.Sub(moved.NextBackupWindow.Start))
		sleep(time.Until(moved.NextBackupWindow.Start) - time.Minute)
		moved = runAction(t, c, d.ID, at(12))
		sleep(time.Until(moved.NextBackupWindow.Start) - time.Second)
		assert.Empty(t, getDroplet(t, c, d.ID).BackupIDs)
		sleep(time.Second)
		assert.Len(t, getDroplet(t, c, d.ID).BackupIDs, 1)
		disabled := runAction(t, c, d.ID, droplets.DisableBackupsRequest{})
		sleep(48 * time.Hour)
		assert.Equal(t, disabled.BackupIDs, getDroplet(t, c, d.ID).BackupIDs, "backups are kept after they are disabled, and none is added")

		sunday := runAction(t, c, d.ID, droplets.EnableBackupsRequest{Policy: &droplets.BackupPolicy{Plan: droplets.BackupPlanWeekly}})
		assert.Equal(t, []any{time.Sunday, 0}, []any{sunday.NextBackupWindow.Start.Weekday(), sunday.NextBackupWindow.Start.Hour()}, "the defaults")
		runAction(t, c, d.ID, droplets.DisableBackupsRequest{})
		weekly := runAction(t, c, d.ID, droplets.EnableBackupsRequest{Policy: &droplets.BackupPolicy{Plan: droplets.BackupPlanWeekly, Weekday: droplets.WeekdayThursday}})
		assert.Equal(t, []any{time.Thursday, 0}, []any{weekly.NextBackupWindow.Start.Weekday(), weekly.NextBackupWindow.Start.Hour()})
		sleep(time.Until(weekly.NextBackupWindow.Start))
		next := getDroplet(t, c, d.ID)
		assert.Len(t, next.BackupIDs, 2, "the backup of more than a week ago is kept for 28 days")
		assert.Equal(t, weekly.NextBackupWindow.Start.AddDate(0, 0, 7), next.NextBackupWindow.Start)
		backups := collect(t, c.Droplets.AllBackups(t.Context(), d.ID, nil))
		assert.Equal(t, []any{"a-" + weekly.NextBackupWindow.Start.Format("20060102150405"), []string{"nyc3"}, 25, 0.68},
			[]any{backups[1].Name, backups[1].Regions, backups[1].MinDiskSize, backups[1].SizeGigabytes})
		require.NoError(t, c.Droplets.Delete(t.Context(), d.ID))
		assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, fmt.Sprintf("/v2/images/%d", backups[1].ID), "").StatusCode, "backups remain")
	})
}

// TestImportDoesNotChangeAnotherImage checks that the import of an image that was deleted does not change an image with the same ID.
func TestImportDoesNotChangeAnotherImage(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(time.Minute))
		id := importImage(t, api).ID
		change(t, api, http.MethodDelete, fmt.Sprintf("/v2/images/%d", id), "")
		added := api.AddImage(droplets.Image{ID: id})
		for range 2 {
			sleep(30 * time.Second)
			assert.Equal(t, added, readImage(t, api, id))
		}
	})
}

// TestAddedDefaults checks the fields that AddImage and AddVolume fill in.
func TestAddedDefaults(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		want := droplets.Image{ID: 200_000_001, Name: "image", Type: droplets.ImageTypeSnapshot, Distribution: "Ubuntu", CreatedAt: time.Now().UTC(),
			MinDiskSize: 20, SizeGigabytes: 2.36, Status: droplets.ImageStatusAvailable, Tags: []string{},
			Regions: []string{"ams3", "blr1", "fra1", "lon1", "nyc1", "nyc2", "nyc3", "sfo2", "sfo3", "sgp1", "syd1", "tor1"}}
		assert.Equal(t, want, api.AddImage(droplets.Image{}))
		want.ID, want.Slug, want.Name, want.Public, want.Type = 200_000_002, "docker-18-04", "docker-18-04", true, droplets.ImageTypeBase
		assert.Equal(t, want, api.AddImage(droplets.Image{Slug: "docker-18-04"}))
		given := droplets.Image{ID: 300_000_000, Name: "n", Type: droplets.ImageTypeBackup, Distribution: "Debian", CreatedAt: clockStart, MinDiskSize: 1,
			SizeGigabytes: 2, Status: droplets.ImageStatusPending, Tags: []string{"a", "b"}, Regions: []string{"nyc3"}, Description: "d", ErrorMessage: "e"}
		assert.Equal(t, given, api.AddImage(given))
		assert.Equal(t, int64(300_000_001), api.AddImage(droplets.Image{}).ID, "the next id")
		f := api.AddFirewall(droplets.Firewall{OutboundRules: []droplets.FirewallOutboundRule{
			{Protocol: "tcp", Ports: "443", Destinations: droplets.FirewallTarget{Addresses: []string{"::/0"}}}}})
		assert.Equal(t, droplets.Firewall{ID: f.ID, Name: "firewall", Status: droplets.FirewallStatusSucceeded, CreatedAt: time.Now().UTC(),
			PendingChanges: []droplets.FirewallPendingChange{}, DropletIDs: []int64{}, Tags: []string{}, InboundRules: []droplets.FirewallInboundRule{},
			OutboundRules: []droplets.FirewallOutboundRule{{Protocol: "tcp", Ports: "443", Destinations: droplets.FirewallTarget{Addresses: []string{"::/0"}}}}}, f)
		then := time.Date(2030, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600))
		assert.Equal(t, then.UTC(), api.AddFirewall(droplets.Firewall{CreatedAt: then}).CreatedAt)
		assert.Equal(t, then.UTC(), api.AddImage(droplets.Image{CreatedAt: then}).CreatedAt)
		assert.Equal(t, then.UTC(), api.AddDroplet(droplets.Droplet{CreatedAt: then}).CreatedAt)
		requireReloadable(t, api)
		id := api.AddVolume("data", "fra1", 7)
		v := getVolume(t, api, id)
		assert.Equal(t, []any{id, "data", 7, []int64{}, []string{}, time.Now().UTC(), "fra1"},
			[]any{v.ID, v.Name, v.SizeGigabytes, v.DropletIDs, v.Tags, v.CreatedAt, v.Region.Slug})
		assertPanics(t, "dropletstest: AddVolume: ", `the region "mars1" is unknown`, func() { api.AddVolume("a", "mars1", 1) })
		assert.Zero(t, api.AddBackup(1))
		assert.Empty(t, api.AddReservedIP(1))
	})
}

// TestAddDropletWithoutARegion checks an image that is in no region with the size.
func TestAddDropletWithoutARegion(t *testing.T) {
	api := dropletstest.New()
	i := api.AddImage(droplets.Image{Regions: []string{"fra1"}})
	assert.Equal(t, "fra1", api.AddDroplet(droplets.Droplet{Image: &droplets.Image{ID: i.ID}}).Region.Slug)
	assertPanics(t, "dropletstest: AddDroplet: ", fmt.Sprintf("no region has the size gpu-h100x1-80gb and the image %d", i.ID), func() {
		api.AddDroplet(droplets.Droplet{SizeSlug: "gpu-h100x1-80gb", Image: &droplets.Image{ID: i.ID}})
	})
	d := api.AddDroplet(droplets.Droplet{Size: &droplets.Size{Slug: "s-2vcpu-4gb"}, Memory: 5, VCPUs: 6, Disk: 7, DiskInfo: []droplets.DiskInfo{{Type: "local"}}})
	assert.Equal(t, []any{"s-2vcpu-4gb", 5, 6, 7, []droplets.DiskInfo{{Type: "local"}}}, []any{d.SizeSlug, d.Memory, d.VCPUs, d.Disk, d.DiskInfo})
	var list []string
	vpc := api.AddVPC("small", "nyc3", "10.250.0.0/28")
	for range 14 { // the range has 13 addresses
		d := api.AddDroplet(droplets.Droplet{VPCUUID: vpc})
		if private, ok := d.PrivateIPv4(); ok {
			list = append(list, private.String())
		}
	}
	assert.Len(t, list, 13)
}
