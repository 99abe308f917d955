package dropletstest

import (
	"strconv"
	"time"

	"github.com/droplets-go/droplets"
)

// image is an image as clients see it, and its internal state.
type image struct {
	droplets.Image
	inCatalog bool         // a public image that every account has; it is not saved
	dropletID int64        // the Droplet that it was made from, which may have been deleted; 0 if there is none
	hidden    bool         // not visible to clients yet
	importing *imageImport // the import in progress, if any
	pending   []*action    // the actions that have not changed the image yet
	actions   []*action    // the oldest first
}

func (v *image) key() int64 { return v.ID }

// isSnapshot reports whether the image is in the lists of snapshots.
func (v *image) isSnapshot() bool { return v.Type == droplets.ImageTypeSnapshot && !v.Public }

// findImage returns the image with an id or a slug, or nil. It accepts ids that are sent as strings.
func (s *state) findImage(ref droplets.ImageRef) *image { return s.findImageByIDOrSlug(ref.String()) }

func (s *state) findImageByIDOrSlug(ref string) *image {
	if id, err := strconv.ParseInt(ref, 10, 64); err == nil {
		return s.images[id]
	}
	return s.imageSlugs[ref]
}

// storeImage adds an image to the account.
func (s *state) storeImage(v *image) {
	s.images[v.ID] = v
	s.orderedImages.add(v)
	if v.Slug != "" {
		s.imageSlugs[v.Slug] = v
	}
	if v.isSnapshot() {
		s.snapshots.add(v)
	}
	if v.hidden {
		s.hiddenImages++
	}
	s.indexTags(v)
}

// removeImage removes an image from the account and from the Droplet that it was made from. Its actions that are in progress end
// as errored.
func (s *state) removeImage(id int64, at time.Time) {
	v := s.images[id]
	if v == nil {
		return
	}
	delete(s.images, id)
	delete(s.imageSlugs, v.Slug)
	s.orderedImages.remove(id)
	s.snapshots.remove(id)
	s.showImage(v)
	s.unindexTags(v)
	if d := s.droplets[v.dropletID]; d != nil {
		d.SnapshotIDs, d.BackupIDs = removeValue(d.SnapshotIDs, id), removeValue(d.BackupIDs, id)
	}
	for _, act := range v.pending {
		if act.CompletedAt == nil {
			act.finish(droplets.ActionStatusErrored, at)
		}
	}
	v.pending = nil
}

// showImage makes an image visible to clients.
func (s *state) showImage(v *image) {
	if v.hidden {
		v.hidden = false
		s.hiddenImages--
	}
}

// newDropletImage creates an image of a Droplet's disk. MinDiskSize is the size of the disk; SizeGigabytes is that of the image
// that the Droplet was created from.
func (a *API) newDropletImage(d *droplet, t droplets.ImageType, name string, at time.Time) *image {
	if name == "" {
		name = d.Name + "-" + wholeSeconds(at).Format("20060102150405")
	}
	v := &image{dropletID: d.ID, Image: droplets.Image{ID: nextID(&a.counters.Image), Name: name, Type: t, Distribution: d.Image.Distribution,
		Regions: []string{d.Region.Slug}, CreatedAt: wholeSeconds(at), MinDiskSize: d.Disk,
		SizeGigabytes: d.Image.SizeGigabytes, Tags: []string{}, Status: droplets.ImageStatusAvailable}}
	a.storeImage(v)
	return v
}
