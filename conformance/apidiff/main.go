// Command apidiff reports the differences between an OpenAPI document of DigitalOcean and this repository:
//
//	go run ./apidiff FILE
//
// It compares the operations with testdata/operations.json of the library, their parameters, fields and enums with the facts in
// testdata/droplets.openapi.json, and their fields with the Go models. It prints one line for each difference and exits with status
// 1 if there is one, with 2 if it cannot compare.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	differences, err := run(context.Background(), os.Args[1:], os.Stdout)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "apidiff:", err)
		os.Exit(2)
	case differences > 0:
		os.Exit(1)
	}
}

// run prints the differences and returns their number.
func run(ctx context.Context, args []string, out io.Writer) (differences int, err error) {
	flags := flag.NewFlagSet("apidiff", flag.ContinueOnError)
	in := sources{}
	flags.StringVar(&in.facts, "facts", "testdata/droplets.openapi.json", "the facts of this repository")
	flags.StringVar(&in.library, "library", "..", "the directory of the library")
	if err := flags.Parse(args); err != nil {
		return 0, err
	}
	if flags.NArg() != 1 {
		return 0, fmt.Errorf("usage: go run ./apidiff FILE (an OpenAPI document in YAML or JSON)")
	}
	in.document = flags.Arg(0)
	lines, err := compare(ctx, in)
	for _, line := range lines {
		fmt.Fprintln(out, line)
	}
	return len(lines), err
}
