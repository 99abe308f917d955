package droplets

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// WithBodyField adds a top-level field to the JSON body of a create, an action or any other request with a body. Use it for a
// field that the API has and this package does not have. WithBodyField encodes value with encoding/json when it is called, so
// that later changes of value have no effect.
//
// The call returns an [*ArgumentError] if the request type has a field of this name, set or not (case is ignored), if
// the name is added twice, or if value cannot be encoded or encodes as null. It also does so if the method sends no body, or bodies
// of different kinds, as [DropletsService.ResizeAndRestart] does. If a method sends reads and creates, such as
// [DropletsService.Ensure], the field is added to the creates. A create rejects
// both name and names. An action accepts names that only other actions have.
//
// Any field may be secret. Strings of at least eight bytes in value are therefore removed from errors, as user data is.
func WithBodyField(name string, value any) CallOption {
	field, err := newBodyField(name, value)
	return func(o *callOptions) {
		switch {
		case err != nil:
			o.reject(err)
		case slices.ContainsFunc(o.bodyFields, func(f bodyField) bool { return strings.EqualFold(f.name, name) }):
			o.reject(invalid(fieldWithBodyField, "must not set %q twice", name))
		default:
			o.bodyFields = append(o.bodyFields, field)
		}
	}
}

const fieldWithBodyField = "WithBodyField"

// bodyField is a field that the caller adds to the body of a request.
type bodyField struct {
	name  string
	value json.RawMessage
	texts []string // the strings in value, which errors must not contain
}

// newBodyField encodes and checks a field.
func newBodyField(name string, value any) (bodyField, error) {
	if strings.TrimSpace(name) == "" || !utf8.ValidString(name) {
		return bodyField{}, invalid(fieldWithBodyField, "must have a name that is not blank and is valid UTF-8")
	}
	if err := checkEmbedding("body", value); err != nil {
		return bodyField{}, err
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return bodyField{}, invalid(fieldWithBodyField, "must have a value for %q that encodes as JSON: %v", name, err)
	}
	if len(encoded) > maxRequestBody {
		return bodyField{}, invalid(fieldWithBodyField, "must have a value for %q of at most %d bytes of JSON, got %d", name,
			maxRequestBody, len(encoded))
	}
	var decoded any
	if err := json.Unmarshal(encoded, &decoded); err != nil || decoded == nil {
		return bodyField{}, invalid(fieldWithBodyField, "must have a value for %q that is not null", name)
	}
	return bodyField{name: name, value: encoded, texts: textsIn(decoded)}, nil
}

// forOneChange returns the options for a method that sends reads and one kind of change, which has this body. The fields of
// WithBodyField are added to the change only. A field that the body has is rejected before the first request.
func forOneChange(body any, co []CallOption) []CallOption {
	return append(slices.Clip(co), func(o *callOptions) {
		if o.oneChange = true; len(o.bodyFields) == 0 {
			return
		}
		if err := checkBodyFields(o.bodyFields, fieldNames(body)); err != nil {
			o.reject(err)
		}
	})
}

// checkBodyFields rejects fields with a name that is in known. It ignores case.
func checkBodyFields(fields []bodyField, known []string) error {
	for _, f := range fields {
		if slices.ContainsFunc(known, func(name string) bool { return strings.EqualFold(name, f.name) }) {
			return invalid(fieldWithBodyField, "must not set %q: it is a field of the request", f.name)
		}
	}
	return nil
}

// addBodyFields adds the fields of WithBodyField to the payload. body is the value that the payload was encoded from; nil if
// there is only the payload.
func (r *request) addBodyFields(body any) error {
	fields := r.opts.bodyFields
	switch payload := bytes.TrimSpace(r.payload); {
	case len(fields) == 0 || r.payload == nil && r.opts.oneChange: // a read of a method with one kind of change
		return nil
	case !isObject(payload):
		return invalid(fieldWithBodyField, "%q must be used with a method that sends one JSON body", fields[0].name)
	default:
		r.payload = payload
	}
	var present map[string]json.RawMessage
	if err := json.Unmarshal(r.payload, &present); err != nil {
		return invalid("body", "must be one JSON object: %v", err)
	}
	if err := checkBodyFields(fields, slices.AppendSeq(fieldNames(body), maps.Keys(present))); err != nil {
		return err
	}
	merged := bytes.Clone(bytes.TrimRight(bytes.TrimSuffix(r.payload, []byte("}")), " \t\r\n"))
	for _, f := range fields {
		if !bytes.HasSuffix(merged, []byte("{")) {
			merged = append(merged, ',')
		}
		name, _ := json.Marshal(f.name) // a string can always be encoded
		merged = slices.Concat(merged, name, []byte(":"), f.value)
		for _, text := range f.texts {
			r.addSecret(text)
		}
	}
	merged = append(merged, '}')
	if r.payload = merged; len(merged) > maxRequestBody {
		return invalid("body", "must be at most %d bytes of JSON, got %d", maxRequestBody, len(merged))
	}
	return nil
}

// fieldNames returns the JSON names of the fields of a body, including those that are not set and not sent. The body of an action
// has the names of this action alone: those of other actions can become fields of this one.
func fieldNames(body any) (names []string) {
	switch b := body.(type) {
	case interface{ wire() createWire }:
		body = b.wire()
	case interface{ wire() any }:
		body = b.wire()
	}
	if action, ok := body.(interface{ fieldNames() []string }); ok {
		return action.fieldNames()
	}
	if t := reflect.TypeOf(body); t != nil && t.Kind() == reflect.Struct {
		for field := range t.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			names = append(names, name)
		}
	}
	return names
}

// textsIn returns the strings in a decoded JSON value, without the keys of objects.
func textsIn(value any) (texts []string) {
	switch v := value.(type) {
	case string:
		texts = append(texts, v)
	case []any:
		for _, item := range v {
			texts = append(texts, textsIn(item)...)
		}
	case map[string]any:
		for _, item := range v {
			texts = append(texts, textsIn(item)...)
		}
	}
	return texts
}
