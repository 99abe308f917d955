package facts

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// share moves headers, parameters and error responses that occur more than once into components, and returns the components. Each
// has its name or status as its name. If another one has the same name, a number is added.
func share(paths object) object {
	headers, parameters, responses := newShared("headers"), newShared("parameters"), newShared("responses")
	// Responses refer to headers, so headers are shared first.
	eachOperation(paths, func(op object) {
		eachHeader(op, func(name string, h object) any { return headers.count(name, h) })
		eachParameter(op, func(name string, p object) any { return parameters.count(name, p) })
	})
	eachOperation(paths, func(op object) {
		eachHeader(op, func(name string, h object) any { return headers.replace(name, h) })
		eachParameter(op, func(name string, p object) any { return parameters.replace(name, p) })
		eachError(op, func(name string, r object) any { return responses.count(name, r) })
	})
	eachOperation(paths, func(op object) {
		eachError(op, func(name string, r object) any { return responses.replace(name, r) })
	})
	out := make(object)
	for _, s := range []*shared{headers, parameters, responses} {
		if len(s.components) > 0 {
			out[s.kind] = s.components
		}
	}
	return out
}

// shared are the components of one kind.
type shared struct {
	kind       string
	uses       map[string]int    // by name and content
	names      map[string]string // of a component, by name and content
	components object
}

func newShared(kind string) *shared {
	return &shared{kind: kind, uses: make(map[string]int), names: make(map[string]string), components: make(object)}
}

func key(name string, o object) string { return name + " " + compact(o) }

func (s *shared) count(name string, o object) any {
	s.uses[key(name, o)]++
	return o
}

func (s *shared) replace(name string, o object) any {
	k := key(name, o)
	if s.uses[k] < 2 {
		return o
	}
	component, ok := s.names[k]
	if !ok {
		component = name
		for n := 2; s.components[component] != nil; n++ {
			component = fmt.Sprintf("%s-%d", name, n)
		}
		s.names[k] = component
		s.components[component] = o
	}
	return object{"$ref": "#/components/" + s.kind + "/" + component}
}

func eachOperation(paths object, visit func(op object)) {
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := asObject(paths[path])
		for _, method := range slices.Sorted(maps.Keys(item)) {
			visit(asObject(item[method]))
		}
	}
}

// The functions below replace each object by the result of the function that they call.

func eachResponse(op object, with func(name string, o object) any) {
	eachMember(asObject(op["responses"]), with)
}

// eachError skips the responses of successes, which stay in their operations.
func eachError(op object, with func(status string, o object) any) {
	eachResponse(op, func(status string, response object) any {
		if strings.HasPrefix(status, "2") {
			return response
		}
		return with(status, response)
	})
}

func eachHeader(op object, with func(name string, o object) any) {
	eachResponse(op, func(_ string, response object) any {
		eachMember(asObject(response["headers"]), with)
		return response
	})
}

func eachParameter(op object, with func(name string, o object) any) {
	list := asList(op["parameters"])
	for i, p := range list {
		name, _ := asObject(p)["name"].(string)
		list[i] = with(name, asObject(p))
	}
}

func eachMember(members object, with func(name string, o object) any) {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		members[name] = with(name, asObject(members[name]))
	}
}
