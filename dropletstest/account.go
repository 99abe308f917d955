package dropletstest

import (
	"net/http"

	"github.com/droplets-go/droplets"
)

type account struct {
	DropletLimit  int    `json:"droplet_limit"`
	Email         string `json:"email"`
	UUID          string `json:"uuid"`
	EmailVerified bool   `json:"email_verified"`
	Status        string `json:"status"`
	StatusMessage string `json:"status_message"`
}

type (
	accountRoot struct {
		Account account `json:"account"`
	}
	regionsPage struct {
		Regions []*droplets.Region `json:"regions"`
		pageInfo
	}
	sizesPage struct {
		Sizes []*droplets.Size `json:"sizes"`
		pageInfo
	}
)

func (a *API) getAccount(*call) (answer, *refusal) {
	return answer{http.StatusOK, accountRoot{account{DropletLimit: a.config.maximum, Email: "user@dropletstest.invalid",
		UUID: "b6fr89dbf6d9156cace5f3c78dc9851d957381ef", EmailVerified: true, Status: "active"}}}, nil
}

func (a *API) listRegions(c *call) (answer, *refusal) {
	return paged(c, len(a.regions), func(i int) *droplets.Region { return a.regions[i] },
		func(items []*droplets.Region, info pageInfo) regionsPage { return regionsPage{items, info} })
}

func (a *API) listSizes(c *call) (answer, *refusal) {
	return paged(c, len(a.sizes), func(i int) *droplets.Size { return a.sizes[i] },
		func(items []*droplets.Size, info pageInfo) sizesPage { return sizesPage{items, info} })
}
