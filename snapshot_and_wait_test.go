package droplets_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// lateSnapshots shows an image in the list of snapshots and in the Droplet only some time after it was first there.
type lateSnapshots struct {
	next http.RoundTripper
	lag  time.Duration

	mu    sync.Mutex
	first map[int64]time.Time
}

func (l *lateSnapshots) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err != nil || r.Method != http.MethodGet || resp.StatusCode != 200 || strings.Contains(r.URL.Path, "actions") {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var root struct {
		Droplet   map[string]any             `json:"droplet"`
		Snapshots []droplets.DropletSnapshot `json:"snapshots"`
		Meta      map[string]int             `json:"meta,omitempty"`
	}
	if err := json.Unmarshal(body, &root); err != nil {
		return nil, err
	}
	if root.Droplet != nil {
		var visible []any
		ids, _ := root.Droplet["snapshot_ids"].([]any)
		for _, id := range ids {
			if l.isVisible(int64(id.(float64))) {
				visible = append(visible, id)
			}
		}
		root.Droplet["snapshot_ids"] = visible
		return respond(200, encode(map[string]any{"droplet": root.Droplet}))()
	}
	visible := []droplets.DropletSnapshot{}
	for _, s := range root.Snapshots {
		if l.isVisible(s.ID) {
			visible = append(visible, s)
		}
	}
	return respond(200, encode(map[string]any{"snapshots": visible, "meta": map[string]int{"total": len(visible)}}))()
}

func (l *lateSnapshots) isVisible(id int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.first == nil {
		l.first = make(map[int64]time.Time)
	}
	if _, ok := l.first[id]; !ok {
		l.first[id] = time.Now()
	}
	return time.Since(l.first[id]) >= l.lag
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestSnapshotOfTwoJobsOnOneDroplet runs two jobs at the same time, with the same name, without a name, and with two names.
func TestSnapshotOfTwoJobsOnOneDroplet(t *testing.T) {
	t.Parallel()
	var found, failed int
	for _, names := range [][2]string{{"nightly", "nightly"}, {"", ""}, {"a", "b"}} {
		for _, duration := range []time.Duration{time.Second, 3 * time.Second, 30 * time.Second} {
			for _, lag := range []time.Duration{0, 8 * time.Second, 20 * time.Second, 45 * time.Second} {
				virtualtime.Test(t, func(t *testing.T) {
					api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(duration))
					late := &lateSnapshots{next: api.Transport(), lag: lag}
					var wg sync.WaitGroup
					var mu sync.Mutex
					images := make(map[int64]bool)
					for i := range names {
						wg.Go(func() {
							<-time.After(time.Duration(i) * time.Second / 2)
							own := &recorder{next: late}
							c := api.Client(droplets.WithHTTPClient(&http.Client{Transport: own}))
							var action *droplets.Action
							image, err := c.Droplets.SnapshotAndWait(t.Context(), sampleID, droplets.SnapshotRequest{Name: names[i]},
								droplets.OnProgress(func(p droplets.Progress) {
									if p.Action != nil {
										action = p.Action
									}
								}))
							mu.Lock()
							defer mu.Unlock()
							if err != nil {
								failed++
								step, ok := errors.AsType[*droplets.StepError](err)
								assert.True(t, ok && step.Action != nil, "%v: the action is there to be waited for again", err)
								return
							}
							found++
							assert.Equal(t, action.StartedAt, image.CreatedAt, "the fake writes the start of the action")
							assert.False(t, images[image.ID], "each job has its own image")
							images[image.ID] = true
						})
					}
					wg.Wait()
				})
			}
		}
	}
	t.Logf("%d images, %d errors", found, failed)
	assert.Equal(t, 2*3*3*4, found+failed)
	assert.Greater(t, found, 5*failed, "an error is right only if the images cannot be told apart")
}

// TestSnapshotThatIsListedLate: older images have the same name.
func TestSnapshotThatIsListedLate(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{0, 8 * time.Second, 20 * time.Second, 45 * time.Second} {
		virtualtime.Test(t, func(t *testing.T) {
			api := oneDroplet()
			c := api.Client(droplets.WithHTTPClient(&http.Client{Transport: &lateSnapshots{next: api.Transport(), lag: lag}}))
			var last int64
			for range 3 {
				image, err := c.Droplets.SnapshotAndWait(t.Context(), sampleID, droplets.SnapshotRequest{Name: "nightly"})
				require.NoError(t, err, lag)
				assert.Greater(t, image.ID, last)
				last = image.ID
				<-time.After(time.Duration(rand.IntN(5000)) * time.Millisecond)
			}
		})
	}
}

// TestSnapshotsInTheSameSecond: in a test with the fake and without delays, all images have the same creation time.
func TestSnapshotsInTheSameSecond(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
		c := api.Client()
		var last int64
		for range 5 {
			image, err := c.Droplets.SnapshotAndWait(t.Context(), sampleID, droplets.SnapshotRequest{Name: "nightly"})
			require.NoError(t, err)
			assert.Greater(t, image.ID, last)
			last = image.ID
		}
	})
}

// TestSnapshotErrorHasTheAction: the caller can wait for the action again.
func TestSnapshotErrorHasTheAction(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(10*time.Minute))
		ctx, cancel := contextThatEndsAfter(t, oneMinute)
		defer cancel()
		c := api.Client()
		image, err := c.Droplets.SnapshotAndWait(ctx, sampleID, droplets.SnapshotRequest{Name: "nightly"})
		require.ErrorIs(t, err, ctx.Err())
		assert.Nil(t, image)
		step := asStep(t, err)
		require.NotNil(t, step.Action)
		assert.Contains(t, err.Error(), fmt.Sprintf("action %d in-progress", step.Action.ID))
		ended, err := c.DropletActions.WaitForAction(t.Context(), sampleID, step.Action.ID)
		require.NoError(t, err)
		assert.Equal(t, droplets.ActionTypeSnapshot, ended.Type)
	})
	virtualtime.Test(t, func(t *testing.T) { // the list fails after the action
		api := oneDroplet()
		api.Respond(-1, dropletstest.Match{Operation: "droplets_list_snapshots"}, dropletstest.Fault{Status: 403})
		_, err := api.Client().Droplets.SnapshotAndWait(t.Context(), sampleID, droplets.SnapshotRequest{Name: "nightly"})
		require.ErrorIs(t, err, droplets.ErrForbidden)
		assert.Equal(t, droplets.ActionStatusCompleted, asStep(t, err).Action.Status)
	})
}

// TestSnapshotAndWaitReturnsTheImageOfTheAction uses lists of images and actions in which the image of the action can, or cannot, be
// identified. The action runs from second 10 to second 40.
func TestSnapshotAndWaitReturnsTheImageOfTheAction(t *testing.T) {
	t.Parallel()
	const day = "2026-11-21T12:00:"
	image := func(id int, name string, second int) string {
		return fmt.Sprintf(`{"id":%d,"name":%q,"created_at":"%s%02dZ","type":"snapshot"}`, id, name, day, second)
	}
	action := func(id int64, status string, from, to int) string {
		completed := fmt.Sprintf(`"%s%02dZ"`, day, to)
		if to == 0 {
			completed = "null"
		}
		return fmt.Sprintf(`{"id":%d,"type":"snapshot","status":%q,"started_at":"%s%02dZ","completed_at":%s,"resource_id":42}`, id, status, day, from, completed)
	}
	for name, tt := range map[string]struct {
		images, others []string
		before         string
		want           int64
	}{
		"the only new image":                       {images: []string{image(1, "x", 10)}, want: 1},
		"created at the end":                       {images: []string{image(1, "x", 40)}, want: 1},
		"created by a clock that is behind":        {images: []string{image(1, "x", 9)}, want: 1},
		"another name":                             {images: []string{image(1, "y", 10)}},
		"another name beside it":                   {images: []string{image(1, "y", 12), image(2, "x", 12)}, want: 2},
		"created before, with no IDs from before":  {images: []string{image(1, "x", 1)}},
		"created after":                            {images: []string{image(1, "x", 50)}},
		"older ones beside it":                     {images: []string{image(1, "x", 1), image(2, "x", 10)}, want: 2},
		"known from before":                        {images: []string{image(1, "x", 10)}, before: "1"},
		"two that fit":                             {images: []string{image(1, "x", 10), image(2, "x", 20)}},
		"another action that ended in that second": {images: []string{image(1, "x", 10)}, others: []string{action(8, "completed", 2, 10)}, want: 1},
		"another action that ran then":             {images: []string{image(1, "x", 12)}, others: []string{action(8, "completed", 11, 30)}},
		"another action that started then":         {images: []string{image(1, "x", 10)}, others: []string{action(8, "in-progress", 10, 0)}},
		"another action that errored":              {images: []string{image(1, "x", 12)}, others: []string{action(8, "errored", 11, 30)}, want: 1},
		"another action whose image is known":      {images: []string{image(1, "x", 10), image(2, "x", 10)}, others: []string{action(8, "completed", 10, 10)}, before: "1", want: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				own := action(7, "completed", 10, 40)
				list := func(key string, items []string) (*http.Response, error) {
					return respond(200, fmt.Sprintf(`{%q:[%s],"meta":{"total":%d}}`, key, strings.Join(items, ","), len(items)))()
				}
				_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
					switch {
					case r.Method == http.MethodPost || strings.HasSuffix(r.URL.Path, "/actions/7"):
						return respond(201, `{"action":`+own+`}`)()
					case strings.HasSuffix(r.URL.Path, "/snapshots"):
						return list("snapshots", tt.images)
					case strings.HasSuffix(r.URL.Path, "/actions"):
						return list("actions", append([]string{own}, tt.others...))
					}
					return respond(200, `{"droplet":{"id":42,"status":"active","snapshot_ids":[`+tt.before+`]}}`)()
				})
				got, err := c.Droplets.SnapshotAndWait(t.Context(), 42, droplets.SnapshotRequest{Name: "x"})
				if tt.want == 0 {
					require.ErrorContains(t, err, "cannot be distinguished from others")
					assert.Nil(t, got)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, tt.want, got.ID)
			})
		})
	}
}

// TestSnapshotsThatCannotBeListed: the error has the action, which has completed.
func TestSnapshotsThatCannotBeListed(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		api.Respond(-1, dropletstest.Match{Operation: "droplets_list_snapshots"}, dropletstest.Fault{Status: 403})
		_, err := api.Client().Droplets.SnapshotAndWait(t.Context(), sampleID, droplets.SnapshotRequest{Name: "before"})
		require.ErrorIs(t, err, droplets.ErrForbidden)
		var step *droplets.StepError
		require.ErrorAs(t, err, &step)
		assert.Equal(t, droplets.ActionStatusCompleted, step.Action.Status)
	})
}
