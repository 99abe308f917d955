package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// equivalent is a mutant that changes nothing that a caller can observe.
type equivalent struct {
	file, change, reason string
}

// readEquivalent reads a list of equivalent mutants. A paragraph has three lines: the file, the change as it is printed for a
// survivor, and the reason. Lines that begin with # are comments.
func readEquivalent(name string) ([]equivalent, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []equivalent
	for paragraph := range strings.SplitSeq(string(text), "\n\n") {
		lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(paragraph), "\n"), func(line string) bool {
			return line == "" || strings.HasPrefix(line, "#")
		})
		switch len(lines) {
		case 0:
		case 3:
			all = append(all, equivalent{lines[0], lines[1], lines[2]})
		default:
			return nil, fmt.Errorf("%s: a paragraph has %d lines instead of three: %q", name, len(lines), lines)
		}
	}
	return all, nil
}

// equivalentIn returns the entries for the package in dir.
func equivalentIn(dir string, list []equivalent) []equivalent {
	var in []equivalent
	for _, e := range list {
		if path.Dir(e.file) == path.Clean(filepath.ToSlash(dir)) {
			in = append(in, equivalent{path.Base(e.file), e.change, e.reason})
		}
	}
	return in
}

// withoutEquivalent removes the equivalent mutants and returns the entries that match none.
func withoutEquivalent(mutants []mutant, list []equivalent) (rest []mutant, unused []equivalent) {
	matched := make([]bool, len(list))
	for _, m := range mutants {
		i := slices.IndexFunc(list, func(e equivalent) bool { return e.file == m.file && e.change == m.change() })
		if i < 0 {
			rest = append(rest, m)
			continue
		}
		matched[i] = true
	}
	for i, e := range list {
		if !matched[i] {
			unused = append(unused, e)
		}
	}
	return rest, unused
}
