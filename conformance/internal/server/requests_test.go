package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/conformance/internal/check"
)

const (
	pool    = "/v2/droplets/autoscale/0d3db13e-a604-4944-9827-7ec2642d32ac"
	destroy = "/v2/droplets/1/destroy_with_associated_resources"
	newPool = `{"name":"web","config":{"min_instances":1,"max_instances":5,"target_cpu_utilization":0.5,"cooldown_minutes":10},
		"droplet_template":{"region":"nyc3","size":"c-2","image":"ubuntu-24-04-x64","ssh_keys":["3b:16"],"tags":["web"]}}`
)

// correctRequests has at least one request for every operation.
func correctRequests() map[string][]request {
	return map[string][]request{
		"actions_list": {{"GET", "/v2/actions", "", nil}, {"GET", "/v2/actions?page=2&per_page=200", "", nil}},
		"actions_get":  {{"GET", "/v2/actions/36804636", "", nil}},
		"droplets_list": {{"GET", "/v2/droplets?page=1&per_page=200", "", nil}, {"GET", "/v2/droplets?type=gpus", "", nil},
			{"GET", "/v2/droplets?tag_name=a%20b", "", nil}},
		"droplets_get":                    {{"GET", "/v2/droplets/3164444", "", nil}},
		"droplets_destroy":                {{"DELETE", "/v2/droplets/3164444", "", nil}},
		"droplets_destroy_byTag":          {{"DELETE", "/v2/droplets?tag_name=env:prod", "", nil}},
		"droplets_list_backups":           {{"GET", "/v2/droplets/1/backups", "", nil}},
		"droplets_get_backup_policy":      {{"GET", "/v2/droplets/1/backups/policy", "", nil}},
		"droplets_list_backup_policies":   {{"GET", "/v2/droplets/backups/policies", "", nil}},
		"droplets_list_snapshots":         {{"GET", "/v2/droplets/1/snapshots", "", nil}},
		"droplets_list_kernels":           {{"GET", "/v2/droplets/1/kernels", "", nil}},
		"droplets_list_firewalls":         {{"GET", "/v2/droplets/1/firewalls", "", nil}},
		"droplets_list_neighbors":         {{"GET", "/v2/droplets/1/neighbors", "", nil}},
		"droplets_list_neighborsIds":      {{"GET", "/v2/reports/droplet_neighbors_ids", "", nil}},
		"dropletActions_list":             {{"GET", "/v2/droplets/1/actions", "", nil}},
		"dropletActions_get":              {{"GET", "/v2/droplets/1/actions/2", "", nil}},
		"images_get":                      {{"GET", "/v2/images/62137902", "", nil}, {"GET", "/v2/images/ubuntu-24-04-x64", "", nil}},
		"images_update":                   {{"PUT", "/v2/images/7", `{"name":"n","distribution":"Ubuntu","description":"d"}`, nil}},
		"images_delete":                   {{"DELETE", "/v2/images/7", "", nil}},
		"imageActions_list":               {{"GET", "/v2/images/7/actions?page=1&per_page=20", "", nil}},
		"imageActions_get":                {{"GET", "/v2/images/7/actions/2", "", nil}},
		"snapshots_get":                   {{"GET", "/v2/snapshots/6372321", "", nil}, {"GET", "/v2/snapshots/fbe805e8-866b-11e6-96bf-000f53315a41", "", nil}},
		"snapshots_delete":                {{"DELETE", "/v2/snapshots/6372321", "", nil}},
		"sizes_list":                      {{"GET", "/v2/sizes?page=1&per_page=200", "", nil}},
		"regions_list":                    {{"GET", "/v2/regions", "", nil}},
		"sshKeys_list":                    {{"GET", "/v2/account/keys", "", nil}},
		"sshKeys_create":                  {{"POST", "/v2/account/keys", `{"name":"n","public_key":"ssh-ed25519 AAAA"}`, nil}},
		"sshKeys_get":                     {{"GET", "/v2/account/keys/512189", "", nil}, {"GET", "/v2/account/keys/3b:16:bf", "", nil}},
		"sshKeys_update":                  {{"PUT", "/v2/account/keys/512189", `{"name":"n"}`, nil}},
		"sshKeys_delete":                  {{"DELETE", "/v2/account/keys/512189", "", nil}},
		"tags_list":                       {{"GET", "/v2/tags", "", nil}},
		"tags_create":                     {{"POST", "/v2/tags", `{"name":"extra:awesome"}`, nil}},
		"tags_get":                        {{"GET", "/v2/tags/awesome", "", nil}},
		"tags_delete":                     {{"DELETE", "/v2/tags/awesome", "", nil}},
		"tags_assign_resources":           {{"POST", "/v2/tags/awesome/resources", `{"resources":[{"resource_id":"1","resource_type":"droplet"}]}`, nil}},
		"tags_unassign_resources":         {{"DELETE", "/v2/tags/awesome/resources", `{"resources":[{"resource_id":"1","resource_type":"volume"}]}`, nil}},
		"autoscalepools_list":             {{"GET", "/v2/droplets/autoscale?name=web&page=1&per_page=20", "", nil}},
		"autoscalepools_get":              {{"GET", pool, "", nil}},
		"autoscalepools_create":           {{"POST", "/v2/droplets/autoscale", newPool, nil}, {"POST", "/v2/droplets/autoscale", staticPool(newPool), nil}},
		"autoscalepools_update":           {{"PUT", pool, newPool, nil}},
		"autoscalepools_delete":           {{"DELETE", pool, "", nil}},
		"autoscalepools_list_members":     {{"GET", pool + "/members", "", nil}},
		"autoscalepools_list_history":     {{"GET", pool + "/history", "", nil}},
		"autoscalepools_delete_dangerous": {{"DELETE", pool + "/dangerous", "", []string{"X-Dangerous", "true"}}},
		"images_list": {{"GET", "/v2/images", "", nil}, {"GET", "/v2/images?type=application", "", nil}, {"GET", "/v2/images?type=distribution", "", nil},
			{"GET", "/v2/images?private=true", "", nil}, {"GET", "/v2/images?tag_name=prod", "", nil}},
		"images_create_custom": {{"POST", "/v2/images", `{"name":"n","url":"https://example.com/a.img","region":"nyc3","distribution":"Ubuntu","tags":["a"]}`, nil}},
		"imageActions_post": {{"POST", "/v2/images/7/actions", `{"type":"convert"}`, nil},
			{"POST", "/v2/images/7/actions", `{"type":"transfer","region":"nyc3"}`, nil}},
		"snapshots_list": {{"GET", "/v2/snapshots", "", nil}, {"GET", "/v2/snapshots?resource_type=droplet", "", nil},
			{"GET", "/v2/snapshots?resource_type=volume", "", nil}},
		"droplets_list_supported_backup_policies":           {{"GET", "/v2/droplets/backups/supported_policies", "", nil}},
		"droplets_list_associatedResources":                 {{"GET", destroy, "", nil}},
		"droplets_get_DestroyAssociatedResourcesStatus":     {{"GET", destroy + "/status", "", nil}},
		"droplets_destroy_retryWithAssociatedResources":     {{"POST", destroy + "/retry", "", nil}},
		"droplets_destroy_withAssociatedResourcesDangerous": {{"DELETE", destroy + "/dangerous", "", []string{"X-Dangerous", "true"}}},
		"droplets_destroy_withAssociatedResourcesSelective": {{"DELETE", destroy + "/selective", `{"snapshots":["61486916"]}`, nil},
			{"DELETE", destroy + "/selective", "", nil}},
		"droplets_create": {
			{"POST", "/v2/droplets", `{"name":"example.com","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","ssh_keys":[1,"3b:16"],"tags":null}`, nil},
			{"POST", "/v2/droplets", `{"names":["a.example.com","b.example.com"],"size":"s-1vcpu-1gb","image":7555620}`, nil},
			{"POST", "/v2/droplets", `{"name":"a","size":"s","image":"i","backups":true,"backup_policy":{"plan":"weekly","weekday":"SUN","hour":20}}`, nil}},
		"dropletActions_post_byTag": {{"POST", "/v2/droplets/actions?tag_name=web", `{"type":"snapshot","name":"n"}`, nil}},
		"dropletActions_post":       dropletActions(),
	}
}

func staticPool(body string) string {
	before, rest, _ := strings.Cut(body, `"config":{`)
	_, after, _ := strings.Cut(rest, "}")
	return before + `"config":{"target_number_instances":3}` + after
}

// dropletActions returns a request for each action.
func dropletActions() []request {
	var out []request
	for _, body := range []string{`{"type":"reboot"}`, `{"type":"power_cycle"}`, `{"type":"shutdown"}`, `{"type":"power_off"}`, `{"type":"power_on"}`,
		`{"type":"password_reset"}`, `{"type":"enable_ipv6"}`, `{"type":"disable_backups"}`, `{"type":"enable_backups"}`,
		`{"type":"change_backup_policy","backup_policy":{"plan":"daily","hour":0}}`, `{"type":"restore","image":7}`,
		`{"type":"resize","size":"s-2vcpu-2gb","disk":false}`, `{"type":"rebuild","image":"ubuntu-24-04-x64"}`, `{"type":"rebuild","image":7}`,
		`{"type":"rename","name":"n"}`, `{"type":"change_kernel","kernel":7}`, `{"type":"snapshot","name":"n"}`} {
		out = append(out, request{"POST", "/v2/droplets/1/actions", body, nil})
	}
	return out
}

// TestMockAcceptsCorrectRequests checks that the mock accepts correct requests of every operation, and that its responses conform to
// the document.
func TestMockAcceptsCorrectRequests(t *testing.T) {
	t.Parallel()
	d, mock := load(t), newMock(t)
	cases := correctRequests()
	for _, op := range d.Operations {
		require.NotEmpty(t, cases[op.ID], "there is no request for %s", op.ID)
		for _, req := range cases[op.ID] {
			resp, e := mock.send(t, req)
			require.Equal(t, op.ID, e.OperationID, req)
			assert.Empty(t, e.Violations, req)
			assert.Empty(t, e.Lints, req)
			assert.Equal(t, op.SuccessStatus(), resp.Code, req)
			exchange, err := check.Sample(t.Context(), d, op, nil)
			require.NoError(t, err)
			assert.Empty(t, exchange.Response(t.Context(), resp.Code, resp.Header(), resp.Body.Bytes()), req)
		}
	}
	assert.Len(t, cases, len(d.Operations))
}

// TestMockSelectsTheExample checks that the example in the response fits the request.
func TestMockSelectsTheExample(t *testing.T) {
	t.Parallel()
	mock := newMock(t)
	for _, c := range []struct {
		req  request
		want string
	}{
		{request{"GET", "/v2/droplets?type=gpus", "", nil}, "gpu_info"},
		{request{"POST", "/v2/droplets", `{"name":"a","size":"s","image":"i"}`, nil}, `"droplet":{`},
		{request{"POST", "/v2/droplets", `{"names":["a","b"],"size":"s","image":"i"}`, nil}, `"droplets":[{`},
		{request{"GET", "/v2/droplets", "", nil}, `"meta":{"total":3}`},
		{request{"GET", "/v2/droplets?tag_name=env:prod", "", nil}, `"meta":{"total":2}`},
		{request{"GET", "/v2/images?type=application", "", nil}, "An APP image"},
		{request{"GET", "/v2/images?tag_name=simple-image", "", nil}, "A simple tagged image"},
		{request{"GET", "/v2/images?private=true", "", nil}, `"meta":{"total":2}`},
		{request{"GET", "/v2/images?type=distribution", "", nil}, `"meta":{"total":1}`},
		{request{"GET", "/v2/snapshots", "", nil}, `"meta":{"total":2}`},
		{request{"GET", "/v2/snapshots?resource_type=droplet", "", nil}, `"meta":{"total":1}`},
		{request{"GET", "/v2/snapshots?resource_type=volume", "", nil}, "pvc-01-"},
		{request{"GET", "/v2/droplets/1", "", nil}, `"id":3164444`},
		{request{"POST", "/v2/images/7/actions", `{"type":"convert"}`, nil}, `"action":{`},
	} {
		resp, _ := mock.send(t, c.req)
		assert.Contains(t, resp.Body.String(), c.want, c.req)
		assert.True(t, json.Valid(resp.Body.Bytes()))
		assert.Equal(t, "5000", resp.Header().Get("Ratelimit-Limit"))
	}
	resp, _ := mock.send(t, request{"DELETE", "/v2/droplets/1", "", nil})
	assert.Empty(t, resp.Body.String())
}
