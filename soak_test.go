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
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestSoak calls a client from 32 goroutines, with a fault in about one of ten calls, and then compares the results with the
// ledger of the fake. SOAK_CALLS sets the number of calls, such as 100000 for a long run.
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
	virtualtime.Test(t, func(t *testing.T) {
		s = newSoak()
		s.run(t.Context(), calls, 32)
		s.compareWithLedger(t)
	})
	creates, deletes, faults := s.creates, s.deletes, s.faults.Load()
	s = nil
	runtime.GC()
	runtime.ReadMemStats(&after)
	assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines+1)
	assert.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(16<<20))
	t.Logf("%d calls, %d faults, %d creates, %d deletes, 0 duplicates, 0 lost; heap %d → %d kB, goroutines %d → %d",
		calls, faults, creates, deletes, before.HeapAlloc>>10, after.HeapAlloc>>10, goroutines, runtime.NumGoroutine())
}

// soak is one run with the results of its calls.
type soak struct {
	api        *dropletstest.API
	client     *droplets.Client
	faults     atomic.Int64
	creates    int
	deletes    int
	mu         sync.Mutex
	created    map[string]error // the result of each create, by its unique name
	deleted    map[int64]error
	unexpected []error
}

func newSoak() *soak {
	s := &soak{api: dropletstest.New(dropletstest.WithDropletLimit(1e6)), created: make(map[string]error), deleted: make(map[int64]error)}
	hc := &http.Client{Transport: s.api.Transport(), Timeout: time.Minute}
	s.client = s.api.Client(droplets.WithHTTPClient(hc))
	// Each of the thirteen faults affects 1 of 115 requests, all of them together about one in ten.
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

// step makes one random call and returns the Droplets of the goroutine after it.
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
			s.addUnexpected(fmt.Errorf("requested Droplet %d and got %d", id, d.ID))
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

// expect records err as unexpected, unless it is caused by a fault or matches one of kinds.
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
	s.addUnexpected(err)
}

func (s *soak) addUnexpected(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unexpected = append(s.unexpected, err)
}

// compareWithLedger compares the results of the calls with the ledger of the fake.
func (s *soak) compareWithLedger(t *testing.T) {
	s.api.ClearFaults()
	for _, err := range s.unexpected {
		require.NoError(t, err, "an unexpected error")
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
		assertApplied(t, created[name], err, "create of "+name)
	}
	for id, err := range s.deleted {
		assertApplied(t, deleted[id], err, "delete of "+itoa(id))
	}
	assert.Len(t, s.api.Droplets(), s.creates-s.deletes)
}

// assertApplied compares how often a change was applied with the error that its call returned.
func assertApplied(t *testing.T, times int, err error, change string) {
	t.Helper()
	switch {
	case err == nil:
		assert.Equal(t, 1, times, "%s succeeded", change)
	case errors.Is(err, droplets.ErrMaybeApplied):
		assert.LessOrEqual(t, times, 1, "%s may have been applied", change)
	default:
		assert.Zero(t, times, "%s failed: %v", change, err)
	}
}
