package dropletstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func TestSnapshots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dropletstest.New(dropletstest.WithActionDuration(90 * time.Second)).Client()
		d := createActive(t, c, createRequest("a"))
		sleep(300 * time.Millisecond)
		a, err := c.DropletActions.Snapshot(t.Context(), d.ID, droplets.SnapshotRequest{Name: "before"})
		require.NoError(t, err)
		assert.Empty(t, collect(t, c.Droplets.AllSnapshots(t.Context(), d.ID, nil)))
		_, err = c.DropletActions.WaitForAction(t.Context(), d.ID, a.ID)
		require.NoError(t, err)

		snapshots := collect(t, c.Droplets.AllSnapshots(t.Context(), d.ID, nil))
		require.Len(t, snapshots, 1)
		assert.Equal(t, "before", snapshots[0].Name)
		assert.Equal(t, a.StartedAt, snapshots[0].CreatedAt)
		assert.Equal(t, []int64{snapshots[0].ID}, getDroplet(t, c, d.ID).SnapshotIDs)
		fromSnapshot := createRequest("b")
		fromSnapshot.Image = droplets.ImageID(snapshots[0].ID)
		assert.Equal(t, droplets.ImageTypeSnapshot, createActive(t, c, fromSnapshot).Image.Type)
		require.NoError(t, c.Droplets.Delete(t.Context(), d.ID))
		createActive(t, c, fromSnapshot)
	})
}
