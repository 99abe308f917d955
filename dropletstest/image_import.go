package dropletstest

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/droplets-go/droplets"
)

// ActionTypeImport is the type of the import of a custom image in [WithActionDuration] and [API.FailNextAction]. It is not an
// action type of the API, which reports the progress of an import through the status of the image.
const ActionTypeImport droplets.ActionType = "image_import"

// imageImport is an import in progress.
type imageImport struct {
	Region   string `json:"region"`
	WillFail bool   `json:"doomed,omitempty"`
}

type imageCreateRequest struct {
	Name         string   `json:"name"`
	URL          string   `json:"url"`
	Region       string   `json:"region"`
	Distribution string   `json:"distribution"`
	Description  string   `json:"description"`
	Tags         []string `json:"tags"`
}

// createCustomImage starts the import of an image. The status is NEW for the first half of the import and pending for the second. The
// image has no region until the import has completed.
func (a *API) createCustomImage(c *call) (result, *apiError) {
	req, apiErr := decodeBody[imageCreateRequest](c)
	if apiErr == nil {
		apiErr = a.checkImageCreate(req)
	}
	if apiErr != nil {
		return result{}, apiErr
	}
	v := &image{importing: &imageImport{Region: req.Region, WillFail: a.actionFailures.takeNamed(ActionTypeImport)},
		hidden: a.config.lag.Visibility > 0,
		Image: droplets.Image{ID: nextID(&a.counters.Image), Name: req.Name, Type: droplets.ImageTypeCustom,
			Distribution: knownDistribution(req.Distribution), Description: req.Description, Regions: []string{},
			CreatedAt: wholeSeconds(c.now), Tags: unique(req.Tags), Status: droplets.ImageStatusNew}}
	a.storeImage(v)
	if v.hidden {
		a.schedule(event{At: c.now.Add(a.config.lag.Visibility), Kind: eventImageVisible, Image: v.ID})
	}
	duration := a.config.durationFor(ActionTypeImport)
	a.schedule(event{At: c.now.Add(duration / 2), Kind: eventImportRuns, Image: v.ID})
	a.schedule(event{At: c.now.Add(duration), Kind: eventImportEnds, Image: v.ID})
	return result{http.StatusAccepted, imageRoot{&v.Image}}, nil
}

func (a *API) checkImageCreate(req imageCreateRequest) *apiError {
	address, err := url.Parse(req.URL)
	switch {
	case req.Name == "":
		return unprocessable("Name can't be blank.")
	case req.URL == "":
		return unprocessable("URL can't be blank.")
	case err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" && address.Scheme != "ftp":
		return unprocessable("URL is invalid: %q.", req.URL)
	case req.Region == "":
		return unprocessable("Region can't be blank.")
	case a.findRegion(req.Region) == nil:
		return unprocessable("You specified an invalid region for image creation: %q.", req.Region)
	}
	return checkTagNames(req.Tags)
}

// The properties of an imported image. They are constants, because the fake does not download the image.
const (
	importedMinDiskSize   = 20 // GB
	importedSizeGigabytes = 2.36
)

// endImport makes the image available, or reports that the import failed. It does nothing if the image is another one with the same id.
func (v *image) endImport() {
	done := v.importing
	v.importing = nil
	if done == nil {
		return
	}
	if done.WillFail {
		v.Status, v.ErrorMessage = droplets.ImageStatusDeleted, "The image could not be imported."
		return
	}
	v.Status, v.Regions = droplets.ImageStatusAvailable, []string{done.Region}
	v.MinDiskSize, v.SizeGigabytes = importedMinDiskSize, importedSizeGigabytes
}

// takeNamed is like take, but a failure without types does not match. It is for types that are not actions of the API.
func (f *actionFailures) takeNamed(t droplets.ActionType) bool {
	return f.takeFirst(func(types []droplets.ActionType) bool { return slices.Contains(types, t) })
}
