package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"github.com/droplets-go/droplets/dropletstest"
)

// accountSummary is the response of the endpoints that replace the account.
type accountSummary struct {
	Droplets int       `json:"droplets"`
	Now      time.Time `json:"now"`
}

func (c *controlCall) summary() (any, error) {
	api := c.server.api()
	return accountSummary{len(api.Droplets()), api.Clock().Now().UTC()}, nil
}

// postReset replaces the account with one as it was at the start. Fields of the body override the settings of the command line until
// the next reset.
func postReset(c *controlCall) (any, error) {
	settings := c.server.settings.account
	if err := c.decode(&settings); err != nil {
		return nil, err
	}
	if c.server.saved != nil && settings.Seed > 0 {
		return nil, fieldErrorf("seed", "cannot be combined with the account of -state")
	}
	if err := c.server.reset(settings); err != nil {
		return nil, err
	}
	return c.summary()
}

func postSeed(c *controlCall) (any, error) {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil, errors.New("the body must be a JSON object with count, droplets or other resources")
	}
	var r dropletstest.Resources
	if err := c.decode(&r); err != nil {
		return nil, err
	}
	return c.api.Add(r)
}

func getState(c *controlCall) (any, error) {
	var b bytes.Buffer
	if err := c.api.WriteState(&b); err != nil {
		return nil, err
	}
	return json.RawMessage(b.Bytes()), nil
}

func putState(c *controlCall) (any, error) {
	if err := c.api.ReadState(bytes.NewReader(c.body)); err != nil {
		return nil, err
	}
	return c.summary()
}

// clockStatus is the response of the endpoints of the clock.
type clockStatus struct {
	Now    time.Time `json:"now"`
	Manual bool      `json:"manual"`
}

func getClock(c *controlCall) (any, error) {
	clock := c.api.Clock()
	return clockStatus{clock.Now().UTC(), clock.Manual()}, nil
}

// maxAdvance is the largest duration by which one request can advance the clock. It limits the time that the next request takes,
// because the fake makes one backup for each day.
const maxAdvance = 366 * 24 * time.Hour

func postClock(c *controlCall) (any, error) {
	var req struct {
		Advance string `json:"advance"`
	}
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	if req.Advance == "" {
		return nil, fieldErrorf("advance", "is required, such as 55s")
	}
	d, err := parseDuration(req.Advance)
	clock := c.api.Clock()
	switch {
	case err != nil:
		return nil, &fieldError{"advance", err}
	case d > maxAdvance:
		return nil, fieldErrorf("advance", "must be at most %s", maxAdvance)
	case clock.Now().Add(d).After(lastClockTime):
		return nil, fieldErrorf("advance", "must not move the clock beyond %s", lastClockTime.Format(time.DateOnly))
	}
	clock.Advance(d)
	return getClock(c)
}
