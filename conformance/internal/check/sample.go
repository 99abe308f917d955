package check

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/droplets-go/droplets/conformance/internal/spec"
)

// Sample returns an exchange for an operation, with the examples of its required parameters. With it, bodies can be checked without
// a server.
func Sample(ctx context.Context, d *spec.Document, op *spec.Operation, body []byte) (*Exchange, error) {
	path, params, query := op.Path, make(map[string]string), make(url.Values)
	header := http.Header{"User-Agent": {"conformance"}, "Authorization": {"Bearer sample"}}
	for _, ref := range op.Parameters {
		p := ref.Value
		text, err := exampleText(p)
		switch {
		case !p.Required && p.Name != "tag_name": // actions by tag require it, but it is not declared as required
			continue
		case err != nil:
			return nil, fmt.Errorf("%s, parameter %s: %w", op.ID, p.Name, err)
		}
		switch p.In {
		case openapi3.ParameterInPath:
			path, params[p.Name] = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(text)), text
		case openapi3.ParameterInQuery:
			query.Set(p.Name, text)
		case openapi3.ParameterInHeader:
			header.Set(p.Name, text)
		}
	}
	u := url.URL{Scheme: "http", Host: "127.0.0.1", RawQuery: query.Encode()}
	r, err := http.NewRequestWithContext(ctx, op.Method, u.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	if r.URL, err = r.URL.Parse(path + "?" + u.RawQuery); err != nil {
		return nil, err
	}
	r.Header = header
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	return NewExchange(d, op, params, r, body), nil
}

func exampleText(p *openapi3.Parameter) (string, error) {
	value := p.Example
	for _, e := range p.Examples {
		if value == nil {
			value = e.Value.Value
		}
	}
	if text, ok := value.(string); ok {
		return text, nil
	}
	b, err := json.Marshal(value)
	if err == nil && value == nil {
		err = fmt.Errorf("there is no example")
	}
	return string(b), err
}
