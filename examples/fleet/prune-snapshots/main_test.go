package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

// newAccount returns an account with a Droplet that has n snapshots, one created each day.
func newAccount(t *testing.T, n int) (*dropletstest.API, *droplets.Client) {
	t.Helper()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	for i := range n {
		name := "day-" + strconv.Itoa(i+1)
		_, err := client.DropletActions.Snapshot(t.Context(), api.Droplets()[0].ID, droplets.SnapshotRequest{Name: name})
		require.NoError(t, err)
		<-time.After(24 * time.Hour)
	}
	return api, client
}

// names returns the names of the account's snapshots of Droplets, without golden-image, which every new fake has.
func names(t *testing.T, client *droplets.Client) (found []string) {
	t.Helper()
	all, err := listSnapshots(t.Context(), client)
	require.NoError(t, err)
	for _, s := range all {
		if s.Name != "golden-image" {
			found = append(found, s.Name)
		}
	}
	return found
}

// deletes returns the number of DELETE requests.
func deletes(api *dropletstest.API) (n int) {
	for _, r := range api.Requests() {
		if r.Method == http.MethodDelete {
			n++
		}
	}
	return n
}

func TestRunListsAndDeletes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out, stderr bytes.Buffer
		require.NoError(t, run(t.Context(), program.Env{Out: &out, Err: &stderr}))
		assert.Contains(t, stderr.String(), "changes nothing")
		assert.Contains(t, out.String(), "2 of 8 snapshots are old: ")
		assert.NotContains(t, out.String(), "deleted")
		assert.NotContains(t, out.String(), "data-monday")

		out.Reset()
		require.NoError(t, run(t.Context(), program.Env{Args: []string{"-delete", "-keep", "1"}, Out: &out, Err: &stderr}))
		assert.Contains(t, stderr.String(), "asks for confirmation")
		assert.Equal(t, 5, strings.Count(out.String(), "\ndeleted nightly-"))
		for _, row := range []string{`nightly-5 +500000001 +2000-01-01 00:00 +\d\.\d\d +keep`, `nightly-4 +500000001 .* old`,
			`nightly-2 +500000002 .* keep`, `golden-image +0 .* keep`} {
			assert.Regexp(t, row, out.String())
		}
	})
}

func TestInvalidFlagsAreRejected(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{"-keep must be at least 1, got 0": {"-keep", "0"},
		"-keep must be at least 1, got -3": {"-keep=-3", "-delete"}, "unexpected argument": {"3"}, "DIGITALOCEAN_TOKEN": {"-live"}} {
		err := run(t.Context(), program.Env{Args: args, Out: &bytes.Buffer{}, Err: &bytes.Buffer{}})
		require.ErrorContains(t, err, want)
	}
}

func TestPruneKeepsTheNewest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, client := newAccount(t, 5)
		volume := api.AddVolumeSnapshot(api.AddVolume("data", "nyc3", 1), "data-monday")
		var out bytes.Buffer
		env := program.Env{Out: &out}
		require.NoError(t, prune(t.Context(), client, options{keep: 3}, env))
		assert.Len(t, names(t, client), 5, "without -delete nothing is deleted")
		require.NoError(t, prune(t.Context(), client, options{keep: 3, remove: true}, env))
		assert.Equal(t, []string{"day-3", "day-4", "day-5"}, names(t, client))
		assert.Equal(t, 2, deletes(api))
		require.NoError(t, prune(t.Context(), client, options{keep: 3, remove: true}, env))
		assert.Equal(t, 2, deletes(api), "a second run has nothing to delete")
		_, err := client.Snapshots.Get(t.Context(), volume)
		require.NoError(t, err)
	})
}

// TestListErrorDeletesNothing has a list whose first page alone has more snapshots than are kept. The second page cannot be read.
func TestListErrorDeletesNothing(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]dropletstest.Fault{
		"forbidden": {Status: http.StatusForbidden}, "500": {Status: http.StatusInternalServerError},
		"not a list":   {Status: http.StatusOK, Body: `{"snapshots":null}`},
		"a short list": {Status: http.StatusOK, Body: `{"snapshots":[],"meta":{"total":205}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api, client := newAccount(t, 205)
				secondPage := func(r *http.Request) bool { return r.URL.Query().Get("page") == "2" }
				api.Respond(-1, dropletstest.Match{Operation: "snapshots_list", Func: secondPage}, fault)
				var out bytes.Buffer
				require.Error(t, prune(t.Context(), client, options{keep: 3, remove: true}, program.Env{Out: &out}))
				assert.Zero(t, deletes(api))
				assert.Empty(t, out.String())
				api.ClearFaults()
				assert.Len(t, names(t, client), 205)
			})
		})
	}
}

func TestDeletesOnlyAfterConfirmation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, client := newAccount(t, 5)
		live := options{keep: 3, remove: true, live: true}
		var out, stderr bytes.Buffer
		err := prune(t.Context(), client, live, program.Env{In: strings.NewReader("no\n"), Out: &out, Err: &stderr})
		require.ErrorIs(t, err, program.ErrDeclined)
		assert.Contains(t, stderr.String(), "Delete 2 snapshots?")
		assert.Zero(t, deletes(api))
		require.NoError(t, prune(t.Context(), client, live, program.Env{In: strings.NewReader("yes\n"), Out: &out, Err: &stderr}))
		assert.Equal(t, 2, deletes(api))
		live.yes, live.keep = true, 1
		require.NoError(t, prune(t.Context(), client, live, program.Env{Out: &out, Err: &stderr}))
		assert.Equal(t, []string{"day-5"}, names(t, client))
	})
}

func TestDeleteStopsAtAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, client := newAccount(t, 6)
		var out bytes.Buffer
		all, err := listSnapshots(t.Context(), client)
		require.NoError(t, err)
		_, old, err := choose(all, 3)
		require.NoError(t, err)
		require.NoError(t, client.Snapshots.Delete(t.Context(), old[0].ID)) // by another program
		last := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, old[2].ID) }
		api.Respond(1, dropletstest.Match{Operation: "snapshots_delete", Func: last}, dropletstest.Fault{Status: http.StatusForbidden})
		err = deleteSnapshots(t.Context(), client, old, &out)
		require.ErrorIs(t, err, droplets.ErrForbidden)
		require.ErrorContains(t, err, "1 of 3 snapshots were not deleted")
		assert.Equal(t, "day-3 ("+old[0].ID+") was already deleted\ndeleted day-2 ("+old[1].ID+")\n", out.String())

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, deleteSnapshots(ctx, client, old, &out), context.Canceled)
		assert.Equal(t, []string{"day-1", "day-4", "day-5", "day-6"}, names(t, client))
	})
}

func TestChooseKeepsTheNewestOfEachDroplet(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	of := func(droplet, id string, at time.Time) droplets.Snapshot {
		return droplets.Snapshot{ID: id, ResourceID: droplet, ResourceType: droplets.SnapshotResourceDroplet, CreatedAt: at}
	}
	volume := of("7", "v1", day(1))
	volume.ResourceType = droplets.SnapshotResourceVolume
	all := []droplets.Snapshot{
		of("7", "11", day(2)), of("9", "12", day(1)), of("7", "13", day(4)), of("7", "10", day(3)), of("7", "9", day(3)), volume,
		of("10", "14", day(9)), of("0", "1", day(1)), of("0", "2", day(2)), of("0", "3", day(3)),
		of("", "4", day(1)), of("", "5", day(1)), of("", "6", time.Time{}),
	}
	before := slices.Clone(all)
	kept, old, err := choose(all, 2)
	require.NoError(t, err)
	assert.Equal(t, before, all, "the argument is not changed")
	ids := func(list []droplets.Snapshot) (ids []string) {
		for _, s := range list {
			ids = append(ids, s.ID)
		}
		return ids
	}
	assert.Equal(t, []string{"9", "11"}, ids(old), "9 was created in the second of 10, before it")
	assert.Len(t, kept, len(all)-len(old))
	assert.Subset(t, ids(kept), []string{"13", "10", "12", "14", "v1", "1", "2", "3", "4", "5", "6"})

	_, old, err = choose(append(all, of("10", "15", time.Time{})), 2)
	require.ErrorContains(t, err, "has no time of creation")
	assert.Nil(t, old)
}

func TestReportReturnsWriteErrors(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, report(brokenWriter{}, nil, nil), "broken pipe")
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }
