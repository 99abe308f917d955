package droplets_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

var (
	errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	errDial  = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
)

// TestRetryTable is the table of the design, cell by cell: the failure comes first, then the answer that is wanted.
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
	const resent, refused, uncertain = "resent", "refused", "uncertain"
	table := map[string]map[string]string{
		"429":     {"GET": resent, "DELETE": resent, "POST": resent},
		"500":     {"GET": resent, "DELETE": resent, "POST": uncertain},
		"502":     {"GET": resent, "DELETE": resent, "POST": uncertain},
		"503":     {"GET": resent, "DELETE": resent, "POST": uncertain},
		"504":     {"GET": resent, "DELETE": resent, "POST": uncertain},
		"reset":   {"GET": resent, "DELETE": resent, "POST": uncertain},
		"eof":     {"GET": resent, "DELETE": resent, "POST": uncertain},
		"timeout": {"GET": resent, "DELETE": resent, "POST": uncertain},
		"dial":    {"GET": resent, "DELETE": resent, "POST": resent},
		"400":     {"GET": refused, "DELETE": refused, "POST": refused},
		"404":     {"GET": refused, "DELETE": refused, "POST": refused},
		"422":     {"GET": refused, "DELETE": refused, "POST": refused},
		"301":     {"GET": refused, "DELETE": refused, "POST": refused},
		"501":     {"GET": refused, "DELETE": uncertain, "POST": uncertain},
		"garbage": {"GET": refused, "DELETE": uncertain, "POST": uncertain},
	}
	for failure, row := range table {
		for method, want := range row {
			t.Run(failure+"/"+method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					call := calls[method]
					a, c := newAPI(t, sequence(failures[failure], call.success))
					err := call.do(t.Context(), c)
					switch want {
					case resent:
						require.NoError(t, err)
						assert.Equal(t, 2, a.count())
					case refused:
						require.Error(t, err)
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

func TestDeleteThatWorkedBeforeItsAnswerWasLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(504, ""), respond(404, notFoundBody)))
		require.NoError(t, c.Droplets.Delete(t.Context(), 42))
		assert.Equal(t, 2, a.count())
	})
}

func TestDeleteOfWhatWasNeverThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := newAPI(t, sequence(respond(429, "{}", "Retry-After: 1"), respond(404, notFoundBody)))
		err := c.Droplets.Delete(t.Context(), 42)
		require.ErrorIs(t, err, droplets.ErrNotFound, "a 429 has deleted nothing, so that the 404 is the truth")
	})
}

func TestDeleteThatStaysUncertain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(502, "")))
		err := c.Droplets.Delete(t.Context(), 42)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		require.ErrorIs(t, err, droplets.ErrServer)
		assert.Equal(t, 4, a.count())

		a, c = newAPI(t, sequence(respond(502, ""), respond(403, `{"id":"forbidden","message":"no"}`)))
		err = c.Droplets.Delete(t.Context(), 42)
		require.ErrorIs(t, err, droplets.ErrForbidden)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied, "the first attempt may have deleted it")
		assert.Equal(t, 2, a.count())
	})
}

func TestRetriesBackOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(503, "")))
		start := time.Now()
		_, err := c.Droplets.Get(t.Context(), 42)
		var e *droplets.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, 4, e.Attempts)
		assert.Equal(t, 4, a.count())
		took := time.Since(start)
		assert.GreaterOrEqual(t, took, 1750*time.Millisecond, "half of 0.5, 1 and 2 s at least")
		assert.LessOrEqual(t, took, 3500*time.Millisecond)
	})
}

func TestRetryPolicyIsKept(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		opts []droplets.Option
		co   []droplets.CallOption
		want int
	}{
		"default":            {want: 4},
		"zero is off":        {opts: []droplets.Option{droplets.WithRetryPolicy(droplets.RetryPolicy{})}, want: 1},
		"more":               {opts: []droplets.Option{droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: 6})}, want: 7},
		"off for a call":     {co: []droplets.CallOption{droplets.WithoutRetries()}, want: 1},
		"nil options do not": {opts: []droplets.Option{nil}, co: []droplets.CallOption{nil}, want: 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a, c := newAPI(t, sequence(respond(500, "")), tt.opts...)
				_, err := c.Droplets.Get(t.Context(), 42, tt.co...)
				require.ErrorIs(t, err, droplets.ErrServer)
				assert.Equal(t, tt.want, a.count())
			})
		})
	}
}

func TestAPauseIsSharedByAllCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		a, c := newAPI(t, func(int, *http.Request) (*http.Response, error) {
			if time.Since(start) < 20*time.Second {
				return respond(429, `{"id":"too_many_requests","message":"API rate limit exceeded."}`, "Retry-After: 20")()
			}
			return respond(200, dropletBody(42))()
		})
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				_, err := c.Droplets.Get(t.Context(), 42)
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		assert.Equal(t, 20*time.Second, time.Since(start), "slept once, not once for each call")
		assert.LessOrEqual(t, a.count(), 64)
	})
}

func TestANewCallKeepsThePause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(429, "{}", "Retry-After: 20"), respond(200, dropletBody(42))))
		start := time.Now()
		go func() { _, _ = c.Droplets.Get(t.Context(), 42) }()
		synctest.Wait()
		require.Equal(t, 1, a.count())

		_, err := c.Droplets.Get(t.Context(), 43, droplets.WithoutRetries())
		require.NoError(t, err)
		assert.Equal(t, 20*time.Second, time.Since(start))

		a, c = newAPI(t, sequence(respond(429, "{}", "Retry-After: 20")))
		go func() { _, _ = c.Droplets.Get(t.Context(), 42) }()
		synctest.Wait()
		short, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start = time.Now()
		_, err = c.Droplets.Get(short, 43)
		require.ErrorIs(t, err, droplets.ErrRateLimited)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, time.Since(start), "a pause that outlasts the context is not slept")
		assert.Equal(t, 1, a.count())
	})
}

func TestServerDelays(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		headers func(now time.Time) []string
		ctx     time.Duration
		want    time.Duration // how long the call takes, at most
		least   time.Duration
		fails   bool
		text    []string
	}{
		"seconds": {
			headers: func(time.Time) []string { return []string{"Retry-After: 20"} },
			want:    20 * time.Second, least: 20 * time.Second,
		},
		"a date": {
			headers: func(now time.Time) []string {
				return []string{"Retry-After: " + now.Add(30*time.Second).UTC().Format(http.TimeFormat)}
			},
			want: 30 * time.Second, least: 29 * time.Second,
		},
		"a date by the server's clock": {
			headers: func(now time.Time) []string {
				server := now.Add(-time.Hour).UTC()
				return []string{"Date: " + server.Format(http.TimeFormat), "Retry-After: " + server.Add(12*time.Second).Format(http.TimeFormat)}
			},
			want: 12 * time.Second, least: 12 * time.Second,
		},
		"a reset in the future": {
			headers: func(now time.Time) []string { return rateHeaders(5000, 0, now.Add(40*time.Second)) },
			want:    40 * time.Second, least: 40 * time.Second,
		},
		"a reset alone": {
			headers: func(now time.Time) []string { return rateHeaders(-1, -1, now.Add(15*time.Second)) },
			want:    15 * time.Second, least: 15 * time.Second,
		},
		"a reset of a quota that is not used up": {
			headers: func(now time.Time) []string { return rateHeaders(5000, 10, now.Add(40*time.Second)) },
			want:    500 * time.Millisecond, least: 250 * time.Millisecond,
		},
		"a reset in the past": {
			headers: func(now time.Time) []string { return rateHeaders(5000, 0, now.Add(-time.Hour)) },
			want:    500 * time.Millisecond, least: 250 * time.Millisecond,
		},
		"nothing": {
			headers: func(time.Time) []string { return nil },
			want:    500 * time.Millisecond, least: 250 * time.Millisecond,
		},
		"above the longest": {
			headers: func(time.Time) []string { return []string{"Retry-After: 91"} },
			fails:   true, text: []string{"1m31s", "1m30s"},
		},
		"absurd": {
			headers: func(time.Time) []string { return []string{"Retry-After: 99999999999999999999"} },
			fails:   true, text: []string{"1m30s"},
		},
		"past the deadline": {
			headers: func(time.Time) []string { return []string{"Retry-After: 20"} },
			ctx:     5 * time.Second, fails: true, text: []string{"20s", "5s"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				body := `{"id":"too_many_requests","message":"API rate limit exceeded."}`
				a, c := newAPI(t, sequence(respond(429, body, tt.headers(start)...), respond(202, createdBody(42))))
				ctx := t.Context()
				if tt.ctx > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.ctx)
					defer cancel()
				}
				_, err := c.Droplets.Create(ctx, createRequest())
				if !tt.fails {
					require.NoError(t, err)
					assert.LessOrEqual(t, time.Since(start), tt.want)
					assert.GreaterOrEqual(t, time.Since(start), tt.least)
					return
				}
				require.ErrorIs(t, err, droplets.ErrRateLimited)
				require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
				assert.Zero(t, time.Since(start), "it was not slept")
				assert.Equal(t, 1, a.count())
				for _, text := range tt.text {
					assert.Contains(t, err.Error(), text)
				}
			})
		})
	}
}

func TestAnEndedContextDuringAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(429, "{}", "Retry-After: 20")))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		start := time.Now()
		_, err := c.Droplets.Create(ctx, createRequest())
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, droplets.ErrRateLimited, "what it waited for is not lost")
		require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Equal(t, 3*time.Second, time.Since(start))
		assert.Equal(t, 1, a.count())
		assert.True(t, strings.HasPrefix(err.Error(), "droplets: droplets_create: "))
		assert.NotContains(t, err.Error(), "; before that: droplets: ")
	})
}

func TestAnEndedContextInFlight(t *testing.T) {
	t.Parallel()
	cause := errors.New("the machine shuts down")
	for _, method := range []string{"GET", "POST", "DELETE"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
					<-r.Context().Done()
					return nil, r.Context().Err()
				})
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(cause) })
				var err error
				switch method {
				case "GET":
					_, err = c.Droplets.Get(ctx, 42)
				case "POST":
					_, err = c.Droplets.Create(ctx, createRequest())
				case "DELETE":
					err = c.Droplets.Delete(ctx, 42)
				}
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, cause)
				assert.Equal(t, method != "GET", errors.Is(err, droplets.ErrMaybeApplied))
			})
		})
	}
}

func TestAContextThatHadEnded(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(202, createdBody(42))))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Droplets.Create(ctx, createRequest())
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
	assert.Zero(t, a.count())
}

func TestAPendingEventIsWaitedOut(t *testing.T) {
	t.Parallel()
	for name, message := range map[string]string{
		"one wording": "Droplet already has a pending event.",
		"the other":   "There are currently blocking events processing for one or more of the droplets",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
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

func rateHeaders(limit, remaining int, reset time.Time) []string {
	headers := []string{"RateLimit-Reset: " + itoa(reset.Unix())}
	if limit >= 0 {
		headers = append(headers, "RateLimit-Limit: "+itoa(int64(limit)), "RateLimit-Remaining: "+itoa(int64(remaining)))
	}
	return headers
}

func TestWhyItWasNotSentAgain(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]func() (*http.Response, error){"answered": respond(503, ""), "broken": failWith(errReset)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
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
