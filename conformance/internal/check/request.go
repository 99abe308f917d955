package check

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/droplets-go/droplets/conformance/internal/spec"
)

// Exchange is a request with its operation in the document.
type Exchange struct {
	document  *spec.Document
	operation *spec.Operation
	params    map[string]string // of the path
	request   *http.Request     // without its body
	body      []byte
}

// NewExchange returns the exchange that r begins. body is the body of r, and op and params are what [spec.Document.Find] returned.
func NewExchange(d *spec.Document, op *spec.Operation, params map[string]string, r *http.Request, body []byte) *Exchange {
	registerFormats()
	return &Exchange{document: d, operation: op, params: params, request: r, body: body}
}

// Request returns the violations of the request: parameters, headers, the body, and the bearer token.
func (e *Exchange) Request(ctx context.Context) []Finding {
	out := e.bearer()
	out = append(out, findings(Finding{Where: WhereRequest, In: "body"}, openapi3filter.ValidateRequest(ctx, e.input(ctx)))...)
	if _, err := url.ParseQuery(e.request.URL.RawQuery); err != nil {
		out = append(out, Finding{Where: WhereRequest, In: "query", Rule: "encoding", Reason: err.Error()})
	}
	if trailing, _ := scan(e.body); trailing && isJSON(e.request.Header.Get("Content-Type")) {
		out = append(out, Finding{Where: WhereRequest, In: "body", Rule: "json", Reason: "there is data after the JSON value"})
	}
	return out
}

// input returns the request in the form that kin-openapi validates, with a new reader of the body.
func (e *Exchange) input(ctx context.Context) *openapi3filter.RequestValidationInput {
	copied := e.request.Clone(ctx)
	copied.Body = io.NopCloser(bytes.NewReader(e.body))
	copied.ContentLength = int64(len(e.body))
	return &openapi3filter.RequestValidationInput{
		Request: copied, PathParams: e.params, QueryParams: e.request.URL.Query(), Options: options(),
		Route: &routers.Route{Spec: e.document.T, Path: e.operation.Path, PathItem: e.operation.Item,
			Method: e.operation.Method, Operation: e.operation.Operation},
	}
}

func (e *Exchange) bearer() []Finding {
	wrong := func(reason string) []Finding {
		return []Finding{{Where: WhereRequest, In: "auth", Name: "Authorization", Rule: "bearer", Reason: reason}}
	}
	values := e.request.Header.Values("Authorization")
	if len(values) != 1 {
		return wrong("there is not exactly one Authorization header")
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" || strings.ContainsAny(token, " \t\r\n") {
		return wrong("the Authorization header is not \"Bearer\" and a token")
	}
	return nil
}
