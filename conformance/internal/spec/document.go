// Package spec reads the facts of the API: its operations, the operation of a request, and the examples of responses.
package spec

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Document is an OpenAPI document.
type Document struct {
	// T is the document in the form of kin-openapi.
	T *openapi3.T
	// Operations are all operations, ordered by their IDs.
	Operations []*Operation
	routes     []*Operation // the same, in the order in which Find compares them with a path
}

// Load reads a document and applies the patches.
func Load(ctx context.Context, data []byte) (*Document, error) {
	d, err := LoadUnpatched(ctx, data)
	if err != nil {
		return nil, err
	}
	for _, p := range Patches() {
		p.Apply(d)
	}
	return d, nil
}

// LoadUnpatched reads a document without the patches.
func LoadUnpatched(ctx context.Context, data []byte) (*Document, error) {
	t, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("cannot read the OpenAPI document: %w", err)
	}
	if err := t.Validate(ctx, openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("the OpenAPI document is invalid: %w", err)
	}
	d := &Document{T: t}
	for path, item := range t.Paths.Map() {
		for method, op := range item.Operations() {
			d.Operations = append(d.Operations, &Operation{Operation: op, ID: op.OperationID, Method: method, Path: path, Item: item})
		}
	}
	slices.SortFunc(d.Operations, func(a, b *Operation) int { return strings.Compare(a.ID, b.ID) })
	d.routes = routes(d.Operations)
	return d, nil
}

// Operation returns the operation with the ID; nil if there is none.
func (d *Document) Operation(id string) *Operation {
	for _, op := range d.Operations {
		if op.ID == id {
			return op
		}
	}
	return nil
}
