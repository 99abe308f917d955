package droplets_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// Sends a field that the package does not have. The checks, retries and redaction of Ensure apply to it.
func ExampleWithBodyField() {
	ctx := context.Background()
	api := dropletstest.New()
	client := api.Client()

	_, created, err := client.Droplets.Ensure(ctx, droplets.DropletCreateRequest{
		Name: "web-1", Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64"),
	}, droplets.WithBodyField("anti_affinity_key", "web"))
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range api.Requests() {
		if r.Method == http.MethodPost {
			fmt.Println(created, string(r.Body))
		}
	}

	_, err = client.Droplets.Create(ctx, droplets.DropletCreateRequest{
		Name: "web-2", Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64"),
	}, droplets.WithBodyField("ipv6", true))
	fmt.Println(err)
	// Output:
	// true {"name":"web-1","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","anti_affinity_key":"web"}
	// droplets: invalid argument: WithBodyField must not set "ipv6": it is a field of the request
}

// Do not embed a request to add a field to it: Go uses the MarshalJSON of the request for the whole struct, so that the field is
// not sent. NewRequest rejects such a body. Make the request a named field of the struct, and pass the other field with
// WithBodyField.
func ExampleWithBodyField_embedding() {
	client := dropletstest.New().Client()

	type embedded struct {
		droplets.DropletCreateRequest
		AntiAffinityKey string `json:"anti_affinity_key"`
	}
	wrong := embedded{AntiAffinityKey: "web"}
	_, err := client.NewRequest(context.Background(), http.MethodPost, "v2/droplets", wrong)
	fmt.Println(err != nil)

	type machine struct {
		Request         droplets.DropletCreateRequest
		AntiAffinityKey string
	}
	m := machine{AntiAffinityKey: "web", Request: droplets.DropletCreateRequest{
		Name: "web-1", Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64"),
	}}
	result, err := client.Droplets.Create(context.Background(), m.Request, droplets.WithBodyField("anti_affinity_key", m.AntiAffinityKey))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Droplet.Name)
	// Output:
	// true
	// web-1
}

// Reads a field of a response that the package does not have.
func ExampleResponse() {
	client := dropletstest.New(dropletstest.WithDroplets(1)).Client()

	var resp droplets.Response
	d, err := client.Droplets.Get(context.Background(), 500000001, droplets.CaptureResponse(&resp))
	if err != nil {
		log.Fatal(err)
	}
	var more struct {
		Droplet struct {
			SizeSlug string `json:"size_slug"`
		} `json:"droplet"`
	}
	if err := json.Unmarshal(resp.Body, &more); err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Name, more.Droplet.SizeSlug)
	// Output: droplet-00001 s-1vcpu-1gb
}

// newExampleClient returns a client for a server that responds to every request with the same body.
func newExampleClient(body string) (client *droplets.Client, stop func()) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))
	client, err := droplets.NewClient("token", droplets.WithBaseURL(server.URL))
	if err != nil {
		panic(err) // the arguments are constants
	}
	return client, server.Close
}

// Reads a list that the package does not wrap, with the pages, retries and checks of the All methods.
func ExampleAllFrom() {
	client, stop := newExampleClient(`{"volumes": [{"id": "v-1", "name": "data"}, {"id": "v-2", "name": "logs"}], "meta": {"total": 2}}`)
	defer stop()

	type volume struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	volumes := droplets.AllFrom(context.Background(), client, "v2/volumes?region=nyc3", "volumes",
		func(v *volume) string { return v.ID }, nil, droplets.WithOperation("volumes_list"))
	for v, err := range volumes {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(v.ID, v.Name)
	}
	// Output:
	// v-1 data
	// v-2 logs
}

// Without RequireRoot, an empty object is decoded as a list without items.
func ExampleRequireRoot() {
	client, stop := newExampleClient(`{}`)
	defer stop()

	req, err := client.NewRequest(context.Background(), http.MethodGet, "v2/projects", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	var body struct {
		Projects []struct{ ID string } `json:"projects"`
	}
	_, err = client.Do(req, &body)
	fmt.Println(len(body.Projects), err)
	_, err = client.Do(req, &body, droplets.RequireRoot("projects"), droplets.WithOperation("projects_list"))
	fmt.Println(err)
	// Output:
	// 0 <nil>
	// droplets: projects_list: GET /v2/projects: 200 OK: the response has no "projects"
}
