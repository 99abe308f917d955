package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"

	"github.com/droplets-go/droplets/conformance/internal/check"
	"github.com/droplets-go/droplets/conformance/internal/spec"
)

// Proxy returns a proxy that forwards requests to upstream and its responses to the client, both unchanged, and checks both. upstream
// must be on this machine, because the requests contain a token.
func Proxy(d *spec.Document, log *Log, upstream *url.URL) (http.Handler, error) {
	if (upstream.Scheme != "http" && upstream.Scheme != "https") || !IsLoopback(upstream.Hostname()) {
		return nil, fmt.Errorf("the upstream server must be an http or https URL on this machine, got %q", upstream.Redacted())
	}
	p := &proxy{upstream: upstream, client: &http.Client{
		Transport:     &http.Transport{DisableCompression: true}, // the body is forwarded as it is
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	return &handler{document: d, log: log, respond: p.respond}, nil
}

// IsLoopback reports whether a host is this machine.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

type proxy struct {
	upstream *url.URL
	client   *http.Client
}

func (p *proxy) respond(c *call) response {
	resp, err := p.send(c)
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			c.violate(check.WhereResponse, "status", "upstream", err.Error())
		}
		return failure(http.StatusBadGateway, "bad_gateway", err.Error())
	}
	if c.exchange != nil {
		c.entry.Violations = append(c.entry.Violations, c.exchange.Response(c.Context(), resp.status, resp.header, resp.body)...)
		c.entry.Lints = append(c.entry.Lints, c.exchange.LintResponse(resp.status, resp.header, resp.body)...)
	}
	resp.header.Del("Content-Length") // net/http sets it again
	return resp
}

// send forwards the request with its Host header, so that the links of the upstream server point to the proxy.
func (p *proxy) send(c *call) (response, error) {
	rewritten := &httputil.ProxyRequest{In: c.Request, Out: c.Clone(c.Context())}
	rewritten.SetURL(p.upstream)
	out := rewritten.Out
	out.RequestURI, out.Host = "", c.Host
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(c.body)), int64(len(c.body))
	if len(c.body) == 0 {
		out.Body = http.NoBody
	}
	if c.Header.Get("User-Agent") == "" {
		out.Header.Set("User-Agent", "") // keeps net/http from adding its own
	}
	got, err := p.client.Do(out)
	if err != nil {
		return response{}, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(http.MaxBytesReader(nil, got.Body, maxBody))
	return response{status: got.StatusCode, header: got.Header, body: body}, err
}
