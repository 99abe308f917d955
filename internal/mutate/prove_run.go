package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/droplets-go/droplets/internal/mutate/promises"
)

// testLimit is how long one test may take with a change. A test that takes longer has failed.
const testLimit = 2 * time.Minute

// modulePath is the beginning of the paths of all packages in the repository.
const modulePath = "github.com/droplets-go/droplets"

// prover breaks promises.
type prover struct {
	dir      string // for temporary files
	shared   *sharedChanges
	binaries map[string]string // the tests with the shared changes, by folder

	mu     sync.Mutex
	number int // of directories
}

// newProver builds the tests of the promises with all changes that can be selected while they run, and runs them without a
// change. It returns an error if a test fails then: its failure would say nothing.
func newProver(ctx context.Context, dir string, all []promise, workers int) (p *prover, err error) {
	p = &prover{dir: dir, binaries: make(map[string]string)}
	var tests []promises.Test
	var changes []numbered
	for _, one := range all {
		tests = append(tests, one.Tests...)
		changes = append(changes, one.changes...)
	}
	sources, err := p.newDir()
	if err != nil {
		return nil, err
	}
	if p.shared, err = shareChanges(ctx, sources, changes); err != nil {
		return nil, err
	}
	named := byFolder(tests)
	var mu sync.Mutex
	each(slices.Sorted(maps.Keys(named)), workers, func(folder string) {
		binary, buildErr := p.buildShared(ctx, folder, named[folder])
		mu.Lock()
		defer mu.Unlock()
		if p.binaries[folder] = binary; err == nil {
			err = buildErr
		}
	})
	return p, err
}

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

// newDir makes a directory for one build.
func (p *prover) newDir() (string, error) {
	p.mu.Lock()
	p.number++
	dir := filepath.Join(p.dir, fmt.Sprint(p.number))
	p.mu.Unlock()
	return dir, os.Mkdir(dir, 0o700)
}

// buildShared builds some tests of a folder with the shared changes, and runs them without one.
func (p *prover) buildShared(ctx context.Context, folder string, names []string) (binary string, err error) {
	dir, err := p.newDir()
	if err != nil {
		return "", err
	}
	if binary, err = buildSome(ctx, dir, folder, names, p.shared.overlay); err != nil {
		return "", err
	}
	if out, err := testCommand(ctx, folder, binary, 0, names...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("without a change: %w\n%s", err, out)
	}
	return binary, nil
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

// prove makes each change of a promise and runs its tests.
func (p *prover) prove(ctx context.Context, one promise) verdict {
	v := verdict{exempt: one.Exempt}
	failed := make(map[promises.Test]bool)
	for _, change := range one.changes {
		detected, err := p.try(ctx, change, one.Tests)
		switch {
		case err != nil:
			v.problems = append(v.problems, err.Error())
		case len(detected) == 0:
			v.undetected = append(v.undetected, change.Change)
		}
		for _, test := range detected {
			failed[test] = true
		}
	}
	for _, test := range one.Tests {
		if failed[test] {
			v.kept = append(v.kept, test.String())
		} else {
			v.silent = append(v.silent, test.String())
		}
	}
	return v
}

// try makes a change and returns the tests that fail with it.
func (p *prover) try(ctx context.Context, change numbered, tests []promises.Test) (failed []promises.Test, err error) {
	binaries, id := p.binaries, change.id
	if !p.shared.has[change.id] {
		dir, err := p.newDir()
		if err != nil {
			return nil, err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		if binaries, err = buildChanged(ctx, dir, change.Change, byFolder(tests)); err != nil {
			return nil, err
		}
		id = 0
	}
	for _, test := range tests {
		limited, cancel := context.WithTimeout(ctx, testLimit)
		if testCommand(limited, test.Folder, binaries[test.Folder], id, test.Name).Run() != nil {
			failed = append(failed, test)
		}
		cancel()
	}
	return failed, ctx.Err()
}

// buildChanged builds tests with one change. It returns the binaries by folder.
func buildChanged(ctx context.Context, dir string, change promises.Change, tests map[string][]string) (map[string]string, error) {
	source, err := os.ReadFile(change.File)
	if err != nil {
		return nil, err
	}
	changed, err := change.Apply(string(source))
	if err != nil {
		return nil, err
	}
	o := make(overlay)
	if err := o.replace(dir, change.File, []byte(changed)); err != nil {
		return nil, err
	}
	binaries := make(map[string]string)
	for folder, names := range tests {
		own := filepath.Join(dir, fmt.Sprint(len(binaries)))
		if err := os.Mkdir(own, 0o700); err != nil {
			return nil, err
		}
		if binaries[folder], err = buildSome(ctx, own, folder, names, o); err != nil {
			return nil, err
		}
	}
	return binaries, nil
}

// testCommand runs tests of a binary that buildSome made, with a shared change unless id is 0.
func testCommand(ctx context.Context, folder, binary string, id int, names ...string) *exec.Cmd {
	// A change can make a test use any amount of memory. With a limit the test fails.
	const limited = `ulimit -v 8388608; exec "$0" "$@"`
	//nolint:gosec // the binary that buildSome made
	command := exec.CommandContext(ctx, "sh", "-c", limited, binary, "-test.run", "^("+strings.Join(names, "|")+")$")
	command.Dir = filepath.Join(".", folder)
	command.Env = testEnvironment(id)
	command.WaitDelay = time.Second // a process that a test has started may outlive the test
	return command
}
