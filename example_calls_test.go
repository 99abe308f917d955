package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// Sets a header for one call, such as an ID that the caller also writes to its log.
func ExampleWithHeader() {
	ctx := context.Background()
	api := dropletstest.New()
	client := api.Client()

	if _, err := client.Droplets.List(ctx, nil, droplets.WithHeader("X-Correlation-Id", "job-17")); err != nil {
		log.Fatal(err)
	}
	fmt.Println(api.Requests()[0].Header.Get("X-Correlation-Id"))
	// Output: job-17
}

// Stores the status, the header and the number of attempts of one call.
func ExampleCaptureResponse() {
	ctx := context.Background()
	client := dropletstest.New().Client()

	var resp droplets.Response
	if _, err := client.Droplets.List(ctx, nil, droplets.CaptureResponse(&resp)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.StatusCode, resp.Header.Get("Content-Type"), resp.Attempts)
	fmt.Println("rate limit:", resp.RateLimit.Limit)
	// Output:
	// 200 application/json; charset=utf-8 1
	// rate limit: 5000
}

// Returns the first error immediately.
func ExampleWithoutRetries() {
	ctx := context.Background()
	api := dropletstest.New()
	client := api.Client()
	api.Respond(-1, dropletstest.Match{}, dropletstest.Fault{Status: http.StatusBadGateway})

	_, err := client.Droplets.List(ctx, nil, droplets.WithoutRetries())
	fmt.Println(errors.Is(err, droplets.ErrServer), "after", len(api.Requests()), "request")
	// Output: true after 1 request
}

// Writes one record for each call, without body, query and token. The example omits attributes that vary between runs.
func ExampleWithLogger() {
	ctx := context.Background()
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			switch a.Key {
			case slog.TimeKey, "duration", "request_id":
				return slog.Attr{}
			}
			return a
		},
	}))
	client := dropletstest.New(dropletstest.WithDroplets(1)).Client(droplets.WithLogger(logger))

	if _, err := client.Droplets.List(ctx, nil); err != nil {
		log.Fatal(err)
	}
	if _, err := client.Droplets.Get(ctx, 42); !errors.Is(err, droplets.ErrNotFound) {
		log.Fatal(err)
	}
	// Output:
	// level=DEBUG msg="droplets: call done" operation=droplets_list method=GET path=/v2/droplets status=200 attempts=1
	// level=WARN msg="droplets: call failed" operation=droplets_get method=GET path=/v2/droplets/42 status=404 attempts=1 error="not found"
}
