package droplets_test

import (
	"context"
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

func TestCreateAndWaitWithErroredActionWithoutResource(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			switch {
			case r.Method == http.MethodPost:
				return respond(202, createdBody(42))()
			case strings.HasSuffix(r.URL.Path, "/actions"):
				return respond(200, `{"actions":[{"id":7515,"status":"errored","type":"create","resource_id":null}],"meta":{"total":1}}`)()
			}
			return respond(200, dropletBody(42))()
		})
		d, err := c.Droplets.CreateAndWait(t.Context(), createRequest())
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		require.NotNil(t, d)
		assert.EqualValues(t, 42, d.ID)
	})
}

func TestCreateMultipleAndWaitWithUnreadableAction(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
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
		require.Len(t, ds, 3)
		assert.True(t, droplets.IsActive(&ds[0]) && droplets.IsActive(&ds[1]), "waits for the other Droplets")
	})
}

func TestCreateAndWait(t *testing.T) {
	t.Parallel()
	lag := dropletstest.WithLag(dropletstest.Lag{Visibility: 5 * time.Second, Addresses: 12 * time.Second, Status: 3 * time.Second})
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(lag, dropletstest.WithActionDuration(40*time.Second))
		req := createRequest()
		req.IPv6 = true
		d, err := api.Client().Droplets.CreateAndWait(t.Context(), req)
		require.NoError(t, err)
		assert.Equal(t, droplets.DropletStatusActive, d.Status)
		_, ok := d.PublicIPv4()
		assert.True(t, ok)
		_, ok = d.PublicIPv6()
		assert.True(t, ok)
	})
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(lag)
		req := createRequest()
		req.PublicNetworking = new(false)
		d, err := api.Client().Droplets.CreateAndWait(t.Context(), req)
		require.NoError(t, err)
		_, ok := d.PublicIPv4()
		assert.False(t, ok, "does not wait for an address that was not requested")
	})
}

func TestCreateAndWaitFailures(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.FailNextAction(droplets.ActionTypeCreate)
		d, err := api.Client().Droplets.CreateAndWait(t.Context(), createRequest())
		var failed *droplets.ActionError
		require.ErrorAs(t, err, &failed)
		require.NotErrorIs(t, err, droplets.ErrNotFound)
		assert.Equal(t, d.ID, failed.Action.ResourceID)

		api = dropletstest.New(dropletstest.WithActionDuration(time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		d, err = api.Client().Droplets.CreateAndWait(ctx, createRequest())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var step *droplets.StepError
		require.ErrorAs(t, err, &step)
		assert.Equal(t, "create", step.Step)
		assert.Equal(t, api.Droplets()[0].ID, d.ID, "the error comes with the Droplet, which exists")
	})
}

func TestCreateMultipleAndWait(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(30 * time.Second))
		api.FailNextAction(droplets.ActionTypeCreate)
		ds, err := api.Client().Droplets.CreateMultipleAndWait(t.Context(), multiCreate("a", "b", "c"))
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		require.Len(t, ds, 3)
		active := 0
		for _, d := range ds {
			if droplets.IsActive(&d) && droplets.HasPublicIPv4(&d) {
				active++
			}
		}
		assert.Equal(t, 2, active, "waits for the other Droplets")
	})
}

// TestErrorOfSeveralRequests says how many Droplets were created, if more than one request is necessary.
func TestErrorOfSeveralRequests(t *testing.T) {
	t.Parallel()
	for count, text := range map[int]string{10: "", 11: "; of 11 Droplets 0 were created"} {
		_, c := newAPI(t, sequence(respond(422, `{"id":"unprocessable_entity","message":"no"}`)))
		var names []string
		for i := range count {
			names = append(names, fmt.Sprintf("web-%d", i))
		}
		_, err := c.Droplets.CreateMultipleAndWait(t.Context(), multiCreate(names...))
		require.ErrorIs(t, err, droplets.ErrUnprocessable)
		if text == "" {
			assert.NotContains(t, err.Error(), "were created")
		} else {
			assert.ErrorContains(t, err, text)
		}
	}
}
