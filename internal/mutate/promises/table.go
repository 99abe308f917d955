// Package promises reads the table of promises in docs/promises.md, and the changes of the code that break them.
package promises

import (
	"fmt"
	"os"
	"regexp"
)

// Promise is a row of the table.
type Promise struct {
	// Page is the file that makes the promise, such as "README.md".
	Page string
	// Text is the part of the page that is quoted.
	Text string
	// Tests fail if the promise is broken.
	Tests []Test
}

func (p Promise) String() string { return p.Page + ": " + p.Text }

// Test is a test, a fuzz target or an example.
type Test struct {
	// Folder is where the test is, with a slash at its end; empty for the top of the repository.
	Folder string
	// Name is the name of its function.
	Name string
}

func (t Test) String() string { return t.Folder + t.Name }

var (
	row      = regexp.MustCompile(`(?m)^\| ([\w/]+\.(?:md|go)) \| (.+) \| (.+) \|$`)
	testName = regexp.MustCompile("`([\\w/-]*/)?((?:Test|Fuzz|Example)\\w*)`")
)

// ReadTable returns the rows of a table of promises.
func ReadTable(file string) ([]Promise, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []Promise
	for _, cells := range row.FindAllStringSubmatch(string(text), -1) {
		all = append(all, Promise{Page: cells[1], Text: cells[2], Tests: TestsIn(cells[3])})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: there is no row with a page, a promise and its tests", file)
	}
	return all, nil
}

// TestsIn returns the tests that a text names in backquotes.
func TestsIn(text string) (tests []Test) {
	for _, name := range testName.FindAllStringSubmatch(text, -1) {
		tests = append(tests, Test{Folder: name[1], Name: name[2]})
	}
	return tests
}
