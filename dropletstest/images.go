package dropletstest

import (
	"net/http"
	"slices"

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
		Name         *string `json:"name"`
		Distribution *string `json:"distribution"`
		Description  *string `json:"description"`
	}
)

// listImages lists images by id.
func (a *API) listImages(c *call) (result, *apiError) {
	found, apiErr := a.selectImages(c)
	if apiErr != nil {
		return result{}, apiErr
	}
	return paginate(c, len(found), func(i int) *droplets.Image { return &found[i].Image },
		func(items []*droplets.Image, info pageInfo) imagesPage { return imagesPage{items, info} })
}

// selectImages returns the visible images that match the query.
func (a *API) selectImages(c *call) ([]*image, *apiError) {
	kind, tag, private := c.query.Get("type"), c.query.Get("tag_name"), c.query.Get("private") == "true"
	if kind != "" && kind != "application" && kind != "distribution" {
		return nil, unprocessable("type must be application or distribution.")
	}
	found := a.orderedImages
	if tag != "" {
		found = a.tagged(tag).images.list
	}
	if kind == "" && !private && a.hiddenImages == 0 {
		return found, nil
	}
	var selected []*image
	for _, v := range found {
		if !v.hidden && (!private || !v.Public) && v.isKind(kind) {
			selected = append(selected, v)
		}
	}
	return selected, nil
}

// isKind reports whether the image matches the query parameter type. Applications are public snapshots. An empty type matches every
// image.
func (v *image) isKind(kind string) bool {
	switch kind {
	case "application":
		return v.Public && v.Type == droplets.ImageTypeSnapshot
	case "distribution":
		return v.Public && v.Type == droplets.ImageTypeBase
	}
	return true
}

func (a *API) getImage(c *call) (result, *apiError) {
	v := a.findImageByIDOrSlug(c.args[0])
	if v == nil || v.hidden {
		return result{}, notFound
	}
	return result{http.StatusOK, imageRoot{&v.Image}}, nil
}

// onImage returns a handler that passes the image in the path to h. The handler responds 404 if the image does not exist or is not
// visible yet.
func onImage(h func(*API, *call, *image) (result, *apiError)) handler {
	return func(a *API, c *call) (result, *apiError) {
		v := a.images[c.argID(0)]
		if v == nil || v.hidden {
			return result{}, notFound
		}
		return h(a, c, v)
	}
}

// onPrivateImage is like onImage, but also responds 404 for public images, which do not belong to the account.
func onPrivateImage(h func(*API, *call, *image) (result, *apiError)) handler {
	return onImage(func(a *API, c *call, v *image) (result, *apiError) {
		if v.Public {
			return result{}, notFound
		}
		return h(a, c, v)
	})
}

// updateImage sets the name. It sets the distribution and the description of custom images only.
func (a *API) updateImage(c *call, v *image) (result, *apiError) {
	req, apiErr := decodeBody[imageUpdateRequest](c)
	switch {
	case apiErr != nil:
		return result{}, apiErr
	case req.Name != nil && *req.Name == "":
		return result{}, unprocessable("Name can't be blank.")
	}
	if req.Name != nil {
		v.Name = *req.Name
	}
	if req.Distribution != nil && v.Type == droplets.ImageTypeCustom {
		v.Distribution = knownDistribution(*req.Distribution)
	}
	if req.Description != nil && v.Type == droplets.ImageTypeCustom {
		v.Description = *req.Description
	}
	return result{http.StatusOK, imageRoot{&v.Image}}, nil
}

func (a *API) deleteImage(c *call, v *image) (result, *apiError) {
	a.removeImage(v.ID, c.now)
	return noContent, nil
}

const unknownDistribution = "Unknown"

// distributions are the documented distributions of images.
var distributions = []string{"Arch Linux", "CentOS", "CoreOS", "Debian", "Fedora", "Fedora Atomic", "FreeBSD", "Gentoo",
	"openSUSE", "RancherOS", "Rocky Linux", "Ubuntu", unknownDistribution}

// knownDistribution returns name, or Unknown if name is not a documented distribution.
func knownDistribution(name string) string {
	if slices.Contains(distributions, name) {
		return name
	}
	return unknownDistribution
}
