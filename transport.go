package droplets

import (
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	// idleConnsPerHost is the number of idle connections that are kept, for callers with many concurrent calls. The default
	// of net/http is two.
	idleConnsPerHost = 64
	// pingTimeout is how long an HTTP/2 connection may be silent before it is checked, and how long the check may take.
	// Without the check, every retry would use the same broken connection until its attempt times out.
	pingTimeout = 15 * time.Second
)

// sharedTransport returns the transport of all clients without WithHTTPClient. Clients share it, so that a program that
// creates a client per call does not open a connection per call. It returns nil, which stands for http.DefaultTransport, if the
// program has replaced http.DefaultTransport with a type that cannot be copied.
var sharedTransport = sync.OnceValue(func() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil
	}
	t := standard.Clone()
	t.MaxIdleConnsPerHost = idleConnsPerHost
	if t.HTTP2 == nil {
		t.HTTP2 = &http.HTTP2Config{}
	}
	t.HTTP2.SendPingTimeout, t.HTTP2.PingTimeout = pingTimeout, pingTimeout
	return t
})

// newHTTPClient returns a copy of the caller's client, or a client with the shared transport if callers is nil. The client
// does not follow redirects: the API has none, and a redirect could send the request and its token to another host.
func newHTTPClient(callers *http.Client) *http.Client {
	var hc http.Client
	if callers != nil {
		hc = *callers
	} else {
		hc.Transport = sharedTransport()
	}
	hc.Transport = redirectFilter{hc.Transport}
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &hc
}

// redirectFilter removes the Location header of a redirect if it is not a URL. Otherwise http.Client would return an error
// without the response, and the status and the request ID would be lost.
type redirectFilter struct{ http.RoundTripper }

// RoundTrip sends the request. It does not modify the header that the transport returns, because a transport may share it.
func (f redirectFilter) RoundTrip(req *http.Request) (*http.Response, error) {
	next := f.RoundTripper
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(req)
	if err != nil || resp == nil || resp.StatusCode < 300 || resp.StatusCode > 399 {
		return resp, err
	}
	if isURL(req.URL, resp.Header.Get("Location")) {
		return resp, nil
	}
	filtered := *resp
	filtered.Header = resp.Header.Clone()
	filtered.Header.Del("Location")
	return &filtered, nil
}

// isURL reports whether ref is a URL, absolute or relative to base.
func isURL(base *url.URL, ref string) bool {
	_, err := base.Parse(ref)
	return err == nil
}

// CloseIdleConnections closes the idle connections of the transport, if it supports that.
func (f redirectFilter) CloseIdleConnections() {
	(&http.Client{Transport: f.RoundTripper}).CloseIdleConnections()
}
