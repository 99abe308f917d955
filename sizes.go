package droplets

import (
	"context"
	"iter"
	"net/http"
)

// SizesService lists the sizes that Droplets can have, with their prices. It is safe for concurrent use.
type SizesService service

// List returns one page of the sizes, including those that new Droplets cannot have. If opts is nil, it returns the first page
// of 20. To list all pages, use [SizesService.All]. The token needs the scopes sizes:read and regions:read.
//
// DigitalOcean API: GET /v2/sizes
func (s *SizesService) List(ctx context.Context, opts *ListOptions, co ...CallOption) (*Page[Size], error) {
	values, err := opts.values()
	if err != nil {
		return nil, err
	}
	var root sizesRoot
	err = s.pipeline.invoke(ctx, call{operation: "sizes_list", method: http.MethodGet, path: "v2/sizes", query: values}, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Sizes, root.pageInfo, opts), nil
}

// All returns an iterator over all sizes. It works like [DropletsService.All], with the same guarantee and the same errors.
//
// DigitalOcean API: GET /v2/sizes
func (s *SizesService) All(ctx context.Context, opts *ListOptions, co ...CallOption) iter.Seq2[Size, error] {
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[Size], error) {
		return s.List(ctx, &page, co...)
	}
	return all(ctx, opts.orDefault(), co, fetch, func(v *Size) string { return v.Slug })
}
