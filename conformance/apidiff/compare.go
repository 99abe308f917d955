package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/droplets-go/droplets/conformance/internal/facts"
	"github.com/droplets-go/droplets/conformance/internal/spec"
)

// sources are the files and the directory that are compared.
type sources struct{ document, facts, library string }

// compare returns a line for each difference except those in exceptions.
func compare(ctx context.Context, in sources) ([]string, error) {
	latest, err := load(ctx, in.document)
	if err != nil {
		return nil, err
	}
	known, err := load(ctx, in.facts)
	if err != nil {
		return nil, err
	}
	lines, err := compareOperations(latest, filepath.Join(in.library, "testdata", "operations.json"))
	if err != nil {
		return nil, err
	}
	before, after := surfaceOf(known), surfaceOf(latest)
	lines = append(lines, before.changes(after)...)
	g := gaps{models: models()}
	if g.constants, err = parseConstants(in.library); err != nil {
		return nil, err
	}
	if g.sent, err = record(ctx, latest, calls()); err != nil {
		return nil, err
	}
	lines = append(lines, g.find(before, after)...)
	return withoutExceptions(lines, exceptions()), nil
}

func load(ctx context.Context, file string) (*spec.Document, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	reduced, err := facts.Reduce(source)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	d, err := spec.Load(ctx, reduced)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return d, nil
}

// listed is an operation in operations.json.
type listed struct {
	ID, Method, Path string
	Status           int
}

func (o listed) String() string { return fmt.Sprintf("%s %s (%s)", o.Method, o.Path, o.ID) }

// compareOperations compares the operations of the document with the list of the library.
func compareOperations(latest *spec.Document, file string) ([]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list []listed
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	wrapped, documented := make(map[string]listed), make(map[string]listed)
	for _, o := range list {
		wrapped[o.Method+" "+o.Path] = o
	}
	for _, op := range latest.Operations {
		documented[op.Method+" "+op.Path] = listed{op.ID, op.Method, op.Path, op.SuccessStatus()}
	}
	var lines []string
	for _, call := range slices.Sorted(maps.Keys(documented)) {
		o := documented[call]
		was, ok := wrapped[call]
		switch {
		case !ok:
			lines = append(lines, fmt.Sprintf("new operation: %s", o))
		case was.ID != o.ID:
			lines = append(lines, fmt.Sprintf("changed operation ID: %s was %s", o, was.ID))
		case was.Status != o.Status:
			lines = append(lines, fmt.Sprintf("changed success status: %s has %d, was %d", o, o.Status, was.Status))
		}
	}
	for _, call := range slices.Sorted(maps.Keys(wrapped)) {
		if _, ok := documented[call]; !ok {
			lines = append(lines, fmt.Sprintf("removed operation: %s", wrapped[call]))
		}
	}
	return lines, nil
}
