package dropletstest

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/droplets-go/droplets"
)

// snapshotResource is a snapshot as /v2/snapshots shows it: with an id that is a string.
type snapshotResource struct {
	ID            string    `json:"id"`
	Name          string    `json:"name"`
	CreatedAt     time.Time `json:"created_at"`
	Regions       []string  `json:"regions"`
	ResourceID    string    `json:"resource_id"`
	ResourceType  string    `json:"resource_type"`
	MinDiskSize   int       `json:"min_disk_size"`
	SizeGigabytes float64   `json:"size_gigabytes"`
	Tags          []string  `json:"tags"`
}

type (
	imageRoot struct {
		Image *droplets.Image `json:"image"`
	}
	imagesPage struct {
		Images []*droplets.Image `json:"images"`
		pageInfo
	}
	snapshotRoot struct {
		Snapshot snapshotResource `json:"snapshot"`
	}
	snapshotResourcesPage struct {
		Snapshots []snapshotResource `json:"snapshots"`
		pageInfo
	}
)

// findImage takes an id, a slug, and an id that came as a string.
func (s *state) findImage(ref droplets.ImageRef) *droplets.Image {
	return s.findImageNamed(ref.String())
}

func (s *state) findImageNamed(ref string) *droplets.Image {
	if id, err := strconv.ParseInt(ref, 10, 64); err == nil {
		return s.images[id]
	}
	i := slices.IndexFunc(s.publicImages, func(image *droplets.Image) bool { return image.Slug == ref && ref != "" })
	if i < 0 {
		return nil
	}
	return s.publicImages[i]
}

// selectImages lists by id those that keep tells to.
func (s *state) selectImages(keep func(*droplets.Image) bool) []*droplets.Image {
	var found []*droplets.Image
	for _, image := range s.images {
		if keep(image) {
			found = append(found, image)
		}
	}
	slices.SortFunc(found, func(a, b *droplets.Image) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

func (a *API) listImages(c *call) (answer, *refusal) {
	found := a.selectImages(func(image *droplets.Image) bool {
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
	return paged(c, len(found), func(i int) *droplets.Image { return found[i] },
		func(items []*droplets.Image, info pageInfo) imagesPage { return imagesPage{items, info} })
}

func (a *API) getImage(c *call) (answer, *refusal) {
	image := a.findImageNamed(c.args[0])
	if image == nil {
		return answer{}, notFound
	}
	return answer{http.StatusOK, imageRoot{image}}, nil
}

func (a *API) updateImage(c *call) (answer, *refusal) {
	image := a.images[c.argID(0)]
	if image == nil || image.Public {
		return answer{}, notFound
	}
	req := struct {
		Name *string `json:"name"`
	}{}
	if no := c.decode(&req); no != nil {
		return answer{}, no
	}
	if req.Name != nil {
		image.Name = *req.Name
	}
	return answer{http.StatusOK, imageRoot{image}}, nil
}

func (a *API) deleteImage(c *call) (answer, *refusal) {
	image := a.images[c.argID(0)]
	if image == nil || image.Public {
		return answer{}, notFound
	}
	a.removeImage(image.ID)
	return answer{status: http.StatusNoContent}, nil
}

// listSnapshots lists those of Droplets and those of volumes.
func (a *API) listSnapshots(c *call) (answer, *refusal) {
	var found []snapshotResource
	if kind := c.query.Get("resource_type"); kind == "" || kind == "droplet" {
		for _, image := range a.selectImages(isSnapshot) {
			found = append(found, a.ofDroplet(image))
		}
	}
	if kind := c.query.Get("resource_type"); kind == "" || kind == "volume" {
		for _, id := range slices.Sorted(maps.Keys(a.volumes)) {
			for _, snap := range a.volumes[id].Snapshots {
				found = append(found, ofVolume(a.volumes[id], snap))
			}
		}
	}
	return paged(c, len(found), func(i int) snapshotResource { return found[i] },
		func(items []snapshotResource, info pageInfo) snapshotResourcesPage {
			return snapshotResourcesPage{items, info}
		})
}

func isSnapshot(image *droplets.Image) bool { return image.Type == droplets.ImageTypeSnapshot }

// ofDroplet says which Droplet a snapshot is of: "0" for one that is gone.
func (s *state) ofDroplet(image *droplets.Image) snapshotResource {
	var of int64
	for _, d := range s.ordered {
		if slices.Contains(d.SnapshotIDs, image.ID) {
			of = d.ID
		}
	}
	return snapshotResource{ID: strconv.FormatInt(image.ID, 10), Name: image.Name, CreatedAt: image.CreatedAt,
		Regions: image.Regions, ResourceID: strconv.FormatInt(of, 10), ResourceType: "droplet",
		MinDiskSize: image.MinDiskSize, SizeGigabytes: image.SizeGigabytes, Tags: image.Tags}
}

func ofVolume(v *volume, snap volumeSnapshot) snapshotResource {
	return snapshotResource{ID: snap.ID, Name: snap.Name, CreatedAt: snap.CreatedAt, Regions: []string{v.Region},
		ResourceID: v.ID, ResourceType: "volume", MinDiskSize: v.Size, SizeGigabytes: float64(v.Size), Tags: []string{}}
}

func (a *API) getSnapshot(c *call) (answer, *refusal) {
	if image := a.images[c.argID(0)]; image != nil && isSnapshot(image) {
		return answer{http.StatusOK, snapshotRoot{a.ofDroplet(image)}}, nil
	}
	for _, v := range a.volumes {
		for _, snap := range v.Snapshots {
			if snap.ID == c.args[0] {
				return answer{http.StatusOK, snapshotRoot{ofVolume(v, snap)}}, nil
			}
		}
	}
	return answer{}, notFound
}

func (a *API) deleteSnapshot(c *call) (answer, *refusal) {
	if image := a.images[c.argID(0)]; image != nil && isSnapshot(image) {
		a.removeImage(image.ID)
		return answer{status: http.StatusNoContent}, nil
	}
	if !a.removeVolumeSnapshot(c.args[0]) {
		return answer{}, notFound
	}
	return answer{status: http.StatusNoContent}, nil
}
