package droplets_test

import (
	"context"
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

// waitsForChange reports whether a method waits, by its name.
func waitsForChange(name string) bool {
	for _, part := range []string{".Wait", ".Watch", "AndWait", "AndRestart", "Gracefully"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// TestWaitOptionsOfEveryMethod passes the options of waiters to each method. Methods that do not wait reject them.
func TestWaitOptionsOfEveryMethod(t *testing.T) {
	t.Parallel()
	for field, option := range map[string]droplets.CallOption{
		"OnProgress":  droplets.OnProgress(func(droplets.Progress) {}),
		"WithPolling": droplets.WithPolling(droplets.PollPolicy{Initial: time.Second}),
	} {
		for _, m := range methods(t) {
			if m.noOptions {
				continue
			}
			t.Run(field+"/"+m.name, func(t *testing.T) {
				t.Parallel()
				virtualtime.Test(t, func(t *testing.T) {
					a, c := newAPI(t, sequence(respond(403, `{"id":"forbidden","message":"no"}`)))
					_, err := m.call(t.Context(), c, option)
					searches := m.name == "Droplets.Ensure" || m.name == "Droplets.EnsureMultiple" || m.name == ensureSSHKey // after an uncertain create
					if waitsForChange(m.name) || searches && field == "WithPolling" {
						require.ErrorIs(t, err, droplets.ErrForbidden)
						return
					}
					requireInvalid(t, err, field)
					assert.Zero(t, a.count(), "nothing was sent")
				})
			})
		}
	}
}

// TestWaitersReportTheirProgress: the function of OnProgress is called once for each poll.
func TestWaitersReportTheirProgress(t *testing.T) {
	t.Parallel()
	const id = sampleID
	var got []droplets.Progress
	report := droplets.OnProgress(func(p droplets.Progress) { got = append(got, p) })
	polling := droplets.WithPolling(droplets.PollPolicy{Initial: time.Second, Max: time.Second})
	for name, wait := range map[string]func(ctx context.Context, c *droplets.Client) error{
		"power_off": func(ctx context.Context, c *droplets.Client) error {
			a, err := c.DropletActions.PowerOff(ctx, id)
			if err != nil {
				return err
			}
			_, err = c.DropletActions.WaitForAction(ctx, id, a.ID, report, polling)
			return err
		},
		"wait": func(ctx context.Context, c *droplets.Client) error {
			_, err := c.DropletActions.PowerOff(ctx, id)
			if err != nil {
				return err
			}
			_, err = c.Droplets.WaitFor(ctx, id, droplets.IsOff, report, polling)
			return err
		},
		"destroy": func(ctx context.Context, c *droplets.Client) error {
			if err := c.AssociatedResources.DestroyAll(ctx, id); err != nil {
				return err
			}
			if _, err := c.AssociatedResources.WaitForDestroy(ctx, id, report, polling); err != nil {
				return err
			}
			return c.Droplets.WaitForDeleted(ctx, id, report, polling)
		},
		"snapshot": func(ctx context.Context, c *droplets.Client) error {
			_, err := c.Droplets.SnapshotAndWait(ctx, id, droplets.SnapshotRequest{}, report, polling)
			return err
		},
	} {
		virtualtime.Test(t, func(t *testing.T) {
			got = nil
			api := oneDroplet()
			require.NoError(t, wait(t.Context(), api.Client()))
			assert.InDelta(t, 12, len(got), 2, name)
			for _, p := range got {
				assert.Equal(t, id, p.DropletID)
				assert.Equal(t, name, p.Step)
			}
		})
	}
}

// TestPollingOfACallThatWaitsForAPendingEvent is the one use of WithPolling outside a waiter.
func TestPollingOfACallThatWaitsForAPendingEvent(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet(dropletstest.WithActionDuration(time.Minute, droplets.ActionTypeEnableIPv6))
		c := api.Client()
		_, err := c.DropletActions.EnableIPv6(t.Context(), sampleID)
		require.NoError(t, err)
		var posts int
		_, counting := record(api, func(_ int, _ *http.Request, _ string) (*http.Response, error) {
			posts++
			return nil, nil
		})
		_, err = counting.DropletActions.PowerOff(t.Context(), sampleID, droplets.RetryPendingEvent(5*time.Minute),
			droplets.WithPolling(droplets.PollPolicy{Initial: 20 * time.Second, Max: 20 * time.Second}))
		require.NoError(t, err)
		assert.LessOrEqual(t, posts, 5)
		assert.GreaterOrEqual(t, posts, 4, "a request every 20 s for a minute")
	})
}

// TestTimesOfPolls: the delay before the second poll is the first one of the policy, and each jitter shortens it by up to a tenth.
func TestTimesOfPolls(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		start := time.Now()
		var polls []float64
		_, c := newAPI(t, func(n int, _ *http.Request) (*http.Response, error) {
			polls = append(polls, time.Since(start).Seconds())
			return respond(200, actionBody(7, map[bool]string{true: "completed", false: "in-progress"}[n == 4]))()
		})
		_, err := c.DropletActions.WaitForAction(t.Context(), 42, 7, droplets.WithPolling(droplets.PollPolicy{Initial: 10 * time.Second, Max: 30 * time.Second, Factor: 2}))
		require.NoError(t, err)
		require.Len(t, polls, 4)
		for i, delay := range []float64{0, 10, 20, 30} {
			if i > 0 {
				polls[i-1] = polls[i] - polls[i-1]
				assert.InDelta(t, delay*0.95, polls[i-1], delay*0.05+0.001)
			}
		}
	})
}

// TestWatchRejectsOptions yields the error once, before a request is sent.
func TestWatchRejectsOptions(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(200, actionBody(7, "completed"))))
	var errs []error
	for _, err := range c.DropletActions.Watch(t.Context(), 42, 7, droplets.WithPolling(droplets.PollPolicy{Initial: -1})) {
		errs = append(errs, err)
	}
	require.Len(t, errs, 1)
	require.ErrorIs(t, errs[0], droplets.ErrInvalidArgument)
	assert.Zero(t, a.count())
}
