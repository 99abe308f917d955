package benchmarks

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/digitalocean/godo"

	"github.com/droplets-go/droplets"
)

// workload is a call, made with both clients, and the response to it.
type workload struct {
	status   int
	body     string
	droplets func(context.Context, *droplets.Client) error
	godo     func(context.Context, *godo.Client) error
}

// compare runs a sub-benchmark for each client. Both receive the same response.
func compare(b *testing.B, w workload) {
	rt := cannedTransport{status: w.status, body: []byte(w.body)}
	dropletsClient, godoClient := newDropletsClient(b, rt), newGodoClient(b, rt, "")
	b.Run("ours", func(b *testing.B) { measure(b, func() error { return w.droplets(b.Context(), dropletsClient) }) })
	b.Run("godo", func(b *testing.B) { measure(b, func() error { return w.godo(b.Context(), godoClient) }) })
}

func measure(b *testing.B, do func() error) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if err := do(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGet reads one Droplet.
func BenchmarkGet(b *testing.B) {
	compare(b, workload{
		status: http.StatusOK,
		body:   getDocument(),
		droplets: func(ctx context.Context, c *droplets.Client) error {
			_, err := c.Droplets.Get(ctx, firstID)
			return err
		},
		godo: func(ctx context.Context, c *godo.Client) error {
			_, _, err := c.Droplets.Get(ctx, firstID)
			return err
		},
	})
}

// BenchmarkAction reads one action of a Droplet.
func BenchmarkAction(b *testing.B) {
	const actionID = 36804636
	compare(b, workload{
		status: http.StatusOK,
		body:   actionDocument(),
		droplets: func(ctx context.Context, c *droplets.Client) error {
			_, err := c.DropletActions.Get(ctx, firstID, actionID)
			return err
		},
		godo: func(ctx context.Context, c *godo.Client) error {
			_, _, err := c.DropletActions.Get(ctx, firstID, actionID)
			return err
		},
	})
}

// BenchmarkCreate creates one Droplet.
func BenchmarkCreate(b *testing.B) {
	const name, region, size, image = "web-1", "nyc3", "s-1vcpu-1gb", "ubuntu-24-04-x64"
	dropletsReq := droplets.DropletCreateRequest{Name: name, Region: region, Size: size, Image: droplets.ImageSlug(image),
		SSHKeys: []droplets.SSHKeyRef{droplets.SSHKeyID(289794)}, IPv6: true, Monitoring: true, Tags: []string{"web", "env:prod"}}
	godoReq := &godo.DropletCreateRequest{Name: name, Region: region, Size: size, Image: godo.DropletCreateImage{Slug: image},
		SSHKeys: []godo.DropletCreateSSHKey{{ID: 289794}}, IPv6: true, Monitoring: true, Tags: []string{"web", "env:prod"}}
	compare(b, workload{
		status: http.StatusAccepted,
		body:   createDocument(),
		droplets: func(ctx context.Context, c *droplets.Client) error {
			_, err := c.Droplets.Create(ctx, dropletsReq)
			return err
		},
		godo: func(ctx context.Context, c *godo.Client) error {
			_, _, err := c.Droplets.Create(ctx, godoReq)
			return err
		},
	})
}

// BenchmarkPage200 lists a full page. The sub-benchmarks named floor measure lower bounds: reading the body, validating it as
// JSON, and decoding it into the library's structs with encoding/json.
func BenchmarkPage200(b *testing.B) {
	w := workload{
		status: http.StatusOK,
		body:   pageDocument(1, 200, 10_000),
		droplets: func(ctx context.Context, c *droplets.Client) error {
			_, err := c.Droplets.List(ctx, &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 200}})
			return err
		},
		godo: func(ctx context.Context, c *godo.Client) error {
			_, _, err := c.Droplets.List(ctx, &godo.ListOptions{PerPage: 200})
			return err
		},
	}
	compare(b, w)
	body := []byte(w.body)
	rt := cannedTransport{status: w.status, body: body}
	b.Run("floor=read", func(b *testing.B) { measure(b, func() error { return readBody(b.Context(), rt) }) })
	b.Run("floor=valid", func(b *testing.B) { measure(b, func() error { return validate(body) }) })
	b.Run("floor=encoding_json", func(b *testing.B) { measure(b, func() error { return unmarshal(body) }) })
}

// readBody reads the body with net/http alone.
func readBody(ctx context.Context, rt http.RoundTripper) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.digitalocean.com/v2/droplets?per_page=200", http.NoBody)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{Transport: rt}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.ReadAll(resp.Body)
	return err
}

func validate(body []byte) error {
	if !json.Valid(body) {
		return errors.New("the document is not JSON")
	}
	return nil
}

func unmarshal(body []byte) error {
	var page struct {
		Droplets []droplets.Droplet `json:"droplets"`
		Links    struct {
			Pages map[string]string `json:"pages"`
		} `json:"links"`
		Meta struct {
			Total int `json:"total"`
		} `json:"meta"`
	}
	return json.Unmarshal(body, &page)
}
