package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/droplets-go/droplets/internal/mutate/promises"
)

// testLimit is how long one test may take with a change. A test that takes longer has failed.
const testLimit = 2 * time.Minute

// byFolder returns the names of tests by their folder.
func byFolder(tests []promises.Test) map[string][]string {
	names := make(map[string][]string)
	for _, t := range tests {
		if !slices.Contains(names[t.Folder], t.Name) {
			names[t.Folder] = append(names[t.Folder], t.Name)
		}
	}
	return names
}

// checkUnchanged returns an error if a test of the promises fails without a change: its failure would say nothing.
func (p *prover) checkUnchanged(ctx context.Context, all []promises.Breakable, workers int) error {
	var tests []promises.Test
	for _, b := range all {
		tests = append(tests, b.Tests...)
	}
	named := byFolder(tests)
	failures := make(chan error, len(named))
	each(slices.Sorted(maps.Keys(named)), workers, func(folder string) {
		failures <- p.runUnchanged(ctx, folder, named[folder])
	})
	close(failures)
	var failed []error
	for err := range failures {
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

func (p *prover) runUnchanged(ctx context.Context, folder string, names []string) error {
	dir, err := p.newDir()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, err := buildSome(ctx, dir, folder, names, make(overlay))
	if err != nil {
		return err
	}
	if out, err := testCommand(ctx, folder, binary, names...).CombinedOutput(); err != nil {
		return fmt.Errorf("without a change: %w\n%s", err, out)
	}
	return nil
}

// buildSome compiles some of the tests of a folder, without optimizations: the tests run once.
func buildSome(ctx context.Context, dir, folder string, names []string, o overlay) (binary string, err error) {
	packageDir := filepath.Join(".", folder)
	unneeded, err := unneededTestFiles(packageDir, names)
	if err != nil {
		return "", err
	}
	if o, err = o.without(unneeded); err != nil {
		return "", err
	}
	binary = filepath.Join(dir, "some.test")
	return binary, o.buildTests(ctx, packageDir, binary, "-gcflags="+modulePath+"/...=-N -l")
}

const modulePath = "github.com/droplets-go/droplets"

// try makes a change and returns the tests that fail with it.
func (p *prover) try(ctx context.Context, change promises.Change, tests []promises.Test) (failed []promises.Test, err error) {
	source, err := os.ReadFile(change.File)
	if err != nil {
		return nil, err
	}
	changed, err := change.Apply(string(source))
	if err != nil {
		return nil, err
	}
	dir, err := p.newDir()
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	o := make(overlay)
	if err := o.replace(dir, change.File, []byte(changed)); err != nil {
		return nil, err
	}
	for folder, names := range byFolder(tests) {
		binary, err := buildSome(ctx, dir, folder, names, o)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			limited, cancel := context.WithTimeout(ctx, testLimit)
			if testCommand(limited, folder, binary, name).Run() != nil {
				failed = append(failed, promises.Test{Folder: folder, Name: name})
			}
			cancel()
		}
	}
	return failed, ctx.Err()
}

// testCommand runs tests of a binary that buildTests made.
func testCommand(ctx context.Context, folder, binary string, names ...string) *exec.Cmd {
	//nolint:gosec // the binary that buildTests made
	command := exec.CommandContext(ctx, binary, "-test.run", "^("+strings.Join(names, "|")+")$")
	command.Dir = filepath.Join(".", folder)
	command.WaitDelay = time.Second // a process that a test has started may outlive the test
	return command
}
