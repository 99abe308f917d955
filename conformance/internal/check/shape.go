package check

import (
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// shape has the members and items that a value may have: the union of schemas and of the schemas that they are composed of.
type shape struct {
	members map[string][]*openapi3.Schema
	others  []*openapi3.Schema // additionalProperties: of members that the schema does not name
	items   []*openapi3.Schema
	open    bool // any member is allowed
}

// shapeOf returns the shape of v according to schemas.
func shapeOf(schemas []*openapi3.Schema, v any) *shape {
	s := &shape{members: make(map[string][]*openapi3.Schema)}
	for _, schema := range schemas {
		s.add(schema, v)
	}
	return s
}

func (s *shape) add(schema *openapi3.Schema, v any) {
	if schema.IsEmpty() {
		s.open = true
		return
	}
	for name, p := range schema.Properties {
		s.members[name] = append(s.members[name], p.Value)
	}
	if other := schema.AdditionalProperties.Schema; other != nil {
		s.others = append(s.others, other.Value)
	}
	if has := schema.AdditionalProperties.Has; has != nil && *has {
		s.open = true
	}
	if schema.Items != nil {
		s.items = append(s.items, schema.Items.Value)
	}
	selected := branch(schema, v)
	for _, part := range slices.Concat(schema.AllOf, schema.OneOf, schema.AnyOf) {
		if selected == "" || part.Ref == selected || slices.Contains(schema.AllOf, part) {
			s.add(part.Value, v)
		}
	}
}

// branch returns the reference that the discriminator selects for v; empty if there is none.
func branch(schema *openapi3.Schema, v any) string {
	object, ok := v.(map[string]any)
	if !ok || schema.Discriminator == nil {
		return ""
	}
	value, _ := object[schema.Discriminator.PropertyName].(string)
	return schema.Discriminator.Mapping[value].Ref
}

// eachMember calls visit for every member of the objects in v, with its JSON pointer and its schemas. The schemas are empty if the
// schema of the object does not have the member; visit is not called for what is inside such a member.
func eachMember(schemas []*openapi3.Schema, v any, pointer string, visit func(pointer string, member []*openapi3.Schema)) {
	s := shapeOf(schemas, v)
	switch v := v.(type) {
	case map[string]any:
		if len(s.members)+len(s.others) == 0 {
			return // the schema lists no members
		}
		for name, value := range v {
			member := s.members[name]
			if member == nil {
				member = s.others
			}
			if member == nil && s.open {
				continue
			}
			visit(pointer+"/"+name, member)
			if member != nil {
				eachMember(member, value, pointer+"/"+name, visit)
			}
		}
	case []any:
		for i, value := range v {
			eachMember(s.items, value, pointer+"/"+strconv.Itoa(i), visit)
		}
	}
}

// unknownMembers returns the pointers of members that the schema does not have.
func unknownMembers(schema *openapi3.Schema, v any) []string {
	var out []string
	eachMember([]*openapi3.Schema{schema}, v, "", func(pointer string, member []*openapi3.Schema) {
		if len(member) == 0 {
			out = append(out, pointer)
		}
	})
	slices.Sort(out)
	return out
}

// deprecatedMembers returns the pointers of members that are deprecated.
func deprecatedMembers(schema *openapi3.Schema, v any) []string {
	var out []string
	eachMember([]*openapi3.Schema{schema}, v, "", func(pointer string, member []*openapi3.Schema) {
		if slices.ContainsFunc(member, func(s *openapi3.Schema) bool { return s.Deprecated }) {
			out = append(out, pointer)
		}
	})
	slices.Sort(out)
	return out
}
