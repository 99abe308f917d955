// Package virtualtime runs tests in virtual time, with a deadline. Without one, a test that polls forever would run until the real
// time limit of go test, because its virtual time costs almost nothing.
package virtualtime

import (
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// Limit is the longest virtual time that a test may take with [Test].
const Limit = 30 * 24 * time.Hour

// Test runs f as [synctest.Test] does. If f or one of its cleanup functions is still running after [Limit] of virtual time, it
// panics with the name of the test and the stacks of all goroutines.
func Test(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	Within(t, Limit, f)
}

// Within is [Test] with another limit.
func Within(t *testing.T, limit time.Duration, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		deadline := time.AfterFunc(limit, func() {
			panic(fmt.Sprintf("%s is still running after %s of virtual time\n\n%s", t.Name(), limit, stacks()))
		})
		t.Cleanup(func() { deadline.Stop() }) // the first function that is registered runs last
		f(t)
	})
}

// stacks returns the stacks of all goroutines, at most 1 MiB.
func stacks() []byte {
	buf := make([]byte, 1<<20)
	return buf[:runtime.Stack(buf, true)]
}
