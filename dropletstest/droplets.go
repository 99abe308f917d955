package dropletstest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/droplets-go/droplets"
)

type (
	dropletRoot struct {
		Droplet *droplets.Droplet `json:"droplet"`
	}
	dropletsRoot struct {
		Droplets []*droplets.Droplet `json:"droplets"`
	}
	dropletsPage struct {
		Droplets []*droplets.Droplet `json:"droplets"`
		pageInfo
	}
)

// listDroplets lists by id, which is by age, the oldest first.
func (a *API) listDroplets(c *call) (answer, *refusal) {
	keep, no := c.dropletFilter()
	if no != nil {
		return answer{}, no
	}
	found := a.visible(keep)
	return paged(c, len(found), func(i int) *droplets.Droplet { return &found[i].Droplet },
		func(items []*droplets.Droplet, info pageInfo) dropletsPage { return dropletsPage{items, info} })
}

func (c *call) dropletFilter() (keep func(*droplet) bool, no *refusal) {
	tag, name, kind := c.query.Get("tag_name"), c.query.Get("name"), droplets.DropletType(c.query.Get("type"))
	switch {
	case tag != "" && (name != "" || kind != ""):
		return nil, unprocessable("tag_name can not be combined with name or type.")
	case kind != "" && kind != droplets.DropletTypeDroplets && kind != droplets.DropletTypeGPUs:
		return nil, unprocessable("type must be droplets or gpus.")
	case tag != "":
		return func(d *droplet) bool { return slices.Contains(d.Tags, tag) }, nil
	}
	gpus := kind == droplets.DropletTypeGPUs
	return func(d *droplet) bool {
		return (d.GPUInfo != nil) == gpus && (name == "" || strings.EqualFold(d.Name, name))
	}, nil
}

func (a *API) getDroplet(c *call) (answer, *refusal) {
	d, no := a.droplet(c)
	if no != nil {
		return answer{}, no
	}
	return answer{http.StatusOK, dropletRoot{&d.Droplet}}, nil
}

// deleteDroplet deletes whatever else is under way; an action that runs ends as errored.
func (a *API) deleteDroplet(c *call) (answer, *refusal) {
	d, no := a.droplet(c)
	if no != nil {
		return answer{}, no
	}
	a.remove(c, d)
	return answer{status: http.StatusNoContent}, nil
}

// deleteByTag is a 404 for a tag that was never made, and nothing to do for one that no Droplet has.
func (a *API) deleteByTag(c *call) (answer, *refusal) {
	tagged, no := a.tagged(c)
	if no != nil {
		return answer{}, no
	}
	if !slices.Contains(a.tags, c.query.Get("tag_name")) {
		return answer{}, notFound
	}
	for _, d := range tagged {
		a.remove(c, d)
	}
	return answer{status: http.StatusNoContent}, nil
}

func (a *API) tagged(c *call) ([]*droplet, *refusal) {
	tag := c.query.Get("tag_name")
	if tag == "" {
		return nil, unprocessable("tag_name is required.")
	}
	return a.visible(func(d *droplet) bool { return slices.Contains(d.Tags, tag) }), nil
}

func (a *API) remove(c *call, d *droplet) {
	a.removeDroplet(d, c.now)
	a.ledger.record(c, EntryDelete, d)
}
