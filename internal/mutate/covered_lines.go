package main

import (
	"cmp"
	"context"
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
	"sync"
	"time"
)

// coverage is what the tests execute.
type coverage struct {
	tests map[string]time.Duration    // by name
	lines map[string]map[int][]string // file, line, tests
}

// testsOf returns the tests that execute a line, or all tests if file is empty, the fastest first.
func (c *coverage) testsOf(file string, line int) []string {
	tests := slices.Clone(c.lines[file][line])
	if file == "" {
		tests = slices.Collect(maps.Keys(c.tests))
	}
	slices.SortFunc(tests, func(a, b string) int { return cmp.Compare(c.tests[a], c.tests[b]) })
	return tests
}

// countWithin returns how many of the tests, from the first on, take no longer than limit together.
func (c *coverage) countWithin(tests []string, limit time.Duration) int {
	for i, test := range tests {
		if limit -= c.tests[test]; limit < 0 {
			return i
		}
	}
	return len(tests)
}

// learnCoverage runs each test of the package in packageDir alone, without those that match skip.
func learnCoverage(ctx context.Context, dir, packageDir string, skip *regexp.Regexp, workers int) (*coverage, error) {
	binary := filepath.Join(dir, "covered.test")
	command := func(name string, args ...string) *exec.Cmd {
		c := exec.CommandContext(ctx, name, args...)
		c.Dir, c.Env = packageDir, testEnvironment(0)
		return c
	}
	if out, err := command("go", "test", "-c", "-cover", "-vet=off", "-o", binary, ".").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("the tests do not compile: %w\n%s", err, out)
	}
	list, err := command(binary, "-test.list", ".").Output()
	if err != nil {
		return nil, err
	}
	c := &coverage{tests: make(map[string]time.Duration), lines: make(map[string]map[int][]string)}
	var mu sync.Mutex
	var failed error
	tests := slices.DeleteFunc(strings.Fields(string(list)), skip.MatchString)
	each(tests, workers, func(test string) {
		began := time.Now()
		profile := filepath.Join(dir, test+".cover")
		out, err := command(binary, "-test.run", "^"+test+"$", "-test.coverprofile", profile).CombinedOutput()
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			err = c.read(test, profile)
		}
		if err != nil && failed == nil {
			failed = fmt.Errorf("%s alone: %w\n%s", test, err, out)
		}
		c.tests[test] = time.Since(began)
	})
	return c, failed
}

var profileLine = regexp.MustCompile(`^(.+):(\d+)\.\d+,(\d+)\.\d+ \d+ (\d+)$`)

// read adds a coverage profile.
func (c *coverage) read(test, profile string) error {
	text, err := os.ReadFile(profile)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		m := profileLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil || m[4] == "0" {
			continue
		}
		file := path.Base(m[1])
		first, _ := strconv.Atoi(m[2])
		last, _ := strconv.Atoi(m[3])
		if c.lines[file] == nil {
			c.lines[file] = make(map[int][]string)
		}
		for line := first; line <= last; line++ {
			if tests := c.lines[file][line]; len(tests) == 0 || tests[len(tests)-1] != test {
				c.lines[file][line] = append(tests, test)
			}
		}
	}
	return os.Remove(profile)
}

// each calls f for every item, from a number of goroutines.
func each[T any](items []T, workers int, f func(T)) {
	queue := make(chan T)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for item := range queue {
				f(item)
			}
		})
	}
	for _, item := range items {
		queue <- item
	}
	close(queue)
	wg.Wait()
}
