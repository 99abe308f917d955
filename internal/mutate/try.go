package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// tryAll tries mutants and reports each one as soon as it was tried.
func tryAll(ctx context.Context, dir string, mutants []mutant, lines *coverage, s settings, report func(result)) []result {
	var mu sync.Mutex
	var results []result
	number := 0
	each(mutants, s.workers, func(m mutant) {
		mu.Lock()
		number++
		own := filepath.Join(dir, fmt.Sprint(number))
		mu.Unlock()
		if ctx.Err() != nil {
			return
		}
		r := try(ctx, own, m, lines, s)
		mu.Lock()
		defer mu.Unlock()
		results = append(results, r)
		report(r)
	})
	return results
}

// try builds the tests with a mutant and runs those that execute its line: first the fast ones, then the others.
func try(ctx context.Context, dir string, m mutant, lines *coverage, s settings) result {
	tests := lines.testsOf(m.file, m.line)
	if m.isDeclaration() {
		tests = lines.testsOf("", 0)
	}
	if len(tests) == 0 {
		return result{m, notCovered, ""}
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, err := build(ctx, dir, m, s.dir)
	if err != nil {
		return result{m, invalid, ""}
	}
	fast := 0
	for total := time.Duration(0); fast < len(tests) && total < time.Second; fast++ {
		total += lines.tests[tests[fast]]
	}
	for _, some := range [][]string{tests[:fast], tests[fast:]} {
		if len(some) == 0 {
			continue
		}
		if outcome, by := runTests(ctx, binary, some, lines, s.dir); outcome != survived {
			return result{m, outcome, by}
		}
	}
	return result{m, survived, ""}
}

// runTests runs tests with a mutant. They get ten times as long as they took without it, and half a minute for a slow start.
func runTests(ctx context.Context, binary string, tests []string, lines *coverage, dir string) (_ outcome, by string) {
	limit := 30 * time.Second
	for _, test := range tests {
		limit += 10 * lines.tests[test]
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	//nolint:gosec // the binary that build made
	command := exec.CommandContext(ctx, binary, "-test.failfast", "-test.run", "^("+strings.Join(tests, "|")+")$")
	command.Dir = dir
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
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	o := make(overlay)
	if err := o.replace(dir, filepath.Join(packageDir, m.file), m.apply()); err != nil {
		return "", err
	}
	binary = filepath.Join(dir, "mutant.test")
	return binary, o.buildTests(ctx, packageDir, binary)
}
