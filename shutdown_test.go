package droplets_test

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

const (
	oneMinute   = time.Minute
	halfAMinute = 30 * time.Second
)

func oneDroplet(opts ...dropletstest.Option) *dropletstest.API {
	return dropletstest.New(append([]dropletstest.Option{dropletstest.WithDroplets(1), dropletstest.WithActionDuration(10 * time.Second)}, opts...)...)
}

// TestShutdownGraceStartsWhenTheShutdownIsAccepted: another event is pending for two minutes before the shutdown.
func TestShutdownGraceStartsWhenTheShutdownIsAccepted(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet(dropletstest.WithActionDuration(2*time.Minute, droplets.ActionTypeEnableIPv6))
		_, err := api.Client().DropletActions.EnableIPv6(t.Context(), sampleID)
		require.NoError(t, err)
		guest := &slowGuest{api: api, action: time.Second, off: 25 * time.Second}
		sent, c := record(api, guest.respond)
		d, err := c.Droplets.ShutdownGracefully(t.Context(), sampleID, halfAMinute)
		require.NoError(t, err)
		assert.Equal(t, droplets.DropletStatusOff, d.Status)
		assert.Equal(t, "shutdown", sent.accepted(), "the guest needs 25 s of the grace of 30 s")
	})
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet(dropletstest.WithActionDuration(2*time.Minute, droplets.ActionTypeEnableIPv6))
		_, err := api.Client().DropletActions.EnableIPv6(t.Context(), sampleID)
		require.NoError(t, err)
		guest := &slowGuest{api: api, action: time.Second}
		sent, c := record(api, guest.respond)
		_, err = c.Droplets.ShutdownGracefully(t.Context(), sampleID, halfAMinute)
		require.NoError(t, err)
		assert.Equal(t, "shutdown power_off", sent.accepted())
		grace := sent.start.Add(sent.first(t, "power_off").at).Sub(guest.askedAt)
		assert.InDelta(t, halfAMinute.Seconds(), grace.Seconds(), 1)
	})
}

// TestShutdownGraceIncludesTheAction: the action of the shutdown takes longer than the grace.
func TestShutdownGraceIncludesTheAction(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) { // the guest ignores the shutdown, and its action takes ten minutes
		api := oneDroplet()
		guest := &slowGuest{api: api, action: 10 * time.Minute}
		sent, c := record(api, guest.respond)
		d, err := c.Droplets.ShutdownGracefully(t.Context(), sampleID, halfAMinute)
		require.NoError(t, err)
		assert.Equal(t, droplets.DropletStatusOff, d.Status)
		grace := sent.start.Add(sent.first(t, "power_off").at).Sub(guest.askedAt)
		assert.InDelta(t, halfAMinute.Seconds(), grace.Seconds(), 1)
	})
	virtualtime.Test(t, func(t *testing.T) { // the pending action keeps the API from accepting the power_off for a while
		api := oneDroplet(dropletstest.WithActionDuration(3*time.Minute, droplets.ActionTypeShutdown))
		sent, c := record(api, nil)
		_, err := c.Droplets.ShutdownGracefully(t.Context(), sampleID, halfAMinute)
		require.NoError(t, err)
		assert.InDelta(t, halfAMinute.Seconds(), sent.first(t, "power_off").at.Seconds(), 1)
		assert.Equal(t, "shutdown", sent.accepted(), "the shutdown had its effect before the power_off was accepted")
	})
	virtualtime.Test(t, func(t *testing.T) { // an action that never ends
		api := oneDroplet(dropletstest.WithActionDuration(1000*time.Hour, droplets.ActionTypeShutdown))
		_, c := record(api, nil)
		start := time.Now()
		_, err := c.Droplets.ShutdownGracefully(t.Context(), sampleID, halfAMinute)
		require.ErrorIs(t, err, droplets.ErrPendingEvent)
		assert.Less(t, time.Since(start), 6*time.Minute)
		assert.Contains(t, err.Error(), "last seen active after the failure, but shutdown was requested")
	})
}

// TestNoPowerOffIfTheGuestTurnsOffWithinTheGrace: some guests need nearly the whole grace, and the API shows the status late.
func TestNoPowerOffIfTheGuestTurnsOffWithinTheGrace(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{time.Second, 10 * time.Second, 26 * time.Second, 29900 * time.Millisecond} {
		virtualtime.Test(t, func(t *testing.T) {
			api := oneDroplet(dropletstest.WithActionDuration(0, droplets.ActionTypePowerOff))
			guest := &slowGuest{api: api, action: time.Second, off: off}
			sent, c := record(api, guest.respond)
			_, err := c.Droplets.ShutdownGracefully(t.Context(), sampleID, halfAMinute)
			require.NoError(t, err)
			assert.Equal(t, "shutdown", sent.accepted(), "off after %s", off)
			assert.Len(t, sent.sent(), 1)
		})
		for _, lag := range []time.Duration{0, 8 * time.Second, 20 * time.Second, 45 * time.Second} {
			virtualtime.Test(t, func(t *testing.T) {
				api := oneDroplet(dropletstest.WithLag(dropletstest.Lag{Status: lag}), dropletstest.WithActionDuration(off, droplets.ActionTypeShutdown))
				sent, c := record(api, nil)
				d, err := c.Droplets.ShutdownGracefully(t.Context(), sampleID, halfAMinute)
				require.NoError(t, err)
				assert.Equal(t, droplets.DropletStatusOff, d.Status)
				assert.Equal(t, "shutdown", sent.accepted(), "off after %s, shown %s later", off, lag)
			})
		}
	}
}

func TestShutdownToleratesALostResponse(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"shutdown", "power_off"} {
		for name, f := range map[string]dropletstest.Fault{
			"502":       {Status: 502, Applied: true},
			"broken":    {Break: dropletstest.BreakAnswer, Applied: true},
			"no object": {Status: 201, Body: "{}", Applied: true},
		} {
			t.Run(operation+"/"+name, func(t *testing.T) {
				t.Parallel()
				virtualtime.Test(t, func(t *testing.T) {
					api := oneDroplet()
					if operation == "power_off" {
						api.FailNextAction(droplets.ActionTypeShutdown)
					}
					api.Respond(1, dropletstest.Match{Operation: "dropletActions_post", Func: bodyHas(operation)}, f)
					d, err := api.Client().Droplets.ShutdownGracefully(t.Context(), sampleID, halfAMinute)
					require.NoError(t, err)
					assert.Equal(t, droplets.DropletStatusOff, d.Status)
					assert.Zero(t, api.ClearFaults())
				})
			})
		}
	}
}

// TestShutdownIsRetried: the first shutdown was not processed, and no power_off replaces it.
func TestShutdownIsRetried(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet()
		sent, c := record(api, failAction("shutdown", 1, respond(502, "")))
		_, err := c.Droplets.ShutdownGracefully(t.Context(), sampleID, halfAMinute)
		require.NoError(t, err)
		assert.Equal(t, "shutdown", sent.accepted())
	})
}

// TestShutdownDuringAnOutage: the API fails after it has accepted the shutdown.
func TestShutdownDuringAnOutage(t *testing.T) {
	t.Parallel()
	for _, length := range []time.Duration{5 * time.Second, 19 * time.Second, 30 * time.Second, 45 * time.Second} {
		virtualtime.Test(t, func(t *testing.T) {
			api := oneDroplet()
			sent, c := record(api, outage(time.Now(), 1, length))
			d, err := c.Droplets.ShutdownGracefully(t.Context(), sampleID, oneMinute)
			require.NoError(t, err, "an outage of %s", length)
			assert.Equal(t, droplets.DropletStatusOff, d.Status)
			assert.Equal(t, "shutdown", sent.accepted())
		})
		virtualtime.Test(t, func(t *testing.T) { // after the outage, the polls go on until the grace is over
			api := oneDroplet(dropletstest.WithActionDuration(0, droplets.ActionTypePowerOff))
			guest := &slowGuest{api: api, action: time.Second, off: oneMinute}
			fail := outage(time.Now(), 1, length)
			sent, c := record(api, func(n int, r *http.Request, body string) (*http.Response, error) {
				if resp, err := fail(n, r, body); resp != nil || err != nil {
					return resp, err
				}
				return guest.respond(n, r, body)
			})
			start := time.Now()
			_, err := c.Droplets.ShutdownGracefully(t.Context(), sampleID, time.Hour)
			require.NoError(t, err)
			assert.Less(t, time.Since(start), 90*time.Second)
			assert.Equal(t, "shutdown", sent.accepted())
		})
	}
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet()
		_, c := record(api, outage(time.Now(), 1, time.Hour))
		_, err := c.Droplets.ShutdownGracefully(t.Context(), sampleID, 10*time.Minute)
		require.ErrorIs(t, err, droplets.ErrServer)
		var step *droplets.StepError
		require.ErrorAs(t, err, &step)
		require.NotNil(t, step.Action, "to wait for again")
		assert.Contains(t, err.Error(), "last seen active before the failure and not readable since, but shutdown was requested, so this may have changed")
		assert.Contains(t, err.Error(), "action "+itoa(step.Action.ID))
	})
}

// TestPowerOffThatErroredBecauseTheDropletIsOff: the guest powers off just before the power_off is processed.
func TestPowerOffThatErroredBecauseTheDropletIsOff(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet()
		api.FailNextAction(droplets.ActionTypeShutdown)
		action := func(status string) func() (*http.Response, error) {
			return respond(201, fmt.Sprintf(`{"action":{"id":78,"type":"power_off","status":%q,"resource_id":%d}}`, status, sampleID))
		}
		_, c := record(api, func(_ int, r *http.Request, body string) (*http.Response, error) {
			switch {
			case actionType(body) == "power_off":
				turnOff(api)
				return action("in-progress")()
			case strings.HasSuffix(r.URL.Path, "/actions/78"):
				return action("errored")()
			}
			return nil, nil
		})
		d, err := c.Droplets.ShutdownGracefully(t.Context(), sampleID, halfAMinute)
		require.NoError(t, err)
		assert.Equal(t, droplets.DropletStatusOff, d.Status)
	})
}

// TestShutdownThatIsRejected: no further action is initiated.
func TestShutdownThatIsRejected(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet()
		sent, c := record(api, failAction("shutdown", 0, respond(403, `{"id":"forbidden","message":"no"}`)))
		d, err := c.Droplets.ShutdownGracefully(t.Context(), sampleID, oneMinute)
		require.ErrorIs(t, err, droplets.ErrForbidden)
		assert.Equal(t, "droplets: shutdown of Droplet 500000001 (droplet-00001, last seen active) failed: "+
			"dropletActions_post: POST /v2/droplets/500000001/actions: 403 Forbidden (forbidden): no", err.Error())
		assert.Equal(t, droplets.DropletStatusActive, d.Status)
		assert.Empty(t, sent.accepted())
	})
}

// TestShutdownReturnsSoonAfterItsContextIsDone: the Droplet is read once more, with a timeout of its own.
func TestShutdownReturnsSoonAfterItsContextIsDone(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet()
		ctx, cancel := contextThatEndsAfter(t, 7*time.Second)
		defer cancel()
		start := time.Now()
		_, err := api.Client().Droplets.ShutdownGracefully(ctx, sampleID, oneMinute)
		require.ErrorIs(t, err, ctx.Err())
		assert.Equal(t, 7*time.Second, time.Since(start))
		assert.Contains(t, err.Error(), "last seen active after the failure, but shutdown was requested, so this may have changed, action 3169590176 in-progress")
	})
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet()
		ctx, cancel := contextThatEndsAfter(t, 7*time.Second)
		defer cancel()
		start := time.Now()
		_, c := record(api, func(_ int, r *http.Request, _ string) (*http.Response, error) {
			if time.Since(start) < 7*time.Second {
				return nil, nil
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		_, err := c.Droplets.ShutdownGracefully(ctx, sampleID, oneMinute)
		require.ErrorIs(t, err, ctx.Err())
		assert.Equal(t, 12*time.Second, time.Since(start))
		assert.Contains(t, err.Error(), "last seen active before the failure and not readable since")
	})
}

func TestShutdownAcceptsPolling(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet()
		sent, c := record(api, nil)
		polls := 0
		_, err := c.Droplets.ShutdownGracefully(t.Context(), sampleID, oneMinute,
			droplets.WithPolling(droplets.PollPolicy{Initial: time.Second, Max: time.Second}),
			droplets.OnProgress(func(p droplets.Progress) {
				polls++
				assert.Equal(t, "shutdown", p.Step)
				assert.True(t, p.Action != nil || p.Droplet != nil)
			}))
		require.NoError(t, err)
		assert.InDelta(t, 13, sent.count(), 2)
		assert.Equal(t, sent.count()-1, polls, "one call for each request after the first read")
	})
}

func asStep(t testing.TB, err error) *droplets.StepError {
	t.Helper()
	var step *droplets.StepError
	require.ErrorAs(t, err, &step)
	return step
}

// TestShutdownWithoutAGrace cuts the power at once after the shutdown.
func TestShutdownWithoutAGrace(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(time.Second))
		d, err := api.Client().Droplets.ShutdownGracefully(t.Context(), sampleID, 0)
		require.NoError(t, err)
		assert.True(t, droplets.IsOff(d))
	})
	_, c := newAPI(t, sequence(respond(500, "")))
	requireInvalid(t, second(c.Droplets.ShutdownGracefully(t.Context(), 1, -1)), "grace")
}

// TestAStatusThatDoesNotChange: the power_off has completed, and the API still shows the Droplet as active.
func TestAStatusThatDoesNotChange(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(time.Second),
			dropletstest.WithLag(dropletstest.Lag{Status: time.Hour}))
		api.IgnoreShutdown(sampleID)
		start := time.Now()
		d, err := api.Client().Droplets.ShutdownGracefully(t.Context(), sampleID, 0)
		require.ErrorContains(t, err, "has completed, but the Droplet was still shown as active after 2m0s")
		assert.Equal(t, droplets.DropletStatusActive, d.Status)
		assert.InDelta(t, 125, time.Since(start).Seconds(), 10, "seconds")
	})
}

// TestOutagesDuringTheGrace has times in which every read fails. The power is cut only after the grace, and not if the Droplet is off
// when it can be read again.
func TestOutagesDuringTheGrace(t *testing.T) {
	t.Parallel()
	const grace = 80 * time.Second
	first, second := [2]time.Duration{0, 35 * time.Second}, [2]time.Duration{50 * time.Second, 75 * time.Second}
	for name, tt := range map[string]struct {
		outages  [][2]time.Duration // from, to
		off      time.Duration      // when the operating system has shut down; 0 if never
		powerOff bool
		least    time.Duration // that the call takes
	}{
		"off after the outage":         {outages: [][2]time.Duration{first}, off: 45 * time.Second, least: 45 * time.Second},
		"off during the outage":        {outages: [][2]time.Duration{first}, off: 20 * time.Second, least: first[1]},
		"never off":                    {outages: [][2]time.Duration{first}, powerOff: true, least: grace},
		"never off, a second outage":   {outages: [][2]time.Duration{first, second}, powerOff: true, least: grace},
		"off during the second outage": {outages: [][2]time.Duration{first, second}, off: 60 * time.Second, least: second[1]},
		"a second outage, longer than the grace": {outages: [][2]time.Duration{first, {second[0], 90 * time.Second}}, powerOff: true,
			least: 90 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				var shutdown time.Time
				var cut time.Duration // when the power_off was sent
				_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
					if r.Method == http.MethodPost {
						if shutdown.IsZero() {
							shutdown = time.Now()
						} else {
							cut = time.Since(shutdown)
						}
						return respond(201, actionBody(7, "in-progress"))()
					}
					since := time.Since(shutdown)
					if shutdown.IsZero() {
						return respond(200, dropletBody(42))()
					}
					for _, outage := range tt.outages {
						if since >= outage[0] && since < outage[1] {
							return respond(500, "")()
						}
					}
					isOff := cut > 0 || tt.off > 0 && since >= tt.off
					switch {
					case strings.Contains(r.URL.Path, "/actions/") && isOff:
						return respond(200, actionBody(7, "completed"))()
					case strings.Contains(r.URL.Path, "/actions/"):
						return respond(200, actionBody(7, "in-progress"))()
					case isOff:
						return respond(200, `{"droplet":{"id":42,"name":"web-1","status":"off"}}`)()
					}
					return respond(200, dropletBody(42))()
				}, droplets.WithRetryPolicy(droplets.RetryPolicy{MinDelay: time.Millisecond, MaxDelay: time.Millisecond}),
					droplets.WithPollPolicy(droplets.PollPolicy{Initial: 5 * time.Second, Max: 5 * time.Second})) // a wait tolerates 15 seconds
				start := time.Now()
				d, err := c.Droplets.ShutdownGracefully(t.Context(), 42, grace)
				require.NoError(t, err)
				assert.True(t, droplets.IsOff(d))
				assert.Equal(t, tt.powerOff, cut > 0, "the power was cut after %s", cut)
				if tt.powerOff {
					assert.GreaterOrEqual(t, cut, grace)
				}
				assert.GreaterOrEqual(t, time.Since(start), tt.least)
				assert.Less(t, time.Since(start), tt.least+20*time.Second)
			})
		})
	}
}
