package dropletstest

import (
	"net/http"
	"time"

	"github.com/droplets-go/droplets"
)

// volumeResource is a volume in responses.
type volumeResource struct {
	ID              string           `json:"id"`
	Region          *droplets.Region `json:"region"`
	DropletIDs      []int64          `json:"droplet_ids"`
	Name            string           `json:"name"`
	Description     string           `json:"description"`
	SizeGigabytes   int              `json:"size_gigabytes"`
	CreatedAt       time.Time        `json:"created_at"`
	FilesystemType  string           `json:"filesystem_type"`
	FilesystemLabel string           `json:"filesystem_label"`
	Tags            []string         `json:"tags"`
}

type (
	volumeRoot struct {
		Volume volumeResource `json:"volume"`
	}
	volumesPage struct {
		Volumes []volumeResource `json:"volumes"`
		pageInfo
	}
)

func (s *state) volumeResource(v *volume) volumeResource {
	r := volumeResource{ID: v.ID, Region: s.findRegion(v.Region), DropletIDs: []int64{}, Name: v.Name, Description: v.Description,
		SizeGigabytes: v.Size, CreatedAt: v.CreatedAt, FilesystemType: v.FilesystemType, FilesystemLabel: v.FilesystemLabel, Tags: v.Tags}
	if v.DropletID != 0 {
		r.DropletIDs = append(r.DropletIDs, v.DropletID)
	}
	return r
}

// listVolumes lists volumes, the oldest first.
func (a *API) listVolumes(c *call) (result, *apiError) {
	found := a.selectVolumes(c.query.Get("name"), c.query.Get("region"))
	return paginate(c, len(found), func(i int) volumeResource { return a.volumeResource(found[i]) },
		func(items []volumeResource, info pageInfo) volumesPage { return volumesPage{items, info} })
}

// selectVolumes returns the volumes with a name in a region. An empty argument matches every volume.
func (s *state) selectVolumes(name, region string) []*volume {
	switch {
	case name == "" && region == "":
		return s.orderedVolumes
	case name == "":
		return filter(s.orderedVolumes, func(v *volume) bool { return v.Region == region })
	}
	var found sortedList[string, *volume]
	for _, r := range s.regions {
		if region == "" || region == r.Slug {
			for _, v := range s.volumeNames[volumeName{r.Slug, name}] {
				found.add(v)
			}
		}
	}
	return found
}

// onVolume returns a handler that passes the volume in the path to h. The handler responds 404 if the volume does not exist.
func onVolume(h func(*API, *call, *volume) (result, *apiError)) handler {
	return func(a *API, c *call) (result, *apiError) {
		v := a.volumes[c.args[0]]
		if v == nil {
			return result{}, notFound
		}
		return h(a, c, v)
	}
}

func (a *API) getVolume(_ *call, v *volume) (result, *apiError) {
	return result{http.StatusOK, volumeRoot{a.volumeResource(v)}}, nil
}

var (
	volumeAttached = newAPIError(http.StatusConflict, "A volume that's attached to a Droplet cannot be deleted. Detach it first.")
	volumeBusy     = unprocessable("Volume already has a pending event.")
)

func (a *API) deleteVolume(_ *call, v *volume) (result, *apiError) {
	switch {
	case v.DropletID != 0:
		return result{}, volumeAttached
	case v.busy():
		return result{}, volumeBusy
	}
	a.removeVolume(v.ID)
	return noContent, nil
}

// deleteVolumeByName deletes the volume with the name and the region in the query.
func (a *API) deleteVolumeByName(c *call) (result, *apiError) {
	name, region := c.query.Get("name"), c.query.Get("region")
	if name == "" || region == "" {
		return result{}, unprocessable("name and region are required.")
	}
	v := a.findVolume(region, name)
	if v == nil {
		return result{}, notFound
	}
	return a.deleteVolume(c, v)
}
