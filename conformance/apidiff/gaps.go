package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/droplets-go/droplets/internal/jsonkeys"
)

// modelGaps returns a line for each parameter, field and enum value of the document that the Go models do not have. Fields that
// changes reports are left out: the models cannot have them.
func modelGaps(before, latest surface, constants map[string][]string) ([]string, error) {
	var lines []string
	for id, m := range models() {
		op, was := latest[id], before[id]
		if op == nil || was == nil {
			continue // compareOperations reports it
		}
		known, err := m.keys()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		for place, f := range op.fields {
			if was.fields[place] == nil {
				continue
			}
			if line := m.gap(known, place, f, constants); line != "" {
				lines = append(lines, "missing in the models: "+id+" "+line)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(latest)) {
		if _, ok := models()[id]; !ok && before[id] != nil {
			lines = append(lines, "missing in the models: "+id+" has no row in models.go")
		}
	}
	slices.Sort(lines)
	return lines, nil
}

// known are the keys of the models of an operation.
type known struct {
	request  jsonkeys.Keys
	actions  []string // the values of the request's "type"
	response jsonkeys.Keys
}

func (m model) keys() (known, error) {
	k := known{request: make(jsonkeys.Keys), response: make(jsonkeys.Keys)}
	for _, request := range m.requests {
		keys, kind, err := encode(request)
		if err != nil {
			return known{}, err
		}
		maps.Copy(k.request, keys)
		k.actions = append(k.actions, kind)
	}
	for root, t := range m.response {
		prefix := "/" + root
		if root == "" {
			prefix = ""
		} else {
			k.response[prefix] = t
		}
		for key, typ := range jsonkeys.Of(t) {
			k.response[starsOf(t, prefix)+key] = typ
		}
	}
	return k, nil
}

// starsOf returns prefix. Keys of a list or a map begin with a star of their own.
func starsOf(_ reflect.Type, prefix string) string { return prefix }

func (m model) gap(k known, place string, f *field, constants map[string][]string) string {
	where, name, _ := strings.Cut(place, " ")
	switch where {
	case "query":
		if !slices.Contains(m.query, name) {
			return "query parameter " + name
		}
	case "request":
		return requestGap(k, name, f)
	case "response":
		if _, key, ok := strings.Cut(name, " "); ok {
			return responseGap(k, key, f, constants)
		}
	}
	return ""
}

func requestGap(k known, key string, f *field) string {
	switch {
	case key == "" || strings.HasSuffix(key, "/*") || f.readOnly || f.deprecated:
		return "" // deprecated fields are not sent
	case !k.request.Has(key):
		return "request field " + key
	case key != "/type":
		return ""
	}
	for _, value := range f.enum {
		if !slices.Contains(k.actions, value) {
			return fmt.Sprintf("request with type %q", value)
		}
	}
	return ""
}

func responseGap(k known, key string, f *field, constants map[string][]string) string {
	list, isItem := strings.CutSuffix(key, "/*")
	t := k.response[key]
	if isItem {
		if t = k.response[list]; t == nil || t.Kind() != reflect.Slice {
			return ""
		}
		t = t.Elem()
	}
	if t == nil {
		return "response field " + key
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	for _, value := range f.enum {
		if listed := constants[t.Name()]; t.Kind() == reflect.String && len(listed) > 0 && !slices.Contains(listed, value) {
			return fmt.Sprintf("response field %s: %s has no constant for %q", key, t, value)
		}
	}
	return ""
}
