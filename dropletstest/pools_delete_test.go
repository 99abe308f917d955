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

// TestDropletsThatAreDeletedTwice checks members of a pool that is being deleted with its Droplets: one that a request deletes first, and one
// whose pool is gone.
func TestDropletsThatAreDeletedTwice(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(time.Minute, dropletstest.ActionTypeDestroy))
		c := api.Client()
		req := poolRequest(api, 2)
		p := createPool(t, c, req)
		last := api.Droplets()[1].ID
		require.NoError(t, c.AutoscalePools.DeleteWithDroplets(t.Context(), p.ID))
		require.NoError(t, c.Droplets.Delete(t.Context(), last))
		sleep(2 * time.Minute)
		assert.Empty(t, api.Droplets())
		var operations []string
		for _, e := range api.Ledger() {
			operations = append(operations, e.Operation)
		}
		assert.Equal(t, []string{"autoscalepools_create", "autoscalepools_create", "droplets_destroy", "autoscalepools_delete_dangerous"}, operations)

		p = createPool(t, c, req)
		req.Config.TargetNumberInstances = 1
		_, err := c.AutoscalePools.Update(t.Context(), p.ID, req)
		require.NoError(t, err)
		require.NoError(t, c.AutoscalePools.Delete(t.Context(), p.ID))
		sleep(2 * time.Minute)
		assert.Len(t, api.Droplets(), 2, "a Droplet that was released is not deleted any more")
	})
}

// TestNamesOfPoolDroplets checks the names of the Droplets if that of the template or of the pool is not a valid name of a Droplet.
func TestNamesOfPoolDroplets(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		for want, names := range map[string][2]string{"web": {"web", "my pool"}, "pool": {"", "pool"}, "pool2": {"a_b", "pool2"}, "autoscale": {"", "my pool"}} {
			api := dropletstest.New()
			req := poolRequest(api, 2)
			req.DropletTemplate.Name, req.Name = names[0], names[1]
			createPool(t, api.Client(), req)
			all := api.Droplets()
			assert.Equal(t, []string{want + "-1", want + "-2"}, []string{all[0].Name, all[1].Name})
		}
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
