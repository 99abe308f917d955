package droplets_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

const (
	testToken  = "dop_v1_the-token-of-the-tests"
	testHost   = "api.example.com"
	testPrefix = "/some/prefix"
)

// request is a request that an api has received.
type request struct {
	Method, Path string // the path is below the prefix of the base URL
	Query        url.Values
	RawQuery     string
	Header       http.Header
	Body         string
}

// api is an in-process server with a handler for its requests. The handler's n is the number of the request, starting at 1.
type api struct {
	t      testing.TB
	handle func(n int, r *http.Request) (*http.Response, error)

	mu       sync.Mutex
	requests []request
}

func (a *api) RoundTrip(r *http.Request) (*http.Response, error) {
	path, below := strings.CutPrefix(r.URL.Path, testPrefix)
	if !below {
		a.t.Errorf("%s %s is not below the base URL", r.Method, r.URL)
	}
	rec := request{Method: r.Method, Path: path, Query: r.URL.Query(), RawQuery: r.URL.RawQuery, Header: r.Header.Clone()}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body.Close()
		rec.Body = string(body)
		r = r.Clone(r.Context()) // for a handler that reads the body again
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	a.mu.Lock()
	a.requests = append(a.requests, rec)
	n := len(a.requests)
	a.mu.Unlock()
	if _, isTest := a.t.(*testing.T); isTest && n > maxRequests {
		panic(fmt.Sprintf("%s has sent %d requests: the call does not end", a.t.Name(), n))
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return a.handle(n, r)
}

// maxRequests is more than a test sends to an api. Without a limit, a call that sends requests forever would run until the time
// limit of go test.
const maxRequests = 100_000

func (a *api) received() []request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]request(nil), a.requests...)
}

func (a *api) count() int { return len(a.received()) }

func (a *api) last() request {
	got := a.received()
	require.NotEmpty(a.t, got, "nothing was sent")
	return got[len(got)-1]
}

// newAPI returns a server with the handler, and a client for it.
func newAPI(t testing.TB, handle func(n int, r *http.Request) (*http.Response, error), opts ...droplets.Option) (*api, *droplets.Client) {
	t.Helper()
	a := &api{t: t, handle: handle}
	opts = append([]droplets.Option{
		droplets.WithBaseURL("https://" + testHost + testPrefix),
		droplets.WithHTTPClient(&http.Client{Transport: a}),
	}, opts...)
	c, err := droplets.NewClient(testToken, opts...)
	require.NoError(t, err)
	return a, c
}

// sequence responds with one response after the other, and then always with the last one.
func sequence(responses ...func() (*http.Response, error)) func(int, *http.Request) (*http.Response, error) {
	return func(n int, _ *http.Request) (*http.Response, error) {
		return responses[min(n, len(responses))-1]()
	}
}

// respond returns a response with a JSON body. Headers have the form "Name: value".
func respond(status int, body string, headers ...string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
		for _, line := range headers {
			name, value, _ := strings.Cut(line, ": ")
			h.Set(name, value)
		}
		return &http.Response{StatusCode: status, Header: h, ContentLength: int64(len(body)),
			Body: io.NopCloser(bytes.NewReader([]byte(body)))}, nil
	}
}

// failWith fails the request without a response.
func failWith(err error) func() (*http.Response, error) {
	return func() (*http.Response, error) { return nil, err }
}

// fixture returns the body of a documented response: testdata/<operation id>.<status>[.<case>].json.
func fixture(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	require.NoError(t, err)
	return string(b)
}

const notFoundBody = `{"id":"not_found","message":"The resource you were accessing could not be found."}`

const forbiddenBody = `{"id":"forbidden","message":"You are not authorized to perform this operation"}`

func dropletBody(id int64) string {
	return `{"droplet":{"id":` + strconv.FormatInt(id, 10) + `,"name":"web-1","status":"active"}}`
}

func createdBody(id int64) string {
	return `{"droplet":{"id":` + strconv.FormatInt(id, 10) + `,"name":"web-1","status":"new"},` +
		`"links":{"actions":[{"id":7515,"rel":"create","href":"https://api.digitalocean.com/v2/actions/7515"}]}}`
}

func actionBody(id int64, status string) string {
	return `{"action":{"id":` + strconv.FormatInt(id, 10) + `,"status":"` + status + `","type":"resize","resource_id":42,"resource_type":"droplet"}}`
}

func createRequest() droplets.DropletCreateRequest {
	return droplets.DropletCreateRequest{Name: "web-1", Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64")}
}

// countRequests returns how often the fake has received the operation.
func countRequests(api *dropletstest.API, operation string) (n int) {
	for _, r := range api.Requests() {
		if r.Operation == operation {
			n++
		}
	}
	return n
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// bodyHas matches requests whose body contains part.
func bodyHas(part string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		body, err := io.ReadAll(r.Body)
		return err == nil && bytes.Contains(body, []byte(part))
	}
}

func idsOf(ds []droplets.Droplet) (ids []int64) {
	for _, d := range ds {
		ids = append(ids, d.ID)
	}
	return ids
}

func multiCreate(names ...string) droplets.DropletMultiCreateRequest {
	return droplets.DropletMultiCreateRequest{Names: names, Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64")}
}

// socketTimeout is the longest time that a test with real sockets may take. It is shorter than the timeout of an attempt.
const socketTimeout = 30 * time.Second

// socketContext returns the context for the calls of a test with real sockets, whose time is not virtual. A call that hangs fails
// with the cause of the context.
func socketContext(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), socketTimeout, fmt.Errorf("%s is still running after %s", t.Name(), socketTimeout))
	t.Cleanup(cancel)
	return ctx
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
