package benchmarks

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/digitalocean/godo"

	"github.com/droplets-go/droplets"
)

const (
	totalDroplets = 10_000
	perPage       = 200
	// delay is the time that the server takes for each response: about the shortest response time of the API from the same continent.
	delay = 50 * time.Millisecond
)

// BenchmarkList10000 lists 10,000 Droplets over loopback: the library with the defaults of All, godo with the loop over pages
// from its documentation.
func BenchmarkList10000(b *testing.B) {
	s := serveList(b)
	dropletsClient := newDropletsClient(b, s.Client().Transport, droplets.WithBaseURL(s.URL))
	godoClient := newGodoClient(b, s.Client().Transport, s.URL)
	b.Run("ours", func(b *testing.B) { measure(b, func() error { return listWithDroplets(b.Context(), dropletsClient) }) })
	b.Run("godo", func(b *testing.B) { measure(b, func() error { return listWithGodo(b.Context(), godoClient) }) })
}

func listWithDroplets(ctx context.Context, c *droplets.Client) error {
	n := 0
	for _, err := range c.Droplets.All(ctx, nil) {
		if err != nil {
			return err
		}
		n++
	}
	return checkCount(n)
}

func listWithGodo(ctx context.Context, c *godo.Client) error {
	var list []godo.Droplet
	opt := &godo.ListOptions{PerPage: perPage}
	for {
		page, resp, err := c.Droplets.List(ctx, opt)
		if err != nil {
			return err
		}
		list = append(list, page...)
		if resp.Links == nil || resp.Links.IsLastPage() {
			return checkCount(len(list))
		}
		current, err := resp.Links.CurrentPage()
		if err != nil {
			return err
		}
		opt.Page = current + 1
	}
}

func checkCount(n int) error {
	if n != totalDroplets {
		return fmt.Errorf("listed %d of %d", n, totalDroplets)
	}
	return nil
}

// serveList starts a server for the pages of a list. It responds to each request after the delay.
func serveList(b *testing.B) *httptest.Server {
	b.Helper()
	pages := make([][]byte, totalDroplets/perPage)
	for i := range pages {
		pages[i] = []byte(pageDocument(i+1, perPage, totalDroplets))
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, err := strconv.Atoi(r.URL.Query().Get("page"))
		if err != nil {
			page = 1
		}
		<-time.After(delay)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(pages[page-1])))
		_, _ = w.Write(pages[page-1])
	}))
	b.Cleanup(s.Close)
	return s
}
