package dropletstest

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/droplets-go/droplets"
)

// snapshotResource is a snapshot of a Droplet or a volume in the responses of /v2/snapshots. Its id is a string.
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
	dropletSnapshotsPage struct {
		Snapshots []droplets.DropletSnapshot `json:"snapshots"`
		pageInfo
	}
	dropletBackupsPage struct {
		Backups []droplets.DropletSnapshot `json:"backups"`
		pageInfo
	}
	snapshotRoot struct {
		Snapshot snapshotResource `json:"snapshot"`
	}
	snapshotsPage struct {
		Snapshots []snapshotResource `json:"snapshots"`
		pageInfo
	}
)

func (a *API) listDropletSnapshots(c *call, d *droplet) (result, *apiError) {
	return paginateSlice(c, a.dropletSnapshots(d.SnapshotIDs),
		func(items []droplets.DropletSnapshot, info pageInfo) dropletSnapshotsPage {
			return dropletSnapshotsPage{items, info}
		})
}

func (a *API) listDropletBackups(c *call, d *droplet) (result, *apiError) {
	return paginateSlice(c, a.dropletSnapshots(d.BackupIDs),
		func(items []droplets.DropletSnapshot, info pageInfo) dropletBackupsPage {
			return dropletBackupsPage{items, info}
		})
}

// dropletSnapshots returns images as the lists of a Droplet's snapshots and backups show them.
func (s *state) dropletSnapshots(imageIDs []int64) []droplets.DropletSnapshot {
	list := make([]droplets.DropletSnapshot, len(imageIDs))
	for i, id := range imageIDs {
		image := s.images[id]
		list[i] = droplets.DropletSnapshot{ID: image.ID, Name: image.Name, CreatedAt: image.CreatedAt, Regions: image.Regions,
			MinDiskSize: image.MinDiskSize, SizeGigabytes: image.SizeGigabytes, Type: droplets.DropletSnapshotType(image.Type)}
	}
	return list
}

// listSnapshots lists the snapshots of Droplets, then those of volumes.
func (a *API) listSnapshots(c *call) (result, *apiError) {
	var found []snapshotResource
	kind := c.query.Get("resource_type")
	if kind == "" || kind == "droplet" {
		for _, image := range a.filterImages(isSnapshot) {
			found = append(found, a.dropletSnapshotResource(image))
		}
	}
	if kind == "" || kind == "volume" {
		for _, id := range slices.Sorted(maps.Keys(a.volumes)) {
			for _, snap := range a.volumes[id].Snapshots {
				found = append(found, volumeSnapshotResource(a.volumes[id], snap))
			}
		}
	}
	return paginateSlice(c, found,
		func(items []snapshotResource, info pageInfo) snapshotsPage { return snapshotsPage{items, info} })
}

func isSnapshot(image *droplets.Image) bool { return image.Type == droplets.ImageTypeSnapshot }

// dropletSnapshotResource returns the snapshot of a Droplet. Its resource id is "0" if the Droplet was deleted.
func (s *state) dropletSnapshotResource(image *droplets.Image) snapshotResource {
	var dropletID int64
	for _, d := range s.orderedDroplets {
		if slices.Contains(d.SnapshotIDs, image.ID) {
			dropletID = d.ID
		}
	}
	return snapshotResource{ID: strconv.FormatInt(image.ID, 10), Name: image.Name, CreatedAt: image.CreatedAt,
		Regions: image.Regions, ResourceID: strconv.FormatInt(dropletID, 10), ResourceType: "droplet",
		MinDiskSize: image.MinDiskSize, SizeGigabytes: image.SizeGigabytes, Tags: image.Tags}
}

func volumeSnapshotResource(v *volume, snap volumeSnapshot) snapshotResource {
	return snapshotResource{ID: snap.ID, Name: snap.Name, CreatedAt: snap.CreatedAt, Regions: []string{v.Region},
		ResourceID: v.ID, ResourceType: "volume", MinDiskSize: v.Size, SizeGigabytes: float64(v.Size), Tags: []string{}}
}

func (a *API) getSnapshot(c *call) (result, *apiError) {
	if image := a.images[c.argID(0)]; image != nil && isSnapshot(image) {
		return result{http.StatusOK, snapshotRoot{a.dropletSnapshotResource(image)}}, nil
	}
	for _, v := range a.volumes {
		for _, snap := range v.Snapshots {
			if snap.ID == c.args[0] {
				return result{http.StatusOK, snapshotRoot{volumeSnapshotResource(v, snap)}}, nil
			}
		}
	}
	return result{}, notFound
}

func (a *API) deleteSnapshot(c *call) (result, *apiError) {
	if image := a.images[c.argID(0)]; image != nil && isSnapshot(image) {
		a.removeImage(image.ID)
		return noContent, nil
	}
	if !a.removeVolumeSnapshot(c.args[0]) {
		return result{}, notFound
	}
	return noContent, nil
}
