package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

func TestResizePrintsEachStepOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out, stderr bytes.Buffer
		require.NoError(t, run(t.Context(), program.Env{Out: &out, Err: &stderr}))
		assert.Contains(t, stderr.String(), "resizes it to s-2vcpu-4gb")
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		assert.Equal(t, "web-1: s-1vcpu-1gb, 1024 MB of memory, 25 GB of disk, active", lines[0])
		assert.Equal(t, "web-1: s-2vcpu-4gb, 4096 MB of memory, 25 GB of disk, active", lines[len(lines)-1])
		steps := strings.Join(lines[1:len(lines)-1], "\n")
		assert.Regexp(t, `(?s)shutdown in-progress.*shutdown completed.*resize in-progress.*resize completed.*power_on completed`, steps)
		assert.Equal(t, 1, strings.Count(steps, "resize in-progress"), "each change is printed once")
	})
}

func TestDiskIsResizedOnRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		env := program.Env{Args: []string{"-disk", "-size", "s-1vcpu-2gb"}, Out: &out, Err: &bytes.Buffer{}}
		require.NoError(t, run(t.Context(), env))
		assert.Contains(t, out.String(), "web-1: s-1vcpu-2gb, 2048 MB of memory, 50 GB of disk, active")
	})
}

func TestFailedResizeNamesTheStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		api.FailNextAction(droplets.ActionTypeResize)
		id := api.Droplets()[0].ID
		var out bytes.Buffer
		err := resize(t.Context(), api.Client(), id, droplets.ResizeRequest{Size: "s-2vcpu-4gb"}, time.Minute, &out)
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		assert.Contains(t, out.String(), "resize errored")
		assert.Contains(t, out.String(), "stopped at resize; last status of the Droplet: active")
		assert.Equal(t, droplets.DropletStatusActive, api.Droplets()[0].Status)
	})
}

func TestLineIsOverwrittenOnATerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := &line{out: &out, terminal: true, start: time.Now()}
	l.finish()
	l.update(droplets.Progress{Step: "resize"})
	l.update(droplets.Progress{Step: "resize", Action: &droplets.Action{Status: droplets.ActionStatusCompleted}})
	l.finish()
	assert.Regexp(t, "^\r  resize: polling the Droplet +0.0 s\r  resize completed +0.0 s\n$", out.String())
}

func TestLiveRequiresADroplet(t *testing.T) {
	t.Parallel()
	env := program.Env{Args: []string{"-live"}, Token: "not-a-real-token", Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}
	require.ErrorContains(t, run(t.Context(), env), "-id")
}
