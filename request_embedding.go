package droplets

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
)

// checkEmbedding rejects a value that has, at any depth, a struct that embeds a request of this package and would lose its own
// fields. Go promotes the MarshalJSON of an embedded field to the struct around it, so that encoding/json encodes the embedded
// request alone, and panics if it is a nil pointer.
func checkEmbedding(field string, value any) error {
	return (&embeddingCheck{field: field, types: make(map[reflect.Type]bool), visited: make(map[visit]bool)}).check(reflect.ValueOf(value))
}

// embeddingCheck follows a value as encoding/json does, except into values whose type cannot contain such a struct. It visits
// each pointer, map and slice once, so that it ends for a value that contains itself.
type embeddingCheck struct {
	field   string
	types   map[reflect.Type]bool // whether a value of the type can contain such a struct
	visited map[visit]bool
}

// visit identifies a pointer, a map or a slice.
type visit struct {
	address uintptr
	length  int
	t       reflect.Type
}

// enter reports whether a value can contain such a struct and was not visited before.
func (c *embeddingCheck) enter(v reflect.Value) bool {
	if !v.IsValid() || !c.canEmbed(v.Type()) {
		return false
	}
	here := visit{t: v.Type()}
	switch v.Kind() {
	case reflect.Slice:
		here.address, here.length = v.Pointer(), v.Len()
	case reflect.Pointer, reflect.Map:
		here.address = v.Pointer()
	default: // cannot contain itself
		return true
	}
	seen := c.visited[here]
	c.visited[here] = true
	return !seen
}

func (c *embeddingCheck) check(v reflect.Value) (err error) {
	if !c.enter(v) {
		return nil
	}
	if err := c.checkStruct(v); err != nil || encodesItself(v) {
		return err
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		err = c.check(v.Elem())
	case reflect.Array, reflect.Slice:
		for i := 0; i < v.Len() && err == nil; i++ {
			err = c.check(v.Index(i))
		}
	case reflect.Map:
		for entries := v.MapRange(); err == nil && entries.Next(); {
			err = c.check(entries.Value())
		}
	case reflect.Struct:
		for _, field := range encodedFields(v.Type()) {
			// An error is a field of an embedded nil pointer, which is not encoded.
			if value, nilErr := v.FieldByIndexErr(field.Index); nilErr == nil && err == nil {
				err = c.check(value)
			}
		}
	default:
	}
	return err
}

// checkStruct rejects a struct that is encoded as a request that it embeds, without its other fields.
func (c *embeddingCheck) checkStruct(v reflect.Value) error {
	if v.Kind() != reflect.Struct {
		return nil
	}
	whole := v.Interface()
	for _, field := range embeddedRequests(v.Type()) {
		embedded, err := v.FieldByIndexErr(field.Index)
		switch {
		case err != nil || isNilPointer(embedded):
			if panicsInMarshal(whole) {
				return invalid(c.field, "must not embed %s in %s as a nil pointer, which cannot be encoded", field.Type, v.Type())
			}
		case embedded.CanInterface() && sameJSON(whole, embedded.Interface()) && hasFieldsBeside(v, field):
			return invalid(c.field, "must not embed %s, which encodes itself without the other fields of %s: use WithBodyField",
				field.Type, v.Type())
		}
	}
	return nil
}

func (c *embeddingCheck) canEmbed(t reflect.Type) bool {
	can, known := c.types[t]
	if !known {
		can = canEmbed(t, make(map[reflect.Type]bool))
		c.types[t] = can
	}
	return can
}

// canEmbed reports whether a value of the type can contain a struct that embeds a request. seen has the types that were visited,
// so that it ends for a type that contains itself.
func canEmbed(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Array, reflect.Slice, reflect.Map:
		return canEmbed(t.Elem(), seen)
	case reflect.Struct:
		for field := range t.Fields() {
			embeds := field.Anonymous && t.PkgPath() != ownPackage() && isRequest(field.Type)
			if embeds || (field.IsExported() || field.Anonymous) && canEmbed(field.Type, seen) {
				return true
			}
		}
	default:
	}
	return false
}

// embeddedRequests returns the fields of a struct that are embedded requests, at any depth of embedding.
func embeddedRequests(t reflect.Type) (fields []reflect.StructField) {
	if t.PkgPath() == ownPackage() {
		return nil
	}
	for _, field := range reflect.VisibleFields(t) {
		if field.Anonymous && isRequest(field.Type) {
			fields = append(fields, field)
		}
	}
	return fields
}

// encodedFields returns the fields of a struct that encoding/json encodes, with those of embedded structs.
func encodedFields(t reflect.Type) (fields []reflect.StructField) {
	for _, field := range reflect.VisibleFields(t) {
		if field.IsExported() && field.Tag.Get("json") != "-" {
			fields = append(fields, field)
		}
	}
	return fields
}

// encodesItself reports whether encoding/json calls a method of the value. A request does, and is encoded with all of its fields.
func encodesItself(v reflect.Value) bool {
	t, marshaler := v.Type(), reflect.TypeFor[json.Marshaler]()
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface || t.PkgPath() == ownPackage() {
		return false
	}
	return t.Implements(marshaler) || v.CanAddr() && reflect.PointerTo(t).Implements(marshaler)
}

func isNilPointer(v reflect.Value) bool { return v.Kind() == reflect.Pointer && v.IsNil() }

// sameJSON reports whether two values have the same encoding.
func sameJSON(a, b any) bool {
	first, firstErr := json.Marshal(a)
	second, secondErr := json.Marshal(b)
	return firstErr == nil && secondErr == nil && bytes.Equal(first, second)
}

// panicsInMarshal reports whether encoding/json panics, as it does for the promoted MarshalJSON of an embedded nil pointer.
func panicsInMarshal(v any) (panics bool) {
	defer func() { panics = recover() != nil }()
	_, _ = json.Marshal(v) // an error is reported later
	return false
}

// isRequest reports whether a type, or the type that it points to, is one of this package that encodes itself.
func isRequest(t reflect.Type) bool {
	encodes := t.Implements(reflect.TypeFor[json.Marshaler]())
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return encodes && t.PkgPath() == ownPackage()
}

// hasFieldsBeside reports whether a struct has an exported field with a value that is not part of the embedded field.
func hasFieldsBeside(v reflect.Value, embedded reflect.StructField) bool {
	for _, field := range reflect.VisibleFields(v.Type()) {
		part := len(field.Index) >= len(embedded.Index) && slices.Equal(field.Index[:len(embedded.Index)], embedded.Index)
		if part || field.Anonymous || !field.IsExported() || field.Tag.Get("json") == "-" {
			continue
		}
		if value, err := v.FieldByIndexErr(field.Index); err == nil && !value.IsZero() {
			return true
		}
	}
	return false
}

// checkOwn rejects an action request that is not of this package: a struct that embeds one has its methods, and its own fields
// would not be sent.
func checkOwn(req ActionRequest) error {
	t := reflect.TypeOf(req)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.PkgPath() != ownPackage() {
		return invalid("req", "must be a request of package droplets, got %s, whose own fields would not be sent: "+
			"use CustomActionRequest or WithBodyField", t)
	}
	return nil
}

func ownPackage() string { return reflect.TypeFor[DropletCreateRequest]().PkgPath() }
