package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/droplets-go/droplets/internal/jsonkeys"
)

// gaps finds what the document has and the library does not have.
type gaps struct {
	sent      map[string]*sent
	models    map[string]body
	constants map[string][]string // values by type
}

// find returns a line for each gap in the operations and fields that both surfaces have. The others are changes, not gaps.
func (g gaps) find(before, latest surface) []string {
	var lines []string
	for id, op := range latest {
		if before[id] == nil {
			continue
		}
		keys := g.models[id].keys()
		var missing []string
		for _, place := range slices.Sorted(maps.Keys(op.fields)) {
			isInside := func(outer string) bool { return strings.HasPrefix(place, outer+"/") }
			if before[id].fields[place] == nil || slices.ContainsFunc(missing, isInside) {
				continue
			}
			if gap := g.gap(id, keys, place, op.fields, before[id].fields[place].enum); gap != "" {
				lines = append(lines, "missing in the library: "+id+" "+gap)
				missing = append(missing, place)
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// gap describes what is missing at a place: the parameter or the field, or the first value of enum that the library does not have. It
// returns an empty text if nothing is missing.
func (g gaps) gap(id string, keys jsonkeys.Keys, place string, fields map[string]*field, enum []string) string {
	where, name, _ := strings.Cut(place, " ")
	switch where {
	case "query":
		if s := g.sent[id]; s == nil || !s.query[name] {
			return "query parameter " + name
		}
	case "request":
		if isUnsent(place, fields) {
			return ""
		}
		return g.requestGap(id, name, enum)
	case "response":
		if _, key, isField := strings.Cut(name, " "); isField {
			return g.responseGap(keys, key, enum)
		}
	}
	return ""
}

// isUnsent reports whether a field, or a field that contains it, is read-only or deprecated. The library does not send such fields.
func isUnsent(place string, fields map[string]*field) bool {
	for outer, f := range fields {
		if (f.readOnly || f.deprecated) && (place == outer || strings.HasPrefix(place, outer+"/")) {
			return true
		}
	}
	return false
}

func (g gaps) requestGap(id, key string, enum []string) string {
	s := g.sent[id]
	switch {
	case strings.HasSuffix(key, "/*"):
		return ""
	case s == nil || len(s.body) == 0:
		return "request body"
	case key == "":
		return ""
	case !s.body.Has(key):
		return "request field " + key
	case key != "/type":
		return ""
	}
	for _, value := range enum {
		if !s.types[value] {
			return fmt.Sprintf("request of type %q", value)
		}
	}
	return ""
}

func (g gaps) responseGap(keys jsonkeys.Keys, key string, enum []string) string {
	list := key
	for strings.HasSuffix(list, "/*") {
		list = strings.TrimSuffix(list, "/*")
	}
	t, known := keys[list]
	if !known {
		return "response field " + list
	}
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	constants := g.constants[t.Name()]
	for _, value := range enum {
		if len(constants) > 0 && !slices.Contains(constants, value) {
			return fmt.Sprintf("constant of %s for %q", t, value)
		}
	}
	return ""
}
