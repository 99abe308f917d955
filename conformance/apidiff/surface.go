package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/droplets-go/droplets/conformance/internal/spec"
)

// surface is the part of an API that clients depend on: its operations by ID.
type surface map[string]*operation

// operation has the parameters and the fields of an operation by place, such as "query page", "request /name" and
// "response 200 /droplet/id".
type operation struct {
	fields map[string]*field
}

// field has the rules of the document for a parameter or a field. Compositions such as oneOf are merged.
type field struct {
	types      []string
	rules      []string // such as "required" and "minimum 1"
	enum       []string
	deprecated bool
	readOnly   bool
}

func (f *field) String() string { return strings.Join(append(slices.Clone(f.types), f.rules...), ", ") }

func surfaceOf(d *spec.Document) surface {
	s := make(surface)
	for _, op := range d.Operations {
		o := &operation{fields: make(map[string]*field)}
		s[op.ID] = o
		for _, ref := range op.Parameters {
			p := ref.Value
			f := o.field(p.In + " " + p.Name)
			f.rule(p.Required, "required")
			if p.Schema != nil {
				f.add(p.Schema.Value)
				o.addSchema(p.In+" "+p.Name, p.Schema.Value, nil)
			}
		}
		if op.RequestBody != nil {
			f := o.field("request")
			f.rule(op.RequestBody.Value.Required, "required")
			o.addSchema("request ", op.RequestSchema(), nil)
		}
		for status, ref := range op.Responses.Map() {
			o.field("response " + status)
			if strings.HasPrefix(status, "2") {
				o.addSchema("response "+status+" ", spec.Schema(ref.Value.Content), nil)
			}
		}
	}
	for _, op := range s {
		for _, f := range op.fields {
			f.sort()
		}
	}
	return s
}

func (o *operation) field(place string) *field {
	if o.fields[place] == nil {
		o.fields[place] = &field{}
	}
	return o.fields[place]
}

// addSchema adds the fields below a place. outer are the schemas that contain s, because a schema can contain itself.
func (o *operation) addSchema(place string, s *openapi3.Schema, outer []*openapi3.Schema) {
	if s == nil || slices.Contains(outer, s) {
		return
	}
	outer = append(slices.Clip(outer), s)
	for name, ref := range s.Properties {
		inner := strings.TrimSuffix(place, "/") + "/" + name
		f := o.field(inner)
		f.rule(slices.Contains(s.Required, name), "required")
		f.add(ref.Value)
		o.addSchema(inner, ref.Value, outer)
	}
	for _, ref := range []*openapi3.SchemaRef{s.Items, s.AdditionalProperties.Schema} {
		if ref != nil {
			inner := strings.TrimSuffix(place, "/") + "/*"
			o.field(inner).add(ref.Value)
			o.addSchema(inner, ref.Value, outer)
		}
	}
	for _, part := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf) {
		o.addSchema(place, part.Value, outer)
	}
	if d := s.Discriminator; d != nil { // its mapping lists the possible values
		o.field(strings.TrimSuffix(place, "/") + "/" + d.PropertyName).enum = slices.Collect(maps.Keys(d.Mapping))
	}
}

// add adds the rules of a schema and of what it is composed of, but not those of its members.
func (f *field) add(s *openapi3.Schema) {
	f.types = append(f.types, s.Type.Slice()...)
	f.deprecated = f.deprecated || s.Deprecated
	f.readOnly = f.readOnly || s.ReadOnly
	f.rule(s.Deprecated, "deprecated")
	f.rule(s.ReadOnly, "read-only")
	f.rule(s.Nullable, "nullable")
	f.rule(s.Format != "", "format "+s.Format)
	f.rule(s.Pattern != "", "pattern "+s.Pattern)
	f.limit("minimum", s.Min)
	f.limit("maximum", s.Max)
	if s.MaxLength != nil {
		f.rule(true, fmt.Sprintf("maximum length %d", *s.MaxLength))
	}
	if s.MaxItems != nil {
		f.rule(true, fmt.Sprintf("maximum items %d", *s.MaxItems))
	}
	for _, v := range s.Enum {
		f.enum = append(f.enum, fmt.Sprint(v))
	}
	for _, part := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf) {
		f.add(part.Value)
	}
}

func (f *field) rule(applies bool, text string) {
	if applies {
		f.rules = append(f.rules, text)
	}
}

func (f *field) limit(name string, limit *float64) {
	if limit != nil {
		f.rule(true, fmt.Sprintf("%s %v", name, *limit))
	}
}

func (f *field) sort() {
	for _, list := range []*[]string{&f.types, &f.rules, &f.enum} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}
