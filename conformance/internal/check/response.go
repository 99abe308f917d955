package check

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// Response returns the violations of a response: its status, headers and body.
func (e *Exchange) Response(ctx context.Context, status int, header http.Header, body []byte) []Finding {
	found := Finding{Where: WhereResponse, In: "body"}
	plain, err := Plain(header, body)
	if err != nil {
		found.Rule, found.Reason = "encoding", "gzip: "+err.Error()
		return []Finding{found}
	}
	response, _ := e.operation.Response(status)
	var out []Finding
	switch {
	case response == nil:
		found.In, found.Rule, found.Reason = "status", "status", fmt.Sprintf("status %d is not declared", status)
		return []Finding{found}
	case len(response.Content) > 0 && len(plain) == 0:
		found.Rule, found.Reason = "empty", fmt.Sprintf("status %d declares a body, but there is none", status)
		return []Finding{found}
	case len(response.Content) == 0 && len(plain) > 0:
		found.Rule, found.Reason = "no-content", fmt.Sprintf("status %d declares no body, but there are %d bytes", status, len(plain))
		out = append(out, found)
	}
	out = append(out, e.schemaFindings(ctx, response, status, header, plain)...)
	if isJSON(header.Get("Content-Type")) {
		trailing, duplicates := scan(plain)
		if trailing {
			out = append(out, Finding{Where: WhereResponse, In: "body", Rule: "json", Reason: "there is data after the JSON value"})
		}
		for _, pointer := range duplicates {
			out = append(out, Finding{Where: WhereResponse, In: "body", Pointer: pointer, Rule: "json", Reason: "the key occurs twice"})
		}
	}
	return out
}

// schemaFindings compares the headers and the body with their schemas. It checks each header alone and then the body, because
// kin-openapi stops at the first invalid header.
func (e *Exchange) schemaFindings(ctx context.Context, response *openapi3.Response, status int, header http.Header, plain []byte) []Finding {
	input := e.input(ctx)
	validate := func(h http.Header, o *openapi3filter.Options) []Finding {
		err := openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
			RequestValidationInput: input, Status: status, Header: h, Body: io.NopCloser(bytes.NewReader(plain)), Options: o})
		return findings(Finding{Where: WhereResponse, In: "body"}, err)
	}
	contentType := http.Header{"Content-Type": header.Values("Content-Type")}
	var out []Finding
	for name := range response.Headers {
		values := header.Values(name)
		if len(values) == 0 || strings.EqualFold(name, "Content-Type") {
			continue
		}
		one := contentType.Clone()
		one[http.CanonicalHeaderKey(name)] = values
		headerOnly := options()
		headerOnly.ExcludeResponseBody = true
		out = append(out, validate(one, headerOnly)...)
	}
	out = append(out, validate(contentType, options())...)
	// A wrong content type was found with each header: remove the duplicates.
	slices.SortStableFunc(out, func(a, b Finding) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(out)
}

const maxBody = 16 << 20

// Plain returns a body without its gzip encoding, at most 16 MiB of it.
func Plain(header http.Header, body []byte) ([]byte, error) {
	if !strings.EqualFold(header.Get("Content-Encoding"), "gzip") {
		return body, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, maxBody))
}
