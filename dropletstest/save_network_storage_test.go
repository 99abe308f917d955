package dropletstest_test

import (
	"bytes"
	"fmt"
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

// TestActionsContinueAfterReadState checks that actions of volumes and reserved IPs and a change of a firewall continue after their
// account was saved and read.
func TestActionsContinueAfterReadState(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(time.Minute))
		c := api.Client()
		var ids []int64
		for _, name := range []string{"a", "b", "c", "d"} {
			created, err := c.Droplets.Create(t.Context(), createRequest(name))
			require.NoError(t, err)
			ids = append(ids, created.Droplet.ID)
		}
		sleep(time.Minute)
		attached, free, small := api.AddVolume("attached", "nyc3", 1), api.AddVolume("free", "nyc3", 1), api.AddVolume("small", "nyc3", 1)
		require.True(t, api.AttachVolume(attached, ids[0]))
		assigned, moved := api.AddReservedIP(ids[2]), api.AddReservedIP(ids[0])
		actions := []droplets.Action{
			startVolumeAction(t, api, attached, `{"type":"detach"}`),
			startVolumeAction(t, api, free, fmt.Sprintf(`{"type":"attach","droplet_id":%d}`, ids[1])),
			startVolumeAction(t, api, small, `{"type":"resize","size_gigabytes":2}`),
			startIPAction(t, api, assigned, `{"type":"unassign"}`),
			startIPAction(t, api, moved, fmt.Sprintf(`{"type":"assign","droplet_id":%d}`, ids[3])),
		}
		f := createFirewall(t, api, "f", fmt.Sprintf(`,"droplet_ids":[%d]`, ids[0]))

		restored := requireReloadable(t, api)
		assert.True(t, getReservedIP(t, restored, moved).Locked)
		requireRejections(t, restored, []rejection{
			{"volume", http.MethodDelete, "/v2/volumes/" + free, "", 422, "pending event"},
			{"reserved IP", http.MethodDelete, "/v2/reserved_ips/" + moved, "", 422, "pending event"},
			{"Droplet", http.MethodPost, fmt.Sprintf("/v2/droplets/%d/actions", ids[3]), `{"type":"reboot"}`, 422, "pending event"},
		})
		sleep(time.Minute)
		for _, act := range actions {
			waitForAction(t, restored, act.ID, droplets.ActionStatusCompleted)
		}
		assert.Empty(t, getVolume(t, restored, attached).DropletIDs)
		assert.Equal(t, []int64{ids[1]}, getVolume(t, restored, free).DropletIDs)
		assert.Equal(t, 2, getVolume(t, restored, small).SizeGigabytes)
		assert.Nil(t, getReservedIP(t, restored, assigned).Droplet)
		assert.Equal(t, ids[3], getReservedIP(t, restored, moved).Droplet.ID)
		assert.Equal(t, "succeeded", getFirewall(t, restored, f.ID).Status)
		assert.Equal(t, savedState(t, api), savedState(t, restored))
	})
}

// TestInvalidStateOfNetworkAndStorage checks that states with a wrong reference or value are rejected.
func TestInvalidStateOfNetworkAndStorage(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(0, droplets.ActionTypeCreate))
		c := api.Client()
		req := createRequest("a")
		req.VPCUUID = api.AddVPC("mine", "nyc3", "10.250.0.0/24")
		d, other := createActive(t, c, req), createActive(t, c, createRequest("b"))
		volume, free, small := api.AddVolume("attached", "nyc3", 1), api.AddVolume("free", "nyc3", 1), api.AddVolume("small", "nyc3", 3)
		api.AddVolumeSnapshot(free, "snap")
		require.True(t, api.AttachVolume(volume, d.ID))
		ip := api.AddReservedIP(d.ID)
		_, err := c.Tags.Create(t.Context(), "web")
		require.NoError(t, err)
		createFirewall(t, api, "f", fmt.Sprintf(`,"droplet_ids":[%d],"tags":["web"],
			"outbound_rules":[{"protocol":"icmp","destinations":{"droplet_ids":[%[1]d],"tags":["web"]}}]`, other.ID))
		startVolumeAction(t, api, free, fmt.Sprintf(`{"type":"attach","droplet_id":%d}`, other.ID))
		startVolumeAction(t, api, small, `{"type":"resize","size_gigabytes":4}`)
		startIPAction(t, api, ip, `{"type":"unassign"}`)
		var saved bytes.Buffer
		require.NoError(t, api.WriteState(&saved))
		text := saved.String()
		require.NoError(t, api.ReadState(strings.NewReader(text)))

		mine := `"name":"mine","description":"","region":"nyc3","ip_range":"10.250.0.0/24","created_at":"2000-01-01T00:00:00Z"`
		unassigns := fmt.Sprintf(`"change":{"address":%q,"droplet":%d`, ip, d.ID)
		other1 := fmt.Sprintf(`"droplet":%d`, other.ID)
		for name, tc := range map[string]struct{ old, new, message string }{
			"VPC without an id":            {fmt.Sprintf(`"vpcs":[{"id":%q`, firstVPC(t, text)), `"vpcs":[{"id":""`, "a VPC has no id"},
			"VPC that is null":             {`"vpcs":[`, `"vpcs":[null,`, "a VPC has no id"},
			"VPC of a region":              {`"name":"mine","description":"","region":"nyc3"`, `"name":"mine","description":"","region":"mars1"`, `is in the unknown region "mars1"`},
			"VPC of another region":        {`"name":"mine","description":"","region":"nyc3"`, `"name":"mine","description":"","region":"nyc1"`, "is not in the region of its VPC"},
			"VPC name":                     {`"name":"mine"`, `"name":"default-nyc3"`, "already exists"},
			"VPC range":                    {`"ip_range":"10.250.0.0/24"`, `"ip_range":"10.100.0.0/24"`, "overlaps with another VPC network"},
			"VPC range text":               {`"ip_range":"10.250.0.0/24"`, `"ip_range":""`, "ip_range is not a valid"},
			"no default VPC":               {`"default":true`, `"default":false`, "has 0 default VPCs"},
			"two default VPCs":             {mine + `,"default":false`, mine + `,"default":true`, "the region nyc3 has 2 default VPCs"},
			"VPC of the Droplet":           {`"vpc_uuid":"` + d.VPCUUID, `"vpc_uuid":"none`, `in the VPC "none", which does not exist`},
			"address out of range":         {fmt.Sprintf(`"ipv6":false,"host":%d`, 2), `"ipv6":false,"host":70000`, "is not in the range of its VPC"},
			"address of the gateway":       {`"ipv6":false,"host":2`, `"ipv6":false,"host":1`, "is not in the range of its VPC"},
			"address of another Droplet":   {`"vpc_uuid":"` + d.VPCUUID, `"vpc_uuid":"` + other.VPCUUID, "has the address of another one"},
			"volume that is null":          {`"volumes":[`, `"volumes":[null,`, "a volume has no id"},
			"region of a volume":           {`"size":3,"region":"nyc3"`, `"size":3,"region":"mars1"`, `the unknown region "mars1"`},
			"id of a volume":               {`{"id":"` + small, `{"id":"` + free, "a volume has no id, or one that is not unique"},
			"Droplet of a volume":          {fmt.Sprintf(`"droplet_id":%d,"tags":[]`, d.ID), `"droplet_id":1,"tags":[]`, "is not attached to it"},
			"snapshot's region":            {`"region":"nyc3","size":1,"tags"`, `"region":"mars1","size":1,"tags"`, `is in the unknown region "mars1"`},
			"reserved IP that is null":     {`"reserved_ips":[`, `"reserved_ips":[null,`, "a reserved IP is null"},
			"reserved IP":                  {`"reserved_ips":[{"address":"` + ip, `"reserved_ips":[{"address":"x`, `the reserved IP "x" is invalid`},
			"reserved IP in IPv6":          {`"reserved_ips":[{"address":"` + ip, `"reserved_ips":[{"address":"::1`, `the reserved IP "::1" is invalid`},
			"reserved IP's region":         {`"address":"` + ip + `","region":"nyc3"`, `"address":"` + ip + `","region":"mars1"`, `is in the unknown region "mars1"`},
			"reserved IP's other region":   {`"address":"` + ip + `","region":"nyc3"`, `"address":"` + ip + `","region":"fra1"`, "or is in another region"},
			"reserved IP's Droplet":        {fmt.Sprintf(`"region":"nyc3","droplet_id":%d}`, d.ID), `"region":"nyc3","droplet_id":1}`, "is assigned to Droplet 1, which does not exist"},
			"firewall that is null":        {`"firewalls":[`, `"firewalls":[null,`, "a firewall has no id"},
			"firewall without an id":       {`"firewalls":[{"id":"`, `"firewalls":[{"id":"","x":"`, "a firewall has no id"},
			"firewall's Droplet":           {fmt.Sprintf(`"droplet_ids":[%d],"tags":["web"],"inbound`, other.ID), `"droplet_ids":[1],"tags":["web"],"inbound`, "refers to a Droplet or a tag that does not exist"},
			"firewall's tag":               {`"tags":["web"],"inbound`, `"tags":["none"],"inbound`, "refers to a Droplet or a tag that does not exist"},
			"firewall's rule":              {`"destinations":{`, `"x":{`, "has no target"},
			"rule's Droplet":               {fmt.Sprintf(`"destinations":{"droplet_ids":[%d]`, other.ID), `"destinations":{"droplet_ids":[1]`, "refers to a Droplet or a tag that does not exist"},
			"rule's tag":                   {`"tags":["web"]}`, `"tags":["none"]}`, "refers to a Droplet or a tag that does not exist"},
			"pending change":               {fmt.Sprintf(`"pending_changes":[{"droplet_id":%d`, other.ID), `"pending_changes":[{"droplet_id":1`, "refers to a Droplet or a tag that does not exist"},
			"action's volume":              {`"volume":"` + free + `"`, `"volume":"none"`, "is in progress on a volume that does not exist"},
			"two actions of a volume":      {`"volume":"` + small + `"`, `"volume":"` + free + `"`, "or has another one"},
			"action's Droplet":             {`"volume":"` + free + `",` + other1, `"volume":"` + free + `","droplet":1`, "and Droplet 1"},
			"two actions of a Droplet":     {`"volume":"` + free + `",` + other1, `"volume":"` + free + `",` + fmt.Sprintf(`"droplet":%d`, d.ID), "has two actions in progress"},
			"attached volume is attached":  {`"volume":"` + free + `",` + other1, `"volume":"` + volume + `",` + other1, "does not match the volume"},
			"type of a volume action":      {`"type":"attach_volume"`, `"type":"detach_volume"`, "does not match the volume"},
			"unknown type of an action":    {`"type":"attach_volume"`, `"type":"format_volume"`, "does not match the volume"},
			"size of a resize":             {`"size_gigabytes":4`, `"size_gigabytes":3`, "does not match the volume"},
			"action's reserved IP":         {`"change":{"address":"` + ip, `"change":{"address":"1.2.3.4`, "its reserved IP or Droplet does not exist"},
			"action's Droplet of an IP":    {unassigns, fmt.Sprintf(`"change":{"address":%q,"droplet":1`, ip), "its reserved IP or Droplet does not exist"},
			"unassigned from another":      {unassigns, fmt.Sprintf(`"change":{"address":%q,%s`, ip, other1), "does not match the reserved IP"},
			"type of a reserved IP action": {`"type":"unassign_ip"`, `"type":"move_ip"`, "has an unknown type"},
		} {
			invalid := strings.Replace(text, tc.old, tc.new, 1)
			require.NotEqual(t, text, invalid, name)
			err := api.ReadState(strings.NewReader(invalid))
			require.ErrorContains(t, err, "dropletstest: the state is invalid: ", name)
			require.ErrorContains(t, err, tc.message, name)
		}
		require.NoError(t, api.ReadState(strings.NewReader(text)))
	})
}

// firstVPC returns the id of the first VPC of a state.
func firstVPC(t *testing.T, state string) string {
	t.Helper()
	_, rest, found := strings.Cut(state, `"vpcs":[{"id":"`)
	require.True(t, found)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}
