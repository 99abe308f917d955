package dropletstest

import (
	"slices"
	"strconv"
	"time"

	"github.com/droplets-go/droplets"
)

// image is an image as clients see it, and its internal state.
type image struct {
	droplets.Image
	inCatalog bool         // a public image of every account, which is not saved
	dropletID int64        // the Droplet of a snapshot or backup, which may have been deleted; 0 if there is none
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
	switch {
	case v.hidden:
		s.hiddenImages++
	case v.isSnapshot():
		s.snapshots.add(v)
	}
	s.indexTags(v)
}

// removeImage removes an image from the account and from its Droplet. Its actions that are in progress end as errored. It does
// nothing if the image does not exist.
func (s *state) removeImage(id int64, at time.Time) {
	v := s.images[id]
	if v == nil {
		return
	}
	delete(s.images, id)
	delete(s.imageSlugs, v.Slug)
	s.orderedImages.remove(id)
	s.showImage(v)
	s.snapshots.remove(id)
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

// hideImage makes a new image invisible to clients until showImage is called.
func (s *state) hideImage(v *image) {
	v.hidden = true
	s.hiddenImages++
	s.snapshots.remove(v.ID)
}

// showImage makes a hidden image visible to clients. A snapshot is also added to the list of its Droplet.
func (s *state) showImage(v *image) {
	if !v.hidden {
		return
	}
	v.hidden = false
	s.hiddenImages--
	if !v.isSnapshot() {
		return
	}
	s.snapshots.add(v)
	if d := s.droplets[v.dropletID]; d != nil && !slices.Contains(d.SnapshotIDs, v.ID) {
		d.SnapshotIDs = append(d.SnapshotIDs, v.ID)
	}
}

// newDropletImage creates an image of a Droplet's disk. MinDiskSize is the size of the disk; SizeGigabytes is that of the Droplet's
// image. If name is empty, the name is that of the Droplet and the time.
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
