// Command facts reduces an OpenAPI document of DigitalOcean to the facts that testdata/droplets.openapi.json contains, and prints
// them:
//
//	go run ./facts FILE >facts.json && mv facts.json testdata/droplets.openapi.json
package main

import (
	"fmt"
	"os"

	"github.com/droplets-go/droplets/conformance/internal/facts"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "facts:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: go run ./facts FILE (an OpenAPI document in YAML or JSON)")
	}
	source, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	reduced, err := facts.Reduce(source)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	_, err = os.Stdout.Write(reduced)
	return err
}
