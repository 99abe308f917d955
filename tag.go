package droplets

import (
	"fmt"
	"strconv"
	"strings"
)

// Tag is a tag of the account with the number of resources that have it.
type Tag struct {
	// Name identifies the tag: letters, digits, colons, dashes and underscores, up to 255 of them.
	Name string `json:"name"`
	// Resources has the number of resources with the tag, in total and by type.
	Resources TagResources `json:"resources"`
}

// TagResources has the number of resources with a tag, in total and by type.
type TagResources struct {
	TagUsage
	// Droplets is the usage by Droplets.
	Droplets TagUsage `json:"droplets"`
	// Images is the usage by images.
	Images TagUsage `json:"images"`
	// Volumes is the usage by volumes.
	Volumes TagUsage `json:"volumes"`
	// VolumeSnapshots is the usage by snapshots of volumes.
	VolumeSnapshots TagUsage `json:"volume_snapshots"`
	// Databases is the usage by database clusters.
	Databases TagUsage `json:"databases"`
}

// TagUsage has the number of resources with a tag.
type TagUsage struct {
	// Count is the number of resources.
	Count int `json:"count"`
	// LastTaggedURI is the URL of the resource that got the tag last; empty if there is none.
	LastTaggedURI string `json:"last_tagged_uri,omitzero"`
}

// TaggedResource identifies a resource to tag; see [TaggedDroplet], [TaggedImage], [TaggedVolume] and [TaggedVolumeSnapshot].
type TaggedResource struct {
	// ResourceID is the ID of the resource. It is a string also if the ID is a number.
	ResourceID string `json:"resource_id"`
	// ResourceType is the type of the resource.
	ResourceType TaggedResourceType `json:"resource_type"`
}

// TaggedResourceType is the type of a resource that can be tagged. The API may accept types that are not listed here.
type TaggedResourceType string

// The types that the API documents.
const (
	TaggedResourceTypeDroplet        TaggedResourceType = resourceTypeDroplet
	TaggedResourceTypeImage          TaggedResourceType = "image"
	TaggedResourceTypeVolume         TaggedResourceType = "volume"
	TaggedResourceTypeVolumeSnapshot TaggedResourceType = "volume_snapshot"
)

// TaggedDroplet identifies a Droplet.
func TaggedDroplet(dropletID int64) TaggedResource {
	return TaggedResource{strconv.FormatInt(dropletID, 10), TaggedResourceTypeDroplet}
}

// TaggedImage identifies an image, a snapshot of a Droplet or a backup.
func TaggedImage(imageID int64) TaggedResource {
	return TaggedResource{strconv.FormatInt(imageID, 10), TaggedResourceTypeImage}
}

// TaggedVolume identifies a volume.
func TaggedVolume(volumeID string) TaggedResource {
	return TaggedResource{volumeID, TaggedResourceTypeVolume}
}

// TaggedVolumeSnapshot identifies a snapshot of a volume.
func TaggedVolumeSnapshot(snapshotID string) TaggedResource {
	return TaggedResource{snapshotID, TaggedResourceTypeVolumeSnapshot}
}

func (r TaggedResource) check(field string) error {
	if err := checkText(field+".ResourceType", string(r.ResourceType)); err != nil {
		return err
	}
	if r.ResourceType == TaggedResourceTypeDroplet || r.ResourceType == TaggedResourceTypeImage {
		if id, err := strconv.ParseInt(r.ResourceID, 10, 64); err != nil || id < 1 {
			return invalid(field+".ResourceID", "must be an ID of at least 1, got %q", oneLine(r.ResourceID))
		}
	}
	return checkText(field+".ResourceID", r.ResourceID)
}

// checkTagName rejects a name that does not match the pattern in the API's document.
func checkTagName(field, name string) error {
	const maxLength = 255
	valid := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-:", r)
	}
	switch i := strings.IndexFunc(name, func(r rune) bool { return !valid(r) }); {
	case name == "":
		return invalid(field, "must not be empty")
	case i >= 0:
		return invalid(field, "must have only letters, digits, colons, dashes and underscores, got %q", oneLine(name))
	case len(name) > maxLength:
		return invalid(field, "must have at most %d characters, got %d", maxLength, len(name))
	}
	return nil
}

type (
	tagCreateBody struct {
		Name string `json:"name"`
	}
	tagResourcesBody struct {
		Resources []TaggedResource `json:"resources"`
	}
)

func newTagResourcesBody(resources []TaggedResource) (*tagResourcesBody, error) {
	if len(resources) == 0 {
		return nil, invalid("resources", "must not be empty")
	}
	for i, r := range resources {
		if err := r.check(fmt.Sprintf("resources[%d]", i)); err != nil {
			return nil, err
		}
	}
	return &tagResourcesBody{resources}, nil
}

// tagRoot decodes a tag, and also a tag that is nested in another object with the same key. The schema of tags_get in the API's
// document has the first form, its example has the second.
type tagRoot struct {
	Tag *struct {
		Tag
		Inner *Tag `json:"tag"`
	} `json:"tag"`
}

func (r *tagRoot) tag() *Tag {
	if r.Tag.Inner != nil {
		return r.Tag.Inner
	}
	return &r.Tag.Tag
}

func (r *tagRoot) missing() string {
	if r.Tag == nil {
		return "tag"
	}
	return missingIf(r.tag().Name == "", "tag.name")
}

type tagsRoot struct {
	Tags []Tag `json:"tags"`
	pageInfo
}

func (r *tagsRoot) missing() string { return missingIf(r.Tags == nil, "tags") }
