package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/droplets-go/droplets/dropletstest"
)

const controlPrefix = "/_fake"

func isControlPath(path string) bool {
	return path == controlPrefix || strings.HasPrefix(path, controlPrefix+"/")
}

// controlCall is a request to the control API.
type controlCall struct {
	*http.Request
	server *server
	api    *dropletstest.API
	body   []byte
}

// endpoint is an endpoint of the control API. serve returns a value that is encoded as JSON, or an error. An error that is not a
// *controlError becomes a 400.
type endpoint struct {
	method, path string
	query        []string // the query parameters that are allowed
	maxBody      int64    // in bytes; 0 stands for maxControlBody
	serve        func(*controlCall) (any, error)
}

func controlEndpoints() []endpoint {
	return []endpoint{
		{method: http.MethodPost, path: "/_fake/reset", serve: postReset},
		{method: http.MethodPost, path: "/_fake/seed", serve: postSeed},
		{method: http.MethodGet, path: "/_fake/requests", query: []string{"operation", "method", "path", "limit"}, serve: getRequests},
		{method: http.MethodGet, path: "/_fake/ledger", serve: getLedger},
		{method: http.MethodGet, path: "/_fake/faults", serve: getFaults},
		{method: http.MethodPost, path: "/_fake/faults", serve: postFault},
		{method: http.MethodDelete, path: "/_fake/faults", serve: deleteFaults},
		{method: http.MethodPost, path: "/_fake/fail-next-action", serve: postFailNextAction},
		{method: http.MethodPost, path: "/_fake/fail-next-destroy", serve: postFailNextDestroy},
		{method: http.MethodPost, path: "/_fake/ignore-shutdown", serve: postIgnoreShutdown},
		{method: http.MethodGet, path: "/_fake/clock", serve: getClock},
		{method: http.MethodPost, path: "/_fake/clock", serve: postClock},
		{method: http.MethodGet, path: "/_fake/state", serve: getState},
		{method: http.MethodPut, path: "/_fake/state", maxBody: maxStateBody, serve: putState},
	}
}

// controlError is an error with a status other than 400.
type controlError struct {
	status int
	error
}

// The largest bodies in bytes. The state of 25,000 Droplets with actions is smaller than maxStateBody.
const (
	maxControlBody = 16 << 20
	maxStateBody   = 256 << 20
)

func (s *server) serveControl(w http.ResponseWriter, r *http.Request) {
	v, err := s.control(w, r)
	status := controlStatus(err)
	if err != nil {
		v = map[string]string{"error": strings.TrimPrefix(err.Error(), "dropletstest: ")}
	}
	s.log.LogAttrs(r.Context(), slog.LevelInfo, "control", slog.String("method", r.Method), slog.String("path", r.URL.Path),
		slog.Int("status", status))
	writeJSON(w, status, v)
}

func controlStatus(err error) int {
	if err == nil {
		return http.StatusOK
	}
	if controlErr, ok := errors.AsType[*controlError](err); ok {
		return controlErr.status
	}
	return http.StatusBadRequest
}

// control processes a request to the control API. It sets the Allow header if the method is not allowed.
func (s *server) control(w http.ResponseWriter, r *http.Request) (any, error) {
	if err := s.guard.check(r); err != nil {
		return nil, &controlError{http.StatusForbidden, err}
	}
	e, err := findEndpoint(w.Header(), r)
	if err != nil {
		return nil, err
	}
	if err := e.checkQuery(r); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, cmp.Or(e.maxBody, maxControlBody)))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, &controlError{http.StatusRequestEntityTooLarge, fmt.Errorf("the body must be at most %d bytes", tooLarge.Limit)}
	}
	if err != nil {
		return nil, fmt.Errorf("the body cannot be read: %w", err)
	}
	return e.serve(&controlCall{Request: r, server: s, api: s.api(), body: body})
}

func findEndpoint(h http.Header, r *http.Request) (endpoint, error) {
	var allowed []string
	for _, e := range controlEndpoints() {
		switch {
		case e.path != r.URL.Path:
		case e.method == r.Method || e.method == http.MethodGet && r.Method == http.MethodHead:
			return e, nil
		default:
			allowed = append(allowed, e.method)
		}
	}
	if allowed == nil {
		return endpoint{}, &controlError{http.StatusNotFound, fmt.Errorf("there is no %s; the endpoints are %s", r.URL.Path, controlPaths())}
	}
	h.Set("Allow", strings.Join(allowed, ", "))
	return endpoint{}, &controlError{http.StatusMethodNotAllowed, fmt.Errorf("the method of %s must be %s", r.URL.Path, strings.Join(allowed, " or "))}
}

func controlPaths() string {
	var paths []string
	for _, e := range controlEndpoints() {
		paths = append(paths, e.path)
	}
	slices.Sort(paths)
	return strings.Join(slices.Compact(paths), ", ")
}

func (e endpoint) checkQuery(r *http.Request) error {
	for name, values := range r.URL.Query() {
		switch {
		case !slices.Contains(e.query, name):
			return fieldErrorf(name, "is not a query parameter of %s", e.path)
		case len(values) > 1:
			return fieldErrorf(name, "is in the query more than once")
		}
	}
	return nil
}

// decode decodes the body of the request; see decodeStrict.
func (c *controlCall) decode(v any) error { return decodeStrict(c.body, v) }

// writeJSON writes a JSON response. A json.RawMessage is written as it is; other values are indented.
func writeJSON(w http.ResponseWriter, status int, v any) {
	b, isRaw := v.(json.RawMessage)
	if !isRaw {
		var err error
		if b, err = json.MarshalIndent(v, "", "  "); err != nil {
			status, b = http.StatusInternalServerError, []byte(`{"error": "the response cannot be encoded"}`)
		}
		b = append(b, '\n')
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b) // an error means that the client disconnected
}
