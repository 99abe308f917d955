package spec

import (
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Example is an example of a response.
type Example struct {
	// Name is the document's name of the example; empty if it has none.
	Name string
	// Value is the body. Do not change it.
	Value any
}

// Examples returns the examples of a body. If the document has none, it returns one that it makes from the schema. It returns nil if
// there is no JSON body.
func Examples(content openapi3.Content) []Example {
	media := content.Get("application/json")
	if media == nil {
		return nil
	}
	var out []Example
	if media.Example != nil {
		out = append(out, Example{Value: media.Example})
	}
	for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
		out = append(out, Example{Name: name, Value: media.Examples[name].Value.Value})
	}
	if len(out) == 0 && media.Schema != nil {
		out = append(out, Example{Value: fromSchema(media.Schema.Value, 0)})
	}
	return out
}

const maxDepth = 12 // of an example: a schema can contain itself

// fromSchema makes an example from a schema; nil if the schema has neither a type nor an example.
func fromSchema(s *openapi3.Schema, depth int) any {
	isObject := s.Type.Is(openapi3.TypeObject) || len(s.Properties) > 0
	switch {
	case depth > maxDepth:
		return nil
	case s.Example != nil && !isObject && len(s.AllOf) == 0:
		return s.Example
	case len(s.AllOf) > 0:
		return fromAll(s.AllOf, depth)
	case len(s.OneOf) > 0:
		return fromSchema(s.OneOf[0].Value, depth+1)
	case len(s.AnyOf) > 0:
		return fromSchema(s.AnyOf[0].Value, depth+1)
	case isObject:
		object := make(map[string]any)
		for name, p := range s.Properties {
			if v := fromSchema(p.Value, depth+1); v != nil {
				object[name] = v
			}
		}
		return object
	case s.Type.Is(openapi3.TypeArray):
		if v := fromSchema(s.Items.Value, depth+1); v != nil {
			return []any{v}
		}
		return []any{}
	case s.Default != nil:
		return s.Default
	case len(s.Enum) > 0:
		return s.Enum[0]
	}
	return fromType(s)
}

func fromAll(parts openapi3.SchemaRefs, depth int) any {
	merged := make(map[string]any)
	var other any
	for _, part := range parts {
		switch v := fromSchema(part.Value, depth+1).(type) {
		case map[string]any:
			maps.Copy(merged, v)
		case nil:
		default:
			other = v
		}
	}
	if len(merged) == 0 && other != nil {
		return other
	}
	return merged
}

func fromType(s *openapi3.Schema) any {
	switch {
	case s.Type.Is(openapi3.TypeInteger), s.Type.Is(openapi3.TypeNumber):
		return 1
	case s.Type.Is(openapi3.TypeBoolean):
		return true
	case s.Type.Is(openapi3.TypeString):
		return "string"
	}
	return nil
}
