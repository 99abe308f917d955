package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const (
	create    = "/v2/droplets"
	actions   = "/v2/droplets/1/actions"
	dangerous = destroy + "/dangerous"
)

// wrongRequest is a request that departs from the document.
type wrongRequest struct {
	name string
	request
	status int
	rule   string // of the first violation, as in rules
}

func wrongRequests() []wrongRequest {
	return []wrongRequest{
		{"per_page", request{"GET", "/v2/droplets?per_page=500", "", nil}, 400, "query maximum"},
		{"page 0", request{"GET", "/v2/droplets?page=0", "", nil}, 400, "query minimum"},
		{"page text", request{"GET", "/v2/droplets?page=x", "", nil}, 400, "query decode"},
		{"type", request{"GET", "/v2/droplets?type=gpu", "", nil}, 400, "query enum"},
		{"image type", request{"GET", "/v2/images?type=snapshot", "", nil}, 400, "query enum"},
		{"query encoding", request{"GET", "/v2/droplets?name=%zz", "", nil}, 400, "query encoding"},
		{"id text", request{"GET", "/v2/droplets/abc", "", nil}, 400, "path decode"},
		{"id zero", request{"GET", "/v2/droplets/0", "", nil}, 400, "path minimum"},
		{"image id text", request{"DELETE", "/v2/images/ubuntu", "", nil}, 400, "path decode"},
		{"tag characters", request{"GET", "/v2/tags/a%20b", "", nil}, 400, "path pattern"},
		{"tag missing", request{"DELETE", "/v2/droplets", "", nil}, 400, "query decode"},
		{"X-Dangerous missing", request{"DELETE", dangerous, "", nil}, 400, "header decode"},
		{"X-Dangerous missing for a pool", request{"DELETE", pool + "/dangerous", "", nil}, 400, "header decode"},
		{"no name", request{"POST", create, `{"size":"s","image":"i"}`, nil}, 400, "body oneOf"},
		{"name and names", request{"POST", create, `{"name":"a","names":["a"],"size":"s","image":"i"}`, nil}, 400, "body oneOf"},
		{"name characters", request{"POST", create, `{"name":"under_score","size":"s","image":"i"}`, nil}, 400, "body oneOf"},
		{"types", request{"POST", create, `{"name":"a","size":5,"image":true}`, nil}, 400, "body oneOf"},
		{"read-only", request{"POST", create, `{"name":"a","size":"s","image":"i","backups":true,"backup_policy":{"plan":"daily","retention_period_days":7}}`, nil}, 400, "body oneOf"},
		{"no body", request{"POST", create, "", nil}, 400, "body decode"},
		{"no body of an image action", request{"POST", "/v2/images/7/actions", "", nil}, 400, "body decode"},
		{"not JSON", request{"POST", create, `{"name":`, nil}, 400, "body decode"},
		{"trailing data", request{"POST", actions, `{"type":"reboot"} x`, nil}, 400, "body json"},
		{"content type", request{"POST", actions, `{"type":"reboot"}`, []string{"Content-Type", "text/plain"}}, 400, "body decode"},
		{"unknown action", request{"POST", actions, `{"type":"explode"}`, nil}, 400, "body discriminator"},
		{"action attribute", request{"POST", actions, `{"type":"resize","size":5}`, nil}, 400, "body oneOf"},
		{"restore slug", request{"POST", actions, `{"type":"restore","image":"ubuntu"}`, nil}, 400, "body oneOf"},
		{"policy hour", request{"POST", actions, `{"type":"enable_backups","backup_policy":{"plan":"daily","hour":3}}`, nil}, 400, "body oneOf"},
		{"policy missing", request{"POST", actions, `{"type":"change_backup_policy"}`, nil}, 400, "body oneOf"},
		{"action not by tag", request{"POST", "/v2/droplets/actions?tag_name=web", `{"type":"reboot"}`, nil}, 400, "body discriminator"},
		{"transfer without region", request{"POST", "/v2/images/7/actions", `{"type":"transfer"}`, nil}, 400, "body oneOf"},
		{"pool without template", request{"POST", "/v2/droplets/autoscale", `{"name":"n","config":{"target_number_instances":1}}`, nil}, 400, "body required"},
		{"pool without instances", request{"PUT", pool, strings.Replace(staticPool(newPool), `instances":3`, `instances":0`, 1), nil}, 400, "body oneOf"},
		{"image without region", request{"POST", "/v2/images", `{"name":"n","url":"https://example.com/a.img"}`, nil}, 400, "body required"},
		{"key without name", request{"POST", "/v2/account/keys", `{"public_key":"ssh-ed25519 AAAA"}`, nil}, 400, "body required"},
		{"tag name", request{"POST", "/v2/tags", `{"name":"a b"}`, nil}, 400, "body pattern"},
		{"resource type", request{"POST", "/v2/tags/a/resources", `{"resources":[{"resource_id":"1","resource_type":"key"}]}`, nil}, 400, "body enum"},
		{"resource id", request{"POST", "/v2/tags/a/resources", `{"resources":[{"resource_id":1,"resource_type":"droplet"}]}`, nil}, 400, "body type"},
		{"no token", request{"GET", "/v2/droplets", "", []string{"Authorization", ""}}, 401, "auth bearer"},
		{"basic authentication", request{"GET", "/v2/droplets", "", []string{"Authorization", "Basic eDp5"}}, 401, "auth bearer"},
		{"empty token", request{"GET", "/v2/droplets", "", []string{"Authorization", "Bearer "}}, 401, "auth bearer"},
		{"path", request{"GET", "/v2/dropletz", "", nil}, 404, "route path"},
		{"trailing slash", request{"GET", "/v2/droplets/", "", nil}, 404, "route path"},
		{"method", request{"PATCH", "/v2/droplets/1", "", nil}, 405, "route method"},
	}
}

// TestMockRejectsWrongRequests checks that the mock finds each violation, and that its response is an error of the API.
func TestMockRejectsWrongRequests(t *testing.T) {
	t.Parallel()
	mock := newMock(t)
	for _, c := range wrongRequests() {
		t.Run(c.name, func(t *testing.T) {
			resp, e := mock.send(t, c.request)
			assert.Equal(t, c.status, resp.Code)
			assert.Equal(t, c.status, e.Status)
			if found := rules(e.Violations); assert.NotEmpty(t, found) {
				assert.Equal(t, c.rule, found[0], e.Violations)
			}
			var body struct{ ID, Message string }
			assert.NoError(t, json.Unmarshal(resp.Body.Bytes(), &body))
			assert.NotEmpty(t, body.ID)
			assert.Contains(t, body.Message, "request ")
		})
	}
}

// TestLintsAreNotViolations sends requests that the mock accepts and that have one lint each.
func TestLintsAreNotViolations(t *testing.T) {
	t.Parallel()
	mock := newMock(t)
	many := `["a","a","a","a","a","a","a","a","a","a","a"]`
	for _, c := range []struct {
		request
		rule string
	}{
		{request{"GET", "/v2/droplets?perpage=1", "", nil}, "query unknown-parameter"},
		{request{"GET", "/v2/droplets?page=1&page=2", "", nil}, "query repeated-parameter"},
		{request{"GET", "/v2/droplets?name=", "", nil}, "query empty-parameter"},
		{request{"GET", "/v2/droplets?tag_name=a&name=b", "", nil}, "query exclusive-parameters"},
		{request{"POST", create, `{"name":"a","size":"s","image":"i","sshkeys":[1]}`, nil}, "body unknown-property"},
		{request{"POST", create, `{"name":"a","size":"s","image":"i","private_networking":true}`, nil}, "body deprecated-property"},
		{request{"DELETE", destroy + "/selective", `{"floating_ips":["6186916"]}`, nil}, "body deprecated-property"},
		{request{"POST", create, `{"names":` + many + `,"size":"s","image":"i"}`, nil}, "body names-count"},
		{request{"POST", create, `{"name":"a","size":"s","image":"i","user_data":"` + strings.Repeat("x", 70<<10) + `"}`, nil}, "body user-data-size"},
		{request{"POST", create, `{"name":"a","size":"s","image":"i","ipv6":true,"public_networking":false}`, nil}, "body ipv6-without-public"},
		{request{"POST", create, `{"name":"a","size":"s","image":"i","backup_policy":{"plan":"daily"}}`, nil}, "body policy-without-backups"},
		{request{"POST", actions, `{"type":"rename","name":"a","size":"x"}`, nil}, "body unknown-property"},
		{request{"POST", actions, `{"type":"resize","disk":true}`, nil}, "body action-attribute"},
		{request{"POST", actions, `{"type":"reboot","type":"reboot"}`, nil}, "body duplicate-key"},
		{request{"POST", "/v2/droplets/actions", `{"type":"power_on"}`, nil}, "query missing-tag"},
		{request{"POST", "/v2/droplets/autoscale", `{"vpc":"x",` + newPool[1:], nil}, "body unknown-property"},
		{request{"PUT", "/v2/account/keys/1", `{"name":"n","public_key":"k"}`, nil}, "body unknown-property"},
		{request{"GET", "/v2/sizes?tag_name=x", "", nil}, "query unknown-parameter"},
		{request{"GET", "/v2/droplets", `{}`, nil}, "body unexpected-body"},
		{request{"GET", "/v2/droplets", "", []string{"User-Agent", "Go-http-client/1.1"}}, "header default-user-agent"},
		{request{"DELETE", dangerous, "", []string{"X-Dangerous", "1"}}, "header dangerous-not-true"},
	} {
		resp, e := mock.send(t, c.request)
		assert.Less(t, resp.Code, 300, c.request)
		assert.Empty(t, e.Violations, c.request)
		assert.Equal(t, []string{c.rule}, rules(e.Lints), c.request)
	}
}
