package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// sharedChanges has the changes that one binary can have together. To compile the tests takes longer than to run most of them.
type sharedChanges struct {
	dir     string // for the files of the overlay
	files   []*copiedFile
	overlay overlay
	has     map[int]bool // the changes, by number
}

// shareChanges finds the changes that compile as copies of functions.
func shareChanges(ctx context.Context, dir string, changes []numbered) (*sharedChanges, error) {
	s := &sharedChanges{dir: dir, has: make(map[int]bool)}
	byPath := make(map[string]*copiedFile)
	for _, c := range changes {
		f := byPath[c.File]
		if f == nil {
			source, err := os.ReadFile(c.File)
			if err != nil {
				continue // the error of the change says so
			}
			if f, err = newCopiedFile(c.File, string(source)); err != nil {
				return nil, err
			}
			byPath[c.File] = f
			s.files = append(s.files, f)
		}
		s.has[c.id] = f.add(c)
	}
	for range changes { // each round but the last one removes a change
		removed, err := s.compile(ctx)
		if err != nil || !removed {
			return s, err
		}
	}
	return s, nil
}

// compile compiles the packages with the copies. It removes the changes that do not compile, and reports whether there are any.
func (s *sharedChanges) compile(ctx context.Context) (removed bool, err error) {
	if err := s.writeOverlay(); err != nil {
		return false, err
	}
	overlayFile := filepath.Join(s.dir, "overlay.json")
	if err := s.overlay.write(overlayFile); err != nil {
		return false, err
	}
	for _, packageDir := range slices.Sorted(maps.Keys(s.packages())) {
		command := exec.CommandContext(ctx, "go", "build", "-gcflags=-e", "-o", os.DevNull, "-overlay", overlayFile, ".")
		command.Dir = packageDir
		out, err := command.CombinedOutput()
		if err == nil {
			continue
		}
		if !s.removeFailing(string(out)) {
			return false, errors.Join(fmt.Errorf("the changes of %s do not compile together: %w\n%s", packageDir, err, out), ctx.Err())
		}
		return true, nil
	}
	return false, nil
}

// packages returns the names of the packages that have changes, by folder.
func (s *sharedChanges) packages() map[string]string {
	names := make(map[string]string)
	for _, f := range s.files {
		names[path.Dir(f.path)] = f.packageName
	}
	return names
}

// writeOverlay writes the files with copies.
func (s *sharedChanges) writeOverlay() error {
	s.overlay = make(overlay)
	for i, f := range s.files {
		if err := s.overlay.replaceAs(filepath.Join(s.dir, fmt.Sprintf("file%d.go", i)), f.path, []byte(f.render())); err != nil {
			return err
		}
	}
	for packageDir, name := range s.packages() {
		text := strings.Replace(runtime, "PACKAGE", name, 1)
		file := filepath.Join(s.dir, fmt.Sprintf("runtime%d.go", len(s.overlay)))
		if err := s.overlay.replaceAs(file, filepath.Join(packageDir, runtimeFile), []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

var compileError = regexp.MustCompile(`(?m)\bfile(\d+)\.go:(\d+)`)

// removeFailing removes the changes whose copies have errors of the compiler. It reports whether there are any.
func (s *sharedChanges) removeFailing(output string) (removed bool) {
	for _, at := range compileError.FindAllStringSubmatch(output, -1) {
		file, _ := strconv.Atoi(at[1])
		line, _ := strconv.Atoi(at[2])
		if id := s.files[file].changeAt(line); s.has[id] {
			s.has[id], removed = false, true
			s.files[file].remove(id)
		}
	}
	return removed
}
