package main

import (
	"context"
	"encoding/json"
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
		r := try(ctx, own, m, lines, s.timeout)
		mu.Lock()
		defer mu.Unlock()
		results = append(results, r)
		report(r)
	})
	return results
}

// try builds the tests with a mutant and runs those that execute its line.
func try(ctx context.Context, dir string, m mutant, lines *coverage, timeout time.Duration) result {
	tests := lines.testsOf(m.file, m.line)
	if len(tests) == 0 && !m.isDeclaration() {
		return result{m, notCovered, ""}
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, err := build(ctx, dir, m)
	if err != nil {
		return result{m, invalid, ""}
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	pattern := "."
	if len(tests) > 0 {
		pattern = "^(" + strings.Join(tests, "|") + ")$"
	}
	out, err := exec.CommandContext(ctx, binary, "-test.failfast", "-test.run", pattern).CombinedOutput()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return result{m, timedOut, ""}
	case err == nil:
		return result{m, survived, ""}
	}
	by := ""
	if found := failedTest.FindSubmatch(out); found != nil {
		by = string(found[1])
	}
	return result{m, killed, by}
}

var failedTest = regexp.MustCompile(`(?m)^--- FAIL: (\S+)`)

// isDeclaration reports whether the mutant is in a constant or a variable of the package, which coverage does not record.
func (m mutant) isDeclaration() bool {
	before := string(m.source[:m.start])
	return strings.LastIndex(before, "\nfunc ") < max(strings.LastIndex(before, "\nconst "), strings.LastIndex(before, "\nvar "))
}

// build compiles the tests with the mutant in place of its file.
func build(ctx context.Context, dir string, m mutant) (binary string, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	changed := filepath.Join(dir, m.file)
	if err := os.WriteFile(changed, m.apply(), 0o600); err != nil {
		return "", err
	}
	original, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		return "", err
	}
	overlayFile := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlayFile, overlay, 0o600); err != nil {
		return "", err
	}
	binary = filepath.Join(dir, "mutant.test")
	return binary, exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", overlayFile, "-o", binary, ".").Run()
}
