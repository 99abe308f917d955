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
	if text := os.Getenv("SOAK_CALLS"); text != "" {
		var err error
		calls, err = strconv.Atoi(text)
		require.NoError(t, err, "SOAK_CALLS")
	}
	before, goroutines := liveHeap(), runtime.NumGoroutine()
	var client *droplets.Client
	virtualtime.Test(t, func(t *testing.T) {
		s := newSoak()
		s.run(t.Context(), calls, 32)
		tally := s.compareWithLedger(t)
		t.Logf("%d calls, %d succeeded, %d requests with a fault; %s", s.calls.Load(), s.succeeded.Load(), s.faults.Load(), tally)
		assert.Greater(t, s.calls.Load(), int64(calls-32))
		assert.Greater(t, s.succeeded.Load(), s.calls.Load()/2)
		assert.Greater(t, s.faults.Load(), s.calls.Load()/20)
		assert.Greater(t, tally.creates, calls/20)
		assert.Greater(t, tally.deletes, calls/20)
		client = s.client
		s.fake.next = nil // the memory of the fake is not that of the client
	})
	withClient := liveHeap()
	runtime.KeepAlive(client)
	client = nil
	after := liveHeap()
	t.Logf("heap %d → %d kB with the client → %d kB, goroutines %d → %d", before>>10, withClient>>10, after>>10, goroutines, runtime.NumGoroutine())
	assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines+1)
	assert.Less(t, withClient-before, int64(4<<20), "the memory of a client after its calls")
	assert.Less(t, after-before, int64(4<<20))
}

// liveHeap returns the bytes of the objects that are reachable. A sync.Pool keeps what it has for two collections.
func liveHeap() int64 {
	for range 3 {
		runtime.GC()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// soak is one run with the results of its calls.
type soak struct {
	api        *dropletstest.API
	fake       *fakeTransport
	client     *droplets.Client
	calls      atomic.Int64
	succeeded  atomic.Int64
	faults     atomic.Int64
	mu         sync.Mutex
	created    map[string]createResult // by the unique name
	deleted    map[int64]error
	unexpected []error
}

// createResult is what a create returned.
type createResult struct {
	id  int64
	err error
}

// fakeTransport is the only reference from the client to the fake.
type fakeTransport struct{ next http.RoundTripper }

func (f *fakeTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	return f.next.RoundTrip(r)
}

func newSoak() *soak {
	s := &soak{api: dropletstest.New(dropletstest.WithDropletLimit(1e6)), created: make(map[string]createResult), deleted: make(map[int64]error)}
	s.fake = &fakeTransport{s.api.Transport()}
	hc := &http.Client{Transport: s.fake, Timeout: time.Minute}
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
	if err != nil {
		s.created[name] = createResult{err: err}
		return own
	}
	s.created[name] = createResult{id: result.Droplet.ID}
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
	s.calls.Add(1)
	if err == nil {
		s.succeeded.Add(1)
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

// soakTally counts the changes in the ledger of the fake, and those that do not agree with the results of the calls.
type soakTally struct {
	creates, deletes int
	duplicates       int // changes that were applied more than once
	lost             int // changes that were applied although their calls failed without ErrMaybeApplied
	missing          int // changes that were not applied although their calls succeeded
	unknown          int // changes without a call
}

func (n soakTally) String() string {
	return fmt.Sprintf("%d creates, %d deletes, %d duplicates, %d lost, %d missing, %d unknown", n.creates, n.deletes, n.duplicates, n.lost, n.missing, n.unknown)
}

// compareWithLedger compares the results of the calls with the ledger of the fake.
func (s *soak) compareWithLedger(t *testing.T) (n soakTally) {
	t.Helper()
	s.api.ClearFaults()
	for _, err := range s.unexpected {
		require.NoError(t, err, "an unexpected error")
	}
	created, deleted := make(map[string]int), make(map[int64]int)
	for _, entry := range s.api.Ledger() {
		if entry.Kind == dropletstest.EntryCreate {
			created[entry.Name]++
			n.creates++
			result, ok := s.created[entry.Name]
			if !ok {
				n.unknown++
			} else if result.err == nil {
				assert.Equal(t, entry.DropletID, result.id, "the Droplet of %s", entry.Name)
			}
			continue
		}
		deleted[entry.DropletID]++
		n.deletes++
		if _, ok := s.deleted[entry.DropletID]; !ok {
			n.unknown++
		}
	}
	for name, result := range s.created {
		n.compare(t, created[name], result.err, "create of "+name)
	}
	for id, err := range s.deleted {
		n.compare(t, deleted[id], err, "delete of "+itoa(id))
	}
	assert.Zero(t, n.unknown, "changes without a call")
	assert.Len(t, s.api.Droplets(), n.creates-n.deletes)
	return n
}

// compare compares how often a change was applied with the error that its call returned.
func (n *soakTally) compare(t *testing.T, times int, err error, change string) {
	t.Helper()
	switch {
	case times > 1:
		n.duplicates++
		t.Errorf("%s: applied %d times, its error: %v", change, times, err)
	case times == 1 && err != nil && !errors.Is(err, droplets.ErrMaybeApplied):
		n.lost++
		t.Errorf("%s: applied, and its error is %v", change, err)
	case times == 0 && err == nil:
		n.missing++
		t.Errorf("%s: it succeeded and was not applied", change)
	}
}
