package virtualtime

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hangs is the environment variable that makes TestHelperProcess never end.
const hangs = "VIRTUALTIME_HANGS"

// TestHelperProcess never ends in virtual time if TestAHangFails starts it in a process of its own. Otherwise it does nothing.
func TestHelperProcess(t *testing.T) {
	switch os.Getenv(hangs) {
	case "poll":
		Within(t, time.Hour, func(*testing.T) {
			for {
				<-time.After(time.Second)
			}
		})
	case "cleanup":
		Within(t, time.Hour, func(t *testing.T) {
			t.Cleanup(func() {
				for {
					<-time.After(time.Second)
				}
			})
		})
	}
}

func TestAHangFails(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"poll", "cleanup"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHelperProcess$")
			command.Env = append(os.Environ(), hangs+"="+where)
			out, err := command.CombinedOutput()
			require.Error(t, err)
			assert.Contains(t, string(out), "TestHelperProcess is still running after 1h0m0s of virtual time")
			assert.Contains(t, string(out), "virtualtime_test.go", "the stack of the function that does not end")
		})
	}
}

func TestTestRunsInVirtualTime(t *testing.T) {
	t.Parallel()
	began := time.Now()
	Test(t, func(*testing.T) {
		inside := time.Now()
		<-time.After(24 * time.Hour)
		assert.Equal(t, 24*time.Hour, time.Since(inside))
	})
	assert.Less(t, time.Since(began), time.Minute, "in real time")
}
