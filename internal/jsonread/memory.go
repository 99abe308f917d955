package jsonread

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
)

// NeedsMore reports whether encoding/json needs more than limit bytes to decode a document into a value of type t. It counts the
// items of lists and maps at any depth by their size in memory, what pointers refer to, and the errors for values of a wrong
// type. A document of two bytes for each item, such as zeros for a list of structs, can need a hundred times its length.
//
// While a list grows, encoding/json allocates up to five times the counted bytes. An invalid document is counted up to the first
// mistake.
func NeedsMore(data []byte, t reflect.Type, limit int) bool {
	m := &meter{Reader: NewReader(data), left: limit, keys: make(map[reflect.Type][]keyType)}
	m.value(t, maxNesting)
	return m.left < 0
}

// maxNesting is more than encoding/json accepts.
const maxNesting = 10_100

// mistypedSize is counted for a value of a wrong type. encoding/json allocates an error of 80 bytes for each and keeps the first.
const mistypedSize = 16

// meter follows a document and the type that it is decoded into.
type meter struct {
	*Reader
	left int // bytes
	keys map[reflect.Type][]keyType
}

// keyType is a key of a struct, and the type of its value.
type keyType struct {
	key string
	t   reflect.Type
}

// use counts bytes. The meter stops when none are left.
func (m *meter) use(bytes int) {
	m.left -= bytes
	m.require(m.left >= 0)
}

// value reads a value that is decoded into a value of type t, or skipped if t is nil.
func (m *meter) value(t reflect.Type, depth int) {
	m.require(depth > 0)
	if m.null() || m.failed {
		return
	}
	for t != nil && t.Kind() == reflect.Pointer && !m.failed {
		t = t.Elem()
		m.use(int(t.Size()))
	}
	next := m.peek()
	switch {
	case t == nil:
		m.skip(depth)
	case next == '{' && t.Kind() == reflect.Struct:
		m.object(depth, func(key []byte) reflect.Type { return m.field(t, key) })
	case next == '{' && t.Kind() == reflect.Map:
		m.object(depth, func([]byte) reflect.Type {
			m.use(int(t.Key().Size() + t.Elem().Size()))
			return t.Elem()
		})
	case next == '[' && t.Kind() == reflect.Slice:
		m.take('[')
		for more := !m.take(']'); more; more = m.more(']') {
			m.use(int(t.Elem().Size()))
			m.value(t.Elem(), depth-1)
		}
	default:
		if !accepts(t, next) {
			m.use(mistypedSize)
		}
		m.skip(depth)
	}
}

func (m *meter) object(depth int, valueType func(key []byte) reflect.Type) {
	m.take('{')
	for more := !m.take('}'); more; more = m.more('}') {
		key := m.unquoted()
		if m.require(m.take(':')); !m.failed {
			m.value(valueType(key), depth-1)
		}
	}
}

// unquoted reads a string and returns its value, which may share memory with the document.
func (m *meter) unquoted() []byte {
	token, plain := m.quoted()
	if m.failed {
		return nil
	}
	if plain {
		return token[1 : len(token)-1]
	}
	var value string
	m.require(json.Unmarshal(token, &value) == nil)
	return []byte(value)
}

// accepts reports whether encoding/json decodes a value that begins with this byte into a type, or calls a method of the type.
func accepts(t reflect.Type, first byte) bool {
	pointer := reflect.PointerTo(t)
	if pointer.Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return true
	}
	if pointer.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return first == '"'
	}
	switch k := t.Kind(); first {
	case '{', '[':
		return k == reflect.Interface
	case '"':
		return k == reflect.String || k == reflect.Interface
	case 't', 'f':
		return k == reflect.Bool || k == reflect.Interface
	default:
		return k >= reflect.Int && k <= reflect.Float64 || k == reflect.Interface
	}
}

// field returns the type of the field with a key, or nil if the struct has none. Like encoding/json it ignores case if no field
// has exactly that key.
func (m *meter) field(t reflect.Type, key []byte) reflect.Type {
	keys, known := m.keys[t]
	if !known {
		keys = keysOf(t)
		m.keys[t] = keys
	}
	for _, k := range keys {
		if k.key == string(key) {
			return k.t
		}
	}
	for _, k := range keys {
		if strings.EqualFold(k.key, string(key)) {
			return k.t
		}
	}
	return nil
}

// keysOf returns the keys of a struct, with those of embedded structs.
func keysOf(t reflect.Type) (keys []keyType) {
	for _, field := range reflect.VisibleFields(t) {
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !field.IsExported() || key == "-" || key == "" && field.Anonymous {
			continue
		}
		if key == "" {
			key = field.Name
		}
		keys = append(keys, keyType{key, field.Type})
	}
	return keys
}
