package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// changes returns a line for each difference between the operations that both surfaces have.
func (s surface) changes(latest surface) []string {
	var lines []string
	for _, id := range slices.Sorted(maps.Keys(latest)) {
		if before := s[id]; before != nil {
			lines = append(lines, before.changes(id, latest[id])...)
		}
	}
	return lines
}

func (o *operation) changes(id string, latest *operation) []string {
	var lines []string
	for _, place := range slices.Sorted(maps.Keys(latest.fields)) {
		f, was := latest.fields[place], o.fields[place]
		switch {
		case was == nil && !isInside(place, latest.fields, o.fields):
			lines = append(lines, describe("new", id, place, f.String()))
		case was == nil: // inside of a new object or list, which has a line
		case was.String() != f.String():
			lines = append(lines, describe("changed", id, place, fmt.Sprintf("%s; was %s", f, was)))
		}
		if was != nil {
			lines = append(lines, compareEnums(id, place, was, f)...)
		}
	}
	for _, place := range slices.Sorted(maps.Keys(o.fields)) {
		if latest.fields[place] == nil && !isInside(place, o.fields, latest.fields) {
			lines = append(lines, describe("removed", id, place, ""))
		}
	}
	return lines
}

// isInside reports whether a place is inside of another one that is only in fields and not in others. The line of the outer place is
// enough.
func isInside(place string, fields, others map[string]*field) bool {
	for {
		i := strings.LastIndex(place, "/")
		if i < 0 {
			return false
		}
		place = strings.TrimSpace(place[:i])
		if fields[place] != nil && others[place] == nil {
			return true
		}
	}
}

func compareEnums(id, place string, before, after *field) []string {
	if len(before.enum) == 0 || len(after.enum) == 0 {
		if len(before.enum) != len(after.enum) {
			return []string{describe("changed", id, place, fmt.Sprintf("enum %q; was enum %q", after.enum, before.enum))}
		}
		return nil
	}
	var lines []string
	for _, value := range after.enum {
		if !slices.Contains(before.enum, value) {
			lines = append(lines, describe("new enum value of", id, place, fmt.Sprintf("%q", value)))
		}
	}
	for _, value := range before.enum {
		if !slices.Contains(after.enum, value) {
			lines = append(lines, describe("removed enum value of", id, place, fmt.Sprintf("%q", value)))
		}
	}
	return lines
}

// describe returns a line such as "new request field: droplets_create /name: string, required".
func describe(what, id, place, detail string) string {
	where, name, _ := strings.Cut(place, " ")
	kind := where + " parameter"
	switch where {
	case "request":
		kind = "request field"
	case "response":
		kind = "response field"
		if !strings.Contains(name, "/") {
			kind = "status"
		}
	}
	line := strings.TrimSuffix(strings.Join([]string{what, kind + ":", id, name}, " "), " ")
	if detail != "" {
		line += ": " + detail
	}
	return line
}
