package droplets

import (
	"time"

	"github.com/droplets-go/droplets/internal/jsonread"
)

// Image is what a Droplet is made from.
type Image struct {
	// ID names the image in requests.
	ID int64 `json:"id"`
	// Name is the display name.
	Name string `json:"name"`
	// Type tells base images from snapshots, backups and custom images.
	Type ImageType `json:"type"`
	// Distribution is the operating system's, such as "Ubuntu".
	Distribution string `json:"distribution"`
	// Slug names a public image in requests; empty for others.
	Slug string `json:"slug,omitzero"`
	// Public is true for images that every account can use.
	Public bool `json:"public"`
	// Regions are the slugs of the regions that have the image.
	Regions []string `json:"regions"`
	// CreatedAt is when the image was made.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// MinDiskSize is the smallest disk that can hold the image, in GB; 0 where the API does not say.
	MinDiskSize int `json:"min_disk_size"`
	// SizeGigabytes is the image's own size in GB; 0 where the API does not say.
	SizeGigabytes float64 `json:"size_gigabytes"`
	// Description is free text.
	Description string `json:"description"`
	// Tags are the image's tags.
	Tags []string `json:"tags"`
	// Status is the state of a custom image.
	Status ImageStatus `json:"status"`
	// ErrorMessage says why the import of a custom image failed; empty otherwise.
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

// ImageType is the kind of an image. A value that is not listed here decodes too.
type ImageType string

// The image types that the API documents.
const (
	ImageTypeBase     ImageType = "base"
	ImageTypeSnapshot ImageType = "snapshot"
	ImageTypeBackup   ImageType = "backup"
	ImageTypeCustom   ImageType = "custom"
	ImageTypeAdmin    ImageType = "admin"
)

// ImageStatus is the state of an image. A value that is not listed here decodes too.
type ImageStatus string

// The image statuses that the API documents.
const (
	ImageStatusNew       ImageStatus = "NEW"
	ImageStatusAvailable ImageStatus = "available"
	ImageStatusPending   ImageStatus = "pending"
	ImageStatusDeleted   ImageStatus = "deleted"
	ImageStatusRetired   ImageStatus = "retired"
)
