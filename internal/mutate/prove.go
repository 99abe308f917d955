package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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
	p, err := newProver(ctx, dir, selected, s.workers)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	proven, exempt := 0, 0
	each(selected, s.workers, func(one promise) {
		v := p.prove(ctx, one)
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(stdout, "%s: %s\n", one, v)
		switch {
		case one.Exempt != "":
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

// promise is a promise whose changes have numbers.
type promise struct {
	promises.Breakable
	changes []numbered
}

// selectPromises returns the promises that -only selects.
func selectPromises(s settings) (selected []promise, err error) {
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
	number := 0
	for _, b := range all {
		if !s.only.MatchString(b.String()) {
			continue
		}
		one := promise{Breakable: b}
		for _, c := range b.Changes {
			number++
			one.changes = append(one.changes, numbered{c, number})
		}
		selected = append(selected, one)
	}
	if len(selected) == 0 {
		return nil, errors.New("-only selects no promise")
	}
	return selected, nil
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
