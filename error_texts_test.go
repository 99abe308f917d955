package droplets_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// hostileText is a text of a server with line breaks and an escape sequence of a terminal, longer than an error repeats.
var hostileText = "active\r\n\x1b[31mERROR all is lost\u0085\u2028" + strings.Repeat("x", 2000)

// assertOneLine checks that the text of an error is one line without control characters, and has no long text of a server.
func assertOneLine(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	text := err.Error()
	notOnOneLine := func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) && r != ' ' }
	assert.False(t, strings.ContainsFunc(text, notOnOneLine), "%q", text)
	assert.NotContains(t, text, strings.Repeat("x", 501))
	assert.Contains(t, text, "ERROR all is lost")
}

// TestStatusInAStepErrorIsOneLine: power_off has completed, and the API never shows the Droplet off.
func TestStatusInAStepErrorIsOneLine(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		status, err := json.Marshal(hostileText)
		require.NoError(t, err)
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			switch {
			case r.Method == http.MethodPost:
				return respond(201, actionBody(7, "in-progress"))()
			case strings.Contains(r.URL.Path, "/actions/"):
				return respond(200, actionBody(7, "completed"))()
			}
			return respond(200, fmt.Sprintf(`{"droplet":{"id":42,"name":"web-1","status":%s}}`, status))()
		})
		_, err = c.Droplets.ShutdownGracefully(t.Context(), 42, time.Minute)
		step, ok := err.(*droplets.StepError) //nolint:errorlint // the text of its reason is checked by itself
		require.True(t, ok)
		assert.Contains(t, step.Err.Error(), "action 7 has completed")
		assertOneLine(t, step.Err)
		assertOneLine(t, err)
	})
}

func TestTextsOfAServerInErrorsAreOneLine(t *testing.T) {
	t.Parallel()
	failed := droplets.DestroyedResource{ID: hostileText, Name: hostileText, ErrorMessage: hostileText}
	assertOneLine(t, &droplets.DestroyError{Status: &droplets.DestroyStatus{Droplet: &failed}})
	assertOneLine(t, &droplets.DestroyError{Status: &droplets.DestroyStatus{Resources: &droplets.DestroyedResources{Volumes: []droplets.DestroyedResource{failed}}}})
	_, err := (&droplets.AssociatedResources{Volumes: []droplets.AssociatedResource{{ID: hostileText, Cost: hostileText}}}).MonthlyCost()
	assertOneLine(t, err)
	d := &droplets.Droplet{ID: 42, Name: hostileText, Status: droplets.DropletStatus(hostileText)}
	a := &droplets.Action{ID: 7, Type: droplets.ActionType(hostileText), Status: droplets.ActionStatus(hostileText), ResourceType: hostileText}
	assertOneLine(t, &droplets.ActionError{Action: a})
	assertOneLine(t, &droplets.StepError{Step: "resize", Droplet: d, Action: a, Err: &droplets.ActionError{Action: a}})
	assertOneLine(t, &droplets.Error{StatusCode: 422, ID: hostileText, Message: hostileText, RequestID: hostileText})
}

// TestTextsOfJoinedErrors joins the failures of several actions: the text has as many as fit into about 2,000 bytes.
func TestTextsOfJoinedErrors(t *testing.T) {
	t.Parallel()
	failed := func(count int) error {
		_, c := newAPI(t, sequence(respond(500, "")))
		actions := make([]droplets.Action, count)
		for i := range actions {
			actions[i] = droplets.Action{ID: int64(i + 1), Status: droplets.ActionStatusErrored, Type: droplets.ActionTypeReboot, ResourceID: 7, ResourceType: "droplet"}
		}
		_, err := c.DropletActions.WaitForActions(t.Context(), actions...)
		return err
	}
	one := strings.TrimPrefix(failed(1).Error(), "droplets: ")
	require.NotEmpty(t, one)
	assert.Equal(t, "droplets: "+one+"; "+strings.Replace(one, "1", "2", 1), failed(2).Error())
	text := failed(1000).Error()
	assert.Less(t, len(text), 2200)
	named := strings.Count(text, "reboot")
	assert.Greater(t, named, 10)
	assert.True(t, strings.HasSuffix(text, fmt.Sprintf("; and %d more", 1000-named)), text)
	assert.EqualError(t, &droplets.StepError{Step: "resize"}, "droplets: resize failed")
}

// TestResponseIsPrintedInOneLine: no verb prints the header or the body.
func TestResponseIsPrintedInOneLine(t *testing.T) {
	t.Parallel()
	r := droplets.Response{StatusCode: 200, RequestID: "r", Attempts: 2, Body: []byte("abc"), Header: http.Header{"X-Mine": {"v"}}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
		assert.Equal(t, `status 200, request "r", 2 attempts, 3 bytes`, fmt.Sprintf(verb, r), verb)
	}
}

// TestRequestsArePrintedAsTheirText: every verb prints what String returns.
func TestRequestsArePrintedAsTheirText(t *testing.T) {
	t.Parallel()
	for _, v := range []fmt.Stringer{createRequest(), droplets.DropletMultiCreateRequest{Names: []string{"a"}}, customImage(), poolRequest(),
		poolRequest().DropletTemplate, droplets.AutoscalePool{Name: "p"}, droplets.Response{}} {
		require.NotEmpty(t, v.String())
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
			assert.Equal(t, v.String(), fmt.Sprintf(verb, v), "%T %s", v, verb)
		}
	}
}

// TestLongMessagesAreCut: the text of an error has up to 500 bytes of a message.
func TestLongMessagesAreCut(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		strings.Repeat("x", 500):       strings.Repeat("x", 500),
		strings.Repeat("x", 501):       strings.Repeat("x", 500) + "…",
		strings.Repeat("x", 499) + "é": strings.Repeat("x", 499) + "…",
	} {
		_, c := newAPI(t, sequence(respond(422, `{"id":"x","message":"`+message+`"}`)))
		require.EqualError(t, second(c.Droplets.Get(t.Context(), 42)), "droplets: droplets_get: GET /v2/droplets/42: 422 Unprocessable Entity (x): "+want)
	}
}

// TestEachFailureIsReportedOnce: an action that is waited for twice has one failure.
func TestEachFailureIsReportedOnce(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(500, "")))
	failed := func(id int64) droplets.Action {
		return droplets.Action{ID: id, Status: droplets.ActionStatusErrored, Type: droplets.ActionTypeReboot, ResourceID: 7, ResourceType: "droplet"}
	}
	_, err := c.DropletActions.WaitForActions(t.Context(), failed(91), failed(91), failed(92))
	require.ErrorIs(t, err, droplets.ErrActionFailed)
	assert.Equal(t, 1, strings.Count(err.Error(), "91"), "%v", err)
	assert.Equal(t, 1, strings.Count(err.Error(), "92"), "%v", err)
}
