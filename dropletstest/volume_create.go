package dropletstest

import (
	"net/http"
	"regexp"
)

type volumeCreateRequest struct {
	Name            string   `json:"name"`
	Description     string   `json:"description"`
	Region          string   `json:"region"`
	SizeGigabytes   int      `json:"size_gigabytes"`
	SnapshotID      string   `json:"snapshot_id"`
	FilesystemType  string   `json:"filesystem_type"`
	FilesystemLabel string   `json:"filesystem_label"`
	Tags            []string `json:"tags"`
}

const maxVolumeSize = 16 << 10 // GB

var (
	validVolumeName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)

	// maxLabelLength is the largest length of a label, by the type of the filesystem.
	maxLabelLength = map[string]int{"ext4": 16, "xfs": 12}
)

func (a *API) createVolume(c *call) (result, *apiError) {
	req, apiErr := decodeBody[volumeCreateRequest](c)
	if apiErr == nil {
		apiErr = a.resolveVolumeSnapshot(&req)
	}
	if apiErr == nil {
		apiErr = a.checkVolumeCreate(req)
	}
	if apiErr != nil {
		return result{}, apiErr
	}
	v := &volume{ID: a.nextUUID(), Name: req.Name, Description: req.Description, Size: req.SizeGigabytes, Region: req.Region,
		CreatedAt: wholeSeconds(c.now), FilesystemType: req.FilesystemType, FilesystemLabel: req.FilesystemLabel, Tags: unique(req.Tags)}
	a.storeVolume(v)
	return result{http.StatusCreated, volumeRoot{a.volumeResource(v)}}, nil
}

// resolveVolumeSnapshot sets the region, the size and the filesystem to those of the snapshot if the request does not have them. It
// returns an error if a volume with the values of the request cannot be created from the snapshot.
func (a *API) resolveVolumeSnapshot(req *volumeCreateRequest) *apiError {
	if req.SnapshotID == "" {
		return nil
	}
	snap := a.findVolumeSnapshot(req.SnapshotID)
	if snap == nil {
		return unprocessable("Snapshot %q could not be found.", req.SnapshotID)
	}
	if req.Region == "" {
		req.Region = snap.Region
	}
	if req.SizeGigabytes == 0 {
		req.SizeGigabytes = snap.Size
	}
	if req.FilesystemType == "" {
		req.FilesystemType, req.FilesystemLabel = snap.FilesystemType, snap.FilesystemLabel
	}
	switch {
	case req.Region != snap.Region:
		return unprocessable("Snapshot %q is in region %s and the volume is in %s.", snap.ID, snap.Region, req.Region)
	case req.SizeGigabytes < snap.Size:
		return unprocessable("A volume from this snapshot must have at least %d GB.", snap.Size)
	}
	return nil
}

func (a *API) checkVolumeCreate(req volumeCreateRequest) *apiError {
	switch {
	case req.Name == "":
		return unprocessable("Name can't be blank.")
	case !validVolumeName.MatchString(req.Name):
		return unprocessable("Name must begin with a letter and have up to 64 lowercase letters, digits, and dashes: %q.", req.Name)
	case req.Region == "":
		return unprocessable("Region can't be blank.")
	case a.findRegion(req.Region) == nil:
		return unprocessable("You specified an invalid region for volume creation: %q.", req.Region)
	case req.SizeGigabytes < 1 || req.SizeGigabytes > maxVolumeSize:
		return unprocessable("size_gigabytes must be between 1 and %d.", maxVolumeSize)
	case a.findVolume(req.Region, req.Name) != nil:
		return newAPIError(http.StatusConflict, "A volume with the name %q already exists in region %s.", req.Name, req.Region)
	}
	if apiErr := checkFilesystem(req.FilesystemType, req.FilesystemLabel); apiErr != nil {
		return apiErr
	}
	return checkTagNames(req.Tags)
}

func checkFilesystem(kind, label string) *apiError {
	switch {
	case kind == "" && label != "":
		return unprocessable("filesystem_label needs a filesystem_type.")
	case kind != "" && maxLabelLength[kind] == 0:
		return unprocessable("filesystem_type must be ext4 or xfs, not %q.", kind)
	case len(label) > maxLabelLength[kind]:
		return unprocessable("filesystem_label may have up to %d characters for %s.", maxLabelLength[kind], kind)
	}
	return nil
}
