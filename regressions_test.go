package droplets_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// TestTheCauseOfAContextIsNotTheOutcomeOfACall hands one call's error to another as the cause of its cancellation, as
// errgroup does.
func TestTheCauseOfAContextIsNotTheOutcomeOfACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hung := func(_ int, r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, context.Cause(r.Context())
		}
		for _, status := range []int{403, 404, 422, 502} {
			_, other := newAPI(t, sequence(respond(status, notFoundBody)), droplets.WithRetryPolicy(droplets.RetryPolicy{}))
			_, cause := other.Droplets.Create(t.Context(), createRequest())
			require.Error(t, cause)
			before := cause.Error()

			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(cause) })
			_, c := newAPI(t, hung)
			_, err := c.Droplets.Get(ctx, 42)
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, cause, "the cause is told")
			for _, kind := range []error{droplets.ErrForbidden, droplets.ErrNotFound, droplets.ErrUnprocessable, droplets.ErrServer, droplets.ErrMaybeApplied} {
				require.NotErrorIs(t, err, kind, "and is not what became of this call")
			}
			assert.Equal(t, before, cause.Error(), "the other call's error is not touched")
			assert.True(t, strings.HasPrefix(err.Error(), "droplets: droplets_get: GET /v2/droplets/42: context canceled: "))
			require.ErrorIs(t, c.Droplets.WaitForDeleted(ctx, 42), context.Canceled, "nothing was seen to be gone")
		}
	})
}

// TestAConnectionThatWasThereIsNotForgotten has a transport that fails to dial after it has sent.
func TestAConnectionThatWasThereIsNotForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
		n.server.Start()
		second := roundTripper(func(r *http.Request) (*http.Response, error) {
			if _, err := n.transport.RoundTrip(r); err != nil {
				return nil, errDial
			}
			return nil, errors.New("unexpected")
		})
		c, err := droplets.NewClient(testToken, droplets.WithBaseURL("http://127.0.0.1:80"), droplets.WithHTTPClient(&http.Client{Transport: second}))
		require.NoError(t, err)
		_, err = c.Droplets.Create(t.Context(), createRequest())
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.EqualValues(t, 1, n.requests.Load())
	})
}

func TestEnsureTellsWhatStaysUncertain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		outage := func(created func() (*http.Response, error)) *droplets.Client {
			posted := false
			_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
				switch {
				case r.Method == http.MethodPost:
					posted = true
					return created()
				case posted:
					return respond(503, "")()
				}
				return respond(200, `{"droplets":[],"meta":{"total":0}}`)()
			})
			return c
		}
		_, _, err := outage(respond(502, "")).Droplets.Ensure(t.Context(), createRequest())
		require.ErrorIs(t, err, droplets.ErrMaybeApplied, "the look failed too, and the create may have been made")
		require.ErrorIs(t, err, droplets.ErrServer)
		_, _, err = outage(respond(502, "")).Droplets.EnsureMultiple(t.Context(), multiCreate("a", "b"))
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)

		posts := 0
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				posts++
				return respond(202, `{"droplet":`)()
			}
			return respond(200, `{"droplets":[],"meta":{"total":0}}`)()
		})
		_, _, err = c.Droplets.Ensure(t.Context(), createRequest())
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Equal(t, 1, posts, "a 202 was taken, readable or not")
	})
}

func TestEnsureAlwaysHasAResult(t *testing.T) {
	t.Parallel()
	answered := func(body string) *droplets.Client {
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				return respond(202, body)()
			}
			return respond(200, `{"droplets":[],"meta":{"total":0}}`)()
		})
		return c
	}
	d, created, err := answered(`{"droplet":{"id":7,"name":"WEB-1"}}`).Droplets.Ensure(t.Context(), createRequest())
	require.NoError(t, err)
	assert.True(t, created)
	assert.Equal(t, int64(7), d.ID)

	all, _, err := answered(`{"droplets":[{"id":7,"name":"a"}]}`).Droplets.EnsureMultiple(t.Context(), multiCreate("a", "b"))
	require.ErrorIs(t, err, droplets.ErrInvalidResponse)
	require.ErrorIs(t, err, droplets.ErrMaybeApplied)
	assert.Len(t, all, 1)
}

func TestUserDataThatComesBackInAnyForm(t *testing.T) {
	t.Parallel()
	const password = "correct horse battery"
	long := strings.Repeat("#", 60<<10) + password
	accented := "contraseña: " + password
	escaped := strings.ReplaceAll(strings.ReplaceAll(accented, "ñ", `\u00f1`), "/", `\/`)
	quoted, err := json.Marshal(long)
	require.NoError(t, err)
	for userData, body := range map[string]string{
		long:     `{"message":"` + strings.Repeat(" ", 10<<10) + string(quoted[1:len(quoted)-1]) + `"}`,
		accented: `{"message":"bad","echo":"` + escaped + `"}`,
	} {
		_, c := newAPI(t, sequence(respond(422, body)))
		req := createRequest()
		req.UserData = userData
		_, err := c.Droplets.Create(t.Context(), req)
		var e *droplets.Error
		require.ErrorAs(t, err, &e)
		for _, text := range []string{string(e.Body), e.Message, err.Error()} {
			assert.NotContains(t, text, password)
		}
		assert.LessOrEqual(t, len(e.Body), 64<<10)
	}
}

func TestNoHeaderMakesTheTransportSendAgain(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(202, createdBody(1))))
	for _, name := range []string{"Idempotency-Key", "x-idempotency-key"} {
		_, err := c.Droplets.Create(t.Context(), createRequest(), droplets.WithHeader(name, "x"))
		requireInvalid(t, err, "header")
		req, err := c.NewRequest(t.Context(), http.MethodPost, "v2/tags", nil)
		require.NoError(t, err)
		req.Header.Set(name, "x")
		_, err = c.Do(req, nil)
		require.NoError(t, err)
		assert.Empty(t, a.last().Header.Get(name))
	}
}

func TestACreateThatErrsWithoutAResource(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			switch {
			case r.Method == http.MethodPost:
				return respond(202, createdBody(42))()
			case strings.HasSuffix(r.URL.Path, "/actions"):
				return respond(200, `{"actions":[{"id":7515,"status":"errored","type":"create","resource_id":null}],"meta":{"total":1}}`)()
			}
			return respond(200, dropletBody(42))()
		})
		_, err := c.Droplets.CreateAndWait(t.Context(), createRequest())
		require.ErrorIs(t, err, droplets.ErrActionFailed)
	})
}

func TestAnActionThatCanNotBeReadIsItsOwnDropletsFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.Respond(-1, dropletstest.Match{Operation: "actions_list"}, dropletstest.Fault{Status: 403})
		c := api.Client()
		api.Respond(-1, dropletstest.Match{Operation: "dropletActions_get", Func: func(r *http.Request) bool {
			return strings.Contains(r.URL.Path, "/500000003/")
		}}, dropletstest.Fault{Status: 403})
		ds, err := c.Droplets.CreateMultipleAndWait(t.Context(), multiCreate("a", "b", "c"))
		var step *droplets.StepError
		require.ErrorAs(t, err, &step)
		assert.Equal(t, int64(500000003), step.Droplet.ID)
		require.ErrorIs(t, err, droplets.ErrForbidden)
		assert.True(t, droplets.IsActive(&ds[0]) && droplets.IsActive(&ds[1]), "the others are waited for")
	})
}

func TestASnapshotThatCanNotBeToldFromAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/snapshots"):
				return respond(200, `{"snapshots":[{"id":1,"name":"x"},{"id":2,"name":"x"}],"meta":{"total":2}}`)()
			case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/actions"):
				return respond(200, `{"actions":[],"meta":{"total":0}}`)()
			case r.Method == http.MethodPost:
				return respond(201, actionBody(7, "in-progress"))()
			case strings.Contains(r.URL.Path, "/actions/"):
				return respond(200, actionBody(7, "completed"))()
			}
			return respond(200, dropletBody(42))()
		})
		start := time.Now()
		image, err := c.Droplets.SnapshotAndWait(t.Context(), 42, droplets.SnapshotRequest{Name: "x"})
		require.ErrorContains(t, err, "cannot be distinguished from others")
		assert.Nil(t, image, "no guess")
		assert.Less(t, time.Since(start), 2*time.Minute)
	})
}

func TestUserDataHasToBeText(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(202, createdBody(1))))
	req := createRequest()
	req.UserData = "\x1f\x8b\xff"
	_, err := c.Droplets.Create(t.Context(), req)
	requireInvalid(t, err, "UserData")
	req = createRequest()
	req.Backups, req.BackupPolicy = true, &droplets.BackupPolicy{RetentionPeriodDays: 7}
	_, err = c.Droplets.Create(t.Context(), req)
	requireInvalid(t, err, "BackupPolicy")
	assert.Zero(t, a.count())
	req = createRequest()
	req.UserData = "password"
	assert.NotContains(t, fmt.Sprintf("%d %x %t", req, req, &req), "password")
}

func TestARedirectToNowhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(302, "", "Location: http://[::1")))
		_, err := c.Droplets.Create(t.Context(), createRequest())
		require.Error(t, err)
		require.NotErrorIs(t, err, droplets.ErrMaybeApplied, "it was answered, with a redirect")
		assert.Equal(t, 1, a.count())
	})
}

func TestLinksThatAreNoObject(t *testing.T) {
	t.Parallel()
	for _, links := range []string{`[]`, `{"pages":[]}`, `"x"`, `{"pages":7}`} {
		_, c := newAPI(t, sequence(respond(200, `{"droplets":[{"id":1}],"meta":{"total":1},"links":`+links+`}`)))
		p, err := c.Droplets.List(t.Context(), nil)
		require.NoError(t, err, links)
		assert.Len(t, p.Items, 1)
	}
}

func TestErrorsThatUsersBuildDoNotPanic(t *testing.T) {
	t.Parallel()
	for _, err := range []error{&droplets.Error{}, &droplets.ActionError{}, &droplets.StepError{Step: "resize"}, &droplets.DestroyError{}, &droplets.ArgumentError{}, &droplets.AmbiguousNameError{}} {
		assert.True(t, strings.HasPrefix(err.Error(), "droplets: "), "%T: %s", err, err)
	}
	assert.Empty(t, (&droplets.DropletCreateResult{}).PendingActions())
}

// keeper holds on to what it is given, which the contract of json.Unmarshaler forbids and callers do all the same.
type keeper []byte

func (k *keeper) UnmarshalJSON(b []byte) error {
	*k = b
	return nil
}

func TestWhatACallersDecoderKeepsIsNotOverwritten(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, func(n int, _ *http.Request) (*http.Response, error) {
		return respond(200, fmt.Sprintf(`{"number":%d}`, 100+n))()
	})
	kept := make([]keeper, 20)
	for i := range kept {
		req, err := c.NewRequest(t.Context(), http.MethodGet, "v2/account", nil)
		require.NoError(t, err)
		_, err = c.Do(req, &kept[i])
		require.NoError(t, err)
	}
	for i := range kept {
		assert.Equal(t, fmt.Sprintf(`{"number":%d}`, 101+i), string(kept[i]))
	}
}
