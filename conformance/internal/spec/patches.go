package spec

import (
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Patch corrects the document where its schemas reject what its own examples or its prose allow, or accept what the API cannot use.
// A patch finds its places by their structure, because names of schemas differ between copies of the document.
type Patch struct {
	// Name identifies the patch.
	Name string
	// Reason says what is wrong in the document.
	Reason string
	// Apply changes the document and returns the number of changed places.
	Apply func(*Document) (places int)
}

// Patches returns all patches, in the order in which they are applied.
func Patches() []Patch {
	return []Patch{
		{"nullable-pages", "links.pages is null in the examples of the autoscale lists, which its schema rejects", nullablePages},
		{"image-action-root", "the examples of imageActions_post and imageActions_get have the root \"action\"; their schemas do not", imageActionRoot},
		{"image-actions-pages", "imageActions_list returns links to pages, but page and per_page are not among its parameters", imageActionsPages},
		{"tagged-images", "the resources of a tag have the misspelt property \"imgages\"; the example and the API have \"images\"", taggedImages},
		{"fields-of-godo", "DigitalOcean's own client has subnet_uuid, gpu_partition_mode and supported_partition_modes; the document does not", addFieldsOfGodo},
		{"action-types", "the action change_backup_policy is in the discriminator's mapping but not in the enum of its branch", actionTypes},
		{"body-required", "the bodies of some creates and actions are not declared as required", bodyRequired},
		{"one-of-actions", "a body with a discriminator fits one branch; with anyOf, an error would not name its cause", oneOfActions},
	}
}

func nullablePages(d *Document) int {
	places := 0
	for _, op := range d.Operations {
		response, _ := op.Response(op.SuccessStatus())
		links := member(Schema(response.Content), "links")
		if pages := member(links, "pages"); pages != nil && !pages.Nullable {
			pages.Nullable = true
			places++
		}
	}
	return places
}

// member returns the schema of a property, also of one that allOf adds; nil if there is none.
func member(s *openapi3.Schema, name string) *openapi3.Schema {
	if s == nil {
		return nil
	}
	if p := s.Properties[name]; p != nil {
		return p.Value
	}
	for _, part := range s.AllOf {
		if found := member(part.Value, name); found != nil {
			return found
		}
	}
	return nil
}

func imageActionRoot(d *Document) int {
	places := 0
	for _, id := range []string{"imageActions_post", "imageActions_get"} {
		op := d.Operation(id)
		if op == nil {
			continue
		}
		response, _ := op.Response(op.SuccessStatus())
		schema := Schema(response.Content)
		if schema == nil || member(schema, "action") != nil {
			continue
		}
		media := response.Content.Get("application/json")
		root := openapi3.NewObjectSchema().WithRequired([]string{"action"})
		root.Properties = openapi3.Schemas{"action": media.Schema}
		media.Schema = openapi3.NewSchemaRef("", root)
		places++
	}
	return places
}

func imageActionsPages(d *Document) int {
	list, model := d.Operation("imageActions_list"), d.Operation("actions_list")
	if list == nil || model == nil {
		return 0
	}
	places := 0
	for _, name := range []string{"page", "per_page"} {
		if p := model.Parameters.GetByInAndName(openapi3.ParameterInQuery, name); p != nil && !list.HasParameter(openapi3.ParameterInQuery, name) {
			list.Parameters = append(list.Parameters, &openapi3.ParameterRef{Value: p})
			places++
		}
	}
	return places
}

func taggedImages(d *Document) int {
	places := 0
	for _, op := range d.Operations {
		response, _ := op.Response(op.SuccessStatus())
		schema := Schema(response.Content)
		for _, tag := range []*openapi3.Schema{member(schema, "tag"), items(member(schema, "tags"))} {
			resources := member(tag, "resources")
			if resources == nil || member(resources, "images") != nil {
				continue
			}
			for _, part := range resources.AllOf {
				if misspelt := part.Value.Properties["imgages"]; misspelt != nil {
					part.Value.Properties["images"] = misspelt
					delete(part.Value.Properties, "imgages")
					places++
				}
			}
		}
	}
	return places
}

// items returns the schema of the items of a list; nil for other schemas.
func items(s *openapi3.Schema) *openapi3.Schema {
	if s == nil || s.Items == nil {
		return nil
	}
	return s.Items.Value
}

func actionTypes(d *Document) int {
	places := 0
	for _, op := range d.Operations {
		body := op.RequestSchema()
		if body == nil || body.Discriminator == nil {
			continue
		}
		for value, branch := range body.Discriminator.Mapping {
			for _, ref := range slices.Concat(body.OneOf, body.AnyOf) {
				kind := member(ref.Value, body.Discriminator.PropertyName)
				if ref.Ref == branch.Ref && kind != nil && len(kind.Enum) > 0 && !slices.Contains(kind.Enum, any(value)) {
					kind.Enum = append(kind.Enum, value)
					places++
				}
			}
		}
	}
	return places
}

func bodyRequired(d *Document) int {
	places := 0
	for _, op := range d.Operations {
		if (op.Method == http.MethodPost || op.Method == http.MethodPut) && op.RequestBody != nil && !op.RequestBody.Value.Required {
			op.RequestBody.Value.Required = true
			places++
		}
	}
	return places
}

func oneOfActions(d *Document) int {
	places := 0
	for _, op := range d.Operations {
		if body := op.RequestSchema(); body != nil && body.Discriminator != nil && len(body.AnyOf) > 0 {
			body.OneOf, body.AnyOf = body.AnyOf, nil
			places++
		}
	}
	return places
}
