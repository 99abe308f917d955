package dropletstest

import "net/http"

type account struct {
	DropletLimit  int    `json:"droplet_limit"`
	Email         string `json:"email"`
	UUID          string `json:"uuid"`
	EmailVerified bool   `json:"email_verified"`
	Status        string `json:"status"`
	StatusMessage string `json:"status_message"`
}

type accountRoot struct {
	Account account `json:"account"`
}

func (a *API) getAccount(*call) (result, *apiError) {
	return result{http.StatusOK, accountRoot{account{DropletLimit: a.config.dropletLimit, Email: "user@dropletstest.invalid",
		UUID: "b6fr89dbf6d9156cace5f3c78dc9851d957381ef", EmailVerified: true, Status: "active"}}}, nil
}
