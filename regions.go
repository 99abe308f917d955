package droplets

import (
	"context"
	"iter"
	"net/http"
)

// RegionsService lists the regions in which Droplets can be created. It is safe for concurrent use.
type RegionsService service

// List returns one page of the regions, including those in which new Droplets cannot be created. If opts is nil, it returns
// the first page of 20. To list all pages, use [RegionsService.All]. The token needs the scope regions:read.
//
// DigitalOcean API: GET /v2/regions
func (s *RegionsService) List(ctx context.Context, opts *ListOptions, co ...CallOption) (*Page[Region], error) {
	values, err := opts.values()
	if err != nil {
		return nil, err
	}
	var root regionsRoot
	err = s.pipeline.invoke(ctx, call{operation: "regions_list", method: http.MethodGet, path: "v2/regions", query: values}, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Regions, root.pageInfo, opts), nil
}

// All returns an iterator over all regions. It works like [DropletsService.All], with the same guarantee and the same errors.
//
// DigitalOcean API: GET /v2/regions
func (s *RegionsService) All(ctx context.Context, opts *ListOptions, co ...CallOption) iter.Seq2[Region, error] {
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[Region], error) {
		return s.List(ctx, &page, co...)
	}
	return all(ctx, opts.orDefault(), co, fetch, func(v *Region) string { return v.Slug })
}
