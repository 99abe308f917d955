package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
)

// sharedBinary has the tests and many mutants, one of which is selected by an environment variable.
type sharedBinary struct {
	binary  string
	mutants map[int]bool    // the IDs
	failing map[string]bool // tests that fail although no mutant is selected, such as those that count allocations
}

// buildShared builds the binary and runs its tests without a mutant, except those that match skip.
func (all *found) buildShared(ctx context.Context, dir, packageDir string, skip *regexp.Regexp) (*sharedBinary, error) {
	files, wrappers, err := all.renderAll()
	if err != nil {
		return nil, err
	}
	shared := &sharedBinary{mutants: make(map[int]bool), failing: make(map[string]bool)}
	for _, w := range wrappers {
		for i := range w.count {
			shared.mutants[w.first+i] = true
		}
	}
	shared.binary, err = buildTests(ctx, filepath.Join(dir, "shared"), packageDir, files)
	if err != nil {
		return nil, fmt.Errorf("the mutants do not compile together: %w", err)
	}
	command := exec.CommandContext(ctx, shared.binary, "-test.skip", skip.String()) //nolint:gosec // the binary that buildTests made
	command.Dir = packageDir
	command.Env = testEnvironment(0)
	out, err := command.CombinedOutput()
	for _, failed := range failedTest.FindAllSubmatch(out, -1) {
		shared.failing[string(failed[1])] = true
	}
	if err != nil && len(shared.failing) == 0 {
		return nil, fmt.Errorf("the tests do not run with mutants: %w\n%s", err, out)
	}
	return shared, nil
}
