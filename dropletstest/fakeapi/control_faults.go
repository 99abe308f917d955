package main

import (
	"errors"
	"fmt"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

type faultList struct {
	Faults []faultSpec `json:"faults"`
}

func getFaults(c *controlCall) (any, error) {
	list := faultList{Faults: []faultSpec{}}
	for _, f := range c.api.Faults() {
		list.Faults = append(list.Faults, newFaultSpec(f))
	}
	return list, nil
}

func postFault(c *controlCall) (any, error) {
	var s faultSpec
	if err := c.decode(&s); err != nil {
		return nil, err
	}
	f, err := s.plan()
	if err != nil {
		return nil, err
	}
	c.api.Respond(f.Remaining, f.Match, f.Fault)
	return newFaultSpec(f), nil
}

// clearedFaults is the response of DELETE /_fake/faults.
type clearedFaults struct {
	Unused int `json:"unused"`
}

func deleteFaults(c *controlCall) (any, error) {
	c.api.ClearFailures()
	return clearedFaults{c.api.ClearFaults()}, nil
}

type actionFailureRequest struct {
	Type  string   `json:"type,omitempty"`
	Types []string `json:"types,omitempty"`
	Nth   *int     `json:"nth"`
}

func postFailNextAction(c *controlCall) (any, error) {
	one := 1
	req := actionFailureRequest{Nth: &one}
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	switch {
	case req.Type != "" && req.Types != nil:
		return nil, fieldErrorf("type", "cannot be combined with types")
	case req.Types != nil && len(req.Types) == 0:
		return nil, fieldErrorf("types", "must not be empty; omit it for all types")
	case req.Nth == nil || *req.Nth < 1 || *req.Nth > maxTimes:
		return nil, fieldErrorf("nth", "must be between 1 and %d", maxTimes)
	}
	names := req.Types
	if req.Type != "" {
		names = []string{req.Type}
	}
	var types []droplets.ActionType
	for _, name := range names {
		t, err := parseActionType(name)
		if err == nil && t == dropletstest.ActionTypeDestroy {
			err = errors.New("must be a type of action; for a destroy with associated resources, use /_fake/fail-next-destroy")
		}
		if err != nil {
			return nil, &fieldError{"type", err}
		}
		types = append(types, t)
	}
	c.api.FailAction(*req.Nth, types...)
	return req, nil
}

type destroyFailureRequest struct {
	ResourceID string `json:"resource_id"`
	Message    string `json:"message,omitempty"`
}

func postFailNextDestroy(c *controlCall) (any, error) {
	var req destroyFailureRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	if req.ResourceID == "" {
		return nil, fieldErrorf("resource_id", "is required")
	}
	c.api.FailNextDestroy(req.ResourceID, req.Message)
	return req, nil
}

type shutdownRequest struct {
	DropletIDs []int64 `json:"droplet_ids,omitempty"`
}

func postIgnoreShutdown(c *controlCall) (any, error) {
	var req shutdownRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	if req.DropletIDs != nil && len(req.DropletIDs) == 0 {
		return nil, fieldErrorf("droplet_ids", "must not be empty; omit it for all Droplets")
	}
	exists := make(map[int64]bool)
	for _, d := range c.api.Droplets() {
		exists[d.ID] = true
	}
	for i, id := range req.DropletIDs {
		if !exists[id] {
			return nil, fieldErrorf(fmt.Sprintf("droplet_ids[%d]", i), "must be the id of a Droplet, not %d", id)
		}
	}
	c.api.IgnoreShutdown(req.DropletIDs...)
	return req, nil
}
