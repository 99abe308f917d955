package droplets

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/go-querystring/query"
)

// ImagesService lists, reads, imports, changes and deletes images, and initiates actions on them. It is safe for concurrent use.
//
// Images are the public images of DigitalOcean, and the account's own: snapshots and backups of Droplets, and custom images.
// Only the account's own images can be changed, and they are billed by their size as long as they are kept.
type ImagesService service

func imagePath(imageID int64, more string) string {
	return "v2/images/" + strconv.FormatInt(imageID, 10) + more
}

// List returns one page of the images that match opts. If opts is nil, it returns the first page of 20 of all images, public
// ones included. To list all pages, use [ImagesService.All]. The token needs the scope image:read.
//
// DigitalOcean API: GET /v2/images
func (s *ImagesService) List(ctx context.Context, opts *ImageListOptions, co ...CallOption) (*Page[Image], error) {
	values, err := opts.values()
	if err != nil {
		return nil, err
	}
	var root imagesRoot
	err = s.pipeline.invoke(ctx, call{operation: "images_list", method: http.MethodGet, path: "v2/images", query: values}, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Images, root.pageInfo, opts.page()), nil
}

// All returns an iterator over the images that match opts. It works like [DropletsService.All], with the same guarantee and
// the same errors.
//
// DigitalOcean API: GET /v2/images
func (s *ImagesService) All(ctx context.Context, opts *ImageListOptions, co ...CallOption) iter.Seq2[Image, error] {
	var own ImageListOptions
	if opts != nil {
		own = *opts
	}
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[Image], error) {
		o := own
		o.ListOptions = page
		return s.List(ctx, &o, co...)
	}
	return all(ctx, own.ListOptions, co, fetch, func(v *Image) int64 { return v.ID })
}

// Get returns an image by its ID. If there is no such image, the error matches [ErrNotFound]. The token needs the scope
// image:read.
//
// DigitalOcean API: GET /v2/images/{image_id}
func (s *ImagesService) Get(ctx context.Context, imageID int64, co ...CallOption) (*Image, error) {
	if err := checkID("imageID", imageID); err != nil {
		return nil, err
	}
	return s.invoke(ctx, call{operation: "images_get", method: http.MethodGet, path: imagePath(imageID, "")}, co)
}

// GetBySlug returns a public image by its slug, such as "ubuntu-24-04-x64". It rejects a slug of digits, which the API treats as
// an ID. If there is no such image, the error matches [ErrNotFound]. The token needs the scope image:read.
//
// DigitalOcean API: GET /v2/images/{image_id}
func (s *ImagesService) GetBySlug(ctx context.Context, slug string, co ...CallOption) (*Image, error) {
	if err := checkSegment("slug", slug); err != nil {
		return nil, err
	}
	if isDigits(slug) {
		return nil, invalid("slug", "must not be a number, which the API treats as an ID: use Get")
	}
	return s.invoke(ctx, call{operation: "images_get", method: http.MethodGet, path: "v2/images/" + url.PathEscape(slug)}, co)
}

// CreateCustom imports an image from a URL. It returns before the import has ended, and there is no action to wait for: poll
// [ImagesService.Get] until the status is [ImageStatusAvailable], or ErrorMessage is set because the import has failed.
// Custom images are billed by their size as long as they are kept. The token needs the scope image:create.
//
// A create is not retried if its outcome is unknown. The error then matches [ErrMaybeApplied], and the image may exist and be
// billed.
//
// DigitalOcean API: POST /v2/images
func (s *ImagesService) CreateCustom(ctx context.Context, req CustomImageCreateRequest, co ...CallOption) (*Image, error) {
	if err := req.check(); err != nil {
		return nil, err
	}
	return s.invoke(ctx, call{operation: "images_create_custom", method: http.MethodPost, path: "v2/images", body: req, secrets: req.secrets()}, co)
}

// Update changes the name, the distribution or the description of one of the account's images, and returns the image. It
// rejects a request that changes nothing. If there is no such image, the error matches [ErrNotFound]. The token needs the
// scope image:update.
//
// An update is not retried if its outcome is unknown. The error then matches [ErrMaybeApplied]. It is harmless if it is
// applied twice, so that [ResendUncertain] can be used.
//
// DigitalOcean API: PUT /v2/images/{image_id}
func (s *ImagesService) Update(ctx context.Context, imageID int64, req ImageUpdateRequest, co ...CallOption) (*Image, error) {
	if err := checkID("imageID", imageID); err != nil {
		return nil, err
	}
	if err := req.check(); err != nil {
		return nil, err
	}
	return s.invoke(ctx, call{operation: "images_update", method: http.MethodPut, path: imagePath(imageID, ""), body: req}, co)
}

// Delete deletes a snapshot of a Droplet or a custom image permanently, in all regions. It is no longer billed. Droplets that
// were created from it are not affected. If there is no such image, the error matches [ErrNotFound]. The token needs the scope
// image:delete.
//
// DigitalOcean API: DELETE /v2/images/{image_id}
func (s *ImagesService) Delete(ctx context.Context, imageID int64, co ...CallOption) error {
	if err := checkID("imageID", imageID); err != nil {
		return err
	}
	return s.pipeline.invoke(ctx, call{operation: "images_delete", method: http.MethodDelete, path: imagePath(imageID, "")}, nil, co)
}

// invoke sends a call whose response is one image.
func (s *ImagesService) invoke(ctx context.Context, cl call, co []CallOption) (*Image, error) {
	var root imageRoot
	if err := s.pipeline.invoke(ctx, cl, &root, co); err != nil {
		return nil, err
	}
	return root.Image, nil
}

// ImageListOptions filters a list of images and selects a page. The zero value selects all images.
type ImageListOptions struct {
	ListOptions
	// Type filters public images; empty for all. It is not the type of an [Image].
	Type ImageListType `url:"type,omitempty"`
	// Private selects the account's own images: snapshots, backups and custom images.
	Private bool `url:"private,omitempty"`
	// TagName filters by tag; empty for all. The token needs the scope tag:read.
	TagName string `url:"tag_name,omitempty"`
}

func (o *ImageListOptions) page() *ListOptions {
	if o == nil {
		return nil
	}
	return &o.ListOptions
}

func (o *ImageListOptions) values() (url.Values, error) {
	if o == nil {
		return nil, nil
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.TagName != "" && strings.TrimSpace(o.TagName) == "" {
		return nil, invalid("TagName", "must not be blank")
	}
	return query.Values(o)
}

// ImageListType is the type of the public images in a list.
type ImageListType string

// The types that a list can be filtered by.
const (
	// ImageListDistribution selects the images of operating systems.
	ImageListDistribution ImageListType = "distribution"
	// ImageListApplication selects the images of 1-Click applications.
	ImageListApplication ImageListType = "application"
)
