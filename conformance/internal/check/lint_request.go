package check

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/droplets-go/droplets/conformance/internal/spec"
)

// LintRequest returns the lints of the request: departures from the prose of the document, such as a missing attribute of an action,
// and what a client rarely intends, such as unknown parameters, unknown or deprecated fields, and a body that the API does not read.
func (e *Exchange) LintRequest() []Finding {
	query, err := url.ParseQuery(e.request.URL.RawQuery)
	if err != nil {
		return nil // Request reports it
	}
	out := lintQuery(e.operation, query)
	if agent := e.request.Header.Get("User-Agent"); agent == "" || strings.HasPrefix(agent, "Go-http-client/") {
		out = append(out, lint("header", "User-Agent", "default-user-agent", "it does not name the client"))
	}
	if e.request.Header.Get("X-Dangerous") != "true" && e.operation.HasParameter(openapi3.ParameterInHeader, "X-Dangerous") {
		out = append(out, lint("header", "X-Dangerous", "dangerous-not-true", "it must be the word true"))
	}
	schema := e.operation.RequestSchema()
	switch {
	case len(e.body) == 0:
		return append(out, lintProse(e.operation.ID, query, nil)...)
	case schema == nil:
		return append(out, lint("body", "", "unexpected-body", fmt.Sprintf("%d bytes for an operation without a body", len(e.body))))
	}
	body := decode(e.body)
	for _, pointer := range unknownMembers(schema, body) {
		out = append(out, lintAt(pointer, "unknown-property", "the request has no such property"))
	}
	for _, pointer := range deprecatedMembers(schema, body) {
		out = append(out, lintAt(pointer, "deprecated-property", "it is deprecated"))
	}
	_, duplicates := scan(e.body)
	for _, pointer := range duplicates {
		out = append(out, lintAt(pointer, "duplicate-key", "the key occurs twice"))
	}
	object, _ := body.(map[string]any)
	return append(out, lintProse(e.operation.ID, query, object)...)
}

func lint(in, name, rule, reason string) Finding {
	return Finding{Where: WhereRequest, In: in, Name: name, Rule: rule, Reason: reason}
}

func lintAt(pointer, rule, reason string) Finding {
	return Finding{Where: WhereRequest, In: "body", Pointer: pointer, Rule: rule, Reason: reason}
}

func lintQuery(op *spec.Operation, query url.Values) []Finding {
	var out []Finding
	for name, values := range query {
		switch {
		case !op.HasParameter(openapi3.ParameterInQuery, name):
			out = append(out, lint("query", name, "unknown-parameter", "the operation has no such parameter"))
		case len(values) > 1:
			out = append(out, lint("query", name, "repeated-parameter", fmt.Sprintf("it occurs %d times", len(values))))
		case values[0] == "":
			out = append(out, lint("query", name, "empty-parameter", "it is empty"))
		}
	}
	return out
}
