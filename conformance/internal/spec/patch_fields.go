package spec

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// addFieldsOfGodo adds the fields to requests and responses, next to other fields of the same object.
func addFieldsOfGodo(d *Document) int {
	modes := []any{"PARTITION_MODE_SPX_NPS1", "PARTITION_MODE_DPX_NPS2"}
	mode := openapi3.NewStringSchema().WithEnum(modes...)
	places := 0
	add := func(schemas []*openapi3.Schema, name string, field *openapi3.Schema) {
		for _, s := range schemas {
			if s.Properties[name] == nil {
				s.Properties[name] = openapi3.NewSchemaRef("", field)
				places++
			}
		}
	}
	for _, op := range d.Operations {
		if op.ID == "droplets_create" {
			requests := schemasWith(op.RequestSchema(), "monitoring", nil)
			add(requests, "subnet_uuid", openapi3.NewStringSchema())
			add(requests, "gpu_partition_mode", mode)
		}
		response, _ := op.Response(op.SuccessStatus())
		droplets := schemasWith(Schema(response.Content), "backup_ids", nil)
		add(droplets, "subnet_uuid", openapi3.NewStringSchema())
		add(droplets, "gpu_partition_mode", mode)
		add(schemasWith(Schema(response.Content), "vram", nil), "supported_partition_modes", openapi3.NewArraySchema().WithItems(mode))
	}
	return places
}

// schemasWith returns s and the schemas inside of it that have a property. outer are the schemas that contain s, because a schema can
// contain itself.
func schemasWith(s *openapi3.Schema, property string, outer []*openapi3.Schema) []*openapi3.Schema {
	if s == nil || slices.Contains(outer, s) {
		return nil
	}
	outer = append(slices.Clip(outer), s)
	var out []*openapi3.Schema
	if s.Properties[property] != nil {
		out = append(out, s)
	}
	parts := slices.Concat(s.AllOf, s.OneOf, s.AnyOf)
	for _, p := range s.Properties {
		parts = append(parts, p)
	}
	if s.Items != nil {
		parts = append(parts, s.Items)
	}
	for _, part := range parts {
		out = append(out, schemasWith(part.Value, property, outer)...)
	}
	return out
}
