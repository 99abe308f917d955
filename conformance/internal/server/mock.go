package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/droplets-go/droplets/conformance/internal/check"
	"github.com/droplets-go/droplets/conformance/internal/spec"
)

// Mock returns a server that responds to a correct request with an example of the document, and to any other with status 400, 401,
// 404 or 405 and a message that lists the violations. It has no state.
func Mock(d *spec.Document, log *Log) http.Handler {
	return &handler{document: d, log: log, respond: mock}
}

func mock(c *call) response {
	var reasons []string
	status, id := http.StatusBadRequest, "bad_request"
	for _, v := range c.entry.Violations {
		reasons = append(reasons, v.String())
		switch {
		case v.In == "auth":
			status, id = http.StatusUnauthorized, "unauthorized"
		case v.In == "route" && c.allowed != nil:
			status, id = http.StatusMethodNotAllowed, "method_not_allowed"
		case v.In == "route":
			status, id = http.StatusNotFound, "not_found"
		}
	}
	if len(reasons) > 0 {
		return failure(status, id, strings.Join(reasons, "; "))
	}
	resp, err := example(c)
	if err != nil {
		c.violate(check.WhereResponse, "body", "example", err.Error())
		return failure(http.StatusInternalServerError, "server_error", err.Error())
	}
	return resp
}

// example returns the example of the success response that fits the request.
func example(c *call) (response, error) {
	status := c.op.SuccessStatus()
	declared, _ := c.op.Response(status)
	header := make(http.Header)
	for name, h := range declared.Headers {
		if h.Value.Example != nil {
			text, err := json.Marshal(h.Value.Example)
			if err != nil {
				return response{}, err
			}
			header.Set(name, strings.Trim(string(text), `"`))
		}
	}
	examples := spec.Examples(declared.Content)
	if len(examples) == 0 {
		return response{status: status, header: header}, nil
	}
	header.Set("Content-Type", "application/json; charset=utf-8")
	index := 0
	if name := exampleName(c); name != "" {
		index = slices.IndexFunc(examples, func(e spec.Example) bool { return e.Name == name })
		if index < 0 {
			return response{}, fmt.Errorf("%s has no example %q", c.op.ID, name)
		}
	}
	body, err := json.Marshal(examples[index].Value)
	if err != nil {
		return response{}, err
	}
	body, err = completeList(c.Request, body)
	return response{status: status, header: header, body: body}, err
}

// exampleName returns the name of the example that fits the request; empty for the first one.
func exampleName(c *call) string {
	q := c.URL.Query()
	switch c.op.ID {
	case "droplets_create":
		return either(hasField(c.body, "names"), "Multiple Droplet Create Response", "Single Droplet Create Response")
	case "droplets_list":
		return either(q.Get("type") == "gpus", "GPU Droplets", either(q.Has("tag_name"), "Droplets Filtered By Tag", "All Droplets"))
	case "images_list":
		return imageExample(q)
	case "snapshots_list":
		return either(q.Get("resource_type") == "volume", "Volume Snapshots", either(q.Has("resource_type"), "Droplets Snapshots", "All Snapshots"))
	}
	return ""
}

func imageExample(q url.Values) string {
	switch {
	case q.Has("tag_name"):
		return "Tagged"
	case q.Get("private") == "true":
		return "Snapshots"
	case q.Get("type") == "application":
		return "Application"
	case q.Get("type") == "distribution":
		return "Distribution"
	}
	return "All"
}

func either(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

func hasField(body []byte, name string) bool {
	var fields map[string]json.RawMessage
	return json.Unmarshal(body, &fields) == nil && fields[name] != nil
}
