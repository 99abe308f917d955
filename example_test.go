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

// A Droplet's life: created, running, gone. The client is one of the API in memory; droplets.NewClient makes one of
// DigitalOcean's, and the rest stays as it is.
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
	fmt.Println("gone")
	// Output:
	// web-1 active s-1vcpu-1gb 198.18.0.2 true
	// gone
}

// What a program sets once, when it begins. The server stands for DigitalOcean; without WithBaseURL the client talks to
// the real one.
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

// What is certain to be wrong is refused before anything is sent, when the client is made too.
func ExampleNewClient_refused() {
	_, err := droplets.NewClient("token", droplets.WithBaseURL("http://api.example.com"))
	fmt.Println(err)
	_, err = droplets.NewClient("")
	fmt.Println(err)
	// Output:
	// droplets: invalid argument: BaseURL must begin with https:// unless its host is a loopback address or WithPlainHTTP is set: the token would be sent to api.example.com in clear text
	// droplets: invalid argument: token must not be empty
}

// A part of the API that this package does not wrap is reached by the same rules: token, retries, limits, errors.
func ExampleClient_Do() {
	ctx := context.Background()
	client := dropletstest.New().Client()

	req, err := client.NewRequest(ctx, http.MethodGet, "/v2/account", nil)
	if err != nil {
		log.Fatal(err)
	}
	var answer struct {
		Account struct {
			Status       string `json:"status"`
			DropletLimit int    `json:"droplet_limit"`
		} `json:"account"`
	}
	resp, err := client.Do(req, &answer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.StatusCode, answer.Account.Status, answer.Account.DropletLimit)
	// Output: 200 active 25000
}

// A body is encoded as JSON, and is sent again from memory where that is safe.
func ExampleClient_NewRequest() {
	ctx := context.Background()
	client := dropletstest.New().Client()

	req, err := client.NewRequest(ctx, http.MethodPost, "/v2/tags", map[string]string{"name": "env:prod"})
	if err != nil {
		log.Fatal(err)
	}
	var answer struct {
		Tag struct{ Name string } `json:"tag"`
	}
	resp, err := client.Do(req, &answer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.StatusCode, answer.Tag.Name)
	// Output: 201 env:prod
}

// The quota is known from the first answer on.
func ExampleClient_RateLimit() {
	client := dropletstest.New(dropletstest.WithRateLimit(250, 5000)).Client()
	_, known := client.RateLimit()
	fmt.Println(known)

	if _, err := client.Droplets.List(context.Background(), nil); err != nil {
		log.Fatal(err)
	}
	quota, known := client.RateLimit()
	fmt.Println(known, quota.Remaining, "of", quota.Limit)
	// Output:
	// false
	// true 4999 of 5000
}
