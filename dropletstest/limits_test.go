package dropletstest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestLimitsOfFields checks for each limit that the last value within it is accepted, and that the next one is not.
func TestLimitsOfFields(t *testing.T) {
	api := dropletstest.New(dropletstest.WithActionDuration(0))
	vpc, firewall := api.AddVPC("limits", "nyc3", ""), api.AddFirewall(droplets.Firewall{})
	_, fingerprint := api.AddSSHKey("me", publicKey)
	n := 0
	volume := func(fields string) string {
		n++
		return fmt.Sprintf(`{"region":"nyc3","name":"v%d",%s}`, n, fields)
	}
	pool := func(config string) string {
		return `{"name":"p","config":{` + config + `},"droplet_template":{"region":"nyc3","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","ssh_keys":["` +
			fingerprint + `"]}}`
	}
	rule := func(ports string) string {
		return `{"inbound_rules":[{"protocol":"tcp","ports":"` + ports + `","sources":{}}]}`
	}
	text := func(n int) string { return strings.Repeat("a", n) }
	rules := "POST firewalls/" + firewall.ID + "/rules"
	for _, tc := range []struct{ operation, accepted, rejected, message string }{
		{"POST tags", `{"name":"` + text(255) + `"}`, `{"name":"` + text(256) + `"}`, "Tag name must have 1 to 255 characters."},
		{"POST firewalls/" + firewall.ID + "/tags", `{"tags":["` + text(255) + `"]}`, `{"tags":["` + text(256) + `"]}`, "has up to 255 letters"},
		{"PUT firewalls/" + firewall.ID, `{"name":"` + text(255) + `","inbound_rules":[` + sshRule + `]}`,
			`{"name":"` + text(256) + `","inbound_rules":[` + sshRule + `]}`, "Name must begin with a letter or a digit and have only letters"},
		{"PATCH vpcs/" + vpc, `{"description":"` + text(255) + `"}`, `{"description":"` + text(256) + `"}`, "Description is too long (maximum is 255 characters)."},
		{"POST vpcs", `{"name":"large","region":"nyc3","ip_range":"192.168.0.0/16"}`, `{"name":"l","region":"nyc3","ip_range":"172.16.0.0/15"}`, "between /28 and /16"},
		{"POST vpcs", `{"name":"small","region":"nyc3","ip_range":"172.31.255.240/28"}`, `{"name":"s","region":"nyc3","ip_range":"172.30.0.0/29"}`, "between /28 and /16"},
		{"POST volumes", `{"region":"nyc3","size_gigabytes":1,"name":"` + text(64) + `"}`, `{"region":"nyc3","size_gigabytes":1,"name":"` + text(65) + `"}`, "up to 64 lowercase letters"},
		{"POST volumes", volume(`"size_gigabytes":1`), volume(`"size_gigabytes":0`), "size_gigabytes must be between 1 and 16384."},
		{"POST volumes", volume(`"size_gigabytes":16384`), volume(`"size_gigabytes":16385`), "size_gigabytes must be between 1 and 16384."},
		{"POST volumes", volume(`"size_gigabytes":1,"filesystem_type":"ext4","filesystem_label":"` + text(16) + `"`),
			volume(`"size_gigabytes":1,"filesystem_type":"ext4","filesystem_label":"` + text(17) + `"`), "filesystem_label may have up to 16 characters for ext4."},
		{"POST volumes", volume(`"size_gigabytes":1,"filesystem_type":"xfs","filesystem_label":"` + text(12) + `"`),
			volume(`"size_gigabytes":1,"filesystem_type":"xfs","filesystem_label":"` + text(13) + `"`), "filesystem_label may have up to 12 characters for xfs."},
		{"POST volumes", volume(`"size_gigabytes":1,"filesystem_type":"xfs"`), volume(`"size_gigabytes":1,"filesystem_label":"a"`), "filesystem_label needs a filesystem_type."},
		{"POST volumes/" + api.AddVolume("full", "nyc3", 16383) + "/actions", `{"type":"resize","size_gigabytes":16384}`,
			`{"type":"resize","size_gigabytes":16385}`, "size_gigabytes must be between 1 and 16384."},
		{"POST volumes/" + api.AddVolume("same", "nyc3", 5) + "/actions", `{"type":"resize","size_gigabytes":6}`,
			`{"type":"resize","size_gigabytes":6}`, "The volume has 6 GB and can only become larger."},
		{"POST volumes/" + api.AddVolume("empty", "nyc3", 0) + "/actions", `{"type":"resize","size_gigabytes":1}`,
			`{"type":"resize","size_gigabytes":0}`, "size_gigabytes must be between 1 and 16384."},
		{rules, rule("0"), rule("0-1"), "ports must be a port"},
		{rules, rule("65535"), rule("65536"), "ports must be a port"},
		{rules, rule("1-1"), rule("2-1"), "ports must be a port"},
		{rules, rule("1-65535"), rule("1-65536"), "ports must be a port"},
		{rules, rule("00080"), rule("000080"), "ports must be a port"},
		{"POST droplets/autoscale", pool(`"target_number_instances":1`), pool(`"target_number_instances":-1`), "target_number_instances must be between 1 and 1000, not -1."},
		{"POST droplets/autoscale", pool(`"target_number_instances":1000`), pool(`"target_number_instances":1001`), "target_number_instances must be between 1 and 1000"},
		{"POST droplets/autoscale", pool(`"min_instances":1,"max_instances":1`), pool(`"min_instances":0,"max_instances":1`), "min_instances must be between 1 and 500"},
		{"POST droplets/autoscale", pool(`"min_instances":500,"max_instances":500`), pool(`"min_instances":501,"max_instances":501`), "min_instances must be between 1 and 500"},
		{"POST droplets/autoscale", pool(`"min_instances":1,"max_instances":1000`), pool(`"min_instances":1,"max_instances":1001`), "max_instances must be between 1 and 1000"},
		{"POST droplets/autoscale", pool(`"min_instances":1,"max_instances":1,"target_cpu_utilization":0.05`),
			pool(`"min_instances":1,"max_instances":1,"target_cpu_utilization":0.049`), "target_cpu_utilization must be between 0.05 and 1, not 0.049."},
		{"POST droplets/autoscale", pool(`"min_instances":1,"max_instances":1,"target_memory_utilization":1`),
			pool(`"min_instances":1,"max_instances":1,"target_memory_utilization":1.01`), "target_memory_utilization must be between 0.05 and 1, not 1.01."},
		{"POST droplets/autoscale", pool(`"min_instances":1,"max_instances":1,"cooldown_minutes":5`),
			pool(`"min_instances":1,"max_instances":1,"cooldown_minutes":4`), "cooldown_minutes must be between 5 and 20, not 4."},
		{"POST droplets/autoscale", pool(`"min_instances":1,"max_instances":1,"cooldown_minutes":20`),
			pool(`"min_instances":1,"max_instances":1,"cooldown_minutes":21`), "cooldown_minutes must be between 5 and 20, not 21."},
	} {
		method, path, _ := strings.Cut(tc.operation, " ")
		resp := sendRequest(t, api, method, "/v2/"+path, tc.accepted)
		assert.Less(t, resp.StatusCode, 300, "%s %s: %s", tc.operation, tc.accepted, resp.body)
		requireRejections(t, api, []rejection{{tc.operation + tc.rejected, method, "/v2/" + path, tc.rejected, 422, tc.message}})
	}
}

// TestVolumesPerDroplet checks that a Droplet can have 15 volumes, whether a create or an action attaches them.
func TestVolumesPerDroplet(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		var ids []string
		for i := range 17 {
			ids = append(ids, api.AddVolume(fmt.Sprintf("v%d", i), "nyc3", 1))
		}
		req := createRequest("a")
		req.Volumes = ids[:16]
		_, err := api.Client().Droplets.Create(t.Context(), req)
		requireUnprocessable(t, err, "Up to 15 volumes can be attached to a Droplet.")
		req.Volumes = ids[:14]
		d := createActive(t, api.Client(), req)
		attach := fmt.Sprintf(`{"type":"attach","droplet_id":%d}`, d.ID)
		startVolumeAction(t, api, ids[14], attach)
		sleep(time.Second)
		requireRejections(t, api, []rejection{{"16", http.MethodPost, "/v2/volumes/" + ids[15] + "/actions", attach, 422, "Up to 15 volumes can be attached to a Droplet."}})
		assert.Equal(t, ids[:15], getDroplet(t, api.Client(), d.ID).VolumeIDs)
		req.Volumes = []string{ids[15], ids[16], ids[15]}
		_, err = api.Client().Droplets.Create(t.Context(), req)
		requireUnprocessable(t, err, fmt.Sprintf("Volume %q is in the list twice.", ids[15]))
	})
}

// TestSmallestRateLimits checks limits of one request.
func TestSmallestRateLimits(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		for _, limits := range [][2]int{{1, 0}, {0, 1}, {1, 1}} {
			api := dropletstest.New(dropletstest.WithRateLimit(limits[0], limits[1]))
			for _, want := range []int{200, 429} {
				assert.Equal(t, want, sendRequest(t, api, http.MethodGet, "/v2/account", "").StatusCode, "%v", limits)
			}
		}
	})
}

// TestFreeVPCRanges checks that free ranges are between 10.128.0.0 and 10.239.255.255, and what happens when none is left.
func TestFreeVPCRanges(t *testing.T) {
	api := dropletstest.New()
	for second := 129; second < 239; second++ {
		api.AddVPC(fmt.Sprintf("given-%d", second), "nyc3", fmt.Sprintf("10.%d.0.0/16", second))
	}
	var want, got []string
	for _, second := range []int{128, 239} {
		for third := 0; third < 256; third += 16 {
			want = append(want, fmt.Sprintf("10.%d.%d.0/20", second, third))
			id := api.AddVPC(fmt.Sprintf("free-%d", len(want)), "nyc3", "")
			got = append(got, get[testVPCRoot](t, api, "/v2/vpcs/"+id).VPC.IPRange)
		}
	}
	assert.Equal(t, want, got)
	requireRejections(t, api, []rejection{{"full", http.MethodPost, "/v2/vpcs", `{"name":"x","region":"nyc3"}`, 422, "There is no free range for another VPC."}})
	assertPanics(t, "dropletstest: AddDroplet: ", "There is no free range for another VPC.", func() { api.AddDroplet(droplets.Droplet{VPCUUID: "new"}) })
	assertPanics(t, "dropletstest: AddDroplet: ", `the VPC "a b" is invalid`, func() { api.AddDroplet(droplets.Droplet{VPCUUID: "a b"}) })
	api.AddVPC("given", "nyc3", "10.0.0.0/16")
}
