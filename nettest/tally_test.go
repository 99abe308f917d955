package nettest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/droplets-go/droplets"
)

// parallel is the number of subtests that run at the same time. They mostly wait.
const parallel = "8"

func TestMain(m *testing.M) {
	flag.Parse()
	set := false
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == "test.parallel" })
	if !set {
		_ = flag.Set("test.parallel", parallel)
	}
	code := m.Run()
	if testing.Verbose() || code != 0 {
		total.print()
	}
	os.Exit(code)
}

// total has the sums of all cases of this library.
var total tally

// tally adds up results.
type tally struct {
	mu                               sync.Mutex
	cases                            map[string]bool
	calls, received, acted, attempts int
	doubles                          int
}

func (y *tally) add(tc testCase, c call, r result) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.cases == nil {
		y.cases = make(map[string]bool)
	}
	y.cases[fmt.Sprint(tc.group, tc.name, tc.protocol, tc.times)] = true
	y.calls++
	y.received += r.server.received
	y.acted += r.server.acted
	y.attempts += r.attempts
	if c.kind == change && r.server.acted > 1 {
		y.doubles++
	}
}

func (y *tally) print() {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.calls == 0 {
		return
	}
	fmt.Printf("cases: %d, with each call: %d, attempts: %d, requests received: %d, acted on: %d, changes acted on more than once: %d\n",
		len(y.cases), y.calls, y.attempts, y.received, y.acted, y.doubles)
}

func isMaybeApplied(err error) bool { return errors.Is(err, droplets.ErrMaybeApplied) }
