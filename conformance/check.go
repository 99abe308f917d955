package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/droplets-go/droplets/conformance/internal/check"
	"github.com/droplets-go/droplets/conformance/internal/spec"
)

// checkFiles checks files that contain bodies of an operation. It returns an error if there is a violation.
func checkFiles(ctx context.Context, document *spec.Document, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("conformance check", flag.ContinueOnError)
	id := flags.String("op", "", "the operation ID, such as droplets_create")
	status := flags.Int("response", 0, "the files are responses with this status, not requests")
	if err := flags.Parse(args); err != nil {
		return err
	}
	op := document.Operation(*id)
	if op == nil {
		return fmt.Errorf("the document has no operation %q: set -op to an operation ID", *id)
	}
	if flags.NArg() == 0 {
		return errors.New("no files: usage: conformance check -op ID [-response STATUS] FILE [FILE ...]")
	}
	wrong := 0
	for _, file := range flags.Args() {
		body, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		violations, lints, err := checkBody(ctx, document, op, *status, body)
		if err != nil {
			return err
		}
		wrong += len(violations)
		fmt.Fprintf(out, "%s: %d violations, %d lints\n", file, len(violations), len(lints))
		for _, v := range violations {
			fmt.Fprintln(out, "  violation:", v)
		}
		for _, l := range lints {
			fmt.Fprintln(out, "  lint:", l)
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d violations", wrong)
	}
	return nil
}

// checkBody checks a request body, or a response body if status is not 0.
func checkBody(ctx context.Context, document *spec.Document, op *spec.Operation, status int, body []byte) (violations, lints []check.Finding, err error) {
	var request []byte
	if status == 0 {
		request = body
	}
	exchange, err := check.Sample(ctx, document, op, request)
	switch {
	case err != nil:
		return nil, nil, err
	case status == 0:
		return exchange.Request(ctx), exchange.LintRequest(), nil
	}
	header := http.Header{"Content-Type": {"application/json"}, "Ratelimit-Limit": {"1"}, "Ratelimit-Remaining": {"1"}, "Ratelimit-Reset": {"1"}}
	return exchange.Response(ctx, status, header, body), exchange.LintResponse(status, header, body), nil
}
