package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/droplets-go/droplets/conformance/internal/report"
)

// reportLog prints a summary of a log. It returns an error if the log has violations, and, depending on the flags, lints or
// operations without a success.
func reportLog(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("conformance report", flag.ContinueOnError)
	lints := flags.Bool("lints", false, "fail if there are lints")
	operations := flags.String("operations", "", "a file such as testdata/operations.json: fail if one of its operations had no success")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return fmt.Errorf("usage: conformance report [-lints] [-operations FILE] LOG")
	}
	log, err := os.ReadFile(flags.Arg(0))
	if err != nil {
		return err
	}
	r, err := report.Read(bytes.NewReader(log))
	if err != nil {
		return err
	}
	r.Write(out)
	var required []string
	if *operations != "" {
		if required, err = operationIDs(*operations); err != nil {
			return err
		}
	}
	return r.Err(required, *lints)
}

func operationIDs(file string) ([]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list []struct{ ID string }
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s lists no operation", file)
	}
	ids := make([]string, 0, len(list))
	for _, op := range list {
		ids = append(ids, op.ID)
	}
	return ids, nil
}
