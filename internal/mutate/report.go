package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// count is a number of mutants, and how many of them the tests have detected.
type count struct{ killed, all int }

func (c count) percent() float64 { return 100 * float64(c.killed) / float64(max(c.all, 1)) }

// report sums the results up.
type report struct {
	total   count
	files   map[string]count
	tried   map[string]int // mutants of each file, with those that do not compile
	of      map[string]int // mutants that each file has
	invalid int
}

// smallSample is a number of mutants that says too little about a file, unless the file has no more.
const smallSample = 25

func newReport(results []result, of map[string]int) report {
	r := report{files: make(map[string]count), tried: make(map[string]int), of: of}
	for _, one := range results {
		r.tried[one.file]++
		if one.outcome == invalid {
			r.invalid++
			continue
		}
		file := r.files[one.file]
		r.total.all++
		file.all++
		if one.outcome == killed || one.outcome == timedOut {
			r.total.killed++
			file.killed++
		}
		r.files[one.file] = file
	}
	return r
}

// print writes the numbers, and returns an error if they are below the limits.
func (r report) print(w io.Writer, s settings) error {
	var below []error
	for _, name := range slices.Sorted(maps.Keys(r.files)) {
		c := r.files[name]
		fmt.Fprintf(w, "%-36s %4d of %4d  %5.1f %%\n", name, c.killed, c.all, c.percent())
		enough := c.all >= smallSample || r.tried[name] == r.of[name]
		if enough && c.percent() < s.eachFile {
			below = append(below, fmt.Errorf("%s: %.1f %% of the mutants are killed, less than %g %%", name, c.percent(), s.eachFile))
		}
	}
	fmt.Fprintf(w, "%-36s %4d of %4d  %5.1f %%; %d more do not compile\n", "all", r.total.killed, r.total.all, r.total.percent(), r.invalid)
	if r.total.percent() < s.total {
		below = append(below, fmt.Errorf("%.1f %% of all mutants are killed, less than %g %%", r.total.percent(), s.total))
	}
	return errors.Join(below...)
}
