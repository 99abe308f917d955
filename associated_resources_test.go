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
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestDestroyRequests(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(202, "")))
	require.NoError(t, c.AssociatedResources.DestroySelective(t.Context(), 42, droplets.SelectiveDestroyRequest{
		FloatingIPs: []string{"1"}, ReservedIPs: []string{"2"}, Snapshots: []string{"3"}, Volumes: []string{"4"}, VolumeSnapshots: []string{"5"}}))
	assert.Equal(t, http.MethodDelete, a.last().Method)
	assert.JSONEq(t, `{"floating_ips":["1"],"reserved_ips":["2"],"snapshots":["3"],"volumes":["4"],"volume_snapshots":["5"]}`, a.last().Body)
	assert.Empty(t, a.last().Header.Get("X-Dangerous"))

	require.NoError(t, c.AssociatedResources.DestroySelective(t.Context(), 42, droplets.SelectiveDestroyRequest{}))
	assert.JSONEq(t, `{}`, a.last().Body, "only the Droplet is destroyed")

	require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), 42, droplets.WithHeader("X-Dangerous", "false")))
	assert.Equal(t, []string{"true"}, a.last().Header["X-Dangerous"], "callers cannot replace a header that the operation requires")
	assert.Empty(t, a.last().Body)

	_, c = newAPI(t, sequence(respond(409, fixture(t, "error.409"))))
	require.ErrorIs(t, c.AssociatedResources.Retry(t.Context(), 42), droplets.ErrConflict)
}

func TestMonthlyCost(t *testing.T) {
	t.Parallel()
	priced := func(costs ...string) (out []droplets.AssociatedResource) {
		for i, cost := range costs {
			out = append(out, droplets.AssociatedResource{ID: itoa(int64(i)), Cost: cost})
		}
		return out
	}
	r := droplets.AssociatedResources{
		ReservedIPs: priced("4.00"), FloatingIPs: priced("4.00", "1"), Snapshots: priced("0.1", "0.2"),
		Volumes: priced("10"), VolumeSnapshots: priced("0.05", "0.0001"),
	}
	cost, err := r.MonthlyCost()
	require.NoError(t, err)
	assert.Equal(t, droplets.MonthlyCost{ReservedIPs: "5.00", Snapshots: "0.30", Volumes: "10.00", VolumeSnapshots: "0.0501", Total: "15.3501"}, cost)

	cost, err = (&droplets.AssociatedResources{}).MonthlyCost()
	require.NoError(t, err)
	assert.Equal(t, "0.00", cost.Total)

	thousand := make([]string, 1000)
	for i := range thousand {
		thousand[i] = "0.1"
	}
	cost, err = (&droplets.AssociatedResources{Volumes: priced(thousand...)}).MonthlyCost()
	require.NoError(t, err)
	assert.Equal(t, "100.00", cost.Total, "the sum is exact")

	for _, bad := range []string{"", "free", "-1", "1e9", "1/3", "0x1", "1.2.3", ".", "NaN", strings.Repeat("9", 99)} {
		_, err := (&droplets.AssociatedResources{Snapshots: priced(bad)}).MonthlyCost()
		require.Error(t, err, bad)
		assert.Contains(t, err.Error(), "snapshots")
	}
}

func TestAssociatedResourcesFixtures(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(200, fixture(t, "droplets_list_associatedResources.200"))))
	resources, err := c.AssociatedResources.List(t.Context(), 42)
	require.NoError(t, err)
	cost, err := resources.MonthlyCost()
	require.NoError(t, err)
	assert.Equal(t, droplets.MonthlyCost{ReservedIPs: "4.00", Snapshots: "5.05", Volumes: "10.00", VolumeSnapshots: "0.04", Total: "19.09"}, cost)

	_, c = newAPI(t, sequence(respond(200, fixture(t, "droplets_list_associatedResources.200.empty"))))
	resources, err = c.AssociatedResources.List(t.Context(), 42)
	require.NoError(t, err)
	cost, err = resources.MonthlyCost()
	require.NoError(t, err)
	assert.Equal(t, "0.00", cost.Total)
	for _, list := range [][]droplets.AssociatedResource{resources.ReservedIPs, resources.FloatingIPs, resources.Snapshots, resources.Volumes, resources.VolumeSnapshots} {
		assert.Empty(t, list)
	}
}

func TestWaitForDestroy(t *testing.T) {
	t.Parallel()
	running := fixture(t, "droplets_get_DestroyAssociatedResourcesStatus.200.in_progress")
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, sequence(respond(200, running), respond(200, fixture(t, "droplets_get_DestroyAssociatedResourcesStatus.200"))))
		status, err := c.AssociatedResources.WaitForDestroy(t.Context(), 42)
		require.NoError(t, err)
		assert.NotNil(t, status.CompletedAt)
		assert.Zero(t, status.Failures)

		_, c = newAPI(t, sequence(respond(200, running), respond(200, fixture(t, "droplets_get_DestroyAssociatedResourcesStatus.200.failures"))))
		status, err = c.AssociatedResources.WaitForDestroy(t.Context(), 42)
		var failed *droplets.DestroyError
		require.ErrorAs(t, err, &failed)
		assert.Same(t, status, failed.Status)
		assert.Equal(t, "droplets: 2 resources were not destroyed: "+
			"snapshot 61486916 (ubuntu-s-1vcpu-1gb-nyc1-01-1585758823330): the snapshot is in use by another operation; "+
			"volume ba49449a-7435-11ea-b89e-0a58ac14480f (volume-nyc1-01): the volume could not be detached", err.Error())

		_, c = newAPI(t, sequence(respond(200, `{"droplet":{"id":"1"},"failures":1,"completed_at":"2020-04-01T18:11:49Z"}`)))
		_, err = c.AssociatedResources.WaitForDestroy(t.Context(), 42)
		require.ErrorAs(t, err, &failed, "a number of failures without resources is a failure too")

		_, c = newAPI(t, sequence(respond(200, running)))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		status, err = c.AssociatedResources.WaitForDestroy(ctx, 42)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotNil(t, status)
		assert.Nil(t, status.CompletedAt, "the last observed state")
	})
}

func TestDestroyErrorNamesEachReservedIPOnce(t *testing.T) {
	t.Parallel()
	ip := []droplets.DestroyedResource{{ID: "9", Name: "203.0.113.9", ErrorMessage: "in use"}}
	err := &droplets.DestroyError{Status: &droplets.DestroyStatus{Failures: 1,
		Droplet:   &droplets.DestroyedResource{ID: "42", Name: "web-1", ErrorMessage: "locked"},
		Resources: &droplets.DestroyedResources{ReservedIPs: ip, FloatingIPs: ip}}}
	assert.Equal(t, "droplets: 2 resources were not destroyed: droplet 42 (web-1): locked; reserved_ip 9 (203.0.113.9): in use", err.Error())
}

// TestLengthOfACost: a cost may have up to 32 characters.
func TestLengthOfACost(t *testing.T) {
	t.Parallel()
	longest := "1." + strings.Repeat("0", 29) + "5"
	require.Len(t, longest, 32)
	volumes := func(cost string) *droplets.AssociatedResources {
		return &droplets.AssociatedResources{Volumes: []droplets.AssociatedResource{{ID: "1", Cost: cost}}}
	}
	cost, err := volumes(longest).MonthlyCost()
	require.NoError(t, err)
	assert.Equal(t, longest, cost.Volumes)
	_, err = volumes(longest + "5").MonthlyCost()
	require.Error(t, err)
}

// TestAssociatedResourcesOfOneKind: a response with one list is valid, and one without any list is not.
func TestAssociatedResourcesOfOneKind(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"floating_ips", "reserved_ips", "snapshots", "volumes", "volume_snapshots"} {
		_, c := newAPI(t, sequence(respond(200, `{"`+list+`":[]}`)))
		require.NoError(t, second(c.AssociatedResources.List(t.Context(), 42)), list)
	}
	_, c := newAPI(t, sequence(respond(200, `{}`)))
	require.ErrorIs(t, second(c.AssociatedResources.List(t.Context(), 42)), droplets.ErrInvalidResponse)
}

// TestHeadersOfADestroy: the header that an operation requires does not replace those of the caller.
func TestHeadersOfADestroy(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(202, "")))
	require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), 42, droplets.WithHeader("X-Mine", "yes")))
	assert.Equal(t, []string{"true"}, a.last().Header["X-Dangerous"])
	assert.Equal(t, []string{"yes"}, a.last().Header["X-Mine"])
}
