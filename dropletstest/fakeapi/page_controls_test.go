package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

var fromScript = map[string]string{fragmentHeader: "notice"}

// press sends the form of a control as the script of the page does. The form has the syntax of a query.
func press(t *testing.T, page http.Handler, form string) webResponse {
	t.Helper()
	return post(t, page, form, fromScript)
}

// post sends the form of a control with more headers.
func post(t *testing.T, page http.Handler, form string, header map[string]string) webResponse {
	t.Helper()
	all := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	maps.Copy(all, header)
	return request(t, page, http.MethodPost, "/_fake/ui/do", all, strings.NewReader(form))
}

// requireOK checks that a control succeeded, and returns the text of the notice.
func requireOK(t *testing.T, resp webResponse) string {
	t.Helper()
	require.Equal(t, http.StatusOK, resp.StatusCode, resp.body)
	require.Contains(t, resp.body, `class="notice ok"`)
	return plainText(resp.body)
}

func TestControls(t *testing.T) {
	s := newTestServer(t, nil, "sesame")
	page := newPage(s, s)
	assert.Equal(t, `3 Droplets were added. POST /_fake/seed {"count":3} → 200 ✕`, requireOK(t, press(t, page, "do=seed")))
	assert.Len(t, s.api().Droplets(), 3)

	before := s.api().Clock().Now()
	requireOK(t, press(t, page, "do=advance-10s"))
	requireOK(t, press(t, page, "do=advance-1m"))
	assert.InDelta(t, 70, s.api().Clock().Now().Sub(before).Seconds(), 5)
	assert.Contains(t, plainText(get(t, page, "/").body), "real time + 1 min 10 s")

	requireOK(t, press(t, page, "do=fail-next-action"))
	assert.Len(t, s.api().Overview(dropletstest.OverviewOptions{}).ActionFailures, 1)

	for _, preset := range faultPresets {
		requireOK(t, press(t, page, "do=fault&fault="+preset.Name))
	}
	faults := s.api().Faults()
	require.Len(t, faults, len(faultPresets))
	text := plainText(get(t, page, "/").body)
	assert.Contains(t, text, "Planned failures Next droplets_create: 503 Service Unavailable Next droplets_create: "+
		"connection breaks before the response, after the request was processed Next request: 429 Too Many Requests, Retry-After 5 "+
		"Next request: 500 Internal Server Error Next request: 5 s delay Next action fails Droplets")
	requireOK(t, press(t, page, "do=clear-faults"))
	assert.Empty(t, s.api().Faults())
	assert.Empty(t, s.api().Overview(dropletstest.OverviewOptions{}).ActionFailures)

	requireOK(t, press(t, page, "do=reset&confirm=yes"))
	assert.Empty(t, s.api().Droplets())
	assert.Empty(t, s.api().Overview(dropletstest.OverviewOptions{}).ActionFailures)
}

func TestEveryControlHasARequest(t *testing.T) {
	for name, c := range controls {
		assert.Equal(t, name, c.Name)
		assert.NotEmpty(t, c.Label)
		assert.NotEmpty(t, c.Done)
		req, err := c.request(url.Values{"droplet": {"1"}, "fault": {faultPresets[0].Name}})
		require.NoError(t, err)
		assert.NotEmpty(t, req.Path)
	}
}

func TestDropletControls(t *testing.T) {
	s := newTestServer(t, nil, "sesame")
	page := newPage(s, s)
	s.api().Seed(1)
	id := s.api().Droplets()[0].ID
	status := func() droplets.DropletStatus { return s.api().Droplets()[0].Status }
	pressOn := func(control string) webResponse { return press(t, page, fmt.Sprintf("do=%s&droplet=%d", control, id)) }

	requireOK(t, pressOn("shutdown"))
	assert.Equal(t, droplets.DropletStatusOff, status())
	assert.Regexp(t, `value="power_on".*value="delete"`, get(t, page, "/").body)
	resp := pressOn("reboot")
	assert.Contains(t, resp.body, `class="notice failed"`)
	assert.Contains(t, plainText(resp.body), fmt.Sprintf("Reboot: Droplet is currently off. Please power it on to run this event. "+
		"POST /v2/droplets/%d/actions", id))
	assert.Contains(t, plainText(resp.body), "→ 422")
	requireOK(t, pressOn("power_on"))
	assert.Equal(t, droplets.DropletStatusActive, status())
	requireOK(t, pressOn("reboot"))
	requireOK(t, pressOn("power_off"))
	assert.Equal(t, droplets.DropletStatusOff, status())

	requireOK(t, pressOn("delete&confirm=yes"))
	assert.Empty(t, s.api().Droplets())
	ledger := s.api().Ledger()
	require.Len(t, ledger, 1)
	assert.Equal(t, "droplets_destroy", ledger[0].Operation)
	requests := s.api().Requests()
	assert.Len(t, requests, 6, "the controls of a Droplet send requests to the API")
	assert.Equal(t, "fakeapi-page", requests[0].Header.Get("User-Agent"))
	assert.Contains(t, plainText(pressOn("delete&confirm=yes").body), "Delete: The resource you were accessing could not be found.")
}

// TestFaultsApplyToControls checks that planned faults apply to the requests of controls.
func TestFaultsApplyToControls(t *testing.T) {
	s := newTestServer(t, nil, "")
	page := newPage(s, s)
	s.api().Seed(1)
	form := fmt.Sprintf("do=reboot&droplet=%d", s.api().Droplets()[0].ID)
	s.api().Respond(1, dropletstest.Match{}, dropletstest.Fault{Break: dropletstest.BreakAnswer})
	assert.Contains(t, plainText(press(t, page, form).body), "Reboot: the connection broke, as planned by a fault.")
	s.api().Respond(1, dropletstest.Match{}, dropletstest.Fault{Status: 502, Body: "<html>bad gateway</html>"})
	resp := press(t, page, form)
	assert.Contains(t, plainText(resp.body), "Reboot: Bad Gateway POST")
	assert.NotContains(t, resp.body, "<html>")
	requireOK(t, press(t, page, form))
}

// TestControlsWithoutScripts checks that a control redirects to a page with its result, and that the last 16 results are kept.
func TestControlsWithoutScripts(t *testing.T) {
	s := newTestServer(t, nil, "")
	page := newPage(s, s)
	var last string
	for range keptNotices + 1 {
		resp := post(t, page, "do=seed", nil)
		require.Equal(t, http.StatusSeeOther, resp.StatusCode)
		last = resp.Header.Get("Location")
	}
	assert.Equal(t, "/?notice="+strconv.Itoa(keptNotices+1), last)
	assert.Contains(t, get(t, page, last).body, "3 Droplets were added.")
	for _, id := range []string{"1", "0", "-1", "999", "x", ""} {
		assert.NotContains(t, get(t, page, "/?notice="+id).body, "were added", "%q is not kept", id)
	}
	assert.Contains(t, get(t, page, "/?notice=2").body, "were added")
}

// TestDangerousControlsNeedAConfirmation checks that, without scripts, dangerous controls respond with a form, and that sending this form
// has the effect.
func TestDangerousControlsNeedAConfirmation(t *testing.T) {
	for _, form := range []string{"do=reset", "do=delete&droplet=500000001"} {
		s := newTestServer(t, nil, "")
		page := newPage(s, s)
		s.api().Seed(1)
		resp := post(t, page, form, nil)
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		assert.Len(t, s.api().Droplets(), 1, "nothing has happened yet")
		confirmed := url.Values{}
		for _, field := range regexp.MustCompile(`name="(\w+)" value="([^"]*)"`).FindAllStringSubmatch(resp.body, -1) {
			confirmed.Set(field[1], field[2])
		}
		assert.Equal(t, "yes", confirmed.Get("confirm"))
		assert.Equal(t, http.StatusSeeOther, post(t, page, confirmed.Encode(), nil).StatusCode)
		assert.Empty(t, s.api().Droplets(), form)
	}
}

func TestInvalidForms(t *testing.T) {
	s := newTestServer(t, nil, "")
	page := newPage(s, s)
	for _, form := range []string{"", "do=none", "do=reboot", "do=reboot&droplet=x", "do=reboot&droplet=1/actions", "do=fault&fault=none", "do=%",
		"do=seed&more=" + strings.Repeat("x", maxForm)} {
		resp := press(t, page, form)
		assert.Equal(t, http.StatusBadRequest, resp.StatusCode, form[:min(len(form), 50)])
		assert.Equal(t, "text/plain; charset=utf-8", resp.Header.Get("Content-Type"))
	}
	assert.Empty(t, s.api().Droplets())
	assert.Equal(t, http.StatusMethodNotAllowed, get(t, page, "/_fake/ui/do").StatusCode)
}

// TestPageRejectsOtherOrigins checks requests that browsers send for pages of other origins.
func TestPageRejectsOtherOrigins(t *testing.T) {
	s := newTestServer(t, nil, "")
	page := newPage(s, s)
	for _, header := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
		{"Origin": "http://evil.example"}} {
		resp := post(t, page, "do=seed", header)
		assert.Equal(t, http.StatusForbidden, resp.StatusCode, header)
	}
	for _, target := range []string{"/", "/_fake/ui/fragments", "/_fake/ui/do"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			r := httptest.NewRequestWithContext(t.Context(), method, "http://evil.example:8080"+target, strings.NewReader("do=seed"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			page.ServeHTTP(w, r)
			if method == http.MethodGet || target != "/" { // POST / belongs to the API
				assert.Equal(t, http.StatusForbidden, w.Code, "%s %s", method, target)
			}
		}
	}
	assert.Empty(t, s.api().Droplets())
	own := map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8080"}
	assert.Equal(t, http.StatusSeeOther, post(t, page, "do=seed", own).StatusCode)
}
