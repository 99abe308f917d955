// Package interop tests that godo works with the in-memory fake of the API.
package interop

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/digitalocean/godo"
	"github.com/digitalocean/godo/util"

	"github.com/droplets-go/droplets/dropletstest"
)

// TestGodoDropletLifecycle creates a Droplet with godo, runs actions on it and deletes it.
func TestGodoDropletLifecycle(t *testing.T) {
	api := dropletstest.New(dropletstest.WithActionDuration(10 * time.Millisecond))
	server := httptest.NewServer(api)
	defer server.Close()
	client, err := godo.New(godo.NewFromToken(dropletstest.Token).HTTPClient, godo.SetBaseURL(server.URL+"/"))
	must(t, "client", err)
	ctx := t.Context()

	d, resp, err := client.Droplets.Create(ctx, &godo.DropletCreateRequest{Name: "godo-1", Region: "nyc3", Size: "s-1vcpu-1gb",
		Image: godo.DropletCreateImage{Slug: "ubuntu-24-04-x64"}, Tags: []string{"godo"}})
	must(t, "create", err)
	must(t, "wait for the create", util.WaitForActive(ctx, client, resp.Links.Actions[0].HREF))

	for _, step := range []struct {
		name string
		do   func() (*godo.Action, *godo.Response, error)
	}{
		{"power off", func() (*godo.Action, *godo.Response, error) { return client.DropletActions.PowerOff(ctx, d.ID) }},
		{"resize", func() (*godo.Action, *godo.Response, error) {
			return client.DropletActions.Resize(ctx, d.ID, "s-1vcpu-2gb", true)
		}},
		{"snapshot", func() (*godo.Action, *godo.Response, error) {
			return client.DropletActions.Snapshot(ctx, d.ID, "godo-snapshot")
		}},
		{"power on", func() (*godo.Action, *godo.Response, error) { return client.DropletActions.PowerOn(ctx, d.ID) }},
		{"rename", func() (*godo.Action, *godo.Response, error) { return client.DropletActions.Rename(ctx, d.ID, "godo-2") }},
		{"enable backups", func() (*godo.Action, *godo.Response, error) { return client.DropletActions.EnableBackups(ctx, d.ID) }},
		{"change the policy", func() (*godo.Action, *godo.Response, error) {
			return client.DropletActions.ChangeBackupPolicy(ctx, d.ID,
				&godo.DropletBackupPolicyRequest{Plan: "weekly", Weekday: "MON", Hour: new(8)})
		}},
	} {
		action, _, err := step.do()
		must(t, step.name, err)
		waitFor(ctx, t, client, d.ID, action)
	}

	got, _, err := client.Droplets.Get(ctx, d.ID)
	must(t, "get", err)
	snapshots, _, err := client.Droplets.Snapshots(ctx, d.ID, nil)
	must(t, "snapshots", err)
	if got.Name != "godo-2" || got.SizeSlug != "s-1vcpu-2gb" || got.Disk != 50 || len(snapshots) != 1 {
		t.Fatalf("unexpected Droplet: %s, %s, %d GB, %d snapshots", got.Name, got.SizeSlug, got.Disk, len(snapshots))
	}
	_, err = client.Droplets.Delete(ctx, d.ID)
	must(t, "delete", err)
	if n := len(api.Droplets()); n != 0 {
		t.Fatalf("%d Droplets were not deleted", n)
	}
}

func must(t *testing.T, step string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", step, err)
	}
}

// waitFor polls an action until it ends, as users of godo do.
func waitFor(ctx context.Context, t *testing.T, client *godo.Client, dropletID int, action *godo.Action) {
	t.Helper()
	for action.Status == godo.ActionInProgress {
		<-time.After(10 * time.Millisecond)
		var err error
		action, _, err = client.DropletActions.Get(ctx, dropletID, action.ID)
		must(t, "get an action", err)
	}
	if action.Status != godo.ActionCompleted {
		t.Fatalf("action %s ended with status %s", action.Type, action.Status)
	}
}
