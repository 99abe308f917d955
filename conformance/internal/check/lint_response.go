package check

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/droplets-go/droplets/conformance/internal/spec"
)

// LintResponse returns the lints of a response: unknown fields, missing rate limit headers, a status that the document does not
// list, a page that is longer than requested, a total below the number of items.
func (e *Exchange) LintResponse(status int, header http.Header, body []byte) []Finding {
	var out []Finding
	add := func(in, name, pointer, rule, reason string) {
		out = append(out, Finding{Where: WhereResponse, In: in, Name: name, Pointer: pointer, Rule: rule, Reason: reason})
	}
	response, declared := e.operation.Response(status)
	if !declared {
		add("status", "", "", "undeclared-status", fmt.Sprintf("status %d is not declared: only the default response applies", status))
	}
	for _, name := range []string{"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"} {
		if header.Get(name) == "" {
			add("header", name, "", "missing-header", "it is missing, but every response has it")
		}
	}
	plain, err := Plain(header, body)
	if err != nil || response == nil {
		return out // Response reports it
	}
	schema, value := spec.Schema(response.Content), decode(plain)
	if schema == nil {
		return out
	}
	for _, pointer := range unknownMembers(schema, value) {
		add("body", "", pointer, "unknown-property", "the response has no such property")
	}
	object, _ := value.(map[string]any)
	if status != http.StatusOK {
		return out
	}
	perPage := e.perPage()
	for name, member := range object {
		items, ok := member.([]any)
		if !ok {
			continue
		}
		if perPage > 0 && len(items) > perPage {
			add("body", "", "/"+name, "page-size", fmt.Sprintf("it has %d items; per_page is %d", len(items), perPage))
		}
		if total, ok := total(object); ok && total < len(items) {
			add("body", "", "/meta/total", "total", fmt.Sprintf("it is %d, but there are %d items", total, len(items)))
		}
	}
	return out
}

const defaultPerPage = 20

// perPage returns the number of items that were requested; 0 for an operation without pages.
func (e *Exchange) perPage() int {
	if !e.operation.HasParameter(openapi3.ParameterInQuery, "per_page") {
		return 0
	}
	if n, err := strconv.Atoi(e.request.URL.Query().Get("per_page")); err == nil {
		return n
	}
	return defaultPerPage
}

func total(body map[string]any) (int, bool) {
	meta, _ := body["meta"].(map[string]any)
	n, ok := meta["total"].(json.Number)
	if !ok {
		return 0, false
	}
	v, err := n.Int64()
	return int(v), err == nil
}
