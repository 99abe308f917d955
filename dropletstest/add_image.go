package dropletstest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/droplets-go/droplets"
)

// AddImage adds an image to the account, which no request created, and returns a copy of what it added. Zero fields are filled in:
// the image is an available snapshot of Ubuntu in all regions. An image with a Slug is public, and a public image is a base image
// unless Type says otherwise: a 1-Click application is a public snapshot. AddImage panics if the ID or the Slug is in use, or if a
// region or a tag is invalid.
func (a *API) AddImage(i droplets.Image) droplets.Image {
	now := a.lockAndApplyDue()
	defer a.mu.Unlock()
	if problem := a.checkAddedImage(&i); problem != "" {
		panic("dropletstest: AddImage: " + problem)
	}
	v := &image{Image: a.completeImage(i, now)}
	a.storeImage(v)
	return copyImage(v.Image)
}

// checkAddedImage returns why an image cannot be added, or "".
func (a *API) checkAddedImage(i *droplets.Image) string {
	_, numeric := strconv.ParseInt(i.Slug, 10, 64)
	switch {
	case i.ID < 0:
		return fmt.Sprintf("the ID %d is negative", i.ID)
	case i.ID != 0 && (a.images[i.ID] != nil || a.hadActions(resourceImage, i.ID)):
		return fmt.Sprintf("the ID %d is in use or was", i.ID)
	case numeric == nil:
		return fmt.Sprintf("the Slug %q is a number", i.Slug)
	case a.imageSlugs[i.Slug] != nil:
		return fmt.Sprintf("the Slug %q is in use", i.Slug)
	}
	for _, slug := range i.Regions {
		if a.findRegion(slug) == nil {
			return fmt.Sprintf("the region %q is unknown", slug)
		}
	}
	if apiErr := checkTagNames(i.Tags); apiErr != nil {
		return apiErr.message
	}
	return ""
}

// completeImage returns a copy of an image with defaults for its zero fields.
func (a *API) completeImage(i droplets.Image, now time.Time) droplets.Image {
	if i.ID == 0 {
		i.ID = nextID(&a.counters.Image)
	}
	a.counters.Image = max(a.counters.Image, i.ID)
	i.Public = i.Public || i.Slug != ""
	if i.Type == "" {
		i.Type = droplets.ImageTypeSnapshot
		if i.Public {
			i.Type = droplets.ImageTypeBase
		}
	}
	if i.Regions == nil {
		i.Regions = regionSlugs()
	}
	if i.CreatedAt.IsZero() {
		i.CreatedAt = wholeSeconds(now)
	}
	i.Name = cmp.Or(i.Name, i.Slug, "image")
	i.Distribution = cmp.Or(i.Distribution, "Ubuntu")
	i.MinDiskSize = cmp.Or(i.MinDiskSize, importedMinDiskSize)
	i.SizeGigabytes = cmp.Or(i.SizeGigabytes, importedSizeGigabytes)
	i.Status = cmp.Or(i.Status, droplets.ImageStatusAvailable)
	i.CreatedAt, i.Tags = roundTripTime(i.CreatedAt), uniqueTags(i.Tags)
	return copyImage(i)
}

// hadActions reports whether a resource has or had actions. Its id must not be used again, because actions refer to it.
func (s *state) hadActions(resourceType string, id int64) bool {
	return slices.ContainsFunc(s.actionHistory, func(act *action) bool { return act.isOn(resourceType, id) })
}
