package dropletstest

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/droplets-go/droplets"
)

type (
	imageRoot struct {
		Image *droplets.Image `json:"image"`
	}
	imagesPage struct {
		Images []*droplets.Image `json:"images"`
		pageInfo
	}
	imageUpdateRequest struct {
		Name *string `json:"name"`
	}
)

// findImage returns the image with an id or a slug, or nil. It accepts ids that are sent as strings.
func (s *state) findImage(ref droplets.ImageRef) *droplets.Image {
	return s.findImageByIDOrSlug(ref.String())
}

func (s *state) findImageByIDOrSlug(ref string) *droplets.Image {
	if id, err := strconv.ParseInt(ref, 10, 64); err == nil {
		return s.images[id]
	}
	return find(s.publicImages, func(image *droplets.Image) bool { return image.Slug == ref && ref != "" })
}

// filterImages returns, by id, the images for which keep returns true.
func (s *state) filterImages(keep func(*droplets.Image) bool) []*droplets.Image {
	var found []*droplets.Image
	for _, image := range s.images {
		if keep(image) {
			found = append(found, image)
		}
	}
	slices.SortFunc(found, func(a, b *droplets.Image) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

func (a *API) listImages(c *call) (result, *apiError) {
	found := a.filterImages(func(image *droplets.Image) bool {
		switch {
		case c.query.Get("private") == "true" && image.Public:
			return false
		case c.query.Get("type") == "distribution":
			return image.Type == droplets.ImageTypeBase
		case c.query.Get("type") == "application":
			return false
		}
		return true
	})
	return paginateSlice(c, found,
		func(items []*droplets.Image, info pageInfo) imagesPage { return imagesPage{items, info} })
}

func (a *API) getImage(c *call) (result, *apiError) {
	image := a.findImageByIDOrSlug(c.args[0])
	if image == nil {
		return result{}, notFound
	}
	return result{http.StatusOK, imageRoot{image}}, nil
}

// onPrivateImage returns a handler that passes the image in the path to h. The handler rejects images that do not exist and
// public ones, which the account cannot change.
func onPrivateImage(h func(*API, *call, *droplets.Image) (result, *apiError)) handler {
	return func(a *API, c *call) (result, *apiError) {
		image := a.images[c.argID(0)]
		if image == nil || image.Public {
			return result{}, notFound
		}
		return h(a, c, image)
	}
}

func (a *API) updateImage(c *call, image *droplets.Image) (result, *apiError) {
	req, apiErr := decodeBody[imageUpdateRequest](c)
	if apiErr != nil {
		return result{}, apiErr
	}
	if req.Name != nil {
		image.Name = *req.Name
	}
	return result{http.StatusOK, imageRoot{image}}, nil
}

func (a *API) deleteImage(_ *call, image *droplets.Image) (result, *apiError) {
	a.removeImage(image.ID)
	return noContent, nil
}

// addImage creates an image of a Droplet's disk. MinDiskSize is the size of the disk; SizeGigabytes is that of the image
// that the Droplet was created from.
func (a *API) addImage(d *droplet, t droplets.ImageType, name string, at time.Time) *droplets.Image {
	if name == "" {
		name = d.Name + "-" + wholeSeconds(at).Format("20060102150405")
	}
	image := &droplets.Image{ID: nextID(&a.counters.Image), Name: name, Type: t, Distribution: d.Image.Distribution,
		Regions: []string{d.Region.Slug}, CreatedAt: wholeSeconds(at), MinDiskSize: d.Disk,
		SizeGigabytes: d.Image.SizeGigabytes, Tags: []string{}, Status: droplets.ImageStatusAvailable}
	a.images[image.ID] = image
	return image
}

// removeImage removes an image from the account and from the Droplet that it was created from.
func (s *state) removeImage(id int64) {
	delete(s.images, id)
	for _, d := range s.orderedDroplets {
		d.SnapshotIDs, d.BackupIDs = removeValue(d.SnapshotIDs, id), removeValue(d.BackupIDs, id)
	}
}
