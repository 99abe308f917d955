package dropletstest

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/droplets-go/droplets"
)

// tag is a tag with what has it. Of what can be tagged, only Droplets are here.
type tag struct {
	Name      string       `json:"name"`
	Resources tagResources `json:"resources"`
}

type tagResources struct {
	Count         int    `json:"count"`
	LastTaggedURI string `json:"last_tagged_uri,omitempty"`
	Droplets      tagged `json:"droplets"`
	Images        tagged `json:"images"`
	Volumes       tagged `json:"volumes"`
}

type tagged struct {
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
	resourcesRequest struct {
		Resources []struct {
			ID   droplets.ImageRef `json:"resource_id"`
			Type string            `json:"resource_type"`
		} `json:"resources"`
	}
)

const maxTag = 255

func (s *state) addTag(name string) {
	if i, there := slices.BinarySearch(s.tags, name); !there {
		s.tags = slices.Insert(s.tags, i, name)
	}
}

func (a *API) describeTag(c *call, name string) tag {
	t := tag{Name: name}
	for _, d := range a.ordered {
		if slices.Contains(d.Tags, name) {
			t.Resources.Droplets.Count++
			t.Resources.Droplets.LastTaggedURI = c.url("/v2/droplets/" + strconv.FormatInt(d.ID, 10))
		}
	}
	t.Resources.Count, t.Resources.LastTaggedURI = t.Resources.Droplets.Count, t.Resources.Droplets.LastTaggedURI
	return t
}

func (a *API) listTags(c *call) (answer, *refusal) {
	return paged(c, len(a.tags), func(i int) tag { return a.describeTag(c, a.tags[i]) },
		func(items []tag, info pageInfo) tagsPage { return tagsPage{items, info} })
}

func (a *API) createTag(c *call) (answer, *refusal) {
	req := struct {
		Name string `json:"name"`
	}{}
	if no := c.decode(&req); no != nil {
		return answer{}, no
	}
	if req.Name == "" || len(req.Name) > maxTag {
		return answer{}, unprocessable("Tag name must have 1 to %d characters.", maxTag)
	}
	a.addTag(req.Name)
	return answer{http.StatusCreated, tagRoot{a.describeTag(c, req.Name)}}, nil
}

func (a *API) getTag(c *call) (answer, *refusal) {
	if !slices.Contains(a.tags, c.args[0]) {
		return answer{}, notFound
	}
	return answer{http.StatusOK, tagRoot{a.describeTag(c, c.args[0])}}, nil
}

func (a *API) deleteTag(c *call) (answer, *refusal) {
	i, there := slices.BinarySearch(a.tags, c.args[0])
	if !there {
		return answer{}, notFound
	}
	a.tags = slices.Delete(a.tags, i, i+1)
	for _, d := range a.ordered {
		d.untag(c.args[0])
	}
	return answer{status: http.StatusNoContent}, nil
}

func (d *droplet) untag(name string) {
	d.Tags = slices.DeleteFunc(d.Tags, func(t string) bool { return t == name })
}

func (a *API) tagResources(c *call) (answer, *refusal) {
	return a.changeTags(c, func(d *droplet, name string) {
		if !slices.Contains(d.Tags, name) {
			d.Tags = append(d.Tags, name)
		}
	})
}

func (a *API) untagResources(c *call) (answer, *refusal) { return a.changeTags(c, (*droplet).untag) }

// changeTags changes all of the Droplets that the request names, or none.
func (a *API) changeTags(c *call, change func(*droplet, string)) (answer, *refusal) {
	if !slices.Contains(a.tags, c.args[0]) {
		return answer{}, notFound
	}
	var req resourcesRequest
	if no := c.decode(&req); no != nil {
		return answer{}, no
	}
	var named []*droplet
	for _, r := range req.Resources {
		id, _ := strconv.ParseInt(r.ID.String(), 10, 64)
		d := a.droplets[id]
		if r.Type != "droplet" || d == nil {
			return answer{}, notFound
		}
		named = append(named, d)
	}
	for _, d := range named {
		change(d, c.args[0])
	}
	return answer{status: http.StatusNoContent}, nil
}
