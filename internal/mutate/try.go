package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// outcome is the result of the tests with a mutant.
type outcome string

const (
	killed     outcome = "killed"
	timedOut   outcome = "killed by a timeout"
	survived   outcome = "survived"
	notCovered outcome = "survived, no test executes the line"
	invalid    outcome = "does not compile"
)

// result is a mutant with its outcome.
type result struct {
	mutant
	outcome outcome
	by      string // the first test that failed
}

func (r result) String() string {
	if r.by != "" {
		return fmt.Sprintf("%s (%s by %s)", r.mutant, r.outcome, r.by)
	}
	return fmt.Sprintf("%s (%s)", r.mutant, r.outcome)
}

// laboratory runs tests with mutants.
type laboratory struct {
	dir        string // for binaries
	packageDir string
	lines      *coverage
	shared     *sharedBinary
	start      time.Duration // how long the tests of a mutant may take in addition to ten times their usual duration
}

// tryAll tries mutants and reports each one as soon as it was tried.
func (l *laboratory) tryAll(ctx context.Context, mutants []mutant, workers int, report func(result)) []result {
	var mu sync.Mutex
	var results []result
	each(mutants, workers, func(m mutant) {
		if ctx.Err() != nil {
			return
		}
		r := l.try(ctx, m)
		mu.Lock()
		defer mu.Unlock()
		results = append(results, r)
		report(r)
	})
	return results
}

// try runs the tests that execute the line of a mutant.
func (l *laboratory) try(ctx context.Context, m mutant) result {
	tests := l.lines.testsOf(m.file, m.executed)
	if m.isDeclaration() {
		tests = l.lines.testsOf("", 0)
	}
	if len(tests) == 0 {
		return result{m, notCovered, ""}
	}
	if l.shared.mutants[m.id] {
		fails := func(test string) bool { return l.shared.failing[test] }
		outcome, by := l.runInOrder(ctx, l.shared.binary, m.id, slices.DeleteFunc(slices.Clone(tests), fails))
		tests = slices.DeleteFunc(tests, func(test string) bool { return !fails(test) })
		if outcome != survived || len(tests) == 0 {
			return result{m, outcome, by}
		}
	}
	own := filepath.Join(l.dir, fmt.Sprint(m.id))
	defer func() { _ = os.RemoveAll(own) }()
	binary, err := build(ctx, own, m, l.packageDir)
	if err != nil {
		return result{m, invalid, ""}
	}
	outcome, by := l.runInOrder(ctx, binary, 0, tests)
	return result{m, outcome, by}
}

// runInOrder runs first the fast tests and then slower ones, because most mutants are killed by a fast one.
func (l *laboratory) runInOrder(ctx context.Context, binary string, id int, tests []string) (_ outcome, by string) {
	for _, limit := range []time.Duration{time.Second, 10 * time.Second, math.MaxInt64} {
		count := l.lines.countWithin(tests, limit)
		if count == 0 {
			continue
		}
		if outcome, by := l.run(ctx, binary, id, tests[:count]); outcome != survived {
			return outcome, by
		}
		tests = tests[count:]
	}
	return survived, ""
}

// run runs tests with a mutant, with a time limit.
func (l *laboratory) run(ctx context.Context, binary string, id int, tests []string) (_ outcome, by string) {
	limit := l.start
	for _, test := range tests {
		limit += 10 * l.lines.tests[test]
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	//nolint:gosec // the binary that build made
	command := exec.CommandContext(ctx, binary, "-test.failfast", "-test.run", "^("+strings.Join(tests, "|")+")$")
	command.Dir = l.packageDir
	command.Env = testEnvironment(id)
	out, err := command.CombinedOutput()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return timedOut, ""
	case err == nil:
		return survived, ""
	}
	if found := failedTest.FindSubmatch(out); found != nil {
		by = string(found[1])
	}
	return killed, by
}

var failedTest = regexp.MustCompile(`(?m)^--- FAIL: (\S+)`)

// isDeclaration reports whether the mutant is in a constant or a variable of the package, which coverage does not record.
func (m mutant) isDeclaration() bool {
	before := string(m.source[:m.start])
	return strings.LastIndex(before, "\nfunc ") < max(strings.LastIndex(before, "\nconst "), strings.LastIndex(before, "\nvar "))
}

// build compiles the tests with the mutant in place of its file.
func build(ctx context.Context, dir string, m mutant, packageDir string) (binary string, err error) {
	return buildTests(ctx, dir, packageDir, map[string][]byte{m.file: m.apply()})
}

// buildTests compiles the tests of a package with other contents of some of its files. It writes to the new folder dir.
func buildTests(ctx context.Context, dir, packageDir string, files map[string][]byte) (binary string, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	o := make(overlay)
	for name, text := range files {
		if err := o.replace(dir, filepath.Join(packageDir, name), text); err != nil {
			return "", err
		}
	}
	binary = filepath.Join(dir, "mutant.test")
	return binary, o.buildTests(ctx, packageDir, binary)
}
