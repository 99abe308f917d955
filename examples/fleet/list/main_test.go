package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

// list runs the program and returns what it prints.
func list(t *testing.T, args ...string) (out, stderr string) {
	t.Helper()
	var o, e bytes.Buffer
	require.NoError(t, run(t.Context(), program.Env{Args: args, Out: &o, Err: &e}))
	return o.String(), e.String()
}

func TestTableHasALineForEachDroplet(t *testing.T) {
	t.Parallel()
	out, stderr := list(t)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 14, "a title, 12 Droplets, a sum")
	assert.Regexp(t, `^ID +NAME +STATUS +REGION +SIZE +IPV4 +TAGS$`, lines[0])
	assert.Regexp(t, `^\d+ +droplet-00001 +active +nyc3 +s-1vcpu-1gb +198\.18\.\S+ +web,seeded$`, lines[1])
	assert.Equal(t, "12 Droplets", lines[13])
	assert.Contains(t, stderr, "changes nothing")
}

func TestTagSelectsDroplets(t *testing.T) {
	t.Parallel()
	out, _ := list(t, "-tag", "db")
	assert.Equal(t, 4, strings.Count(out, "db,seeded"))
	assert.Contains(t, out, "\n4 Droplets\n")
}

func TestGPUsListsOnlyGPUDroplets(t *testing.T) {
	t.Parallel()
	out, _ := list(t, "-gpus")
	assert.Contains(t, out, "trainer-1")
	assert.Contains(t, out, "\n1 Droplets\n")
	env := program.Env{Args: []string{"-gpus", "-tag", "ml"}, Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}
	require.ErrorContains(t, run(t.Context(), env), "cannot be combined")
}

func TestJSONIsAnArrayInTheFormatOfTheAPI(t *testing.T) {
	t.Parallel()
	out, _ := list(t, "-json")
	var found []droplets.Droplet
	require.NoError(t, json.Unmarshal([]byte(out), &found))
	assert.Len(t, found, 12)
	assert.Contains(t, out, `"size_slug": "s-1vcpu-1gb"`)
	out, _ = list(t, "-json", "-tag", "none-has-it")
	assert.Equal(t, "[]\n", out)
}

func TestListErrorReturnsNoDroplets(t *testing.T) {
	t.Parallel()
	api := dropletstest.New(dropletstest.WithDroplets(300))
	match := dropletstest.Match{Func: func(r *http.Request) bool { return r.URL.Query().Get("page") == "2" }}
	api.Respond(-1, match, dropletstest.Fault{Status: http.StatusForbidden})
	found, err := collect(t.Context(), api.Client(), "", false)
	require.ErrorIs(t, err, droplets.ErrForbidden)
	assert.Nil(t, found)
}

func TestMissingValuesAreDashes(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, printTable(&out, []droplets.Droplet{{ID: 1, Name: "bare"}}))
	assert.Regexp(t, `1 +bare +- +-`, out.String())
	require.ErrorContains(t, printTable(brokenWriter{}, nil), "broken pipe")
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }
