package facts

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

const lineLength = 120

// format encodes a value as JSON that is short and that git diff can compare by lines. A value that fits is on one line, a longer
// list of strings or numbers fills lines, and any other value has a line for each member. Keys are sorted.
func format(v any) []byte {
	w := &writer{}
	w.value(v, 0)
	w.out.WriteByte('\n')
	return w.out.Bytes()
}

type writer struct {
	out  bytes.Buffer
	line int // where the last line begins
}

func (w *writer) newLine(depth int) {
	w.out.WriteByte('\n')
	w.line = w.out.Len()
	w.out.WriteString(strings.Repeat(" ", depth))
}

// fits reports whether text and a comma fit into the last line.
func (w *writer) fits(text string) bool { return w.out.Len()-w.line+len(text)+1 <= lineLength }

func (w *writer) value(v any, depth int) {
	if text := compact(v); w.fits(text) {
		w.out.WriteString(text)
		return
	}
	switch v := v.(type) {
	case object:
		w.object(v, depth)
	case []any:
		w.list(v, depth)
	default:
		w.out.WriteString(compact(v))
	}
}

func (w *writer) object(o object, depth int) {
	w.out.WriteByte('{')
	for i, name := range slices.Sorted(maps.Keys(o)) {
		if i > 0 {
			w.out.WriteByte(',')
		}
		w.newLine(depth + 1)
		w.out.WriteString(compact(name) + ": ")
		w.value(o[name], depth+1)
	}
	w.newLine(depth)
	w.out.WriteByte('}')
}

func (w *writer) list(list []any, depth int) {
	fill := !slices.ContainsFunc(list, func(v any) bool { return asObject(v) != nil || asList(v) != nil })
	w.out.WriteByte('[')
	for i, v := range list {
		if i > 0 {
			w.out.WriteByte(',')
		}
		if text := compact(v); fill && i > 0 && w.fits(" "+text) {
			w.out.WriteString(" " + text)
			continue
		}
		w.newLine(depth + 1)
		w.value(v, depth+1)
	}
	w.newLine(depth)
	w.out.WriteByte(']')
}

// compact encodes a value in one line, with a space after each comma and colon.
func compact(v any) string {
	switch v := v.(type) {
	case object:
		members := make([]string, 0, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			members = append(members, compact(name)+": "+compact(v[name]))
		}
		return "{" + strings.Join(members, ", ") + "}"
	case []any:
		items := make([]string, 0, len(v))
		for _, item := range v {
			items = append(items, compact(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // v was decoded from JSON or YAML
	}
	return strings.TrimSuffix(b.String(), "\n")
}
