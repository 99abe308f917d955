package dropletstest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/droplets-go/droplets"
)

// AddImage adds an image to the account without a request, and returns a copy of the image that it added. Zero fields are filled in:
// the image is an available snapshot of Ubuntu in all regions. An image with a Slug is public. If Type is empty, a public image is a
// base image; a 1-Click application is a public image with the type snapshot. AddImage panics if the ID is out of range, if the ID or
// the Slug is in use, if the ID belonged to a deleted image that had actions, if the Slug is a number, or if a region or a tag is
// invalid.
func (a *API) AddImage(i droplets.Image) droplets.Image {
	now := a.lockToAdd()
	defer a.mu.Unlock()
	added, err := a.addImage(i, now)
	if err != nil {
		panic("dropletstest: AddImage: " + err.Error())
	}
	return added
}

func (a *API) addImage(i droplets.Image, now time.Time) (droplets.Image, error) {
	if problem := a.checkAddedImage(&i); problem != "" {
		return droplets.Image{}, errors.New(problem)
	}
	v := &image{Image: a.completeImage(i, now)}
	a.storeImage(v)
	return copyImage(v.Image), nil
}

// checkAddedImage returns the reason why an image cannot be added, or "".
func (a *API) checkAddedImage(i *droplets.Image) string {
	_, numberErr := strconv.ParseInt(i.Slug, 10, 64)
	switch {
	case i.ID < 0:
		return fmt.Sprintf("the ID %d is negative", i.ID)
	case i.ID >= maxGivenID:
		return fmt.Sprintf("the ID %d is above %d", i.ID, int64(maxGivenID)-1)
	case i.ID != 0 && (a.images[i.ID] != nil || a.hadActions(resourceImage, i.ID)):
		return fmt.Sprintf("the ID %d is in use or was in use", i.ID)
	case numberErr == nil:
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
	i.CreatedAt, i.Tags = roundTripTime(i.CreatedAt), unique(i.Tags)
	return copyImage(i)
}

// hadActions reports whether a resource has or had actions. Its id must not be used again, because actions refer to it.
func (s *state) hadActions(resourceType string, id int64) bool {
	return slices.ContainsFunc(s.actionHistory, func(act *action) bool { return act.belongsTo(resourceType, id) })
}
