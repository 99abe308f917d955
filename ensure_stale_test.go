package droplets_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestEnsureAfterAWaitForAnotherCall: the lists were read before the Droplet of an uncertain create appeared, and the call
// then waited for another one until the search for that Droplet was over.
func TestEnsureAfterAWaitForAnotherCall(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		fake := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Visibility: 45 * time.Second}))
		fake.Respond(1, dropletstest.Match{Operation: "droplets_create"}, dropletstest.Fault{Applied: true, Status: http.StatusBadGateway})
		c := fake.Client()
		short, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		done := make(chan error)
		go func() {
			_, _, err := c.Droplets.EnsureMultiple(short, multiCreate("a"))
			done <- err
		}()
		synctest.Wait()
		go func() {
			_, _, err := c.Droplets.EnsureMultiple(t.Context(), multiCreate("a", "c")) // searches for c for a minute
			done <- err
		}()
		require.ErrorIs(t, <-done, droplets.ErrMaybeApplied)
		<-time.After(time.Second)
		all, created, err := c.Droplets.EnsureMultiple(t.Context(), multiCreate("a"))
		require.NoError(t, err)
		require.NoError(t, <-done)
		assert.Empty(t, created)
		require.Len(t, all, 1)
		count := 0
		for _, d := range fake.Droplets() {
			if d.Name == "a" {
				count++
			}
		}
		assert.Equal(t, 1, count, "Droplets named a")
	})
}

// TestEnsureRejectsResendUncertain: with that option, a create whose outcome is unknown would be sent again without a search.
func TestEnsureRejectsResendUncertain(t *testing.T) {
	t.Parallel()
	fake := dropletstest.New()
	c := fake.Client()
	_, _, err := c.Droplets.Ensure(t.Context(), createRequest(), droplets.ResendUncertain())
	requireInvalid(t, err, "ResendUncertain")
	_, _, err = c.Droplets.EnsureAndWait(t.Context(), createRequest(), droplets.ResendUncertain())
	requireInvalid(t, err, "ResendUncertain")
	assert.Empty(t, fake.Requests())
}
