package main

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/droplets-go/droplets"
)

// listDroplets returns all Droplets, or those with a tag, by ID. It returns an error rather than a part of them.
func listDroplets(ctx context.Context, client *droplets.Client, tag string, options ...droplets.CallOption) ([]droplets.Droplet, error) {
	found := make(map[int64]droplets.Droplet)
	// GPU Droplets are a list of their own. It cannot be combined with a tag, and the API does not document whether the list of
	// a tag includes them. Those with the tag are therefore selected here, and a Droplet may be in both lists.
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
