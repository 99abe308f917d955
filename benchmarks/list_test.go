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
	listed  = 10_000
	perPage = 200
	// delay is what the API takes to answer, at its best, from the same continent.
	delay = 50 * time.Millisecond
)

// BenchmarkList10000 lists an account of 10,000 over loopback: ours with the defaults of All, godo with the loop over
// pages that its documentation shows.
func BenchmarkList10000(b *testing.B) {
	s := serveList(b)
	mine := ours(b, s.Client().Transport, droplets.WithBaseURL(s.URL))
	godos := theirs(b, s.Client().Transport, s.URL)
	b.Run("ours", func(b *testing.B) { measure(b, func() error { return listOurs(b.Context(), mine) }) })
	b.Run("godo", func(b *testing.B) { measure(b, func() error { return listGodo(b.Context(), godos) }) })
}

func listOurs(ctx context.Context, c *droplets.Client) error {
	n := 0
	for _, err := range c.Droplets.All(ctx, nil) {
		if err != nil {
			return err
		}
		n++
	}
	return complete(n)
}

func listGodo(ctx context.Context, c *godo.Client) error {
	var list []godo.Droplet
	opt := &godo.ListOptions{PerPage: perPage}
	for {
		page, resp, err := c.Droplets.List(ctx, opt)
		if err != nil {
			return err
		}
		list = append(list, page...)
		if resp.Links == nil || resp.Links.IsLastPage() {
			return complete(len(list))
		}
		current, err := resp.Links.CurrentPage()
		if err != nil {
			return err
		}
		opt.Page = current + 1
	}
}

func complete(n int) error {
	if n != listed {
		return fmt.Errorf("listed %d of %d", n, listed)
	}
	return nil
}

// serveList serves the pages of a list, each after the delay.
func serveList(b *testing.B) *httptest.Server {
	b.Helper()
	pages := make([][]byte, listed/perPage)
	for i := range pages {
		pages[i] = []byte(pageDocument(i+1, perPage, listed))
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, err := strconv.Atoi(r.URL.Query().Get("page"))
		if err != nil {
			page = 1
		}
		<-time.After(delay) // the answer is late whether or not anyone still waits
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(pages[page-1])))
		_, _ = w.Write(pages[page-1])
	}))
	b.Cleanup(s.Close)
	return s
}
