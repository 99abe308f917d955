package dropletstest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// Test what a program does if the response to a create is lost: the API creates the Droplet, but the program gets an error.
func Example_retry() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithActionDuration(0))
	c := api.Client()
	api.Respond(1, dropletstest.Match{Operation: "droplets_create"}, dropletstest.Fault{Status: 504, Applied: true})

	create := func() error {
		_, err := c.Droplets.Create(ctx, droplets.DropletCreateRequest{
			Name: "web-01", Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64"),
		})
		if !errors.Is(err, droplets.ErrMaybeApplied) {
			return err
		}
		// The program under test checks whether the Droplet exists before it retries.
		page, err := c.Droplets.List(ctx, &droplets.DropletListOptions{Name: "web-01"})
		if err == nil && page.Total == 0 {
			err = errors.New("not created")
		}
		return err
	}
	fmt.Println(create())
	fmt.Println(len(api.Droplets()), "Droplet")
	for _, r := range api.Requests() {
		fmt.Println(r.Operation, r.Status)
	}
	// Output:
	// <nil>
	// 1 Droplet
	// droplets_create 504
	// droplets_list 200
}

// Test that a program deletes the Droplets that it created.
func Example_cleanUp() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithActionDuration(0), dropletstest.WithDroplets(3))
	c := api.Client()

	// The program under test creates two Droplets and deletes them.
	created, err := c.Droplets.CreateMultiple(ctx, droplets.DropletMultiCreateRequest{
		Names: []string{"job-1", "job-2"}, Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range created.Droplets {
		if err := c.Droplets.Delete(ctx, d.ID); err != nil {
			fmt.Println(err)
		}
	}

	remaining := make(map[int64]bool)
	for _, e := range api.Ledger() {
		remaining[e.DropletID] = e.Kind == dropletstest.EntryCreate
		fmt.Println(e.Kind, e.Name)
	}
	for id, exists := range remaining {
		if exists {
			fmt.Println("not deleted:", id)
		}
	}
	fmt.Println(len(api.Droplets()), "existed before")
	// Output:
	// create job-1
	// create job-2
	// delete job-1
	// delete job-2
	// 3 existed before
}

// Serve the API on a socket, for a program that accepts a base URL.
func ExampleAPI_ServeHTTP() {
	srv := httptest.NewServer(dropletstest.New(dropletstest.WithDroplets(2)))
	defer srv.Close()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, srv.URL+"/v2/droplets", http.NoBody)
	if err != nil {
		fmt.Println(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+dropletstest.Token)
	resp, err := srv.Client().Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status, resp.Header.Get("Ratelimit-Limit"))
	// Output: 200 OK 5000
}

func ExampleAPI_FailNextAction() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithActionDuration(0), dropletstest.WithDroplets(1))
	c := api.Client()
	id := api.Droplets()[0].ID

	api.FailNextAction(droplets.ActionTypeShutdown)
	a, err := c.DropletActions.Shutdown(ctx, id)
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err = c.DropletActions.WaitForAction(ctx, id, a.ID)
	fmt.Println(a.Status, errors.Is(err, droplets.ErrActionFailed))
	fmt.Println(api.Droplets()[0].Status)
	// Output:
	// errored true
	// active
}
