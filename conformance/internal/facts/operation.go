package facts

import "slices"

// operation reduces an operation. shared are the parameters of its path.
func (r *reducer) operation(op object, shared []any) object {
	out := keep(op, "operationId", "security", "deprecated")
	if parameters := r.parameters(asList(op["parameters"]), shared); len(parameters) > 0 {
		out["parameters"] = parameters
	}
	if body := r.resolve(op["requestBody"]); body != nil {
		reduced := keep(body, "required")
		reduced["content"] = r.content(body["content"])
		out["requestBody"] = reduced
	}
	responses := make(object)
	for status, response := range asObject(op["responses"]) {
		responses[status] = r.response(r.resolve(response))
	}
	out["responses"] = responses
	return out
}

// parameters returns own and those of shared that own does not replace, ordered by place and name.
func (r *reducer) parameters(own, shared []any) []any {
	byKey := make(map[[2]string]object)
	for _, list := range [][]any{shared, own} {
		for _, item := range list {
			p := r.resolve(item)
			in, _ := p["in"].(string)
			name, _ := p["name"].(string)
			byKey[[2]string{in, name}] = p
		}
	}
	keys := make([][2]string, 0, len(byKey))
	for key := range byKey {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	var out []any
	for _, key := range keys {
		p := byKey[key]
		reduced := keep(p, "name", "in", "required", "deprecated", "style", "explode", "allowReserved", "allowEmptyValue", "example")
		if required, ok := reduced["required"].(bool); ok && !required {
			delete(reduced, "required")
		}
		r.withSchema(reduced, p)
		out = append(out, reduced)
	}
	return out
}

// response reduces a response. The description is empty; OpenAPI requires one.
func (r *reducer) response(response object) object {
	out := object{"description": ""}
	headers := make(object)
	for name, h := range asObject(response["headers"]) {
		header := r.resolve(h)
		reduced := keep(header, "required", "example")
		r.withSchema(reduced, header)
		headers[name] = reduced
	}
	if len(headers) > 0 {
		out["headers"] = headers
	}
	if content := r.content(response["content"]); len(content) > 0 {
		out["content"] = content
	}
	return out
}

func (r *reducer) content(v any) object {
	out := make(object)
	for mediaType, m := range asObject(v) {
		media := asObject(m)
		reduced := keep(media, "example")
		r.withSchema(reduced, media)
		out[mediaType] = reduced
	}
	return out
}

// withSchema adds the schema and the named examples of a parameter, a header or a media type.
func (r *reducer) withSchema(reduced, source object) {
	if s := asObject(source["schema"]); s != nil {
		reduced["schema"] = r.schema(s)
	}
	examples := make(object)
	for name, e := range asObject(source["examples"]) {
		examples[name] = keep(r.resolve(e), "value")
	}
	if len(examples) > 0 {
		reduced["examples"] = examples
	}
}
