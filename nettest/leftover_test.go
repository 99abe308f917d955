package nettest

import (
	"bytes"
	"fmt"
	"io"
	"runtime/pprof"
	"strings"
	"time"
)

// runLabel is the key of the profiling label that marks the goroutines of a run. A goroutine inherits the labels of the
// one that starts it, so the label is also on those that net/http starts for the client.
const runLabel = "nettest"

// goroutinesOf returns the number of goroutines with a label, -1 after an error.
func goroutinesOf(id string) int {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return -1
	}
	label := fmt.Sprintf("%q:%q", runLabel, id)
	count := 0
	for entry := range strings.SplitSeq(profile.String(), "\n\n") {
		if !strings.Contains(entry, label) {
			continue
		}
		var n int
		for line := range strings.Lines(entry) {
			if _, err := fmt.Sscanf(line, "%d @", &n); err == nil {
				break
			}
		}
		count += n
	}
	return count
}

// eventually polls a condition until it is true, for at most settleTime. It runs the condition in the goroutine of the caller.
// testify's Eventually starts a goroutine for each poll, which goroutinesOf would count.
func eventually(condition func() bool) bool {
	if condition() {
		return true
	}
	timeout := time.NewTimer(settleTime)
	defer timeout.Stop()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if condition() {
				return true
			}
		case <-timeout.C:
			return condition()
		}
	}
}

// drain reads a body to its end and closes it.
func drain(body io.ReadCloser) error {
	defer body.Close()
	_, err := io.Copy(io.Discard, body)
	return err
}
