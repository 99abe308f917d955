// Package check compares requests and responses with the OpenAPI document.
package check

import (
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// Finding describes one problem of a request or a response: a violation, which departs from the schemas of the document, or a lint,
// which departs from its prose or is unusual.
type Finding struct {
	// Where is "request" or "response".
	Where string `json:"where"`
	// In is the part: route, auth, path, query, header, body or status.
	In string `json:"in"`
	// Name is the name of a parameter or a header.
	Name string `json:"name,omitempty"`
	// Pointer is the place in the body, as a JSON pointer.
	Pointer string `json:"pointer,omitempty"`
	// Rule is the keyword of the schema, or the name of the rule.
	Rule string `json:"rule,omitempty"`
	// Reason says what is wrong, in words.
	Reason string `json:"reason"`
}

// The values of Finding.Where.
const (
	WhereRequest  = "request"
	WhereResponse = "response"
)

// String returns the finding in one line.
func (f Finding) String() string {
	parts := []string{f.Where, f.In}
	if f.Name != "" {
		parts = append(parts, f.Name)
	}
	if f.Pointer != "" {
		parts = append(parts, "at", f.Pointer)
	}
	return strings.Join(parts, " ") + ": " + f.Reason
}

// findings converts an error of kin-openapi. found has the fields that are known without the error, such as Where.
func findings(found Finding, err error) []Finding {
	switch e := err.(type) { //nolint:errorlint // errors.As would find only one of several errors, or an error inside of another
	case nil:
		return nil
	case openapi3.MultiError:
		var out []Finding
		for _, one := range e {
			out = append(out, findings(found, one)...)
		}
		return out
	case *openapi3filter.RequestError:
		return requestFindings(found, e)
	case *openapi3filter.ResponseError:
		return responseFindings(found, e)
	case *openapi3.SchemaError:
		found.Rule, found.Reason = e.SchemaField, reason(e)
		if pointer := e.JSONPointer(); len(pointer) > 0 {
			found.Pointer = "/" + strings.Join(pointer, "/")
		}
		return []Finding{found}
	}
	found.Reason = err.Error()
	return []Finding{found}
}

func requestFindings(found Finding, e *openapi3filter.RequestError) []Finding {
	switch {
	case e.Parameter != nil:
		found.In, found.Name = e.Parameter.In, e.Parameter.Name
	case e.RequestBody != nil:
		found.In = "body"
	}
	if isSchemaError(e.Err) {
		return findings(found, e.Err)
	}
	found.Rule, found.Reason = "decode", e.Reason
	if e.Err != nil && e.Err.Error() != e.Reason {
		found.Reason = strings.TrimPrefix(e.Reason+": "+e.Err.Error(), ": ")
	}
	return []Finding{found}
}

func responseFindings(found Finding, e *openapi3filter.ResponseError) []Finding {
	if strings.Contains(e.Reason, "header") {
		found.In = "header"
	}
	if isSchemaError(e.Err) {
		out := findings(found, e.Err)
		for i := range out {
			if found.In == "header" {
				out[i].Reason = e.Reason + ": " + out[i].Reason
			}
		}
		return out
	}
	found.Rule, found.Reason = "decode", e.Error()
	return []Finding{found}
}

func isSchemaError(err error) bool {
	switch err.(type) { //nolint:errorlint // as in findings
	case openapi3.MultiError, *openapi3.SchemaError:
		return true
	}
	return false
}

// reason returns the reason of a schema error. kin-openapi has the causes for compositions such as oneOf in another field.
func reason(e *openapi3.SchemaError) string {
	text := e.Reason
	if pointer := e.JSONPointer(); len(pointer) > 0 {
		text = strings.TrimPrefix(text, "/"+strings.Join(pointer, "/")+": ")
	}
	if e.Origin != nil {
		text += " (" + strings.ReplaceAll(e.Origin.Error(), "doesn't match schema due to: ", "because ") + ")"
	}
	return text
}

func options() *openapi3filter.Options {
	o := &openapi3filter.Options{
		MultiError:            true,
		SkipSettingDefaults:   true, // the proxy must forward the request unchanged
		IncludeResponseStatus: true,
		AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc, // Exchange.bearer checks the token
	}
	o.WithCustomSchemaErrorFunc(func(e *openapi3.SchemaError) string {
		text := reason(e)
		if pointer := e.JSONPointer(); len(pointer) > 0 {
			text = "/" + strings.Join(pointer, "/") + ": " + text
		}
		return text
	})
	return o
}
