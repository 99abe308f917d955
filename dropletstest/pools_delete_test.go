package dropletstest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestDeletePool(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client(noRetries)
		p := createPool(t, c, poolRequest(api, 2))
		require.NoError(t, c.AutoscalePools.Delete(t.Context(), p.ID))
		assert.Equal(t, droplets.AutoscalePoolStatusDeleting, readPool(t, c, p.ID).Status)
		assert.Empty(t, memberStatuses(t, c, p.ID))
		require.NoError(t, c.AutoscalePools.Delete(t.Context(), p.ID), "a retry")
		requireUnprocessable(t, c.AutoscalePools.DeleteWithDroplets(t.Context(), p.ID), "being deleted")
		_, err := c.AutoscalePools.Update(t.Context(), p.ID, p.Request())
		requireUnprocessable(t, err, "being deleted")
		requireReloadable(t, api)
		sleep(time.Second)
		require.ErrorIs(t, c.AutoscalePools.Delete(t.Context(), p.ID), droplets.ErrNotFound)
		assert.Len(t, api.Droplets(), 2)
		require.NoError(t, c.Droplets.Delete(t.Context(), api.Droplets()[0].ID))
		sleep(time.Hour)
		assert.Len(t, api.Droplets(), 1, "the Droplet is not replaced")
		requireReloadable(t, api)
	})
}

func TestDeletePoolWithDroplets(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(10*time.Second, dropletstest.ActionTypeDestroy))
		c := api.Client(noRetries)
		p := createPool(t, c, poolRequest(api, 2))
		resp := sendRequest(t, api, http.MethodDelete, "/v2/droplets/autoscale/"+p.ID+"/dangerous", "")
		assert.Equal(t, 422, resp.StatusCode)
		assert.Contains(t, resp.body, "X-Dangerous")
		require.NoError(t, c.AutoscalePools.DeleteWithDroplets(t.Context(), p.ID))
		require.NoError(t, c.AutoscalePools.DeleteWithDroplets(t.Context(), p.ID), "a retry")
		requireUnprocessable(t, c.AutoscalePools.Delete(t.Context(), p.ID), "being deleted")
		assert.Equal(t, []string{"deleting", "deleting"}, memberStatuses(t, c, p.ID))
		sleep(5 * time.Second)
		assert.Equal(t, []string{"deleting"}, memberStatuses(t, c, p.ID))
		api = requireReloadable(t, api)
		c = api.Client()
		sleep(5 * time.Second)
		require.ErrorIs(t, c.AutoscalePools.Delete(t.Context(), p.ID), droplets.ErrNotFound)
		assert.Empty(t, api.Droplets())
		ledger := api.Ledger()
		require.Len(t, ledger, 4)
		for _, e := range ledger[2:] {
			assert.Equal(t, []any{dropletstest.EntryDelete, "autoscalepools_delete_dangerous"}, []any{e.Kind, e.Operation})
		}
		assert.Equal(t, 5*time.Second, ledger[3].Time.Sub(ledger[2].Time))
		sleep(time.Hour)
		requireReloadable(t, api)
	})
}
