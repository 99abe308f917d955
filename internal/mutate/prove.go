package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/droplets-go/droplets/internal/mutate/promises"
)

const (
	tableFile   = "docs/promises.md"
	entriesFile = "internal/mutate/promises.txt"
)

// provePromises breaks the selected promises one after the other, and reports the tests that fail. The error says how many
// promises have a change that cannot be made or that no test detects. The current directory must be the top of the repository.
func provePromises(ctx context.Context, s settings, stdout io.Writer) error {
	began := time.Now()
	selected, err := selectPromises(s)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "promises-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	p := &prover{dir: dir}
	if err := p.checkUnchanged(ctx, selected, s.workers); err != nil {
		return err
	}
	var mu sync.Mutex
	proven, exempt := 0, 0
	each(selected, s.workers, func(b promises.Breakable) {
		v := p.prove(ctx, b)
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(stdout, "%s: %s\n", b, v)
		switch {
		case b.Exempt != "":
			exempt++
		case v.isProven():
			proven++
		}
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d promises in %s: the tests keep %d, %d are exempt\n", len(selected), time.Since(began).Round(time.Second), proven, exempt)
	if broken := len(selected) - proven - exempt; broken > 0 {
		return fmt.Errorf("%d promises are not kept by a test", broken)
	}
	return nil
}

// selectPromises returns the promises that -only selects.
func selectPromises(s settings) ([]promises.Breakable, error) {
	table, err := promises.ReadTable(tableFile)
	if err != nil {
		return nil, err
	}
	entries, err := promises.ReadEntries(entriesFile)
	if err != nil {
		return nil, err
	}
	all, err := promises.Match(table, entries)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(b promises.Breakable) bool { return !s.only.MatchString(b.String()) })
	if len(all) == 0 {
		return nil, errors.New("-only selects no promise")
	}
	return all, nil
}

// verdict is what the tests say about a broken promise.
type verdict struct {
	exempt     string
	kept       []string // the tests that failed
	silent     []string // the tests that failed with none of the changes
	problems   []string
	undetected []promises.Change
}

func (v verdict) isProven() bool {
	return len(v.kept) > 0 && len(v.undetected) == 0 && len(v.problems) == 0
}

func (v verdict) String() string {
	if v.exempt != "" {
		return "exempt: " + v.exempt
	}
	var parts []string
	if len(v.kept) > 0 {
		parts = append(parts, "kept by "+strings.Join(v.kept, ", "))
		if len(v.silent) > 0 {
			parts = append(parts, "not by "+strings.Join(v.silent, ", "))
		}
	}
	for _, c := range v.undetected {
		parts = append(parts, fmt.Sprintf("NO TEST FAILS for the change of %s: %s", c.File, oneLine(c.Edits[0].Old)))
	}
	return strings.Join(append(parts, v.problems...), "; ")
}

// prover breaks promises.
type prover struct {
	dir string // for temporary files

	mu     sync.Mutex
	number int // of directories
}

// newDir makes a directory for one build.
func (p *prover) newDir() (string, error) {
	p.mu.Lock()
	p.number++
	dir := filepath.Join(p.dir, fmt.Sprint(p.number))
	p.mu.Unlock()
	return dir, os.Mkdir(dir, 0o700)
}

// prove makes each change of a promise and runs its tests.
func (p *prover) prove(ctx context.Context, b promises.Breakable) verdict {
	v := verdict{exempt: b.Exempt}
	failed := make(map[promises.Test]bool)
	for _, change := range b.Changes {
		detected, err := p.try(ctx, change, b.Tests)
		switch {
		case err != nil:
			v.problems = append(v.problems, err.Error())
		case len(detected) == 0:
			v.undetected = append(v.undetected, change)
		}
		for _, test := range detected {
			failed[test] = true
		}
	}
	for _, test := range b.Tests {
		if failed[test] {
			v.kept = append(v.kept, test.String())
		} else {
			v.silent = append(v.silent, test.String())
		}
	}
	return v
}
