package interop

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/digitalocean/godo"

	"github.com/droplets-go/droplets/dropletstest"
)

// newGodo returns a godo client of a new fake with one active Droplet.
func newGodo(t *testing.T) (*godo.Client, *dropletstest.API, *godo.Droplet) {
	t.Helper()
	api := dropletstest.New(dropletstest.WithActionDuration(5 * time.Millisecond))
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	client, err := godo.New(godo.NewFromToken(dropletstest.Token).HTTPClient, godo.SetBaseURL(server.URL+"/"))
	must(t, "client", err)
	return client, api, createDroplet(t, client, &godo.DropletCreateRequest{Name: "web-1", Tags: []string{"web"}})
}

// createDroplet creates a Droplet in nyc3 and waits until it is active.
func createDroplet(t *testing.T, client *godo.Client, req *godo.DropletCreateRequest) *godo.Droplet {
	t.Helper()
	req.Region, req.Size, req.Image = "nyc3", "s-1vcpu-1gb", godo.DropletCreateImage{Slug: "ubuntu-24-04-x64"}
	d, resp, err := client.Droplets.Create(t.Context(), req)
	must(t, "create a Droplet", err)
	waitForID(t, client, resp.Links.Actions[0].ID)
	return readDroplet(t, client, d.ID)
}

func readDroplet(t *testing.T, client *godo.Client, id int) *godo.Droplet {
	t.Helper()
	d, _, err := client.Droplets.Get(t.Context(), id)
	must(t, "read the Droplet", err)
	return d
}

// waitForID polls an action of any resource until it has completed, as the Terraform provider does.
func waitForID(t *testing.T, client *godo.Client, id int) {
	t.Helper()
	for {
		action, _, err := client.Actions.Get(t.Context(), id)
		must(t, "read the action", err)
		if action.Status == godo.ActionCompleted {
			return
		}
		expect(t, "status of the action", action.Status, godo.ActionInProgress)
		<-time.After(5 * time.Millisecond)
	}
}

func expect[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

// expectStatus checks that err is an error response with a status.
func expectStatus(t *testing.T, step string, err error, status int) {
	t.Helper()
	var resp *godo.ErrorResponse
	if !errors.As(err, &resp) || resp.Response.StatusCode != status || resp.Message == "" || resp.RequestID == "" {
		t.Fatalf("%s: %v, want the status %d with a message and a request ID", step, err, status)
	}
}

func TestGodoVPCs(t *testing.T) {
	client, _, first := newGodo(t)
	ctx := t.Context()
	vpc, _, err := client.VPCs.Create(ctx, &godo.VPCCreateRequest{Name: "prod", RegionSlug: "nyc3", IPRange: "10.20.0.0/24", Description: "d"})
	must(t, "create", err)
	expect(t, "VPC", fmt.Sprint(vpc.Name, vpc.RegionSlug, vpc.IPRange, vpc.Description, vpc.Default, vpc.URN), fmt.Sprint("prod", "nyc3", "10.20.0.0/24", "d", false, "do:vpc:"+vpc.ID))
	vpc, _, err = client.VPCs.Update(ctx, vpc.ID, &godo.VPCUpdateRequest{Name: "production", Default: new(false)})
	must(t, "update", err)
	expect(t, "name", vpc.Name, "production")
	vpc, _, err = client.VPCs.Set(ctx, vpc.ID, godo.VPCSetDescription("e"), godo.VPCSetDefault())
	must(t, "set", err)
	expect(t, "description", vpc.Description, "e")
	expect(t, "default", vpc.Default, true)
	vpcs, resp, err := client.VPCs.List(ctx, &godo.ListOptions{PerPage: 5})
	must(t, "list", err)
	expect(t, "page", len(vpcs), 5)
	expect(t, "last page", resp.Links.IsLastPage(), false)

	d := createDroplet(t, client, &godo.DropletCreateRequest{Name: "in-the-vpc", VPCUUID: vpc.ID})
	expect(t, "VPC of the Droplet", d.VPCUUID, vpc.ID)
	private, err := d.PrivateIPv4()
	must(t, "private address", err)
	expect(t, "private address", private, "10.20.0.2")
	members, _, err := client.VPCs.ListMembers(ctx, vpc.ID, &godo.VPCListMembersRequest{ResourceType: "droplet"}, nil)
	must(t, "members", err)
	expect(t, "members", len(members), 1)
	expect(t, "member", members[0].URN, d.URN())
	_, err = client.VPCs.Delete(ctx, vpc.ID)
	expectStatus(t, "delete the default", err, http.StatusForbidden)
	_, _, err = client.VPCs.Set(ctx, first.VPCUUID, godo.VPCSetDefault())
	must(t, "restore the default", err)
	_, err = client.VPCs.Delete(ctx, vpc.ID)
	expectStatus(t, "delete with members", err, http.StatusConflict)
	_, err = client.Droplets.Delete(ctx, d.ID)
	must(t, "delete the Droplet", err)
	_, err = client.VPCs.Delete(ctx, vpc.ID)
	must(t, "delete", err)
	_, _, err = client.VPCs.Get(ctx, vpc.ID)
	expectStatus(t, "deleted", err, http.StatusNotFound)
}

func TestGodoVolumes(t *testing.T) {
	client, api, d := newGodo(t)
	ctx := t.Context()
	volume, _, err := client.Storage.CreateVolume(ctx, &godo.VolumeCreateRequest{Region: "nyc3", Name: "data", SizeGigaBytes: 10,
		FilesystemType: "ext4", FilesystemLabel: "data", Tags: []string{"web"}})
	must(t, "create", err)
	expect(t, "region", volume.Region.Slug, "nyc3")
	expect(t, "filesystem", volume.FilesystemType+volume.FilesystemLabel, "ext4data")
	_, _, err = client.Storage.CreateVolume(ctx, &godo.VolumeCreateRequest{Region: "nyc3", Name: "data", SizeGigaBytes: 10})
	expectStatus(t, "create with the same name", err, http.StatusConflict)

	action, _, err := client.StorageActions.Attach(ctx, volume.ID, d.ID)
	must(t, "attach", err)
	expect(t, "resource", action.ResourceType, "volume")
	_, _, err = client.StorageActions.Attach(ctx, volume.ID, d.ID)
	expectStatus(t, "attach again", err, http.StatusUnprocessableEntity)
	waitForID(t, client, action.ID)
	expect(t, "volumes of the Droplet", fmt.Sprint(readDroplet(t, client, d.ID).VolumeIDs), fmt.Sprint([]string{volume.ID}))
	_, err = client.Storage.DeleteVolume(ctx, volume.ID)
	expectStatus(t, "delete while attached", err, http.StatusConflict)
	action, _, err = client.StorageActions.Resize(ctx, volume.ID, 20, "nyc3")
	must(t, "resize", err)
	waitForID(t, client, action.ID)
	volumes, _, err := client.Storage.ListVolumes(ctx, &godo.ListVolumeParams{Name: "data", Region: "nyc3"})
	must(t, "list", err)
	expect(t, "list", len(volumes), 1)
	expect(t, "size", volumes[0].SizeGigaBytes, 20)
	expect(t, "Droplets", fmt.Sprint(volumes[0].DropletIDs), fmt.Sprint([]int{d.ID}))

	snapshot, _, err := client.Storage.CreateSnapshot(ctx, &godo.SnapshotCreateRequest{VolumeID: volume.ID, Name: "snap"})
	must(t, "snapshot", err)
	snapshots, _, err := client.Storage.ListSnapshots(ctx, volume.ID, nil)
	must(t, "snapshots", err)
	expect(t, "snapshots", len(snapshots), 1)
	ofVolumes, _, err := client.Snapshots.ListVolume(ctx, nil)
	must(t, "snapshots of volumes", err)
	expect(t, "snapshots of volumes", len(ofVolumes), 1)
	_, err = client.Storage.DeleteSnapshot(ctx, snapshot.ID)
	must(t, "delete the snapshot", err)

	action, _, err = client.StorageActions.DetachByDropletID(ctx, volume.ID, d.ID)
	must(t, "detach", err)
	waitForID(t, client, action.ID)
	_, _, err = client.StorageActions.DetachByDropletID(ctx, volume.ID, d.ID)
	expectStatus(t, "detach again", err, http.StatusUnprocessableEntity)
	actions, _, err := client.StorageActions.List(ctx, volume.ID, nil)
	must(t, "actions", err)
	expect(t, "actions", len(actions), 3)
	got, _, err := client.StorageActions.Get(ctx, volume.ID, actions[0].ID)
	must(t, "action", err)
	expect(t, "action", got.Type, string(dropletstest.ActionTypeDetachVolume))

	other, _, err := client.Storage.CreateVolume(ctx, &godo.VolumeCreateRequest{Region: "nyc3", Name: "logs", SizeGigaBytes: 1})
	must(t, "create another", err)
	with := createDroplet(t, client, &godo.DropletCreateRequest{Name: "with-volumes", Volumes: []godo.DropletCreateVolume{{ID: volume.ID}, {Name: "logs"}}})
	expect(t, "volumes", fmt.Sprint(with.VolumeIDs), fmt.Sprint([]string{volume.ID, other.ID}))
	_, err = client.Droplets.Delete(ctx, with.ID)
	must(t, "delete the Droplet", err)
	_, err = client.Storage.DeleteVolume(ctx, volume.ID)
	must(t, "delete", err)
	expect(t, "Droplets", len(api.Droplets()), 1)
}

func TestGodoFirewalls(t *testing.T) {
	client, _, d := newGodo(t)
	ctx := t.Context()
	everywhere := []string{"0.0.0.0/0", "::/0"}
	req := &godo.FirewallRequest{Name: "web", Tags: []string{"web"},
		InboundRules:  []godo.InboundRule{{Protocol: "tcp", PortRange: "22", Sources: &godo.Sources{Addresses: everywhere, DropletIDs: []int{d.ID}}}},
		OutboundRules: []godo.OutboundRule{{Protocol: "icmp", Destinations: &godo.Destinations{Addresses: everywhere}, Action: godo.FirewallRuleActionDeny}}}
	f, _, err := client.Firewalls.Create(ctx, req)
	must(t, "create", err)
	expect(t, "status", f.Status, "waiting")
	expect(t, "pending changes", len(f.PendingChanges), 1)
	expect(t, "action", f.OutboundRules[0].Action, godo.FirewallRuleActionDeny)
	_, _, err = client.Firewalls.Create(ctx, req)
	expectStatus(t, "create with the same name", err, http.StatusConflict)
	for f.Status == "waiting" {
		<-time.After(5 * time.Millisecond)
		f, _, err = client.Firewalls.Get(ctx, f.ID)
		must(t, "get", err)
	}
	expect(t, "status", f.Status, "succeeded")
	expectFirewalls := func(want int) {
		t.Helper()
		ofDroplet, _, err := client.Firewalls.ListByDroplet(ctx, d.ID, nil)
		must(t, "list by Droplet", err)
		expect(t, "firewalls of the Droplet", len(ofDroplet), want)
	}
	expectFirewalls(1)

	rules := &godo.FirewallRulesRequest{InboundRules: []godo.InboundRule{{Protocol: "udp", PortRange: "all", Sources: &godo.Sources{Tags: []string{"web"}}}}}
	for _, step := range []struct {
		name string
		do   func() (*godo.Response, error)
		want int
	}{
		{"remove tags", func() (*godo.Response, error) { return client.Firewalls.RemoveTags(ctx, f.ID, "web") }, 0},
		{"add Droplets", func() (*godo.Response, error) { return client.Firewalls.AddDroplets(ctx, f.ID, d.ID) }, 1},
		{"remove Droplets", func() (*godo.Response, error) { return client.Firewalls.RemoveDroplets(ctx, f.ID, d.ID) }, 0},
		{"add tags", func() (*godo.Response, error) { return client.Firewalls.AddTags(ctx, f.ID, "web", "new") }, 1},
		{"add rules", func() (*godo.Response, error) { return client.Firewalls.AddRules(ctx, f.ID, rules) }, 1},
	} {
		_, err := step.do()
		must(t, step.name, err)
		expectFirewalls(step.want)
	}
	f, _, err = client.Firewalls.Get(ctx, f.ID)
	must(t, "get", err)
	expect(t, "inbound rules", len(f.InboundRules), 2)
	expect(t, "all ports", f.InboundRules[1].PortRange, "0")
	_, err = client.Firewalls.RemoveRules(ctx, f.ID, rules)
	must(t, "remove rules", err)
	req.Name, req.Tags = "renamed", nil
	f, _, err = client.Firewalls.Update(ctx, f.ID, req)
	must(t, "update", err)
	expect(t, "rules and tags", fmt.Sprint(f.Name, len(f.InboundRules), len(f.Tags)), "renamed1 0")
	all, _, err := client.Firewalls.List(ctx, nil)
	must(t, "list", err)
	expect(t, "firewalls", len(all), 1)
	_, err = client.Firewalls.Delete(ctx, f.ID)
	must(t, "delete", err)
	_, _, err = client.Firewalls.Get(ctx, f.ID)
	expectStatus(t, "deleted", err, http.StatusNotFound)
}

func TestGodoReservedIPs(t *testing.T) {
	client, _, d := newGodo(t)
	ctx := t.Context()
	own, err := d.PublicIPv4()
	must(t, "own address", err)
	r, _, err := client.ReservedIPs.Create(ctx, &godo.ReservedIPCreateRequest{Region: "nyc3"})
	must(t, "reserve", err)
	expect(t, "region", r.Region.Slug, "nyc3")
	action, _, err := client.ReservedIPActions.Assign(ctx, r.IP, d.ID)
	must(t, "assign", err)
	waitForID(t, client, action.ID)
	r, _, err = client.ReservedIPs.Get(ctx, r.IP)
	must(t, "get", err)
	expect(t, "Droplet", r.Droplet.ID, d.ID)
	d = readDroplet(t, client, d.ID)
	first, err := d.PublicIPv4()
	must(t, "public address", err)
	expect(t, "first public address", first, own)
	expect(t, "is an address of the Droplet", slices.ContainsFunc(d.Networks.V4, func(v4 godo.NetworkV4) bool { return v4.IPAddress == r.IP && v4.Type == "public" }), true)
	_, _, err = client.ReservedIPs.Create(ctx, &godo.ReservedIPCreateRequest{DropletID: d.ID})
	expectStatus(t, "a second address", err, http.StatusUnprocessableEntity)
	action, _, err = client.ReservedIPActions.Unassign(ctx, r.IP)
	must(t, "unassign", err)
	got, _, err := client.ReservedIPActions.Get(ctx, r.IP, action.ID)
	must(t, "action", err)
	expect(t, "resource", got.ResourceType, "reserved_ip")
	waitForID(t, client, action.ID)
	actions, _, err := client.ReservedIPActions.List(ctx, r.IP, nil)
	must(t, "actions", err)
	expect(t, "actions", len(actions), 2)
	_, err = client.ReservedIPs.Delete(ctx, r.IP)
	must(t, "delete", err)

	floating, resp, err := client.FloatingIPs.Create(ctx, &godo.FloatingIPCreateRequest{DropletID: d.ID})
	must(t, "create a floating IP", err)
	expect(t, "links", len(resp.Links.Actions), 1)
	waitForID(t, client, resp.Links.Actions[0].ID)
	all, _, err := client.ReservedIPs.List(ctx, nil)
	must(t, "list", err)
	expect(t, "addresses", len(all), 1)
	expect(t, "address", all[0].IP, floating.IP)
	expect(t, "locked", all[0].Locked, false)
	_, err = client.FloatingIPs.Delete(ctx, floating.IP)
	must(t, "delete the floating IP", err)
	expect(t, "addresses", len(readDroplet(t, client, d.ID).Networks.V4), 2)
}
