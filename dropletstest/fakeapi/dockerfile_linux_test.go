package main

import (
	"bufio"
	"debug/elf"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// instruction returns the only line of the Dockerfile that begins with a prefix, without the prefix.
func instruction(t *testing.T, prefix string) string {
	t.Helper()
	b, err := os.ReadFile("Dockerfile")
	require.NoError(t, err)
	lines := regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(prefix)+`(.*)$`).FindAllStringSubmatch(string(b), -1)
	require.Len(t, lines, 1, prefix)
	return lines[0][1]
}

// TestDockerfile follows the Dockerfile without Docker: it builds the program with its command, and runs the program as the user of the
// image, in a root directory with no other files.
func TestDockerfile(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	root := t.TempDir()
	build := strings.ReplaceAll(instruction(t, "RUN CGO_ENABLED=0 "), "/fakeapi ", filepath.Join(root, "fakeapi")+" ")
	cmd := exec.CommandContext(t.Context(), "sh", "-c", build)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)

	program, err := elf.Open(filepath.Join(root, "fakeapi"))
	require.NoError(t, err)
	for _, p := range program.Progs {
		assert.NotContains(t, []elf.ProgType{elf.PT_INTERP, elf.PT_DYNAMIC}, p.Type, "the program needs a dynamic linker, and the image has none")
	}
	require.NoError(t, program.Close())
	if os.Getuid() != 0 {
		t.Skip("only root can change the root directory of a process")
	}
	var entrypoint []string
	require.NoError(t, json.Unmarshal([]byte(instruction(t, "ENTRYPOINT ")), &entrypoint))
	require.Equal(t, "65532:65532", instruction(t, "USER "))
	require.Equal(t, []string{"/fakeapi", "-addr", ":8080"}, entrypoint)
	cmd = exec.CommandContext(t.Context(), entrypoint[0], "-addr", "127.0.0.1:0", "-seed", "1")
	cmd.Env, cmd.Dir = []string{}, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	p := process{url: strings.TrimSpace(strings.TrimPrefix(line, "listening on "))}
	assert.Equal(t, http.StatusOK, p.send(t, "GET", "/v2/droplets/500000001", "", "Authorization: Bearer any").status)
	p.control(t, "POST", "/_fake/reset", "")
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait())
}
