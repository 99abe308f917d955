package benchmarks

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/digitalocean/godo"
	"golang.org/x/oauth2"

	"github.com/droplets-go/droplets"
)

const token = "dop_v1_of-the-benchmarks"

// canned is a transport that answers every request with the same bytes, so that what is measured is the client.
type canned struct {
	status int
	body   []byte
}

func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
		req.Body.Close()
	}
	return &http.Response{
		StatusCode: c.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{
			"Content-Type":        {"application/json; charset=utf-8"},
			"Ratelimit-Limit":     {"5000"},
			"Ratelimit-Remaining": {"4816"},
			"Ratelimit-Reset":     {"1795219200"},
			"X-Request-Id":        {"8c2b9f0e-6d6c-4a43-8d0f-1a2b3c4d5e6f"},
		},
		ContentLength: int64(len(c.body)), Body: io.NopCloser(bytes.NewReader(c.body)),
	}, nil
}

func ours(tb testing.TB, rt http.RoundTripper, opts ...droplets.Option) *droplets.Client {
	tb.Helper()
	c, err := droplets.NewClient(token, append(opts, droplets.WithHTTPClient(&http.Client{Transport: rt}))...)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// theirs is godo as its documentation sets it up: the token is oauth2's to add.
func theirs(tb testing.TB, rt http.RoundTripper, base string) *godo.Client {
	tb.Helper()
	ctx := context.WithValue(tb.Context(), oauth2.HTTPClient, &http.Client{Transport: rt})
	c := godo.NewClient(oauth2.NewClient(ctx, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})))
	if base == "" {
		return c
	}
	u, err := url.Parse(base + "/")
	if err != nil {
		tb.Fatal(err)
	}
	c.BaseURL = u
	return c
}
