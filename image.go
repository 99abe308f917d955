package droplets

import (
	"time"

	"github.com/droplets-go/droplets/internal/jsonread"
)

// Image is a disk image that Droplets are created from.
type Image struct {
	// ID identifies the image in requests; see [ImageID].
	ID int64 `json:"id"`
	// Name is the display name.
	Name string `json:"name"`
	// Type is the type of the image, such as base, snapshot, backup or custom.
	Type ImageType `json:"type"`
	// Distribution is the name of the operating system, such as "Ubuntu".
	Distribution string `json:"distribution"`
	// Slug identifies a public image in requests; see [ImageSlug]. It is empty for other images.
	Slug string `json:"slug,omitzero"`
	// Public is true if every account can use the image.
	Public bool `json:"public"`
	// Regions are the slugs of the regions in which the image is available.
	Regions []string `json:"regions"`
	// CreatedAt is the time at which the image was created.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// MinDiskSize is the minimum disk size, in GB, of a Droplet that is created from the image; 0 if the API does not
	// return it.
	MinDiskSize int `json:"min_disk_size"`
	// SizeGigabytes is the size of the image in GB; 0 if the API does not return it.
	SizeGigabytes float64 `json:"size_gigabytes"`
	// Description is a free-text description.
	Description string `json:"description"`
	// Tags are the image's tags.
	Tags []string `json:"tags"`
	// Status is the state of a custom image.
	Status ImageStatus `json:"status"`
	// ErrorMessage is the reason why the import of a custom image failed; empty otherwise.
	ErrorMessage string `json:"error_message"`
}

func (v *Image) fields(r *jsonread.Reader) {
	jsonread.Integer(r, "id", &v.ID)
	jsonread.Text(r, "name", &v.Name)
	jsonread.Text(r, "type", &v.Type)
	jsonread.Text(r, "distribution", &v.Distribution)
	jsonread.Text(r, "slug", &v.Slug)
	jsonread.Bool(r, "public", &v.Public)
	jsonread.Texts(r, "regions", &v.Regions)
	jsonread.Time(r, "created_at", &v.CreatedAt)
	jsonread.Integer(r, "min_disk_size", &v.MinDiskSize)
	jsonread.Float(r, "size_gigabytes", &v.SizeGigabytes)
	jsonread.Text(r, "description", &v.Description)
	jsonread.Texts(r, "tags", &v.Tags)
	jsonread.Text(r, "status", &v.Status)
	jsonread.Text(r, "error_message", &v.ErrorMessage)
}

// ImageType is the type of an image. Values that are not listed here are decoded unchanged.
type ImageType string

// The image types that the API documents.
const (
	ImageTypeBase     ImageType = "base"
	ImageTypeSnapshot ImageType = "snapshot"
	ImageTypeBackup   ImageType = "backup"
	ImageTypeCustom   ImageType = "custom"
	ImageTypeAdmin    ImageType = "admin"
)

// ImageStatus is the state of an image. Values that are not listed here are decoded unchanged.
type ImageStatus string

// The image statuses that the API documents.
const (
	ImageStatusNew       ImageStatus = "NEW"
	ImageStatusAvailable ImageStatus = "available"
	ImageStatusPending   ImageStatus = "pending"
	ImageStatusDeleted   ImageStatus = "deleted"
	ImageStatusRetired   ImageStatus = "retired"
)

type imageRoot struct {
	Image *Image `json:"image"`
}

func (v *imageRoot) fields(r *jsonread.Reader) {
	jsonread.Pointer(r, "image", &v.Image, (*Image).fields)
}

func (v *imageRoot) missing() string {
	switch {
	case v.Image == nil:
		return "image"
	case v.Image.ID < 1:
		return "image.id"
	}
	return ""
}

type imagesRoot struct {
	Images []Image `json:"images"`
	pageInfo
}

func (v *imagesRoot) fields(r *jsonread.Reader) {
	jsonread.Objects(r, "images", &v.Images, (*Image).fields)
	v.pageFields(r)
}

func (v *imagesRoot) missing() string { return missingIf(v.Images == nil, "images") }
