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

// work is one thing that both clients do.
type work struct {
	status int
	body   string
	ours   func(context.Context, *droplets.Client) error
	theirs func(context.Context, *godo.Client) error
}

// sideBySide runs the work of each client as a benchmark of its own, on the same bytes.
func sideBySide(b *testing.B, w work) {
	rt := canned{status: w.status, body: []byte(w.body)}
	mine, godos := ours(b, rt), theirs(b, rt, "")
	b.Run("ours", func(b *testing.B) { measure(b, func() error { return w.ours(b.Context(), mine) }) })
	b.Run("godo", func(b *testing.B) { measure(b, func() error { return w.theirs(b.Context(), godos) }) })
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
	sideBySide(b, work{
		status: http.StatusOK,
		body:   getDocument(),
		ours: func(ctx context.Context, c *droplets.Client) error {
			_, err := c.Droplets.Get(ctx, firstID)
			return err
		},
		theirs: func(ctx context.Context, c *godo.Client) error {
			_, _, err := c.Droplets.Get(ctx, firstID)
			return err
		},
	})
}

// BenchmarkAction reads one action of a Droplet.
func BenchmarkAction(b *testing.B) {
	const actionID = 36804636
	sideBySide(b, work{
		status: http.StatusOK,
		body:   actionDocument(),
		ours: func(ctx context.Context, c *droplets.Client) error {
			_, err := c.DropletActions.Get(ctx, firstID, actionID)
			return err
		},
		theirs: func(ctx context.Context, c *godo.Client) error {
			_, _, err := c.DropletActions.Get(ctx, firstID, actionID)
			return err
		},
	})
}

// BenchmarkCreate creates one Droplet.
func BenchmarkCreate(b *testing.B) {
	const name, region, size, image = "web-1", "nyc3", "s-1vcpu-1gb", "ubuntu-24-04-x64"
	mine := droplets.DropletCreateRequest{Name: name, Region: region, Size: size, Image: droplets.ImageSlug(image),
		SSHKeys: []droplets.SSHKeyRef{droplets.SSHKeyID(289794)}, IPv6: true, Monitoring: true, Tags: []string{"web", "env:prod"}}
	godos := &godo.DropletCreateRequest{Name: name, Region: region, Size: size, Image: godo.DropletCreateImage{Slug: image},
		SSHKeys: []godo.DropletCreateSSHKey{{ID: 289794}}, IPv6: true, Monitoring: true, Tags: []string{"web", "env:prod"}}
	sideBySide(b, work{
		status: http.StatusAccepted,
		body:   createDocument(),
		ours: func(ctx context.Context, c *droplets.Client) error {
			_, err := c.Droplets.Create(ctx, mine)
			return err
		},
		theirs: func(ctx context.Context, c *godo.Client) error {
			_, _, err := c.Droplets.Create(ctx, godos)
			return err
		},
	})
}

// BenchmarkPage200 lists a full page. Beside the clients stand the floors: what it costs to have the body, to check
// that it is JSON, and to decode it into the library's own structs with the standard library.
func BenchmarkPage200(b *testing.B) {
	w := work{
		status: http.StatusOK,
		body:   pageDocument(1, 200, 10_000),
		ours: func(ctx context.Context, c *droplets.Client) error {
			_, err := c.Droplets.List(ctx, &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 200}})
			return err
		},
		theirs: func(ctx context.Context, c *godo.Client) error {
			_, _, err := c.Droplets.List(ctx, &godo.ListOptions{PerPage: 200})
			return err
		},
	}
	sideBySide(b, w)
	body := []byte(w.body)
	rt := canned{status: w.status, body: body}
	b.Run("floor=read", func(b *testing.B) { measure(b, func() error { return read(b.Context(), rt) }) })
	b.Run("floor=valid", func(b *testing.B) { measure(b, func() error { return valid(body) }) })
	b.Run("floor=encoding_json", func(b *testing.B) { measure(b, func() error { return unmarshal(body) }) })
}

// read is what net/http alone takes to bring the body.
func read(ctx context.Context, rt http.RoundTripper) error {
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

func valid(body []byte) error {
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
