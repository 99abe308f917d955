package droplets_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// fakeHistory is a history against the fake: Droplets that are created and deleted, or actions that are started, while
// the list is read.
type fakeHistory struct {
	actions       bool
	items         int
	perPage       int
	window        int
	verify        bool
	changes       []change
	before, after []int
}

func drawFakeHistory(t *rapid.T, actions, verify bool) fakeHistory {
	h := fakeHistory{actions: actions, verify: verify,
		items:   rapid.IntRange(0, 16).Draw(t, "items"),
		perPage: rapid.IntRange(1, 5).Draw(t, "perPage"),
		window:  rapid.IntRange(1, 8).Draw(t, "window"),
	}
	create := actions || rapid.Bool().Draw(t, "create")
	for range rapid.IntRange(0, 6).Draw(t, "changes") {
		if verify && !actions {
			create = rapid.Bool().Draw(t, "create") // any mixture
		}
		h.changes = append(h.changes, change{at: time.Duration(rapid.IntRange(0, 120).Draw(t, "at")) * time.Millisecond,
			create: create, choice: rapid.IntRange(0, 15).Draw(t, "choice")})
	}
	slices.SortStableFunc(h.changes, func(a, b change) int { return int(a.at - b.at) })
	delays := rapid.SliceOfN(rapid.IntRange(0, 20), 1, 9)
	h.before, h.after = delays.Draw(t, "before"), delays.Draw(t, "after")
	return h
}

// delayedFake is the transport of the fake with delays.
type delayedFake struct {
	fakeHistory
	api *dropletstest.API

	mu       sync.Mutex
	requests int
	deleted  map[int64]bool
}

func (f *delayedFake) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	n := f.requests
	f.requests++
	f.mu.Unlock()
	<-time.After(time.Duration(f.before[n%len(f.before)]) * time.Millisecond)
	resp, err := f.api.Transport().RoundTrip(r)
	<-time.After(time.Duration(f.after[n%len(f.after)]) * time.Millisecond)
	return resp, err
}

// apply makes a change. Only Droplets that exist from the beginning are deleted.
func (f *delayedFake) apply(ctx context.Context, c *droplets.Client, ch change, original []int64, n int) error {
	switch {
	case f.actions:
		_, err := c.DropletActions.Rename(ctx, f.api.Droplets()[f.items+n].ID, droplets.RenameRequest{Name: "renamed-" + strconv.Itoa(n)})
		return err
	case ch.create:
		f.api.Seed(1)
	case len(original) > 0:
		id := original[ch.choice%len(original)]
		if f.deleted[id] {
			return nil
		}
		f.deleted[id] = true
		return c.Droplets.Delete(ctx, id)
	}
	return nil
}

// play returns the items that existed all the time and were not yielded.
func (h fakeHistory) play(t *testing.T) (missing []int64, err error) {
	virtualtime.Test(t, func(t *testing.T) {
		count := h.items
		if h.actions {
			count += len(h.changes) // one Droplet for each action
		}
		f := &delayedFake{fakeHistory: h, api: dropletstest.New(dropletstest.WithDroplets(count)), deleted: make(map[int64]bool)}
		direct := f.api.Client()
		delayed, newErr := droplets.NewClient(dropletstest.Token, droplets.WithHTTPClient(&http.Client{Transport: f}))
		require.NoError(t, newErr)
		var original []int64
		for _, d := range f.api.Droplets()[:h.items] {
			if h.actions {
				a, err := direct.DropletActions.Rename(t.Context(), d.ID, droplets.RenameRequest{Name: "first"})
				require.NoError(t, err)
				original = append(original, a.ID)
				continue
			}
			original = append(original, d.ID)
		}
		var wg sync.WaitGroup
		start := time.Now()
		wg.Go(func() {
			for n, ch := range h.changes {
				<-time.After(ch.at - time.Since(start))
				if err := f.apply(t.Context(), direct, ch, original, n); err != nil {
					panic(err)
				}
			}
		})
		var got []int64
		got, err = h.read(t.Context(), delayed)
		wg.Wait()
		for _, id := range original {
			if !slices.Contains(got, id) && !f.deleted[id] {
				missing = append(missing, id)
			}
		}
	})
	return missing, err
}

func (h fakeHistory) read(ctx context.Context, c *droplets.Client) (got []int64, err error) {
	opts := droplets.ListOptions{PerPage: h.perPage}
	co := []droplets.CallOption{droplets.ReadAhead(h.window)}
	if h.verify {
		co = append(co, droplets.VerifyList())
	}
	if h.actions {
		for a, err := range c.Actions.All(ctx, &opts, co...) {
			if err != nil {
				return got, err
			}
			got = append(got, a.ID)
		}
		return got, nil
	}
	for d, err := range c.Droplets.All(ctx, &droplets.DropletListOptions{ListOptions: opts}, co...) {
		if err != nil {
			return got, err
		}
		got = append(got, d.ID)
	}
	return got, nil
}

// TestAllAgainstTheFake plays random histories against the fake, as TestAllAgainstAModel does against a model.
func TestAllAgainstTheFake(t *testing.T) {
	t.Parallel()
	for _, actions := range []bool{false, true} {
		for _, verify := range []bool{false, true} {
			t.Run(fmt.Sprintf("actions %t, verify %t", actions, verify), func(t *testing.T) {
				t.Parallel()
				played, complete := 0, 0
				rapid.Check(t, func(rt *rapid.T) {
					h := drawFakeHistory(rt, actions, verify)
					missing, err := h.play(t)
					played++
					switch {
					case err != nil && len(h.changes) > 0 && listChanged(err):
						return
					case err != nil:
						rt.Fatalf("an error: %v", err)
					}
					if len(missing) > 0 {
						rt.Fatalf("%d existed all the time and were not yielded", missing)
					}
					complete++
				})
				t.Logf("%d histories, %d without an error", played, complete)
				if played >= 50 { // with fewer histories, the share varies too much
					assert.Greater(t, complete, played*9/10, "histories without an error")
				}
			})
		}
	}
}
