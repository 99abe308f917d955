package dropletstest_test

import (
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

// TestBodiesThatAreNotObjects checks the responses of all operations with a body, whose other arguments are valid.
func TestBodiesThatAreNotObjects(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		dropletID, imageID, volume, _ := tagWithEverything(t, api)
		pool := createPool(t, api.Client(), poolRequest(api, 1)).ID
		key := collect(t, api.Client().SSHKeys.All(t.Context(), nil))[0].ID
		vpc, firewall, ip := api.AddVPC("mine", "nyc3", ""), api.AddFirewall(droplets.Firewall{}).ID, api.AddReservedIP(dropletID)
		sleep(time.Hour)
		droplet, image := fmt.Sprintf("droplets/%d", dropletID), fmt.Sprintf("images/%d", imageID)
		for _, operation := range []string{"POST droplets", "POST droplets/actions?tag_name=web", "POST " + droplet + "/actions",
			"DELETE " + droplet + "/destroy_with_associated_resources/selective", "POST droplets/autoscale", "PUT droplets/autoscale/" + pool,
			"POST images", "PUT " + image, "POST " + image + "/actions", "POST account/keys", fmt.Sprintf("PUT account/keys/%d", key),
			"POST tags", "POST tags/web/resources", "DELETE tags/web/resources", "POST vpcs", "PUT vpcs/" + vpc, "PATCH vpcs/" + vpc,
			"POST volumes", "POST volumes/actions", "POST volumes/" + volume + "/actions", "POST volumes/" + volume + "/snapshots",
			"POST firewalls", "PUT firewalls/" + firewall, "POST firewalls/" + firewall + "/droplets", "DELETE firewalls/" + firewall + "/droplets",
			"POST firewalls/" + firewall + "/tags", "DELETE firewalls/" + firewall + "/tags", "POST firewalls/" + firewall + "/rules",
			"DELETE firewalls/" + firewall + "/rules", "POST reserved_ips", "POST reserved_ips/" + ip + "/actions"} {
			method, path, _ := strings.Cut(operation, " ")
			requireRejections(t, api, []rejection{
				{operation, method, "/v2/" + path, `{"name":`, http.StatusBadRequest, "Unable to parse JSON: unexpected end of JSON input."},
				{operation, method, "/v2/" + path, `[{}]`, http.StatusUnprocessableEntity, "The body must be a JSON object."},
			})
		}
	})
}

// TestFieldsOfTheWrongType checks that the message names the field.
func TestFieldsOfTheWrongType(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	destroy := fmt.Sprintf("/v2/droplets/%d/destroy_with_associated_resources/selective", api.Droplets()[0].ID)
	requireRejections(t, api, []rejection{
		{"text", "POST", "/v2/droplets", `{"name":7}`, 422, "name has the wrong type: number."},
		{"image", "POST", "/v2/droplets", `{"image":true}`, 422, "image has the wrong type: bool."},
		{"key", "POST", "/v2/droplets", `{"ssh_keys":[{}]}`, 422, "ssh_keys has the wrong type: object."},
		{"volume", "POST", "/v2/droplets", `{"volumes":[5]}`, 422, "volumes has the wrong type: number."},
		{"config", "POST", "/v2/droplets/autoscale", `{"config":{"min_instances":"1"}}`, 422, "config.min_instances has the wrong type: string."},
		{"destroy", "DELETE", destroy, `{"snapshots":"5"}`, 422, "snapshots has the wrong type: string."},
		{"element", "DELETE", destroy, `{"volumes":[5]}`, 422, "volumes has the wrong type: number."},
	})
	assert.Equal(t, http.StatusAccepted, sendRequest(t, api, http.MethodDelete, destroy, `{"snapshots":null,"unknown":[1]}`).StatusCode)
}

// TestMoreRejections checks the messages of rejections that a program can cause, in all parts of the API.
func TestMoreRejections(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		req := createRequest("backups")
		req.Backups, req.IPv6 = true, true
		d := createActive(t, c, req)
		off := createActive(t, c, createRequest("off"))
		runAction(t, c, off.ID, droplets.PowerOffRequest{})
		large := api.AddImage(droplets.Image{MinDiskSize: 1000})
		oneRegion := api.AddImage(droplets.Image{Regions: []string{"fra1"}})
		volumes := fmt.Sprintf(`["%s"]`, api.AddVolume("a", "nyc3", 1))
		action, offAction := fmt.Sprintf("/v2/droplets/%d/actions", d.ID), fmt.Sprintf("/v2/droplets/%d/actions", off.ID)
		create := func(fields string) string {
			return `{"size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","region":"nyc3",` + fields + `}`
		}
		requireRejections(t, api, []rejection{
			{"no type", "POST", action, `{}`, 422, "type is required."},
			{"backups", "POST", action, `{"type":"enable_backups"}`, 422, "Backups are already enabled for this Droplet."},
			{"IPv6", "POST", action, `{"type":"enable_ipv6"}`, 422, "IPv6 is already enabled for this Droplet."},
			{"plan", "POST", offAction, `{"type":"enable_backups","backup_policy":{"plan":"hourly"}}`, 422, `"hourly" is not a valid backup plan.`},
			{"hour", "POST", action, `{"type":"change_backup_policy","backup_policy":{"hour":3}}`, 422, "3 is not a valid hour for a backup window to begin."},
			{"weekday", "POST", action, `{"type":"change_backup_policy","backup_policy":{"plan":"weekly","weekday":"DOM"}}`, 422, `"DOM" is not a valid weekday.`},
			{"rebuild", "POST", action, fmt.Sprintf(`{"type":"rebuild","image":%d}`, large.ID), 422, "needs a disk of 1000 GB, and this Droplet's has 25 GB."},
			{"resize to a GPU", "POST", offAction, `{"type":"resize","size":"gpu-h100x1-80gb"}`, 422, "not available in region nyc3"},
			{"long name", "POST", action, `{"type":"rename","name":"` + strings.Repeat("a", 256) + `"}`, 422, "Name is too long (maximum is 255 characters)."},
			{"no new name", "POST", action, `{"type":"rename"}`, 422, "Name can't be blank."},
			{"image elsewhere", "POST", "/v2/droplets", create(fmt.Sprintf(`"name":"a","image":%d`, oneRegion.ID)), 422, "is not available in region nyc3."},
			{"user data", "POST", "/v2/droplets", create(`"name":"a","user_data":"` + strings.Repeat("a", 64<<10+1) + `"`), 422, "User data must be at most 64 KiB."},
			{"private IPv6", "POST", "/v2/droplets", create(`"name":"a","ipv6":true,"public_networking":false`), 422, "IPv6 needs public networking."},
			{"tag", "POST", "/v2/droplets", create(`"name":"a","tags":["a b"]`), 422, `Tag "a b" is invalid`},
			{"VPC", "POST", "/v2/droplets", create(`"name":"a","vpc_uuid":"x"`), 422, `invalid VPC for Droplet creation: "x".`},
			{"volumes", "POST", "/v2/droplets", create(`"names":["a","b"],"volumes":` + volumes), 422, "Volumes cannot be attached to more than one Droplet."},
			{"no tag", "POST", "/v2/droplets/actions", `{"type":"power_on"}`, 422, "tag_name is required."},
			{"no names", "POST", "/v2/droplets", create(`"names":[]`), 422, "Name can't be blank."},
			{"one empty name", "POST", "/v2/droplets", create(`"names":["a",""]`), 422, "Name can't be blank."},
			{"header", "DELETE", fmt.Sprintf("/v2/droplets/%d/destroy_with_associated_resources/dangerous", d.ID), "", 422, "The header X-Dangerous must be true."},
			{"no rules", "DELETE", "/v2/firewalls/" + api.AddFirewall(droplets.Firewall{}).ID + "/rules", `{}`, 422, "inbound_rules or outbound_rules is required."},
			{"volume of a name", "POST", "/v2/volumes/actions", `{"type":"attach","volume_name":"none","region":"nyc3"}`, 404, "could not be found"},
		})
		assert.Len(t, api.Droplets(), 2)
	})
}

// TestLimitsOfCreates checks that a create may reach each of its limits.
func TestLimitsOfCreates(t *testing.T) {
	api := dropletstest.New(dropletstest.WithActionDuration(0), dropletstest.WithDropletLimit(11))
	body := `{"size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","names":["a","b","c","d","e","f","g","h","i","` + strings.Repeat("a", 255) + `"],"user_data":"` +
		strings.Repeat("a", 64<<10) + `"}`
	assert.Equal(t, http.StatusAccepted, sendRequest(t, api, http.MethodPost, "/v2/droplets", body).StatusCode)
	assert.Len(t, api.Droplets(), 10)
	_, err := api.Client().Droplets.Create(t.Context(), createRequest("11"))
	require.NoError(t, err)
	_, err = api.Client().Droplets.Create(t.Context(), createRequest("12"))
	requireUnprocessable(t, err, "creating this/these droplet(s) will exceed your droplet limit")
}
