// Command ratios reads the output of go test -bench from a file or from standard input. It prints a table in Markdown with the
// median of each benchmark and its ratio to the result of godo in the same run.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "ratios:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) > 1 {
		return fmt.Errorf("usage: ratios [FILE], got %d arguments", len(args))
	}
	if len(args) == 1 {
		b, err := os.ReadFile(args[0])
		if err != nil {
			return err
		}
		in = bytes.NewReader(b)
	}
	results, err := parse(in)
	if err != nil {
		return err
	}
	return printTable(out, results)
}

// units are the columns of the table.
var units = []string{"ns/op", "allocs/op", "B/op"}

// result holds the measured values of a benchmark, by unit.
type result struct {
	name   string
	values map[string][]float64
}

func (r *result) median(unit string) (float64, bool) {
	v := slices.Sorted(slices.Values(r.values[unit]))
	if len(v) == 0 {
		return 0, false
	}
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2, true
}

// procsSuffix matches the number of processors that go test appends to a name.
var procsSuffix = regexp.MustCompile(`-\d+$`)

// parse returns the results by name, in the order of the input.
func parse(in io.Reader) ([]*result, error) {
	var results []*result
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(procsSuffix.ReplaceAllString(f[0], ""), "Benchmark")
		i := slices.IndexFunc(results, func(r *result) bool { return r.name == name })
		if i < 0 {
			i = len(results)
			results = append(results, &result{name: name, values: make(map[string][]float64)})
		}
		for j := 2; j+1 < len(f); j += 2 {
			value, err := strconv.ParseFloat(f[j], 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			results[i].values[f[j+1]] = append(results[i].values[f[j+1]], value)
		}
	}
	return results, lines.Err()
}

func printTable(out io.Writer, results []*result) error {
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, "| benchmark | time | of godo | allocations | of godo | bytes | of godo | runs |")
	fmt.Fprintln(w, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, r := range results {
		godo := godoResult(results, r.name)
		fmt.Fprintf(w, "| %s |", r.name)
		for _, unit := range units {
			value, ok := r.median(unit)
			fmt.Fprintf(w, " %s | %s |", format(value, unit, ok), ratio(r, godo, unit))
		}
		fmt.Fprintf(w, " %d |\n", len(r.values[units[0]]))
	}
	return w.Flush()
}

// godoResult returns the result of godo in the same benchmark, or nil.
func godoResult(results []*result, name string) *result {
	group, _, _ := strings.Cut(name, "/")
	i := slices.IndexFunc(results, func(r *result) bool { return r.name == group+"/godo" })
	if i < 0 {
		return nil
	}
	return results[i]
}

func ratio(r, godo *result, unit string) string {
	if godo == nil || r == godo {
		return ""
	}
	a, ok1 := r.median(unit)
	b, ok2 := godo.median(unit)
	if !ok1 || !ok2 || b == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", a/b)
}

func format(value float64, unit string, ok bool) string {
	switch {
	case !ok:
		return ""
	case unit != "ns/op":
		return strconv.FormatFloat(value, 'f', 0, 64)
	case value >= 1e6:
		return fmt.Sprintf("%.2f ms", value/1e6)
	default:
		return fmt.Sprintf("%.1f µs", value/1e3)
	}
}
