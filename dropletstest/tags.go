package dropletstest

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/droplets-go/droplets"
)

// tag is a tag with the number of resources that have it. The fake tags Droplets only.
type tag struct {
	Name      string       `json:"name"`
	Resources tagResources `json:"resources"`
}

type tagResources struct {
	Count         int      `json:"count"`
	LastTaggedURI string   `json:"last_tagged_uri,omitempty"`
	Droplets      tagUsage `json:"droplets"`
	Images        tagUsage `json:"images"`
	Volumes       tagUsage `json:"volumes"`
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
		Resources []struct {
			ID   droplets.ImageRef `json:"resource_id"`
			Type string            `json:"resource_type"`
		} `json:"resources"`
	}
)

const maxTagLength = 255

func (s *state) addTag(name string) {
	if i, exists := slices.BinarySearch(s.tags, name); !exists {
		s.tags = slices.Insert(s.tags, i, name)
	}
}

func (a *API) describeTag(c *call, name string) tag {
	t := tag{Name: name}
	for _, d := range a.orderedDroplets {
		if d.hasTag(name) {
			t.Resources.Droplets.Count++
			t.Resources.Droplets.LastTaggedURI = c.url("/v2/droplets/" + strconv.FormatInt(d.ID, 10))
		}
	}
	t.Resources.Count, t.Resources.LastTaggedURI = t.Resources.Droplets.Count, t.Resources.Droplets.LastTaggedURI
	return t
}

func (a *API) listTags(c *call) (result, *apiError) {
	return paginate(c, len(a.tags), func(i int) tag { return a.describeTag(c, a.tags[i]) },
		func(items []tag, info pageInfo) tagsPage { return tagsPage{items, info} })
}

func (a *API) createTag(c *call) (result, *apiError) {
	req, apiErr := decodeBody[tagCreateRequest](c)
	if apiErr != nil {
		return result{}, apiErr
	}
	if req.Name == "" || len(req.Name) > maxTagLength {
		return result{}, unprocessable("Tag name must have 1 to %d characters.", maxTagLength)
	}
	a.addTag(req.Name)
	return result{http.StatusCreated, tagRoot{a.describeTag(c, req.Name)}}, nil
}

func (a *API) getTag(c *call) (result, *apiError) {
	if !slices.Contains(a.tags, c.args[0]) {
		return result{}, notFound
	}
	return result{http.StatusOK, tagRoot{a.describeTag(c, c.args[0])}}, nil
}

func (a *API) deleteTag(c *call) (result, *apiError) {
	i, exists := slices.BinarySearch(a.tags, c.args[0])
	if !exists {
		return result{}, notFound
	}
	a.tags = slices.Delete(a.tags, i, i+1)
	for _, d := range a.orderedDroplets {
		d.untag(c.args[0])
	}
	return noContent, nil
}

func (d *droplet) untag(name string) {
	d.Tags = removeValue(d.Tags, name)
}

func (a *API) tagResources(c *call) (result, *apiError) {
	return a.updateTags(c, func(d *droplet, name string) {
		if !d.hasTag(name) {
			d.Tags = append(d.Tags, name)
		}
	})
}

func (a *API) untagResources(c *call) (result, *apiError) { return a.updateTags(c, (*droplet).untag) }

// updateTags calls update for all Droplets in the request. If one of them does not exist, it calls it for none.
func (a *API) updateTags(c *call, update func(*droplet, string)) (result, *apiError) {
	if !slices.Contains(a.tags, c.args[0]) {
		return result{}, notFound
	}
	req, apiErr := decodeBody[tagResourcesRequest](c)
	if apiErr != nil {
		return result{}, apiErr
	}
	var selected []*droplet
	for _, r := range req.Resources {
		id, _ := strconv.ParseInt(r.ID.String(), 10, 64)
		d := a.droplets[id]
		if r.Type != "droplet" || d == nil {
			return result{}, notFound
		}
		selected = append(selected, d)
	}
	for _, d := range selected {
		update(d, c.args[0])
	}
	return noContent, nil
}
