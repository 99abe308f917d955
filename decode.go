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
	if _, isRoot := v.(root); isRoot { // not a type of the caller's
		if err := checkDensity(body, v); err != nil {
			return err
		}
	}
	return json.Unmarshal(body, v)
}

// checkDensity rejects a document that needs much more memory than it has bytes, such as one with a million empty objects or
// zeros in a list at any depth. Documented responses need less than four times their bytes.
func checkDensity(body []byte, v any) error {
	const constant, factor = 512 << 10, 8
	if jsonread.NeedsMore(body, reflect.TypeOf(v).Elem(), constant+factor*len(body)) {
		return fmt.Errorf("the items of its lists are too many for a document of %d bytes", len(body))
	}
	return nil
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
