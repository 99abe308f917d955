// Package report summarizes the logs of the server.
package report

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"

	"github.com/droplets-go/droplets/conformance/internal/check"
	"github.com/droplets-go/droplets/conformance/internal/server"
)

// Report counts requests and findings.
type Report struct {
	operations map[string]*counts
	rules      map[string]int // findings by kind
	details    []string       // of the findings
	total      counts
}

type counts struct{ requests, successes, violations, lints int }

func (c *counts) add(e *server.Entry) {
	c.requests++
	if e.Status/100 == http.StatusOK/100 && len(e.Violations) == 0 {
		c.successes++
	}
	c.violations += len(e.Violations)
	c.lints += len(e.Lints)
}

// Read reads a log.
func Read(log io.Reader) (*Report, error) {
	r := &Report{operations: make(map[string]*counts), rules: make(map[string]int)}
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e server.Entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("the log has a line that is not an entry: %w", err)
		}
		r.add(&e)
	}
	return r, lines.Err()
}

func (r *Report) add(e *server.Entry) {
	id := e.OperationID
	if id == "" {
		id = "(no operation)"
	}
	if r.operations[id] == nil {
		r.operations[id] = &counts{}
	}
	r.operations[id].add(e)
	r.total.add(e)
	note := func(kind string, found []check.Finding) {
		for _, f := range found {
			r.rules[fmt.Sprintf("%s %s %s %s", kind, f.Where, f.In, f.Rule)]++
			r.details = append(r.details, fmt.Sprintf("#%d %s %s %s: %s %s", e.Seq, id, e.Method, e.Path, kind, f))
		}
	}
	note("violation", e.Violations)
	note("lint", e.Lints)
}

// Write prints the operations, the findings and the totals.
func (r *Report) Write(w io.Writer) {
	for _, id := range slices.Sorted(maps.Keys(r.operations)) {
		c := r.operations[id]
		fmt.Fprintf(w, "%-55s %5d requests %5d successes %5d violations %5d lints\n", id, c.requests, c.successes, c.violations, c.lints)
	}
	for _, rule := range slices.Sorted(maps.Keys(r.rules)) {
		fmt.Fprintf(w, "%6d × %s\n", r.rules[rule], rule)
	}
	for _, line := range r.details {
		fmt.Fprintln(w, line)
	}
	fmt.Fprintf(w, "%d operations, %d requests, %d violations, %d lints\n", len(r.operations), r.total.requests, r.total.violations, r.total.lints)
}

// Err returns an error if there are violations, if there are lints and lintsCount is true, or if an operation of required had no
// success.
func (r *Report) Err(required []string, lintsCount bool) error {
	var errs []error
	if r.total.violations > 0 {
		errs = append(errs, fmt.Errorf("%d violations", r.total.violations))
	}
	if lintsCount && r.total.lints > 0 {
		errs = append(errs, fmt.Errorf("%d lints", r.total.lints))
	}
	for _, id := range required {
		if c := r.operations[id]; c == nil || c.successes == 0 {
			errs = append(errs, fmt.Errorf("no success of %s", id))
		}
	}
	return errors.Join(errs...)
}
