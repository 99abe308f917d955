package dropletstest

import (
	"net/http"
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

// dropletSnapshots returns images in the form of the lists of a Droplet's snapshots and backups.
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
	ofDroplets, ofVolumes := a.snapshots, a.volumeSnapshots
	switch c.query.Get("resource_type") {
	case "":
	case "droplet":
		ofVolumes = nil
	case "volume":
		ofDroplets = nil
	default:
		return result{}, unprocessable("resource_type must be droplet or volume.")
	}
	return paginate(c, len(ofDroplets)+len(ofVolumes), func(i int) snapshotResource {
		if i < len(ofDroplets) {
			return ofDroplets[i].snapshotResource()
		}
		return ofVolumes[i-len(ofDroplets)].snapshotResource()
	}, func(items []snapshotResource, info pageInfo) snapshotsPage { return snapshotsPage{items, info} })
}

// snapshotResource returns the snapshot of a Droplet. It keeps its resource id after the Droplet was deleted.
func (v *image) snapshotResource() snapshotResource {
	return snapshotResource{ID: strconv.FormatInt(v.ID, 10), Name: v.Name, CreatedAt: v.CreatedAt, Regions: v.Regions,
		ResourceID: strconv.FormatInt(v.dropletID, 10), ResourceType: "droplet", MinDiskSize: v.MinDiskSize,
		SizeGigabytes: v.SizeGigabytes, Tags: v.Tags}
}

func (v *volumeSnapshot) snapshotResource() snapshotResource {
	return snapshotResource{ID: v.ID, Name: v.Name, CreatedAt: v.CreatedAt, Regions: []string{v.Region}, ResourceID: v.VolumeID,
		ResourceType: "volume", MinDiskSize: v.Size, SizeGigabytes: float64(v.Size), Tags: v.Tags}
}

// notASnapshot is the response for the id of an image that is not a snapshot of the account.
var notASnapshot = newAPIError(http.StatusBadRequest, "the resource is not a snapshot")

func (a *API) getSnapshot(c *call) (result, *apiError) {
	v := a.images[c.argID(0)]
	switch {
	case v != nil && v.hidden:
		return result{}, notFound
	case v != nil && v.isSnapshot():
		return result{http.StatusOK, snapshotRoot{v.snapshotResource()}}, nil
	case v != nil:
		return result{}, notASnapshot
	}
	snap := a.findVolumeSnapshot(c.args[0])
	if snap == nil {
		return result{}, notFound
	}
	return result{http.StatusOK, snapshotRoot{snap.snapshotResource()}}, nil
}

func (a *API) deleteSnapshot(c *call) (result, *apiError) {
	v := a.images[c.argID(0)]
	switch {
	case v != nil && v.hidden:
		return result{}, notFound
	case v != nil && v.isSnapshot():
		a.removeImage(v.ID, c.now)
		return noContent, nil
	case v != nil:
		return result{}, notASnapshot
	case !a.removeVolumeSnapshot(c.args[0]):
		return result{}, notFound
	}
	return noContent, nil
}
