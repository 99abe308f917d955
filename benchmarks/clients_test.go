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

// cannedTransport returns the same response to every request, so that benchmarks measure only the client.
type cannedTransport struct {
	status int
	body   []byte
}

func (c cannedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
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

func newDropletsClient(tb testing.TB, rt http.RoundTripper, opts ...droplets.Option) *droplets.Client {
	tb.Helper()
	c, err := droplets.NewClient(token, append(opts, droplets.WithHTTPClient(&http.Client{Transport: rt}))...)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// newGodoClient returns a godo client configured as in its documentation: package oauth2 adds the token.
func newGodoClient(tb testing.TB, rt http.RoundTripper, base string) *godo.Client {
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
