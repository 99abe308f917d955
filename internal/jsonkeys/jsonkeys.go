// Package jsonkeys lists the JSON keys of Go types. Tests in other modules of the repository use it to compare models with those of
// other libraries and with the OpenAPI document. The library does not use it.
package jsonkeys

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Keys are paths of JSON keys, such as "/droplet/id" and "/droplets/*/id", with the types of their values. "*" is any item of a list
// or any key of a map.
type Keys map[string]reflect.Type

// Has reports whether the key is present.
func (k Keys) Has(path string) bool {
	_, ok := k[path]
	return ok
}

// Of returns the keys of the JSON encoding of a type, according to its struct tags. A type that implements [json.Marshaler] or
// [encoding.TextMarshaler] has no keys.
func Of(t reflect.Type) Keys {
	keys := make(Keys)
	keys.walk(t, "", nil)
	return keys
}

func (k Keys) walk(t reflect.Type, path string, outer []reflect.Type) {
	if encodesItself(t) {
		return
	}
	switch t.Kind() {
	case reflect.Pointer:
		k.walk(t.Elem(), path, outer)
	case reflect.Slice, reflect.Array, reflect.Map:
		k.walk(t.Elem(), path+"/*", outer)
	case reflect.Struct:
		if slices.Contains(outer, t) {
			return // the type contains itself
		}
		k.walkStruct(t, path, append(slices.Clip(outer), t))
	}
}

func (k Keys) walkStruct(t reflect.Type, path string, outer []reflect.Type) {
	for f := range t.Fields() {
		tag := f.Tag.Get("json")
		name, _, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-":
		case f.Anonymous && name == "":
			k.walk(f.Type, path, outer)
		case f.IsExported():
			if name == "" {
				name = f.Name
			}
			k[path+"/"+name] = f.Type
			k.walk(f.Type, path+"/"+name, outer)
		}
	}
}

func encodesItself(t reflect.Type) bool {
	for _, typ := range []reflect.Type{t, reflect.PointerTo(t)} {
		if typ.Implements(reflect.TypeFor[json.Marshaler]()) || typ.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
			return true
		}
	}
	return false
}

// Encoded encodes v and returns the keys of the JSON. Their types are those that encoding/json decodes into an any, such as float64.
func Encoded(v any) (Keys, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var decoded any
	if err := json.Unmarshal(b, &decoded); err != nil {
		return nil, err
	}
	keys := make(Keys)
	keys.add(decoded, "")
	return keys, nil
}

func (k Keys) add(v any, path string) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			k[path+"/"+name] = reflect.TypeOf(member)
			k.add(member, path+"/"+name)
		}
	case []any:
		for _, item := range v {
			k.add(item, path+"/*")
		}
	}
}

// Filled returns a value of a type with every field set. A field whose type is that of a sample is set to the sample; types with
// unexported fields need one.
func Filled(t reflect.Type, samples ...any) (any, error) {
	v := reflect.New(t).Elem()
	err := fill(v, samples)
	return v.Interface(), err
}

func fill(v reflect.Value, samples []any) error {
	for _, sample := range samples {
		if reflect.TypeOf(sample) == v.Type() {
			v.Set(reflect.ValueOf(sample))
			return nil
		}
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(1)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1)
	case reflect.String:
		v.SetString("x")
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return fill(v.Elem(), samples)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		return fill(v.Index(0), samples)
	case reflect.Struct:
		return fillStruct(v, samples)
	default:
		return fmt.Errorf("cannot fill a %s: pass a sample", v.Type())
	}
	return nil
}

func fillStruct(v reflect.Value, samples []any) error {
	for f := range v.Type().Fields() {
		if !f.IsExported() {
			return fmt.Errorf("cannot set %s.%s: pass a sample of %s", v.Type(), f.Name, v.Type())
		}
		if err := fill(v.FieldByIndex(f.Index), samples); err != nil {
			return err
		}
	}
	return nil
}
