package main

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestClients runs the tests in other languages against this program. If one fails, the failure has its output.
func TestClients(t *testing.T) {
	for name, command := range map[string][]string{
		"node":   {"node", "--test", "--test-reporter=tap", "clients/fakeapi.test.mjs"},
		"python": {"python3", "clients/test_fakeapi.py", "-v"},
	} {
		t.Run(name, func(t *testing.T) {
			program, err := exec.LookPath(command[0])
			if err != nil {
				t.Skipf("%s is not installed: %v", command[0], err)
			}
			p := start(t)
			cmd := exec.CommandContext(t.Context(), program, command[1:]...)
			cmd.Env = append(os.Environ(), "FAKEAPI_URL="+p.url)
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
			require.Regexp(t, `(?m)^(# tests [1-9]|Ran [1-9])`, string(out), "no test has run")
			require.NoError(t, p.stop())
		})
	}
}
