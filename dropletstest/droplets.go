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

// listDroplets lists Droplets by id. That is the oldest first, except for those that AddDroplet added with an id.
func (a *API) listDroplets(c *call) (result, *apiError) {
	found, apiErr := a.selectDroplets(c)
	if apiErr != nil {
		return result{}, apiErr
	}
	return paginate(c, len(found), func(i int) *droplets.Droplet { return &found[i].Droplet },
		func(items []*droplets.Droplet, info pageInfo) dropletsPage { return dropletsPage{items, info} })
}

// selectDroplets returns the visible Droplets that match the query.
func (a *API) selectDroplets(c *call) ([]*droplet, *apiError) {
	tag, name, kind := c.query.Get("tag_name"), c.query.Get("name"), droplets.DropletType(c.query.Get("type"))
	switch {
	case tag != "" && (name != "" || kind != ""):
		return nil, unprocessable("tag_name cannot be combined with name or type.")
	case kind != "" && kind != droplets.DropletTypeDroplets && kind != droplets.DropletTypeGPUs:
		return nil, unprocessable("type must be droplets or gpus.")
	case tag != "":
		return a.visible(a.tagged(tag).droplets.list), nil
	}
	found := a.visible(*a.dropletsByType(kind == droplets.DropletTypeGPUs))
	if name != "" {
		found = filter(found, func(d *droplet) bool { return strings.EqualFold(d.Name, name) })
	}
	return found, nil
}

// findDroplet returns the Droplet whose id is the first path argument. It returns notFound if the Droplet does not exist or
// is not visible yet.
func (a *API) findDroplet(c *call) (*droplet, *apiError) {
	d := a.droplets[c.argID(0)]
	if d == nil || d.hidden {
		return nil, notFound
	}
	return d, nil
}

// onDroplet returns a handler that passes the Droplet in the path to h. The handler responds 404 if findDroplet finds none.
func onDroplet(h func(*API, *call, *droplet) (result, *apiError)) handler {
	return func(a *API, c *call) (result, *apiError) {
		d, apiErr := a.findDroplet(c)
		if apiErr != nil {
			return result{}, apiErr
		}
		return h(a, c, d)
	}
}

func (a *API) getDroplet(_ *call, d *droplet) (result, *apiError) {
	return result{http.StatusOK, dropletRoot{&d.Droplet}}, nil
}

// deleteDroplet deletes a Droplet even if an action is in progress, which then ends as errored.
func (a *API) deleteDroplet(c *call, d *droplet) (result, *apiError) {
	a.deleteAndRecord(c, d)
	return noContent, nil
}

// deleteDropletsByTag responds 404 if the tag does not exist, and 204 if no Droplet has it.
func (a *API) deleteDropletsByTag(c *call) (result, *apiError) {
	tagged, apiErr := a.dropletsWithTag(c)
	if apiErr != nil {
		return result{}, apiErr
	}
	if a.findTag(c.query.Get("tag_name")) == nil {
		return result{}, notFound
	}
	for _, d := range slices.Clone(tagged) {
		a.deleteAndRecord(c, d)
	}
	return noContent, nil
}

// dropletsWithTag returns the visible Droplets with the tag in the query.
func (a *API) dropletsWithTag(c *call) ([]*droplet, *apiError) {
	tag := c.query.Get("tag_name")
	if tag == "" {
		return nil, unprocessable("tag_name is required.")
	}
	return a.visible(a.tagged(tag).droplets.list), nil
}

func (a *API) deleteAndRecord(c *call, d *droplet) {
	a.removeDroplet(d, c.now)
	a.ledger.recordDelete(c, d)
}

// Droplets returns copies of the Droplets of the account, by id. It includes Droplets that are not visible to clients yet
// because of [Lag].
func (a *API) Droplets() []droplets.Droplet {
	a.lockAndApplyDue()
	defer a.mu.Unlock()
	all := make([]droplets.Droplet, len(a.orderedDroplets))
	for i, d := range a.orderedDroplets {
		all[i] = copyDroplet(d.Droplet)
	}
	return all
}
