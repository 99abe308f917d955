package droplets_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// meter counts attempts by operation and outcome. A real program increments a Prometheus counter or starts an OpenTelemetry
// span in the same place.
type meter struct {
	next http.RoundTripper

	mu     sync.Mutex
	counts map[string]int
}

func (m *meter) RoundTrip(req *http.Request) (*http.Response, error) {
	operation, ok := droplets.OperationFromContext(req.Context())
	if !ok {
		operation = "other" // a request of Client.Do without WithOperation
	}
	resp, err := m.next.RoundTrip(req)
	outcome := "no response"
	if err == nil {
		outcome = strconv.Itoa(resp.StatusCode)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts[operation+" "+outcome]++
	return resp, err
}

// A transport of the caller records metrics and traces of each attempt. The operation ID is a label without resource IDs.
func ExampleOperationFromContext() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(2))
	m := &meter{next: api.Transport(), counts: make(map[string]int)}
	client, err := droplets.NewClient(dropletstest.Token, droplets.WithHTTPClient(&http.Client{Transport: m}),
		droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: 3, MinDelay: time.Millisecond}))
	if err != nil {
		log.Fatal(err)
	}
	api.Respond(1, dropletstest.Match{Operation: "droplets_list"}, dropletstest.Fault{Status: http.StatusBadGateway})

	page, err := client.Droplets.List(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range page.Items {
		if _, err := client.Droplets.Get(ctx, d.ID); err != nil {
			log.Fatal(err)
		}
	}
	for _, name := range []string{"droplets_list 502", "droplets_list 200", "droplets_get 200"} {
		fmt.Println(name, m.counts[name])
	}
	// Output:
	// droplets_list 502 1
	// droplets_list 200 1
	// droplets_get 200 2
}
