package droplets_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// Creates a Droplet, waits until it is active, and deletes it. The client uses the in-memory fake; for DigitalOcean, create
// it with droplets.NewClient.
func Example() {
	ctx := context.Background()
	client := dropletstest.New(dropletstest.WithActionDuration(0)).Client()

	d, err := client.Droplets.CreateAndWait(ctx, droplets.DropletCreateRequest{
		Name:   "web-1",
		Region: "nyc3",
		Size:   "s-1vcpu-1gb",
		Image:  droplets.ImageSlug("ubuntu-24-04-x64"),
	})
	if err != nil {
		log.Fatal(err)
	}
	addr, ok := d.PublicIPv4()
	fmt.Println(d.Name, d.Status, d.SizeSlug, addr, ok)

	if err := client.Droplets.Delete(ctx, d.ID); err != nil {
		log.Fatal(err)
	}
	if err := client.Droplets.WaitForDeleted(ctx, d.ID); err != nil {
		log.Fatal(err)
	}
	fmt.Println("deleted")
	// Output:
	// web-1 active s-1vcpu-1gb 198.18.0.2 true
	// deleted
}

// Sets the options of a client. The test server replaces DigitalOcean; without WithBaseURL the client uses DigitalOcean's
// API.
func ExampleNewClient() {
	server := httptest.NewServer(dropletstest.New(dropletstest.WithDroplets(3)))
	defer server.Close()

	client, err := droplets.NewClient(dropletstest.Token,
		droplets.WithBaseURL(server.URL),
		droplets.WithUserAgent("provisioner/1.4"),
		droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: 5}),
		droplets.WithPollPolicy(droplets.PollPolicy{Initial: time.Second, Max: 5 * time.Second}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := client.Droplets.List(context.Background(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(page.Total, "Droplets")
	// Output: 3 Droplets
}

// NewClient rejects invalid arguments.
func ExampleNewClient_invalidArgument() {
	_, err := droplets.NewClient("token", droplets.WithBaseURL("http://api.example.com"))
	fmt.Println(err)
	_, err = droplets.NewClient("")
	fmt.Println(err)
	// Output:
	// droplets: invalid argument: BaseURL must begin with https:// unless its host is a loopback address or WithPlainHTTP is set: the token would be sent to api.example.com in clear text
	// droplets: invalid argument: token must not be empty
}

// Calls an operation that the package does not wrap, with the same token, retries, rate limits and errors.
func ExampleClient_Do() {
	ctx := context.Background()
	client := dropletstest.New().Client()

	req, err := client.NewRequest(ctx, http.MethodGet, "/v2/account", nil)
	if err != nil {
		log.Fatal(err)
	}
	var body struct {
		Account struct {
			Status       string `json:"status"`
			DropletLimit int    `json:"droplet_limit"`
		} `json:"account"`
	}
	resp, err := client.Do(req, &body, droplets.RequireRoot("account"), droplets.WithOperation("account_get"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.StatusCode, body.Account.Status, body.Account.DropletLimit)
	// Output: 200 active 25000
}

// The body is encoded as JSON once and kept for retries.
func ExampleClient_NewRequest() {
	ctx := context.Background()
	client := dropletstest.New().Client()

	req, err := client.NewRequest(ctx, http.MethodPost, "/v2/tags", map[string]string{"name": "env:prod"})
	if err != nil {
		log.Fatal(err)
	}
	var body struct {
		Tag struct{ Name string } `json:"tag"`
	}
	resp, err := client.Do(req, &body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.StatusCode, body.Tag.Name)
	// Output: 201 env:prod
}

// The rate limit is known after the first response.
func ExampleClient_RateLimit() {
	client := dropletstest.New(dropletstest.WithRateLimit(250, 5000)).Client()
	_, known := client.RateLimit()
	fmt.Println(known)

	if _, err := client.Droplets.List(context.Background(), nil); err != nil {
		log.Fatal(err)
	}
	limit, known := client.RateLimit()
	fmt.Println(known, limit.Remaining, "of", limit.Limit)
	// Output:
	// false
	// true 4999 of 5000
}
