package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// constructs has each kind of mutant, and a statement that has to be compiled alone.
const constructs = `package sum

import (
	"errors"
	"time"
)

const limit = 3 * 2

type level uint8

func calls(n int) (s string, err error) {
	defer func() { s += "d" }()
	s = "a" + "b"
	if n > 1 &&
		n < limit || n%4 == 1 {
		s = "in" + s
	}
	for i := 0; i < 50; i++ {
		if i >= 4-n {
			break
		}
		if i == 1 {
			continue
		}
		s += "."
	}
	if n <= -2*1 || !(n != 100/20) {
		return s, errors.New("x")
	}
	var l level = 7
	if time.Duration(l)*time.Second == 7*time.Second {
		err = nested(true)
	}
	return s, err
}

func nested(fail bool) error {
	if fail {
		panicIf(!fail)
		return nil
	}
	panic("never")
}

func panicIf(b bool) {
	if b {
		panic("b")
	}
}
`

const constructsTest = `package sum

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if os.Getenv("RAPID_NOFAILFILE") != "true" {
		panic("a failure with a mutant would be written to a file")
	}
	os.Exit(m.Run())
}

func TestCalls(t *testing.T) {
	for n, want := range map[int]string{-2: "ab.....d", 0: "ab...d", 2: "inab.d", 5: "inabd", 6: "abd", 8: "abd", 9: "inabd"} {
		s, err := calls(n)
		if s != want || (err != nil) != (n == -2 || n == 5) {
			t.Errorf("%d: %q %v", n, s, err)
		}
	}
}

func TestLeftOut(t *testing.T) { t.Fatal("it is left out") }
`

// TestTheSharedBinaryHasTheSameMutants compares the outcome of a mutant of each kind in the binary that has all of them with the outcome
// in a binary of its own.
func TestTheSharedBinaryHasTheSameMutants(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/sum\n\ngo 1.26\n", "sum.go": constructs, "sum_test.go": constructsTest,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	binaries := t.TempDir()
	all, err := findMutants(t.Context(), dir)
	require.NoError(t, err)
	leftOut := regexp.MustCompile("^TestLeftOut$")
	lines, err := learnCoverage(t.Context(), binaries, dir, leftOut, 2)
	require.NoError(t, err)
	assert.Equal(t, []string{"TestCalls"}, slices.Collect(maps.Keys(lines.tests)))
	shared, err := all.buildShared(t.Context(), binaries, dir, leftOut)
	require.NoError(t, err)
	assert.Empty(t, shared.failing)
	assert.Greater(t, len(shared.mutants), 40)

	outcomes := make(map[outcome]int)
	together := &laboratory{dir: binaries, packageDir: dir, lines: lines, shared: shared, start: 5 * time.Second}
	alone := &laboratory{dir: binaries, packageDir: dir, lines: lines, shared: &sharedBinary{}, start: 5 * time.Second}
	kinds := make(map[string]bool)
	for _, m := range all.mutants {
		kind := m.old + " -> " + m.new
		if !shared.mutants[m.id] || kinds[kind] {
			continue
		}
		kinds[kind] = true
		got, want := together.try(t.Context(), m), alone.try(t.Context(), m)
		assert.Equal(t, want.outcome, got.outcome, "%s", m)
		outcomes[want.outcome]++
	}
	assert.Greater(t, outcomes[killed], 20)
	assert.Greater(t, outcomes[survived]+outcomes[notCovered], 3)
}
