// Package facts reduces DigitalOcean's OpenAPI document to the facts that a program can check: the operations of the resources that this
// repository wraps, with parameters, fields, types, ranges, enums, patterns, formats, statuses and example data. Descriptions,
// summaries, titles, code samples and the rest of the API are left out.
package facts

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/oasdiff/yaml"
)

// Reduce returns the facts of an OpenAPI document in YAML or JSON, as an OpenAPI document in JSON. The same facts give the same
// bytes; the order and the layout of the source do not matter. Names of schemas are those of the source.
func Reduce(source []byte) ([]byte, error) {
	root := make(object)
	if json.Unmarshal(source, &root) != nil {
		if _, err := yaml.Unmarshal(source, &root, yaml.DecodeOpts{DisableTimestamps: true}); err != nil {
			return nil, fmt.Errorf("the document is neither JSON nor YAML: %w", err)
		}
	}
	r := &reducer{root: root, schemas: make(object)}
	paths := r.paths()
	if r.err != nil {
		return nil, r.err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("the document has no operation of the wrapped resources, such as GET /v2/droplets")
	}
	components := share(paths)
	components["schemas"] = r.schemas
	if schemes := r.securitySchemes(); len(schemes) > 0 {
		components["securitySchemes"] = schemes
	}
	info := asObject(root["info"])
	out := object{
		"openapi":    root["openapi"],
		"info":       object{"title": "Facts of the DigitalOcean API", "version": info["version"]},
		"security":   root["security"],
		"paths":      paths,
		"components": components,
	}
	if license := info["license"]; license != nil {
		asObject(out["info"])["license"] = keep(asObject(license), "name", "url")
	}
	return format(out), nil
}

// Wrapped reports whether a path belongs to the resources that this repository wraps.
func Wrapped(path string) bool {
	for _, resource := range []string{"/v2/account/keys", "/v2/actions", "/v2/droplets", "/v2/images", "/v2/regions", "/v2/sizes", "/v2/snapshots", "/v2/tags"} {
		if path == resource || strings.HasPrefix(path, resource+"/") {
			return true
		}
	}
	return strings.HasPrefix(path, "/v2/reports/droplet")
}

type object = map[string]any

func asObject(v any) object {
	o, _ := v.(object)
	return o
}

func asList(v any) []any {
	l, _ := v.([]any)
	return l
}

// keep copies the named members of o that are present.
func keep(o object, names ...string) object {
	out := make(object)
	for _, name := range names {
		if v, ok := o[name]; ok {
			out[name] = v
		}
	}
	return out
}

// reducer reduces one document. It records the first error in err; what its methods return after that must not be used.
type reducer struct {
	root    object
	schemas object // the schemas that the operations use
	err     error
}

func (r *reducer) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *reducer) paths() object {
	out := make(object)
	all := asObject(r.root["paths"])
	for _, path := range slices.Sorted(maps.Keys(all)) {
		if !Wrapped(path) {
			continue
		}
		item := r.resolve(all[path])
		operations := make(object)
		for _, method := range []string{"get", "put", "post", "delete", "patch", "head", "options"} {
			if op := asObject(item[method]); op != nil {
				operations[method] = r.operation(op, asList(item["parameters"]))
			}
		}
		if len(operations) > 0 {
			out[path] = operations
		}
	}
	return out
}

// resolve follows the references of anything but a schema.
func (r *reducer) resolve(v any) object {
	o := asObject(v)
	for range 100 {
		ref, ok := o["$ref"].(string)
		if !ok {
			return o
		}
		o = r.lookup(ref)
	}
	r.fail("a reference refers to itself")
	return nil
}

func (r *reducer) lookup(ref string) object {
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		r.fail("%q is in another file: bundle the document first", ref)
		return nil
	}
	at := r.root
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for step := range strings.SplitSeq(pointer, "/") {
		at = asObject(at[unescape.Replace(step)])
	}
	if at == nil {
		r.fail("%q does not exist in the document", ref)
	}
	return at
}

func (r *reducer) securitySchemes() object {
	out := make(object)
	for name, scheme := range asObject(asObject(r.root["components"])["securitySchemes"]) {
		out[name] = keep(r.resolve(scheme), "type", "scheme")
	}
	return out
}
