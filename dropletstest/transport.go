package dropletstest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// Transport returns a transport that passes each request to the API in the caller's goroutine, for use in an [http.Client].
// It ignores the host of the URL, opens no connection and starts no goroutine. If the request's context ends during the delay of a
// fault, RoundTrip returns the error of the context. If the request's body cannot be read, it returns the error of the body.
func (a *API) Transport() http.RoundTripper { return transport{a} }

type transport struct{ api *API }

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	if req.URL == nil {
		return nil, errors.New("dropletstest: the request has no URL")
	}
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in := req.WithContext(ctx)
	in.RemoteAddr = "192.0.2.1:1234"
	in.RequestURI = req.URL.RequestURI()
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	if in.Header == nil {
		in.Header = make(http.Header)
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	var rec recorder
	t.api.ServeHTTP(&rec, in)
	if err := ctx.Err(); err != nil {
		return nil, err // like http.Transport, which does not return the response if the context has ended
	}
	return rec.response(req)
}

// recorder is an [http.ResponseWriter] that records a response in memory.
type recorder struct {
	status  int
	header  http.Header
	body    bytes.Buffer
	connErr error // the error if the connection breaks
}

func (r *recorder) Header() http.Header {
	if r.header == nil {
		r.header = make(http.Header)
	}
	return r.header
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

func (r *recorder) response(req *http.Request) (*http.Response, error) {
	if r.connErr != nil && r.status == 0 {
		return nil, r.connErr
	}
	r.WriteHeader(http.StatusOK)
	resp := &http.Response{Status: strconv.Itoa(r.status) + " " + http.StatusText(r.status), StatusCode: r.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: r.Header(), Request: req,
		ContentLength: int64(r.body.Len()), Body: io.NopCloser(&r.body)}
	if r.connErr != nil {
		resp.ContentLength, _ = strconv.ParseInt(r.Header().Get("Content-Length"), 10, 64)
		resp.Body = io.NopCloser(io.MultiReader(&r.body, errorReader{r.connErr}))
	}
	return resp, nil
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }
