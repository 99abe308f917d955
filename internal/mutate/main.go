// Command mutate measures how well the tests of package droplets detect mistakes. It makes small changes (mutants) in the
// library, one at a time, and runs the tests that execute the changed line. A mutant that no test detects survives.
//
//	go run ./internal/mutate -n 300 -seed 1
//
// The program first runs every test alone, to learn which lines it executes. Mutants that do not compile are left out. A test
// that does not end counts as a detection. The file equivalent.txt lists mutants that change nothing that a caller can observe,
// each with the reason; they are not counted.
//
//	go run ./internal/mutate -promises -only VerifyList
//
// With -promises, the program breaks the promises of docs/promises.md by the changes in promises.txt, one at a time, and runs
// the tests that the table names. It fails if a promise has a change that none of its tests detects. -only selects promises.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	dir      string // of the package, without its subpackages
	seed     uint64
	sample   int
	files    *regexp.Regexp
	match    *regexp.Regexp // the descriptions of the mutants
	skip     *regexp.Regexp // the tests to leave out
	workers  int
	total    float64 // percent of all mutants that have to be killed
	eachFile float64 // the same for each file, if enough of its mutants were tried
	verbose  bool
	promises bool           // break promises instead of trying mutants
	only     *regexp.Regexp // the promises to break
}

// slowTests are left out by default. Each takes longer than all other tests together, and would run for each mutant that the others
// do not detect. With them, the program would report fewer survivors.
const slowTests = "^(TestFaults|TestProceduresMatrix|TestCreatesUnderEveryFault)$"

func parseSettings(args []string, stderr io.Writer) (settings, error) {
	s := settings{}
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.dir, "dir", ".", "folder of the package to change; its own tests are run")
	flags.Uint64Var(&s.seed, "seed", 1, "selects the sample")
	flags.IntVar(&s.sample, "n", 300, "number of mutants to try; 0 for all")
	files := flags.String("files", `\.go$`, "regular expression for the names of the files to change")
	match := flags.String("match", "", "regular expression for the mutants to try, as they are printed")
	skip := flags.String("skip", slowTests, "regular expression for tests to leave out; '^$' for none")
	flags.IntVar(&s.workers, "workers", 2, "number of mutants to try at the same time")
	flags.Float64Var(&s.total, "min", 93, "percent of all mutants that have to be killed")
	flags.Float64Var(&s.eachFile, "min-file", 88, "the same for each file of which all mutants were tried, or 25")
	flags.BoolVar(&s.verbose, "v", false, "print every mutant")
	flags.BoolVar(&s.promises, "promises", false, "break the promises of docs/promises.md and run the tests that it names")
	only := flags.String("only", "", "regular expression for the promises to break, as they are printed")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	var errFiles, errMatch, errSkip, errOnly error
	s.files, errFiles = regexp.Compile(*files)
	s.match, errMatch = regexp.Compile(*match)
	s.skip, errSkip = regexp.Compile(*skip)
	s.only, errOnly = regexp.Compile(*only)
	return s, errors.Join(errFiles, errMatch, errSkip, errOnly)
}

// run tries a sample of mutants. The current directory must be that of the module.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parseSettings(args, stderr)
	if err != nil {
		return err
	}
	if s.promises {
		return provePromises(ctx, s, stdout)
	}
	equivalent, err := readEquivalent("internal/mutate/equivalent.txt")
	if err != nil {
		return err
	}
	all, err := findMutants(ctx, s.dir)
	if err != nil {
		return err
	}
	candidates, unused := withoutEquivalent(all.mutants, equivalentIn(s.dir, equivalent))
	for _, e := range unused {
		fmt.Fprintf(stdout, "equivalent.txt: nothing matches %q in %s\n", e.change, e.file)
	}
	candidates = selectMutants(candidates, s)
	dir, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	fmt.Fprintf(stdout, "%d mutants, %d of them selected; learning what each test executes\n", len(all.mutants), len(candidates))
	began := time.Now()
	lines, err := learnCoverage(ctx, dir, s.dir, s.skip, s.workers)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d tests in %s; trying mutants with seed %d\n", len(lines.tests), time.Since(began).Round(time.Second), s.seed)
	shared, err := all.buildShared(ctx, dir, s.dir, s.skip)
	if err != nil {
		return err
	}
	if len(shared.failing) > 0 {
		fmt.Fprintf(stdout, "tests that need a binary with one mutant: %s\n", strings.Join(slices.Sorted(maps.Keys(shared.failing)), " "))
	}
	lab := laboratory{dir: dir, packageDir: s.dir, lines: lines, shared: shared, start: 15 * time.Second}
	results := lab.tryAll(ctx, sampleOf(candidates, s), s.workers, func(r result) {
		if s.verbose || r.outcome == survived {
			fmt.Fprintln(stdout, r)
		}
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	return newReport(results, countByFile(candidates)).print(stdout, s)
}
