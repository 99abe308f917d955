package droplets_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

var (
	errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	errDial  = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
)

// TestRetryTable tests every cell of the retry table: the first attempt fails, the second succeeds.
func TestRetryTable(t *testing.T) {
	t.Parallel()
	serverError := `{"id":"server_error","message":"Unexpected server-side error"}`
	failures := map[string]func() (*http.Response, error){
		"429":     respond(429, `{"id":"too_many_requests","message":"API rate limit exceeded."}`, "Retry-After: 7"),
		"500":     respond(500, serverError),
		"502":     respond(502, "<html>bad gateway</html>", "Content-Type: text/html"),
		"503":     respond(503, serverError),
		"504":     respond(504, ""),
		"reset":   failWith(errReset),
		"eof":     failWith(io.EOF),
		"timeout": failWith(context.DeadlineExceeded),
		"dial":    failWith(errDial),
		"400":     respond(400, `{"id":"bad_request","message":"no"}`),
		"404":     respond(404, notFoundBody),
		"422":     respond(422, `{"id":"unprocessable_entity","message":"no"}`),
		"301":     respond(301, "", "Location: https://elsewhere.example.com/"),
		"501":     respond(501, serverError),
		"garbage": respond(200, "<html>"),
	}
	calls := map[string]struct {
		success func() (*http.Response, error)
		do      func(context.Context, *droplets.Client) error
	}{
		"GET": {respond(200, dropletBody(42)), func(ctx context.Context, c *droplets.Client) error {
			_, err := c.Droplets.Get(ctx, 42)
			return err
		}},
		"DELETE": {respond(204, ""), func(ctx context.Context, c *droplets.Client) error { return c.Droplets.Delete(ctx, 42) }},
		"POST": {respond(202, createdBody(42)), func(ctx context.Context, c *droplets.Client) error {
			_, err := c.Droplets.Create(ctx, createRequest())
			return err
		}},
	}
	const retried, final, uncertain = "retried", "final", "uncertain"
	table := map[string]map[string]string{
		"429":     {"GET": retried, "DELETE": retried, "POST": retried},
		"500":     {"GET": retried, "DELETE": retried, "POST": uncertain},
		"502":     {"GET": retried, "DELETE": retried, "POST": uncertain},
		"503":     {"GET": retried, "DELETE": retried, "POST": uncertain},
		"504":     {"GET": retried, "DELETE": retried, "POST": uncertain},
		"reset":   {"GET": retried, "DELETE": retried, "POST": uncertain},
		"eof":     {"GET": retried, "DELETE": retried, "POST": uncertain},
		"timeout": {"GET": retried, "DELETE": retried, "POST": uncertain},
		"dial":    {"GET": retried, "DELETE": retried, "POST": retried},
		"400":     {"GET": final, "DELETE": final, "POST": final},
		"404":     {"GET": final, "DELETE": final, "POST": final},
		"422":     {"GET": final, "DELETE": final, "POST": final},
		"301":     {"GET": final, "DELETE": final, "POST": final},
		"501":     {"GET": final, "DELETE": uncertain, "POST": uncertain},
		"garbage": {"GET": final, "DELETE": uncertain, "POST": uncertain},
	}
	for failure, row := range table {
		for method, want := range row {
			t.Run(failure+"/"+method, func(t *testing.T) {
				t.Parallel()
				virtualtime.Test(t, func(t *testing.T) {
					call := calls[method]
					a, c := newAPI(t, sequence(failures[failure], call.success))
					err := call.do(t.Context(), c)
					switch want {
					case retried:
						require.NoError(t, err)
						assert.Equal(t, 2, a.count())
					case final:
						var e *droplets.Error
						require.ErrorAs(t, err, &e)
						if failure == "garbage" {
							require.ErrorIs(t, err, droplets.ErrInvalidResponse)
						} else {
							assert.Equal(t, failure, strconv.Itoa(e.StatusCode))
						}
						require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
						assert.Equal(t, 1, a.count())
					case uncertain:
						require.ErrorIs(t, err, droplets.ErrMaybeApplied)
						assert.Equal(t, 1, a.count())
					}
				})
			})
		}
	}
}

func TestDeleteRetriedAfterSuccess(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(504, ""), respond(404, notFoundBody)))
		require.NoError(t, c.Droplets.Delete(t.Context(), 42))
		assert.Equal(t, 2, a.count())
	})
}

func TestDeleteOfMissingDroplet(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, sequence(respond(429, "{}", "Retry-After: 1"), respond(404, notFoundBody)))
		err := c.Droplets.Delete(t.Context(), 42)
		require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
		require.ErrorIs(t, err, droplets.ErrNotFound, "the 429 has not deleted the Droplet, so that the 404 is an error")
	})
}

func TestDeleteUncertain(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(502, "")))
		err := c.Droplets.Delete(t.Context(), 42)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		require.ErrorIs(t, err, droplets.ErrServer)
		assert.Equal(t, 4, a.count())

		a, c = newAPI(t, sequence(respond(502, ""), respond(403, `{"id":"forbidden","message":"no"}`)))
		err = c.Droplets.Delete(t.Context(), 42)
		require.ErrorIs(t, err, droplets.ErrForbidden)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied, "the first attempt may have deleted the Droplet")
		assert.Equal(t, 2, a.count())
	})
}

func TestRetriesBackOff(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(503, "")))
		start := time.Now()
		_, err := c.Droplets.Get(t.Context(), 42)
		var e *droplets.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, 4, e.Attempts)
		assert.Equal(t, 4, a.count())
		took := time.Since(start)
		assert.GreaterOrEqual(t, took, 1750*time.Millisecond, "at least half of 0.5, 1 and 2 s")
		assert.LessOrEqual(t, took, 3500*time.Millisecond)
	})
}

func TestRetryPolicy(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		opts []droplets.Option
		co   []droplets.CallOption
		want int
	}{
		"default":             {want: 4},
		"zero disables":       {opts: []droplets.Option{droplets.WithRetryPolicy(droplets.RetryPolicy{})}, want: 1},
		"more":                {opts: []droplets.Option{droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: 6})}, want: 7},
		"disabled for a call": {co: []droplets.CallOption{droplets.WithoutRetries()}, want: 1},
		"nil options":         {opts: []droplets.Option{nil}, co: []droplets.CallOption{nil}, want: 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				a, c := newAPI(t, sequence(respond(500, "")), tt.opts...)
				_, err := c.Droplets.Get(t.Context(), 42, tt.co...)
				require.ErrorIs(t, err, droplets.ErrServer)
				assert.Equal(t, tt.want, a.count())
			})
		})
	}
}

func TestRetryPendingEvent(t *testing.T) {
	t.Parallel()
	for name, message := range map[string]string{
		"pending event":   "Droplet already has a pending event.",
		"blocking events": "There are currently blocking events processing for one or more of the droplets",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				pending := respond(422, `{"id":"unprocessable_entity","message":"`+message+`"}`)
				a, c := newAPI(t, sequence(pending, pending, pending, respond(201, actionBody(1, "in-progress"))))
				_, err := c.DropletActions.Reboot(t.Context(), 42)
				require.ErrorIs(t, err, droplets.ErrPendingEvent)
				require.ErrorIs(t, err, droplets.ErrUnprocessable)
				require.Equal(t, 1, a.count())

				_, err = c.DropletActions.Reboot(t.Context(), 42, droplets.RetryPendingEvent(time.Minute))
				require.NoError(t, err)
				assert.Equal(t, 4, a.count())

				start := time.Now()
				a, c = newAPI(t, sequence(pending))
				_, err = c.DropletActions.Reboot(t.Context(), 42, droplets.RetryPendingEvent(time.Minute))
				require.ErrorIs(t, err, droplets.ErrPendingEvent)
				assert.Contains(t, err.Error(), "1m0s")
				assert.LessOrEqual(t, time.Since(start), time.Minute)
				assert.Greater(t, time.Since(start), 45*time.Second)
				assert.Less(t, a.count(), 15)
			})
		})
	}
}

func TestErrorHasTheReasonForNoRetry(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]func() (*http.Response, error){"response": respond(503, ""), "connection error": failWith(errReset)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				_, c := newAPI(t, sequence(failure))
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				_, err := c.Droplets.Get(ctx, 42)
				require.ErrorContains(t, err, "not retried: the delay is ")
				require.ErrorContains(t, err, "the context ends in 100ms")
			})
		})
	}
}

var syscallReset = errReset.Err
