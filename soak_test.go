package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// TestSoak calls a client from 32 goroutines while one call in ten meets a fault, and then asks the API's own ledger
// what really happened. SOAK_CALLS=100000 is the long form.
func TestSoak(t *testing.T) {
	calls := 4000
	if n, err := strconv.Atoi(os.Getenv("SOAK_CALLS")); err == nil {
		calls = n
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	goroutines := runtime.NumGoroutine()
	var s *soak
	synctest.Test(t, func(t *testing.T) {
		s = newSoak()
		s.run(t.Context(), calls, 32)
		s.settle(t)
	})
	creates, deletes, faults := s.creates, s.deletes, s.faults.Load()
	s = nil
	runtime.GC()
	runtime.ReadMemStats(&after)
	assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines+1)
	assert.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(16<<20))
	t.Logf("%d calls, %d faults, %d creates, %d deletes, 0 doubles, 0 lost; heap %d → %d kB, goroutines %d → %d",
		calls, faults, creates, deletes, before.HeapAlloc>>10, after.HeapAlloc>>10, goroutines, runtime.NumGoroutine())
}

// soak is one run, and what its calls were told.
type soak struct {
	api      *dropletstest.API
	client   *droplets.Client
	faults   atomic.Int64
	creates  int
	deletes  int
	mu       sync.Mutex
	created  map[string]error // the outcome of each create, by the name that no other create has
	deleted  map[int64]error
	surprise []error
}

func newSoak() *soak {
	s := &soak{api: dropletstest.New(dropletstest.WithDropletLimit(1e6)), created: make(map[string]error), deleted: make(map[int64]error)}
	hc := &http.Client{Transport: s.api.Transport(), Timeout: time.Minute}
	s.client = s.api.Client(droplets.WithHTTPClient(hc))
	// Each of the thirteen meets 1 in 115 of the requests that are left to it: about one in ten in all.
	for _, f := range []dropletstest.Fault{
		{Status: 429, Header: http.Header{"Retry-After": {"1"}}},
		{Status: 429},
		{Status: 500},
		{Status: 502},
		{Status: 502, Applied: true},
		{Status: 504, Applied: true, Delay: 30 * time.Second},
		{Status: 200, Body: "<html>maintenance</html>"},
		{Status: 200, Body: "{}"},
		{Break: dropletstest.BreakAnswer},
		{Break: dropletstest.BreakAnswer, Applied: true},
		{Break: dropletstest.BreakBody},
		{Break: dropletstest.BreakDial},
		{Delay: 2 * time.Minute, Applied: true},
	} {
		s.api.Respond(-1, dropletstest.Match{Func: func(*http.Request) bool {
			hit := rand.IntN(115) == 0
			if hit {
				s.faults.Add(1)
			}
			return hit
		}}, f)
	}
	return s
}

func (s *soak) run(ctx context.Context, calls, goroutines int) {
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			var own []int64
			for n := range calls / goroutines {
				own = s.step(ctx, fmt.Sprintf("soak-%d-%d", g, n), own)
			}
		})
	}
	wg.Wait()
}

// step makes one call of a random kind and returns the Droplets that the goroutine has now.
func (s *soak) step(ctx context.Context, name string, own []int64) []int64 {
	kind := rand.IntN(10)
	if len(own) == 0 || kind == 0 {
		return s.create(ctx, name, own)
	}
	id := own[rand.IntN(len(own))]
	switch kind {
	case 1:
		return s.delete(ctx, own)
	case 2:
		_, err := s.client.DropletActions.PowerCycle(ctx, id)
		s.expect(err, droplets.ErrPendingEvent, droplets.ErrUnprocessable)
	case 3:
		_, err := s.client.DropletActions.Snapshot(ctx, id, droplets.SnapshotRequest{Name: name}, droplets.RetryPendingEvent(time.Minute))
		s.expect(err, droplets.ErrPendingEvent, droplets.ErrUnprocessable)
	case 4:
		_, err := s.client.Droplets.List(ctx, &droplets.DropletListOptions{Name: name})
		s.expect(err)
	case 5:
		_, err := s.client.DropletActions.List(ctx, id, nil)
		s.expect(err)
	default:
		d, err := s.client.Droplets.Get(ctx, id)
		s.expect(err)
		if err == nil && d.ID != id {
			s.wonder(fmt.Errorf("asked for Droplet %d and got %d", id, d.ID))
		}
	}
	return own
}

func (s *soak) create(ctx context.Context, name string, own []int64) []int64 {
	result, err := s.client.Droplets.Create(ctx, droplets.DropletCreateRequest{Name: name, Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64")})
	s.expect(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.created[name] = err
	if err != nil {
		return own
	}
	return append(own, result.Droplet.ID)
}

func (s *soak) delete(ctx context.Context, own []int64) []int64 {
	id := own[0]
	err := s.client.Droplets.Delete(ctx, id, droplets.RetryPendingEvent(time.Minute))
	s.expect(err, droplets.ErrPendingEvent, droplets.ErrUnprocessable)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleted[id] = err
	return own[1:]
}

// expect takes the ways in which any call may end while there are faults, and those of this call.
func (s *soak) expect(err error, kinds ...error) {
	if err == nil {
		return
	}
	for _, kind := range append(kinds, droplets.ErrServer, droplets.ErrRateLimited, droplets.ErrInvalidResponse, droplets.ErrMaybeApplied,
		context.DeadlineExceeded, syscall.ECONNREFUSED, syscall.ECONNRESET, io.ErrUnexpectedEOF) {
		if errors.Is(err, kind) {
			return
		}
	}
	s.wonder(err)
}

func (s *soak) wonder(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.surprise = append(s.surprise, err)
}

// settle holds what the calls were told against the ledger.
func (s *soak) settle(t *testing.T) {
	s.api.ClearFaults()
	for _, err := range s.surprise {
		require.NoError(t, err, "a call that ended in no documented way")
	}
	created, deleted := make(map[string]int), make(map[int64]int)
	for _, entry := range s.api.Ledger() {
		if entry.Kind == dropletstest.EntryCreate {
			created[entry.Name]++
			s.creates++
		} else {
			deleted[entry.DropletID]++
			s.deletes++
		}
	}
	for name, err := range s.created {
		switch {
		case err == nil:
			assert.Equal(t, 1, created[name], "%s was created", name)
		case errors.Is(err, droplets.ErrMaybeApplied):
			assert.LessOrEqual(t, created[name], 1, "%s may have been created", name)
		default:
			assert.Zero(t, created[name], "%s was not created: %v", name, err)
		}
	}
	for id, err := range s.deleted {
		switch {
		case err == nil:
			assert.Equal(t, 1, deleted[id], "%d was deleted", id)
		case errors.Is(err, droplets.ErrMaybeApplied):
			assert.LessOrEqual(t, deleted[id], 1, "%d may have been deleted", id)
		default:
			assert.Zero(t, deleted[id], "%d was not deleted: %v", id, err)
		}
	}
	assert.Len(t, s.api.Droplets(), s.creates-s.deletes)
}
