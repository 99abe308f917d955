package dropletstest

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"

	"github.com/droplets-go/droplets"
)

// tag is a tag in responses, with the number of resources of each type that have it.
type tag struct {
	Name      string       `json:"name"`
	Resources tagResources `json:"resources"`
}

type tagResources struct {
	tagUsage                 // of all types
	Droplets        tagUsage `json:"droplets"`
	Images          tagUsage `json:"images"`
	Volumes         tagUsage `json:"volumes"`
	VolumeSnapshots tagUsage `json:"volume_snapshots"`
	Databases       tagUsage `json:"databases"` // the fake has none
}

type tagUsage struct {
	Count         int    `json:"count"`
	LastTaggedURI string `json:"last_tagged_uri,omitempty"`
}

type (
	tagRoot struct {
		Tag tag `json:"tag"`
	}
	tagsPage struct {
		Tags []tag `json:"tags"`
		pageInfo
	}
	tagCreateRequest struct {
		Name string `json:"name"`
	}
	tagResourcesRequest struct {
		Resources []tagResource `json:"resources"`
	}
	// tagResource refers to a resource. Some programs send ids as numbers.
	tagResource struct {
		ID   droplets.ImageRef `json:"resource_id"`
		Type string            `json:"resource_type"`
	}
	// tagCreateError is the error body of an invalid name. It differs from that of other operations.
	tagCreateError struct {
		Error      string   `json:"error"`
		Messages   []string `json:"messages"`
		RootCauses []string `json:"root_causes"`
	}
)

const maxTagLength = 255

var validTagName = regexp.MustCompile(`^[a-zA-Z0-9_\-:]+$`)

// checkTagNames returns an error if one of the names is not a valid name of a tag.
func checkTagNames(names []string) *apiError {
	for _, name := range names {
		if len(name) > maxTagLength || !validTagName.MatchString(name) {
			return unprocessable("Tag %q is invalid: a name has up to %d letters, digits, and the characters - _ :", name, maxTagLength)
		}
	}
	return nil
}

func describeTag(c *call, t *accountTag) tag {
	usage := func(count int, path, id string) tagUsage {
		if count == 0 {
			return tagUsage{}
		}
		return tagUsage{count, c.url(path + id)}
	}
	r := tagResources{
		Droplets:        usage(len(t.droplets.list), "/v2/droplets/", strconv.FormatInt(t.droplets.last, 10)),
		Images:          usage(len(t.images.list), "/v2/images/", strconv.FormatInt(t.images.last, 10)),
		Volumes:         usage(len(t.volumes.list), "/v2/volumes/", t.volumes.last),
		VolumeSnapshots: usage(len(t.volumeSnapshots.list), "/v2/snapshots/", t.volumeSnapshots.last),
	}
	byType := map[string]tagUsage{resourceDroplet: r.Droplets, resourceImage: r.Images, resourceVolume: r.Volumes,
		resourceVolumeSnapshot: r.VolumeSnapshots}
	r.LastTaggedURI = byType[t.last].LastTaggedURI
	for _, kind := range []string{resourceDroplet, resourceImage, resourceVolume, resourceVolumeSnapshot} {
		r.Count += byType[kind].Count
		if r.LastTaggedURI == "" {
			r.LastTaggedURI = byType[kind].LastTaggedURI
		}
	}
	return tag{Name: t.name, Resources: r}
}

func (a *API) listTags(c *call) (result, *apiError) {
	return paginate(c, len(a.tags), func(i int) tag { return describeTag(c, a.tags[i]) },
		func(items []tag, info pageInfo) tagsPage { return tagsPage{items, info} })
}

// createTag responds 201 even if the tag exists.
func (a *API) createTag(c *call) (result, *apiError) {
	req, apiErr := decodeBody[tagCreateRequest](c)
	switch {
	case apiErr != nil:
		return result{}, apiErr
	case req.Name == "" || len(req.Name) > maxTagLength:
		return result{}, unprocessable("Tag name must have 1 to %d characters.", maxTagLength)
	case !validTagName.MatchString(req.Name):
		message := fmt.Sprintf("Error validating resource tag: %q contains invalid characters", req.Name)
		return result{http.StatusBadRequest, tagCreateError{Error: message, RootCauses: []string{message}}}, nil
	}
	return result{http.StatusCreated, tagRoot{describeTag(c, a.addTag(req.Name))}}, nil
}

// onTag returns a handler that passes the tag in the path to h. The handler responds 404 if the tag does not exist.
func onTag(h func(*API, *call, *accountTag) (result, *apiError)) handler {
	return func(a *API, c *call) (result, *apiError) {
		t := a.findTag(c.args[0])
		if t == nil {
			return result{}, notFound
		}
		return h(a, c, t)
	}
}

func (a *API) getTag(c *call, t *accountTag) (result, *apiError) {
	return result{http.StatusOK, tagRoot{describeTag(c, t)}}, nil
}

func (a *API) deleteTag(_ *call, t *accountTag) (result, *apiError) {
	a.removeTag(t)
	return noContent, nil
}

func (a *API) tagResources(c *call, t *accountTag) (result, *apiError) {
	return a.forTagResources(c, t.assign)
}

func (a *API) untagResources(c *call, t *accountTag) (result, *apiError) {
	return a.forTagResources(c, t.unassign)
}

// forTagResources calls update for all resources in the request, or for none if one of them does not exist.
func (a *API) forTagResources(c *call, update func(taggable)) (result, *apiError) {
	req, apiErr := decodeBody[tagResourcesRequest](c)
	if apiErr != nil {
		return result{}, apiErr
	}
	if len(req.Resources) == 0 {
		return result{}, unprocessable("resources is required.")
	}
	var selected []taggable
	for _, ref := range req.Resources {
		r, apiErr := a.findTaggable(ref)
		if apiErr != nil {
			return result{}, apiErr
		}
		selected = append(selected, r)
	}
	for _, r := range selected {
		update(r)
	}
	return noContent, nil
}

// findTaggable returns the resource to which a request refers. It returns notFound for public images, which belong to no account.
func (a *API) findTaggable(ref tagResource) (taggable, *apiError) {
	id := ref.ID.String()
	number, _ := strconv.ParseInt(id, 10, 64) // no resource has the id 0
	switch ref.Type {
	case resourceDroplet:
		if d := a.droplets[number]; d != nil && !d.hidden {
			return d, nil
		}
	case resourceImage:
		if v := a.images[number]; v != nil && !v.Public && !v.hidden {
			return v, nil
		}
	case resourceVolume:
		if v := a.volumes[id]; v != nil {
			return v, nil
		}
	case resourceVolumeSnapshot:
		if v := a.findVolumeSnapshot(id); v != nil {
			return v, nil
		}
	default:
		return nil, unprocessable("resource_type must be droplet, image, volume or volume_snapshot, not %q.", ref.Type)
	}
	return nil, notFound
}
