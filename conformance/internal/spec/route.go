package spec

import (
	"net/url"
	"slices"
	"strings"
)

// routes sorts operations so that the first path that matches is the right one: a literal segment comes before a parameter, so that
// /v2/droplets/actions is not the Droplet "actions".
func routes(operations []*Operation) []*Operation {
	sorted := slices.Clone(operations)
	slices.SortStableFunc(sorted, func(a, b *Operation) int {
		// A brace is greater than every character of a path.
		return strings.Compare(a.Path, b.Path)
	})
	return sorted
}

// Find returns the operation of a request and the parameters in its path. If only the method is wrong, op is nil and allowed lists
// the methods of the path.
func (d *Document) Find(method, escapedPath string) (op *Operation, params map[string]string, allowed []string) {
	path := ""
	for _, candidate := range d.routes {
		if path != "" && candidate.Path != path {
			continue
		}
		values, ok := match(candidate.Path, escapedPath)
		if !ok {
			continue
		}
		path = candidate.Path
		if candidate.Method == method {
			return candidate, values, nil
		}
		allowed = append(allowed, candidate.Method)
	}
	return nil, nil, allowed
}

// match compares an escaped path with the path of an operation and returns the values of the parameters.
func match(pattern, escapedPath string) (map[string]string, bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(escapedPath, "/")
	if len(want) != len(got) {
		return nil, false
	}
	params := make(map[string]string)
	for i, segment := range want {
		value, err := url.PathUnescape(got[i])
		if err != nil {
			return nil, false
		}
		name, isParam := strings.CutPrefix(segment, "{")
		switch {
		case isParam && value != "":
			params[strings.TrimSuffix(name, "}")] = value
		case isParam || segment != value:
			return nil, false
		}
	}
	return params, true
}
