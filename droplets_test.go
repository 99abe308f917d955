package droplets_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

func TestCreateOmitsUnsetFields(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(202, createdBody(3164444))))
	result, err := c.Droplets.Create(t.Context(), createRequest())
	require.NoError(t, err)
	assert.JSONEq(t, `{"name":"web-1","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64"}`, a.last().Body)
	assert.Equal(t, int64(3164444), result.Droplet.ID)
	assert.Equal(t, droplets.DropletStatusNew, result.Droplet.Status)
	assert.Equal(t, []droplets.ActionLink{{ID: 7515, Rel: "create", HREF: "https://api.digitalocean.com/v2/actions/7515"}}, result.Actions)

	_, err = c.Droplets.Create(t.Context(), fullCreateRequest())
	require.NoError(t, err)
	assert.JSONEq(t, `{"name":"web-1","region":"nyc3","size":"s-1vcpu-1gb","image":63663980,
		"ssh_keys":[289794,"3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45"],"backups":true,
		"backup_policy":{"plan":"weekly","weekday":"MON","hour":0},"ipv6":true,"monitoring":true,"tags":["env:prod","web"],
		"volumes":["v-1"],"user_data":"#cloud-config","vpc_uuid":"760e09ef","with_droplet_agent":false,"public_networking":true}`, a.last().Body)
}

// TestCreatePartitionedGPUs sends and reads the fields that are newer than the OpenAPI document.
func TestCreatePartitionedGPUs(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(202, fixture(t, "droplets_create.202.partitioned"))))
	req := createRequest()
	req.SubnetUUID, req.GPUPartitionMode = "5a4981aa", droplets.GPUPartitionModeDPXNPS2
	result, err := c.Droplets.Create(t.Context(), req)
	require.NoError(t, err)
	sent := `"size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","subnet_uuid":"5a4981aa","gpu_partition_mode":"PARTITION_MODE_DPX_NPS2"`
	assert.JSONEq(t, `{"name":"web-1",`+sent+`}`, a.last().Body)
	assert.Equal(t, "5a4981aa-9653-4bd1-bef5-d6bff52042e4", result.Droplet.SubnetUUID)
	assert.Equal(t, droplets.GPUPartitionModeDPXNPS2, result.Droplet.GPUPartitionMode)
	assert.Equal(t, []droplets.GPUPartitionMode{droplets.GPUPartitionModeSPXNPS1, droplets.GPUPartitionModeDPXNPS2},
		result.Droplet.Size.GPUInfo.SupportedPartitionModes)

	multi := multiCreate("a")
	multi.SubnetUUID, multi.GPUPartitionMode = req.SubnetUUID, req.GPUPartitionMode
	_, _ = c.Droplets.CreateMultiple(t.Context(), multi)
	assert.JSONEq(t, `{"names":["a"],`+sent+`}`, a.last().Body)
}

func fullCreateRequest() droplets.DropletCreateRequest {
	return droplets.DropletCreateRequest{
		Name: "web-1", Region: "nyc3", Size: "s-1vcpu-1gb", Image: droplets.ImageID(63663980),
		SSHKeys: []droplets.SSHKeyRef{droplets.SSHKeyID(289794), droplets.SSHKeyFingerprint("3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45")},
		Backups: true, BackupPolicy: &droplets.BackupPolicy{Plan: droplets.BackupPlanWeekly, Weekday: droplets.WeekdayMonday,
			Hour: new(0), WindowLengthHours: 4, RetentionPeriodDays: 28},
		IPv6: true, Monitoring: true, Tags: []string{"env:prod", "web"}, Volumes: []string{"v-1"}, UserData: "#cloud-config",
		VPCUUID: "760e09ef", WithDropletAgent: new(false), PublicNetworking: new(true),
	}
}

func fullMultiCreateRequest() droplets.DropletMultiCreateRequest {
	r := fullCreateRequest()
	return droplets.DropletMultiCreateRequest{Names: []string{"web-1", "web-2"}, Region: r.Region, Size: r.Size, Image: r.Image,
		SSHKeys: r.SSHKeys, Backups: r.Backups, BackupPolicy: r.BackupPolicy, IPv6: r.IPv6, Monitoring: r.Monitoring, Tags: r.Tags,
		Volumes: r.Volumes, UserData: r.UserData, VPCUUID: r.VPCUUID, WithDropletAgent: r.WithDropletAgent, PublicNetworking: r.PublicNetworking}
}

func TestCreateMultiple(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(202, `{"droplets":[{"id":1},{"id":2}],"links":{"actions":[{"id":7},{"id":8}]}}`)))
	result, err := c.Droplets.CreateMultiple(t.Context(), droplets.DropletMultiCreateRequest{
		Names: []string{"web-1", "web-2"}, Size: "s-1vcpu-1gb", Image: droplets.ParseImageRef("123")})
	require.NoError(t, err)
	assert.JSONEq(t, `{"names":["web-1","web-2"],"size":"s-1vcpu-1gb","image":123}`, a.last().Body)
	assert.Equal(t, []int64{1, 2}, idsOf(result.Droplets))
	assert.Equal(t, []droplets.ActionLink{{ID: 7}, {ID: 8}}, result.Actions)

	single, err := json.Marshal(fullCreateRequest())
	require.NoError(t, err)
	multi, err := json.Marshal(fullMultiCreateRequest())
	require.NoError(t, err)
	assert.JSONEq(t, strings.Replace(string(single), `"name":"web-1"`, `"names":["web-1","web-2"]`, 1), string(multi),
		"both requests have the same fields")
}

func TestMaximumUserData(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(202, createdBody(1))))
	req := createRequest()
	req.UserData = strings.Repeat("\"", 64<<10)
	_, err := c.Droplets.Create(t.Context(), req)
	require.NoError(t, err)
	var sent struct {
		UserData string `json:"user_data"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.last().Body), &sent))
	assert.Equal(t, req.UserData, sent.UserData)
}

func TestRequestsHideUserData(t *testing.T) {
	t.Parallel()
	single, multi := fullCreateRequest(), fullMultiCreateRequest()
	single.UserData, multi.UserData = "password=hunter2", "password=hunter2"
	for _, req := range []any{single, &single, multi, &multi, []any{single}, struct{ R any }{multi}} {
		var text, js bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("x", "req", req)
		slog.New(slog.NewJSONHandler(&js, nil)).Info("x", slog.Group("g", "req", fmt.Sprint(req)))
		for _, out := range []string{fmt.Sprint(req), fmt.Sprintf("%v %+v %#v %s", req, req, req, req), text.String(), js.String()} {
			assert.NotContains(t, out, "hunter2")
		}
	}
	assert.Contains(t, fmt.Sprint(single), "web-1")
	assert.Contains(t, fmt.Sprint(single), "REDACTED (16 bytes)")
	var js bytes.Buffer
	slog.New(slog.NewJSONHandler(&js, nil)).Info("x", "single", single, "multi", &multi)
	assert.NotContains(t, js.String(), "hunter2")
}

func TestReferences(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"123": `123`, "\t123\n": `123`, "ubuntu-24-04-x64": `"ubuntu-24-04-x64"`, "9223372036854775808": `"9223372036854775808"`,
		"-1": `"-1"`, "+1": `"+1"`, "3169590176": `3169590176`, "0x10": `"0x10"`, "٣": `"٣"`,
	} {
		image, err := json.Marshal(droplets.ParseImageRef(in))
		require.NoError(t, err)
		assert.Equal(t, want, string(image))
		key, err := json.Marshal(droplets.ParseSSHKeyRef(in))
		require.NoError(t, err)
		assert.Equal(t, want, string(key))

		var back droplets.ImageRef
		require.NoError(t, json.Unmarshal(image, &back))
		assert.Equal(t, droplets.ParseImageRef(in), back)
		assert.Equal(t, strings.TrimSpace(in), back.String())
	}
	var r droplets.ImageRef
	require.NoError(t, json.Unmarshal([]byte(`"123"`), &r))
	assert.Equal(t, droplets.ImageSlug("123"), r, "a string stays a string")
	require.Error(t, json.Unmarshal([]byte(`1.5`), &r))
	require.Error(t, json.Unmarshal([]byte(`{}`), &r))
	assert.True(t, droplets.SSHKeyRef{}.IsZero())
	assert.False(t, droplets.SSHKeyFingerprint("3b:16").IsZero())
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	d := droplets.Droplet{Features: []string{"backups"}, Networks: droplets.Networks{
		V4: []droplets.NetworkV4{{IPAddress: "10.128.192.124", Gateway: "nil", Type: droplets.NetworkTypePrivate},
			{IPAddress: "", Type: droplets.NetworkTypePublic}, {IPAddress: "192.241.165.154", Type: droplets.NetworkTypePublic}},
		V6: []droplets.NetworkV6{{IPAddress: "2604:a880:0:1010::18a:a001", Netmask: 64, Type: droplets.NetworkTypePublic}},
	}}
	addr, ok := d.PublicIPv4()
	assert.True(t, ok)
	assert.Equal(t, netip.MustParseAddr("192.241.165.154"), addr)
	addr, ok = d.PrivateIPv4()
	assert.True(t, ok)
	assert.Equal(t, netip.MustParseAddr("10.128.192.124"), addr)
	addr, ok = d.PublicIPv6()
	assert.True(t, ok)
	assert.Equal(t, netip.MustParseAddr("2604:a880:0:1010::18a:a001"), addr)
	assert.True(t, d.HasFeature("backups"))
	assert.False(t, d.HasFeature("ipv6"))

	fresh := droplets.Droplet{}
	for _, get := range []func() (netip.Addr, bool){fresh.PublicIPv4, fresh.PrivateIPv4, fresh.PublicIPv6} {
		_, ok := get()
		assert.False(t, ok)
	}
}

// TestNullKernels: null items of a list of kernels are left out, and its total counts them.
func TestNullKernels(t *testing.T) {
	t.Parallel()
	for total, complete := range map[int]bool{2: true, 3: false} {
		_, c := newAPI(t, sequence(respond(200, fmt.Sprintf(`{"kernels":[null,{"id":7}],"meta":{"total":%d}}`, total))))
		var ids []int64
		var failed error
		for k, err := range c.Droplets.AllKernels(t.Context(), 42, nil) {
			if err != nil {
				failed = err
				break
			}
			ids = append(ids, k.ID)
		}
		assert.Equal(t, []int64{7}, ids)
		assert.Equal(t, complete, failed == nil, "%v", failed)
		if !complete {
			require.ErrorIs(t, failed, droplets.ErrInvalidResponse)
		}
	}
}
