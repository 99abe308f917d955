package droplets

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
)

// checkEmbedding rejects a body that embeds a request of this package and would lose its own fields. Go promotes the
// MarshalJSON of an embedded field to the struct around it, so that encoding/json encodes the embedded request alone.
func checkEmbedding(body any) error {
	v := reflect.Indirect(reflect.ValueOf(body))
	if v.Kind() != reflect.Struct || v.Type().PkgPath() == ownPackage() {
		return nil
	}
	for _, field := range reflect.VisibleFields(v.Type()) {
		if !field.Anonymous || !isRequest(field.Type) {
			continue
		}
		embedded, err := v.FieldByIndexErr(field.Index)
		if err != nil || !embedded.CanInterface() || isNil(embedded.Interface()) {
			continue
		}
		whole, wholeErr := json.Marshal(body)
		part, partErr := json.Marshal(embedded.Interface())
		if wholeErr == nil && partErr == nil && bytes.Equal(whole, part) && hasFieldsBeside(v, field) {
			return invalid("body", "must not embed %s, which encodes itself without the other fields of %s: use WithBodyField",
				field.Type, v.Type())
		}
	}
	return nil
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
