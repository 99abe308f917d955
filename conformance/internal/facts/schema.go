package facts

import "strings"

const schemaPrefix = "#/components/schemas/"

// schema reduces a schema. References to named schemas stay references, and what they refer to is added to the schemas that are used.
func (r *reducer) schema(s object) object {
	if ref, ok := s["$ref"].(string); ok {
		if strings.HasPrefix(ref, schemaPrefix) {
			r.use(ref)
			return object{"$ref": ref}
		}
		return r.schema(r.resolve(s))
	}
	out := keep(s, "type", "format", "enum", "default", "example", "required", "nullable", "readOnly", "writeOnly", "deprecated",
		"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
		"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties")
	if s["type"] == "string" && s["enum"] != nil {
		out["enum"] = texts(asList(s["enum"]))
	}
	if properties := asObject(s["properties"]); len(properties) > 0 {
		reduced := make(object)
		for name, p := range properties {
			reduced[name] = r.schema(asObject(p))
		}
		out["properties"] = reduced
	}
	for _, key := range []string{"items", "not", "additionalProperties"} {
		switch v := s[key].(type) {
		case object:
			out[key] = r.schema(v)
		case bool:
			out[key] = v
		}
	}
	for _, key := range []string{"allOf", "oneOf", "anyOf"} {
		var members []any
		for _, m := range asList(s[key]) {
			member := r.schema(asObject(m))
			if key == "allOf" && len(member) == 0 {
				continue // it had only prose, and accepts every value
			}
			members = append(members, member)
		}
		if len(members) > 0 {
			out[key] = members
		}
	}
	if d := asObject(s["discriminator"]); d != nil {
		for _, ref := range asObject(d["mapping"]) {
			if ref, ok := ref.(string); ok && strings.HasPrefix(ref, schemaPrefix) {
				r.use(ref)
			}
		}
		out["discriminator"] = keep(d, "propertyName", "mapping")
	}
	return out
}

// texts returns the values of an enum of strings. YAML 1.1 decodes the unquoted strings on and off as booleans.
func texts(values []any) []any {
	out := make([]any, len(values))
	for i, v := range values {
		switch v {
		case true:
			out[i] = "on"
		case false:
			out[i] = "off"
		default:
			out[i] = v
		}
	}
	return out
}

// use adds the schema that ref refers to.
func (r *reducer) use(ref string) {
	name := strings.TrimPrefix(ref, schemaPrefix)
	if _, done := r.schemas[name]; done {
		return
	}
	r.schemas[name] = nil // a schema may refer to itself
	if s := r.lookup(ref); s != nil {
		r.schemas[name] = r.schema(s)
	}
}
