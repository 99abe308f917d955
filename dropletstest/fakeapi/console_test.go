package main

import (
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var updateDocs = flag.Bool("update", false, "write the output of the sessions to docs/fakeapi.md instead of comparing it")

// docAddress is the address of the program in the documentation. The tests replace it, because they use a free port.
const docAddress = "http://127.0.0.1:8080"

// docFile is the documentation of this program.
var docFile = filepath.Join("..", "..", "docs", "fakeapi.md")

// consoleFlags are the flags of the sessions in docs/fakeapi.md.
var consoleFlags = []string{"-clock", manualClock, "-seed", "2", "-action-duration", "55s"}

// command is a command of a session and its output.
type command struct{ text, output string }

// parseConsole returns the commands in the lines of a session. A command begins with "$ " and ends at the first line without a
// backslash at its end.
func parseConsole(lines []string) (commands []command) {
	for i := 0; i < len(lines); i++ {
		text, begins := strings.CutPrefix(lines[i], "$ ")
		if !begins {
			last := &commands[len(commands)-1]
			last.output += lines[i] + "\n"
			continue
		}
		for strings.HasSuffix(text, "\\") {
			i++
			text += "\n" + lines[i]
		}
		commands = append(commands, command{text: text})
	}
	return commands
}

// runConsole runs the commands of a session after a reset, and returns them with their actual output.
func (p process) runConsole(t *testing.T, session []command) (actual []command) {
	t.Helper()
	p.control(t, "POST", "/_fake/reset", "")
	dir := t.TempDir()
	for _, c := range session {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", strings.ReplaceAll(c.text, docAddress, p.url))
		cmd.Env = append(os.Environ(), "no_proxy=127.0.0.1", "LC_ALL=C")
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s\n%s", c.text, out)
		output := strings.ReplaceAll(string(out), p.url, docAddress)
		if output != "" && !strings.HasSuffix(output, "\n") {
			output += "\n"
		}
		actual = append(actual, command{c.text, output})
	}
	return actual
}

// TestConsoleSessions runs the sessions of docs/fakeapi.md that begin with curl, and compares their output. With -update, it writes the
// output to the file.
func TestConsoleSessions(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skipf("curl is not installed: %v", err)
	}
	b, err := os.ReadFile(docFile)
	require.NoError(t, err)
	p := start(t, consoleFlags...)
	require.Contains(t, string(b), "go run ./dropletstest/fakeapi "+strings.Join(consoleFlags, " "), "the flags of the sessions")
	const fence = "```console\n$ curl"
	rest, sessions := string(b), 0
	var updated strings.Builder
	for {
		before, after, found := strings.Cut(rest, fence)
		updated.WriteString(before)
		if !found {
			break
		}
		text, after, closed := strings.Cut("$ curl"+after, "```\n")
		require.True(t, closed)
		want := parseConsole(strings.Split(strings.TrimSuffix(text, "\n"), "\n"))
		got := p.runConsole(t, want)
		if !*updateDocs {
			assert.Equal(t, want, got)
		}
		updated.WriteString("```console\n")
		for _, c := range got {
			updated.WriteString("$ " + c.text + "\n" + c.output)
		}
		updated.WriteString("```\n")
		rest = after
		sessions++
	}
	assert.Greater(t, sessions, 5)
	require.NoError(t, p.stop())
	if *updateDocs {
		require.NoError(t, os.WriteFile(docFile, []byte(updated.String()), 0o600))
	}
}

// TestDocumentedFlags checks that the table of flags in docs/fakeapi.md has all flags with their defaults.
func TestDocumentedFlags(t *testing.T) {
	s, err := parseSettings(nil, io.Discard)
	require.NoError(t, err)
	documented, actual := map[string]string{}, map[string]string{}
	for _, row := range tableRows(t, "-") {
		documented[row[0]] = row[2]
	}
	s.flagSet().VisitAll(func(f *flag.Flag) {
		value := "`" + f.DefValue + "`"
		if f.DefValue == "" {
			value = documented["`-"+f.Name+"`"] // a description of the empty value
		}
		actual["`-"+f.Name+"`"] = value
	})
	assert.Equal(t, actual, documented)
}

// TestDocumentedEndpoints checks that the table of endpoints in docs/fakeapi.md has all endpoints.
func TestDocumentedEndpoints(t *testing.T) {
	var documented, actual []string
	for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
		for _, row := range tableRows(t, method+" /_fake/") {
			documented = append(documented, strings.Trim(row[0], "`"))
		}
	}
	for _, e := range controlEndpoints() {
		actual = append(actual, e.method+" "+e.path)
	}
	assert.ElementsMatch(t, actual, documented)
}

// tableRows returns the cells of all rows of tables in docs/fakeapi.md whose first cell is code that begins with prefix.
func tableRows(t *testing.T, prefix string) (rows [][]string) {
	t.Helper()
	b, err := os.ReadFile(docFile)
	require.NoError(t, err)
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "| `"+prefix) {
			rows = append(rows, strings.Split(strings.Trim(line, "| \n"), " | "))
		}
	}
	return rows
}
