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

// steps returns the types of the initiated actions, from the requests.
func steps(api *dropletstest.API) string {
	var started []string
	for _, r := range api.Requests() {
		if r.Operation == "dropletActions_post" && r.Status == 201 {
			_, rest, _ := strings.Cut(string(r.Body), `"type":"`)
			step, _, _ := strings.Cut(rest, `"`)
			started = append(started, step)
		}
	}
	return strings.Join(started, " ")
}

func TestShutdownGracefully(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		arrange func(*dropletstest.API)
		want    string
	}{
		"completed":        {func(*dropletstest.API) {}, "shutdown"},
		"shutdown errored": {func(a *dropletstest.API) { a.FailNextAction(droplets.ActionTypeShutdown) }, "shutdown power_off"},
		"already off":      {func(a *dropletstest.API) { turnOff(a) }, "power_off"},
		"pending event":    {func(a *dropletstest.API) { _, _ = a.Client().DropletActions.EnableIPv6(context.Background(), sampleID) }, "enable_ipv6 shutdown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(10*time.Second))
				tt.arrange(api)
				var progress []string
				d, err := api.Client().Droplets.ShutdownGracefully(t.Context(), sampleID, time.Minute, droplets.OnProgress(func(p droplets.Progress) {
					assert.Equal(t, sampleID, p.DropletID)
					progress = append(progress, p.Step)
				}))
				require.NoError(t, err)
				assert.Equal(t, droplets.DropletStatusOff, d.Status)
				assert.Equal(t, tt.want, steps(api))
				assert.Equal(t, name == "already off", len(progress) == 0)
			})
		})
	}
}

func turnOff(api *dropletstest.API) {
	c := api.Client()
	if _, err := c.DropletActions.PowerOff(context.Background(), sampleID); err != nil {
		panic(err)
	}
	if _, err := c.Droplets.WaitFor(context.Background(), sampleID, droplets.IsOff); err != nil {
		panic(err)
	}
}

func TestResizeAndRestart(t *testing.T) {
	t.Parallel()
	const size = "s-2vcpu-4gb"
	for name, tt := range map[string]struct {
		size    string
		arrange func(*dropletstest.API)
		want    string
		status  droplets.DropletStatus
		fails   string
	}{
		"active":           {size, func(*dropletstest.API) {}, "shutdown resize power_on", "active", ""},
		"already off":      {size, turnOff, "power_off resize", "off", ""},
		"resize errored":   {size, func(a *dropletstest.API) { a.FailNextAction(droplets.ActionTypeResize) }, "shutdown resize power_on", "active", "resize"},
		"resize rejected":  {"s-no-such", func(*dropletstest.API) {}, "shutdown power_on", "active", "resize"},
		"power on errored": {size, func(a *dropletstest.API) { a.FailNextAction(droplets.ActionTypePowerOn) }, "shutdown resize power_on", "off", "power_on"},
		"resize uncertain": {size, func(a *dropletstest.API) {
			a.Respond(1, dropletstest.Match{Operation: "dropletActions_post", Func: bodyHas("resize")}, dropletstest.Fault{Status: 502})
		}, "shutdown", "off", "resize"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(10*time.Second))
				tt.arrange(api)
				d, err := api.Client().Droplets.ResizeAndRestart(t.Context(), sampleID, droplets.ResizeRequest{Size: tt.size}, time.Minute)
				require.NotNil(t, d)
				assert.Equal(t, tt.want, steps(api))
				assert.Equal(t, tt.status, api.Droplets()[0].Status)
				if tt.fails == "" {
					require.NoError(t, err)
					assert.Equal(t, size, d.SizeSlug)
					assert.Equal(t, tt.status, d.Status)
					return
				}
				var step *droplets.StepError
				require.ErrorAs(t, err, &step)
				assert.Equal(t, tt.fails, step.Step)
				assert.Equal(t, tt.status, step.Droplet.Status, "the last observed state")
				assert.Contains(t, err.Error(), "droplets: "+tt.fails+" of Droplet 500000001 (")
				assert.Contains(t, err.Error(), "last seen")
				assert.NotContains(t, err.Error(), "\n")
			})
		})
	}
}

func TestResizeToTheSameSize(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		d, err := api.Client().Droplets.ResizeAndRestart(t.Context(), sampleID, droplets.ResizeRequest{Size: api.Droplets()[0].SizeSlug}, 0)
		require.NoError(t, err)
		assert.Equal(t, sampleID, d.ID)
		assert.Empty(t, steps(api))
		_, err = api.Client().Droplets.ShutdownGracefully(t.Context(), sampleID, -1)
		requireInvalid(t, err, "grace")
	})
}

func TestResizeAndRestartContextDone(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(time.Hour, droplets.ActionTypeResize))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		d, err := api.Client().Droplets.ResizeAndRestart(ctx, sampleID, droplets.ResizeRequest{Size: "s-2vcpu-4gb"}, time.Minute)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var step *droplets.StepError
		require.ErrorAs(t, err, &step)
		assert.Equal(t, "resize", step.Step)
		assert.Equal(t, droplets.DropletStatusOff, d.Status)
		assert.Equal(t, "shutdown resize", steps(api), "no action is initiated while the resize is in progress")
	})
}

func TestSnapshotAndWait(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(30*time.Second))
		c := api.Client()
		first, err := c.Droplets.SnapshotAndWait(t.Context(), sampleID, droplets.SnapshotRequest{Name: "nightly"})
		require.NoError(t, err)
		second, err := c.Droplets.SnapshotAndWait(t.Context(), sampleID, droplets.SnapshotRequest{Name: "nightly"})
		require.NoError(t, err)
		assert.Equal(t, "nightly", second.Name)
		assert.NotEqual(t, first.ID, second.ID, "the snapshot of this action, although another has the same name")
		unnamed, err := c.Droplets.SnapshotAndWait(t.Context(), sampleID, droplets.SnapshotRequest{})
		require.NoError(t, err)
		assert.Greater(t, unnamed.ID, second.ID)

		api.FailNextAction(droplets.ActionTypeSnapshot)
		image, err := c.Droplets.SnapshotAndWait(t.Context(), sampleID, droplets.SnapshotRequest{Name: "x"})
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		assert.Nil(t, image)
	})
}

func TestSnapshotAndWaitWithAmbiguousSnapshots(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
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
		assert.Nil(t, image, "no snapshot is guessed")
		assert.Less(t, time.Since(start), 2*time.Minute)
	})
}
