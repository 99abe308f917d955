package main

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

func TestRecordReturnsWhatTheClientSends(t *testing.T) {
	d, err := load(t.Context(), stored)
	require.NoError(t, err)
	sent, err := record(t.Context(), d, []call{
		func(ctx context.Context, c *droplets.Client) error {
			return errorOf(c.DropletActions.InitiateByTag(ctx, "a", droplets.SnapshotRequest{Name: "n"}))
		},
		func(ctx context.Context, c *droplets.Client) error { return c.Droplets.Delete(ctx, 1) },
	})
	require.NoError(t, err)
	require.Len(t, sent, 2)
	actions := sent["dropletActions_post_byTag"]
	assert.Equal(t, map[string]bool{"tag_name": true}, actions.query)
	assert.Equal(t, map[string]bool{"snapshot": true}, actions.types)
	assert.Len(t, actions.body, 2)
	assert.True(t, actions.body.Has("/name"))
	assert.Empty(t, sent["droplets_destroy"].body)

	rejected := errors.New("rejected")
	_, err = record(t.Context(), d, []call{func(context.Context, *droplets.Client) error { return rejected }})
	require.ErrorIs(t, err, rejected)
	require.ErrorContains(t, err, "call 0 sends nothing")
}
