package main

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/droplets-go/droplets"
)

// listDroplets returns all Droplets, or all with a tag, sorted by ID. If a list fails, it returns only an error.
func listDroplets(ctx context.Context, client *droplets.Client, tag string, options ...droplets.CallOption) ([]droplets.Droplet, error) {
	found := make(map[int64]droplets.Droplet)
	// The API lists GPU Droplets separately and cannot filter that list by tag, so the tag is compared here. The API does not
	// document whether the list of a tag includes GPU Droplets, so a Droplet may be in both lists.
	for _, opts := range []droplets.DropletListOptions{{TagName: tag}, {Type: droplets.DropletTypeGPUs}} {
		for d, err := range client.Droplets.All(ctx, &opts, options...) {
			if err != nil {
				return nil, err
			}
			if tag == "" || opts.TagName != "" || slices.Contains(d.Tags, tag) {
				found[d.ID] = d
			}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b droplets.Droplet) int { return cmp.Compare(a.ID, b.ID) }), nil
}
