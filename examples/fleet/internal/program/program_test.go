package program

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func newEnv(args ...string) (Env, *bytes.Buffer) {
	var stderr bytes.Buffer
	return Env{Args: args, In: strings.NewReader(""), Out: &bytes.Buffer{}, Err: &stderr}, &stderr
}

func TestClientPrintsDescription(t *testing.T) {
	t.Parallel()
	e, stderr := newEnv()
	client, err := e.Client(false, "lists", dropletstest.New(dropletstest.WithDroplets(1)))
	require.NoError(t, err)
	page, err := client.Droplets.List(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, 1, page.Total)
	assert.Contains(t, stderr.String(), "in-memory fake")
	assert.Contains(t, stderr.String(), "With -live, in your account, this lists.\n")
}

func TestLiveRequiresToken(t *testing.T) {
	t.Parallel()
	e, stderr := newEnv()
	_, err := e.Client(true, "lists", nil)
	require.ErrorIs(t, err, droplets.ErrInvalidArgument)
	require.ErrorContains(t, err, "DIGITALOCEAN_TOKEN")
	assert.Equal(t, "In your account, this lists.\n", stderr.String())
	e.Token = "not-a-real-token"
	_, err = e.Client(true, "lists", nil)
	require.NoError(t, err)
}

func TestConfirmAcceptsOnlyYes(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]error{"yes\n": nil, "yes": nil, "": ErrDeclined, "y\n": ErrDeclined, "YES\n": ErrDeclined} {
		e, stderr := newEnv()
		e.In = strings.NewReader(input)
		require.ErrorIs(t, e.Confirm(t.Context(), "Go on?"), want, input)
		assert.Equal(t, "Go on? Type yes: ", stderr.String())
	}
}

func TestConfirmEndsWithTheContext(t *testing.T) {
	t.Parallel()
	in, w := io.Pipe()
	defer func() { require.NoError(t, w.Close()) }()
	ctx, cancel := context.WithCancelCause(t.Context())
	interrupted := errors.New("interrupted")
	cancel(interrupted)
	e, stderr := newEnv()
	e.In = in
	require.ErrorIs(t, e.Confirm(ctx, "Go on?"), interrupted)
	assert.Equal(t, "Go on? Type yes: \n", stderr.String())
}

func TestParseRejectsOtherArguments(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{"-nonsense": "not defined", "more": "unexpected argument", "-h": flag.ErrHelp.Error()} {
		e, _ := newEnv(arg)
		flags, _ := e.Flags("program")
		require.ErrorContains(t, e.Parse(flags), want)
	}
	e, _ := newEnv("-live")
	flags, live := e.Flags("program")
	require.NoError(t, e.Parse(flags))
	assert.True(t, *live)
}

func TestAFileIsNotATerminal(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	assert.False(t, IsTerminal(f))
	assert.False(t, IsTerminal(&bytes.Buffer{}))
}

// TestMain runs Main instead of the tests if the first argument is fail or help.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "fail" {
		Main("program", func(context.Context, Env) error { return ErrDeclined })
		return
	}
	if len(os.Args) > 1 && os.Args[1] == "help" {
		Main("program", func(context.Context, Env) error { return flag.ErrHelp })
		return
	}
	os.Exit(m.Run())
}

func TestMainExitsWith1AfterAnError(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "fail")
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	assert.Equal(t, 1, cmd.ProcessState.ExitCode())
	assert.Equal(t, "program: "+ErrDeclined.Error()+"\n", string(out))
	require.NoError(t, exec.CommandContext(t.Context(), os.Args[0], "help").Run())
}
