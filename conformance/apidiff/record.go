package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/jsonkeys"

	"github.com/droplets-go/droplets/conformance/internal/spec"
)

// sent has the parameters and fields that the client sends in the requests of an operation.
type sent struct {
	query map[string]bool
	body  jsonkeys.Keys
	types map[string]bool // the values of the field "type"
}

// record makes the calls with a client whose transport sends nothing, and returns what the client would have sent, by operation ID.
func record(ctx context.Context, d *spec.Document, calls []call) (map[string]*sent, error) {
	r := &recorder{document: d, sent: make(map[string]*sent)}
	client, err := droplets.NewClient("token", droplets.WithHTTPClient(&http.Client{Transport: r}), droplets.WithRetryPolicy(droplets.RetryPolicy{}))
	if err != nil {
		return nil, err
	}
	for i, call := range calls {
		before := r.requests
		err := call(ctx, client)
		switch {
		case r.err != nil:
			return nil, r.err
		case r.requests == before:
			return nil, fmt.Errorf("call %d sends nothing: %w", i, err)
		}
	}
	return r.sent, nil
}

// recorder is a transport that records requests and responds with an error of the API.
type recorder struct {
	document *spec.Document
	sent     map[string]*sent
	requests int
	err      error
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.requests++
	if err := r.add(req); err != nil && r.err == nil {
		r.err = err
	}
	return &http.Response{StatusCode: http.StatusUnprocessableEntity, Header: http.Header{"Content-Type": {"application/json"}}, Request: req,
		Body: io.NopCloser(strings.NewReader(`{"id":"unprocessable_entity","message":"the request was only recorded"}`))}, nil
}

func (r *recorder) add(req *http.Request) error {
	op, _, _ := r.document.Find(req.Method, req.URL.EscapedPath())
	if op == nil {
		return nil // the document no longer has the operation, which is a difference of its own
	}
	s := r.sent[op.ID]
	if s == nil {
		s = &sent{query: make(map[string]bool), body: make(jsonkeys.Keys), types: make(map[string]bool)}
		r.sent[op.ID] = s
	}
	for name := range req.URL.Query() {
		s.query[name] = true
	}
	if req.Body == nil {
		return nil
	}
	b, err := io.ReadAll(req.Body)
	if err != nil || len(b) == 0 {
		return err
	}
	keys, err := jsonkeys.Encoded(json.RawMessage(b))
	if err != nil {
		return err
	}
	maps.Copy(s.body, keys)
	var body struct{ Type string }
	if err := json.Unmarshal(b, &body); err != nil {
		return err
	}
	s.types[body.Type] = true
	return nil
}
