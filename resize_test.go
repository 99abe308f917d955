package droplets_test

import (
	"context"
	"io"
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

const largerSize = "s-2vcpu-4gb"

var larger = droplets.ResizeRequest{Size: largerSize}

// TestResizeThatHasNotHappenedTurnsTheDropletOn tries every failure after which the Droplet is certainly not resized.
func TestResizeThatHasNotHappenedTurnsTheDropletOn(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func() (*http.Response, error){
		"400":               respond(400, `{"id":"bad_request","message":"no"}`),
		"401":               respond(401, `{"id":"unauthorized","message":"no"}`),
		"403":               respond(403, `{"id":"forbidden","message":"no"}`),
		"404":               respond(404, notFoundBody),
		"409":               respond(409, `{"id":"conflict","message":"no"}`),
		"413":               respond(413, "<html>too large</html>"),
		"422":               respond(422, `{"id":"unprocessable_entity","message":"no"}`),
		"429 for too long":  respond(429, "{}", "Retry-After: 3600"),
		"429 without delay": respond(429, "{}"),
		"no connection":     failWith(errDial),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := oneDroplet()
				sent, c := record(api, failAction("resize", 0, fail))
				d, err := c.Droplets.ResizeAndRestart(t.Context(), sampleID, larger, oneMinute)
				step := asStep(t, err)
				assert.Equal(t, "resize", step.Step)
				assert.Nil(t, step.Action)
				require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
				assert.Equal(t, "shutdown power_on", sent.accepted())
				assert.Equal(t, "active", trueStatus(t, api))
				assert.Equal(t, droplets.DropletStatusActive, d.Status)
				assert.Contains(t, err.Error(), "last seen active after the failure)")
			})
		})
	}
}

func TestResizeThatErroredTurnsTheDropletOn(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet()
		api.FailNextAction(droplets.ActionTypeResize)
		_, err := api.Client().Droplets.ResizeAndRestart(t.Context(), sampleID, larger, oneMinute)
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		step := asStep(t, err)
		require.NotNil(t, step.Action)
		assert.Equal(t, droplets.ActionTypeResize, step.Action.Type, "the resize's, not the power_on's")
		assert.Equal(t, "active", trueStatus(t, api))
	})
}

// TestErrorOfAResizeWithAnUnknownOutcome: the Droplet stays off, because a resize may be running, and the error has its status.
func TestErrorOfAResizeWithAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]dropletstest.Fault{
		"502 before it was applied": {Status: 502},
		"502 after it was applied":  {Status: 502, Applied: true},
		"broken connection":         {Break: dropletstest.BreakAnswer, Applied: true},
		"no object":                 {Status: 201, Body: "{}", Applied: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := oneDroplet()
				api.Respond(1, dropletstest.Match{Operation: "dropletActions_post", Func: bodyHas("resize")}, f)
				d, err := api.Client().Droplets.ResizeAndRestart(t.Context(), sampleID, larger, oneMinute)
				require.ErrorIs(t, err, droplets.ErrMaybeApplied)
				assert.Contains(t, err.Error(), "last seen off after the failure)")
				assert.Equal(t, droplets.DropletStatusOff, d.Status)
				assert.Equal(t, "off", trueStatus(t, api))
			})
		})
	}
	t.Run("polls that fail", func(t *testing.T) {
		t.Parallel()
		virtualtime.Test(t, func(t *testing.T) {
			api := oneDroplet()
			_, c := record(api, func(_ int, r *http.Request, _ string) (*http.Response, error) {
				if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/actions/") && strings.Contains(steps(api), "resize") {
					return respond(403, `{"id":"forbidden","message":"no"}`)()
				}
				return nil, nil
			})
			_, err := c.Droplets.ResizeAndRestart(t.Context(), sampleID, larger, oneMinute)
			require.ErrorIs(t, err, droplets.ErrForbidden)
			step := asStep(t, err)
			require.NotNil(t, step.Action)
			assert.Contains(t, err.Error(), "last seen off after the failure, action "+itoa(step.Action.ID)+" in-progress)")
			ended, err := api.Client().DropletActions.WaitForAction(t.Context(), sampleID, step.Action.ID)
			require.NoError(t, err, "the caller can wait for the action again")
			assert.Equal(t, droplets.ActionTypeResize, ended.Type)
		})
	})
}

func TestErrorOfAResizeThatCannotTurnTheDropletOn(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet()
		forbidden := respond(403, `{"id":"forbidden","message":"no"}`)
		resize, powerOn := failAction("resize", 0, forbidden), failAction("power_on", 0, forbidden)
		_, c := record(api, func(n int, r *http.Request, body string) (*http.Response, error) {
			if resp, err := resize(n, r, body); resp != nil || err != nil {
				return resp, err
			}
			return powerOn(n, r, body)
		})
		_, err := c.Droplets.ResizeAndRestart(t.Context(), sampleID, larger, oneMinute)
		require.ErrorIs(t, err, droplets.ErrForbidden)
		assert.Equal(t, 2, strings.Count(err.Error(), "last seen off after the failure)"), "%v", err)
		assert.Contains(t, err.Error(), "resize of Droplet 500000001")
		assert.Contains(t, err.Error(), "; power_on of Droplet 500000001")
		assert.Equal(t, "off", trueStatus(t, api))
	})
}

// TestResizeWhosePowerOnIsRejected has a 422 although the Droplet is not on.
func TestResizeWhosePowerOnIsRejected(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet()
		_, c := record(api, failAction("power_on", 0, respond(422, `{"id":"unprocessable_entity","message":"no capacity"}`)))
		_, err := c.Droplets.ResizeAndRestart(t.Context(), sampleID, larger, oneMinute)
		require.ErrorIs(t, err, droplets.ErrUnprocessable)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		assert.Contains(t, err.Error(), "power_on of Droplet 500000001 (droplet-00001, last seen off after the failure) failed: ")
		assert.Contains(t, err.Error(), "no capacity")
	})
}

// TestResizeWithALaggingStatus uses an API that shows each status late.
func TestResizeWithALaggingStatus(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{8 * time.Second, 20 * time.Second, 45 * time.Second} {
		for _, grace := range []time.Duration{0, 5 * time.Second, 15 * time.Second, oneMinute} {
			virtualtime.Test(t, func(t *testing.T) {
				api := oneDroplet(dropletstest.WithLag(dropletstest.Lag{Status: lag}))
				d, err := api.Client().Droplets.ResizeAndRestart(t.Context(), sampleID, larger, grace)
				require.NoError(t, err, "lag %s, grace %s", lag, grace)
				assert.Equal(t, largerSize, d.SizeSlug)
				assert.Equal(t, droplets.DropletStatusActive, d.Status)
				assert.Equal(t, "active", trueStatus(t, api))
			})
		}
	}
}

// TestResizeDuringAnOutage: the API fails for some seconds after it has accepted an action.
func TestResizeDuringAnOutage(t *testing.T) {
	t.Parallel()
	for _, after := range []string{"shutdown", "resize", "power_on"} {
		for _, length := range []time.Duration{5 * time.Second, 12 * time.Second, 19 * time.Second} {
			virtualtime.Test(t, func(t *testing.T) {
				api := oneDroplet()
				var began time.Time
				_, c := record(api, func(_ int, _ *http.Request, _ string) (*http.Response, error) {
					if began.IsZero() && strings.Contains(steps(api), after) {
						began = time.Now()
					}
					if !began.IsZero() && time.Since(began) < length {
						return respond(503, "")()
					}
					return nil, nil
				})
				_, err := c.Droplets.ResizeAndRestart(t.Context(), sampleID, larger, oneMinute)
				require.NoError(t, err, "an outage of %s after the %s", length, after)
				assert.Equal(t, "active", trueStatus(t, api))
				assert.Equal(t, largerSize, api.Droplets()[0].SizeSlug)
			})
		}
	}
}

// TestResizeDuringALongOutage: the outage lasts longer than one waiter, or the retries of one request, tolerate.
func TestResizeDuringALongOutage(t *testing.T) {
	t.Parallel()
	for name, length := range map[string]time.Duration{"action": 30 * time.Second, "power_on": 15 * time.Second} {
		virtualtime.Test(t, func(t *testing.T) {
			api := oneDroplet()
			var began time.Time
			sent, c := record(api, func(_ int, r *http.Request, body string) (*http.Response, error) {
				poll := strings.Contains(r.URL.Path, "/actions/") && strings.Contains(steps(api), "resize")
				if began.IsZero() && (name == "action" && poll || actionType(body) == name) {
					began = time.Now()
				}
				if !began.IsZero() && time.Since(began) < length {
					return respond(503, "")()
				}
				return nil, nil
			})
			_, err := c.Droplets.ResizeAndRestart(t.Context(), sampleID, larger, oneMinute)
			require.NoError(t, err, name)
			assert.Equal(t, "shutdown resize power_on", sent.accepted())
			assert.Equal(t, "active", trueStatus(t, api))
		})
	}
}

// TestResizeOfADropletThatIsOnAlready: another program powers the Droplet on after the resize.
func TestResizeOfADropletThatIsOnAlready(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{0, 20 * time.Second} {
		virtualtime.Test(t, func(t *testing.T) {
			api := oneDroplet(dropletstest.WithLag(dropletstest.Lag{Status: lag}))
			c := api.Client()
			done := false
			_, resizer := record(api, func(_ int, _ *http.Request, body string) (*http.Response, error) {
				if actionType(body) == "power_on" && !done {
					done = true
					a, err := c.DropletActions.PowerOn(context.Background(), sampleID)
					if err == nil {
						_, err = c.DropletActions.WaitForAction(context.Background(), sampleID, a.ID)
					}
					return nil, err
				}
				return nil, nil
			})
			d, err := resizer.Droplets.ResizeAndRestart(t.Context(), sampleID, larger, oneMinute)
			require.NoError(t, err, "422: already powered on")
			assert.Equal(t, droplets.DropletStatusActive, d.Status)
		})
	}
}

// TestResizeDoesNotChangeADropletThatMatches runs each resize twice: the second one initiates no action.
func TestResizeDoesNotChangeADropletThatMatches(t *testing.T) {
	t.Parallel()
	for _, disk := range []bool{false, true} {
		virtualtime.Test(t, func(t *testing.T) {
			api := oneDroplet()
			sent, c := record(api, nil)
			req := droplets.ResizeRequest{Size: largerSize, Disk: disk}
			_, err := c.Droplets.ResizeAndRestart(t.Context(), sampleID, req, oneMinute)
			require.NoError(t, err)
			want := sent.accepted()
			assert.Equal(t, "shutdown resize power_on", want)
			_, err = c.Droplets.ResizeAndRestart(t.Context(), sampleID, req, oneMinute)
			require.NoError(t, err)
			assert.Equal(t, want, sent.accepted())
			if !disk {
				req.Disk = true
				_, err = c.Droplets.ResizeAndRestart(t.Context(), sampleID, req, oneMinute)
				require.NoError(t, err)
				assert.Equal(t, 80, api.Droplets()[0].Disk, "the same size with its larger disk is a change")
			}
		})
	}
	virtualtime.Test(t, func(t *testing.T) { // an interrupted run has left it off with the right size
		api := oneDroplet()
		turnOff(api)
		c := api.Client()
		_, err := c.Droplets.ResizeAndRestart(t.Context(), sampleID, larger, oneMinute)
		require.NoError(t, err)
		d, err := c.Droplets.ResizeAndRestart(t.Context(), sampleID, larger, oneMinute)
		require.NoError(t, err)
		assert.Equal(t, droplets.DropletStatusOff, d.Status, "what was off stays off")
	})
}

// TestResizeThatFailsInItsShutdown: the Droplet is powered on again if the shutdown has turned it off.
func TestResizeThatFailsInItsShutdown(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet()
		start := time.Now()
		_, c := record(api, func(_ int, r *http.Request, _ string) (*http.Response, error) {
			if d := time.Since(start); r.Method == http.MethodGet && d > time.Second && d < 90*time.Second {
				return nil, io.ErrUnexpectedEOF
			}
			return nil, nil
		})
		_, err := c.Droplets.ResizeAndRestart(t.Context(), sampleID, larger, oneMinute)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.Equal(t, "shutdown", asStep(t, err).Step)
		assert.Equal(t, "active", trueStatus(t, api))
		assert.Equal(t, "shutdown power_on", steps(api))
	})
}

// TestResizeSendsNoChangeAfterItsContextIsDone: the Droplet is read once more, and the error reports that it is off.
func TestResizeSendsNoChangeAfterItsContextIsDone(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		sent, c := record(api, func(_ int, _ *http.Request, body string) (*http.Response, error) {
			if actionType(body) == "resize" {
				cancel()
				return nil, context.Canceled
			}
			return nil, nil
		})
		_, err := c.Droplets.ResizeAndRestart(ctx, sampleID, larger, oneMinute)
		require.ErrorIs(t, err, context.Canceled)
		assert.Contains(t, err.Error(), "last seen off after the failure)")
		assert.NotContains(t, err.Error(), "power_on")
		assert.Equal(t, "shutdown", sent.accepted())
		assert.Equal(t, "off", trueStatus(t, api))
	})
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet()
		ctx, cancel := contextThatEndsAfter(t, 12*time.Second)
		defer cancel()
		sent, c := record(api, nil)
		_, err := c.Droplets.ResizeAndRestart(ctx, sampleID, larger, oneMinute)
		require.ErrorIs(t, err, ctx.Err())
		assert.NotContains(t, err.Error(), "power_on")
		assert.Equal(t, "shutdown", sent.accepted())
	})
}

// TestResizeWhoseShutdownIsRejected: the Droplet was not turned off, so that no power_on is sent.
func TestResizeWhoseShutdownIsRejected(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet()
		sent, c := record(api, failAction("shutdown", 0, respond(403, `{"id":"forbidden","message":"no"}`)))
		_, err := c.Droplets.ResizeAndRestart(t.Context(), sampleID, larger, oneMinute)
		require.ErrorIs(t, err, droplets.ErrForbidden)
		assert.Len(t, sent.sent(), 1)
		before := sent.count()
		_, err = c.Droplets.ResizeAndRestart(t.Context(), sampleID, larger, -1)
		requireInvalid(t, err, "grace")
		assert.Equal(t, before, sent.count())
	})
}
