package server

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/droplets-go/droplets/conformance/internal/check"
	"github.com/droplets-go/droplets/conformance/internal/spec"
)

const maxBody = 16 << 20

// handler checks requests, writes the log and calls respond, in which the mock and the proxy differ.
type handler struct {
	document *spec.Document
	log      *Log
	respond  func(*call) response
}

// call is a request in progress.
type call struct {
	*http.Request
	body     []byte
	op       *spec.Operation // nil if the document has no operation for the request
	exchange *check.Exchange // nil if op is nil
	allowed  []string        // the methods of the path, if op is nil
	entry    *Entry
}

type response struct {
	status int
	header http.Header
	body   []byte
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Request: r, entry: &Entry{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery}}
	resp := h.handle(r.Context(), w, c)
	c.entry.Status = resp.status
	h.log.add(*c.entry, c.body, resp.body)
	maps.Copy(w.Header(), resp.header)
	w.WriteHeader(resp.status)
	_, _ = w.Write(resp.body)
}

func (h *handler) handle(ctx context.Context, w http.ResponseWriter, c *call) response {
	var err error
	c.body, err = io.ReadAll(http.MaxBytesReader(w, c.Body, maxBody))
	if err != nil {
		c.violate(check.WhereRequest, "body", "read", err.Error())
		return failure(http.StatusBadRequest, "bad_request", err.Error())
	}
	op, params, allowed := h.document.Find(c.Method, c.URL.EscapedPath())
	c.op, c.allowed = op, allowed
	switch {
	case op != nil:
		c.entry.OperationID = op.ID
		c.exchange = check.NewExchange(h.document, op, params, c.Request, c.body)
		c.entry.Violations = c.exchange.Request(ctx)
		c.entry.Lints = c.exchange.LintRequest()
	case allowed != nil:
		c.violate(check.WhereRequest, "route", "method", "the methods of the path are "+strings.Join(allowed, ", "))
	default:
		c.violate(check.WhereRequest, "route", "path", "the document has no such path")
	}
	return h.respond(c)
}

func (c *call) violate(where, in, rule, reason string) {
	c.entry.Violations = append(c.entry.Violations, check.Finding{Where: where, In: in, Rule: rule, Reason: reason})
}

// failure returns an error response in the format of the API.
func failure(status int, id, message string) response {
	body, err := json.Marshal(map[string]string{"id": id, "message": message, "request_id": "conformance"})
	if err != nil {
		panic(err) // strings can always be encoded
	}
	return response{status: status, header: jsonHeader(), body: body}
}

func jsonHeader() http.Header {
	return http.Header{"Content-Type": {"application/json; charset=utf-8"}}
}
