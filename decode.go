package droplets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/droplets-go/droplets/internal/jsonread"
)

// root is the outermost object of a response.
type root interface {
	// missing returns the first documented key that is absent, or "".
	missing() string
}

// fieldReader is a root that lists its fields for package jsonread. A root without the method is decoded by
// encoding/json.
type fieldReader interface{ fields(r *jsonread.Reader) }

// unmarshal has the result and the errors of json.Unmarshal. Responses that are large or frequent are decoded without
// reflection, and by encoding/json if that fails.
func unmarshal(body []byte, v any) error {
	// Only roots: they are unexported types of this package and still empty.
	if dst, ok := v.(interface {
		root
		fieldReader
	}); ok {
		r := jsonread.NewReader(body)
		for r.Next() {
			dst.fields(r)
		}
		if r.Done() {
			return nil
		}
		reflect.ValueOf(v).Elem().SetZero()
	}
	if err := checkDensity(body, v); err != nil {
		return err
	}
	return json.Unmarshal(body, v)
}

// checkDensity rejects a document with so many items that the items of a list would need much more memory than the
// document, such as a list of a million empty objects. Real responses have at least 50 bytes for each object.
func checkDensity(body []byte, v any) error {
	const constant, factor = 1 << 20, 8
	t := reflect.TypeOf(v).Elem()
	if _, isRoot := v.(root); !isRoot || t.Kind() != reflect.Struct {
		return nil // a type of the caller's
	}
	largest := 0
	for _, field := range reflect.VisibleFields(t) { // those of embedded structs too
		if kind := field.Type.Kind(); kind == reflect.Slice || kind == reflect.Map {
			largest = max(largest, int(field.Type.Elem().Size()))
		}
	}
	objects := bytes.Count(body, []byte("{"))
	// An item that is no object, such as null, needs the same memory. Those are counted in the lists of the root. Real
	// responses have few of them, so that they may need less.
	others := max(0, rootItems(body)-objects)
	if objects*largest > constant+factor*len(body) || others*largest > constant/4+factor*len(body) {
		return fmt.Errorf("%d items are too many for a document of %d bytes", max(objects, others), len(body))
	}
	return nil
}

// rootItems returns about how many items the lists in the root of a document have.
func rootItems(body []byte) (items int) {
	const listOfRoot = 2
	depth, inText := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth == listOfRoot:
			items++
		}
	}
	return items
}

// decodeBody decodes a response into v. If v is nil, the body must be empty or JSON.
func decodeBody(body []byte, v any) error {
	empty := len(bytes.TrimSpace(body)) == 0
	switch {
	case v == nil && (empty || json.Valid(body)):
		return nil
	case v == nil:
		return errors.New("the body is not JSON")
	case empty:
		return errors.New("the body is empty")
	}
	if err := unmarshal(body, v); err != nil {
		return err
	}
	if dst, ok := v.(root); ok {
		if key := dst.missing(); key != "" {
			return fmt.Errorf("the response has no %q", key)
		}
	}
	return nil
}

func missingIf(absent bool, key string) string {
	if absent {
		return key
	}
	return ""
}

// requireRoot checks that a document is an object that has a value for the key. An empty key requires nothing.
func requireRoot(body []byte, key string) error {
	if key == "" {
		return nil
	}
	var document map[string]json.RawMessage
	if err := json.Unmarshal(body, &document); err != nil {
		return err
	}
	if value := document[key]; value == nil || string(value) == "null" {
		return fmt.Errorf("the response has no %q", key)
	}
	return nil
}
