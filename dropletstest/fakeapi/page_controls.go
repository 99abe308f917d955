package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/droplets-go/droplets"
)

// control is a button of the page. Pressing it sends one request to the control API or to the API.
type control struct {
	Name   string // the value of the field do in the form
	Label  string
	Danger bool
	// Confirm is a question that the user must confirm first. If it is empty, there is none.
	Confirm string
	// Done is the text of the notice after a successful request.
	Done string

	request func(form url.Values) (controlRequest, error)
}

// controlGroup is a labeled group of controls.
type controlGroup struct {
	Name     string
	Controls []control
}

// controlRequest is a request to the control API or to the API.
type controlRequest struct{ Method, Path, Body string }

// controlFault is the control in the form with the list of presets.
var controlFault = control{Name: "fault", Label: "Add fault", Done: "The fault is planned.", request: presetRequest}

// controlGroups are the other controls that are not for one Droplet, in the order of the page.
var controlGroups = []controlGroup{
	{"Account", []control{
		{Name: "seed", Label: "Add 3 Droplets", Done: "3 Droplets were added.",
			request: fixed(http.MethodPost, "/_fake/seed", `{"count":3}`)},
		{Name: "reset", Label: "Reset account", Danger: true, Done: "The account is as it was at the start.",
			Confirm: "Reset the account to what it was at the start? Droplets that were created since are lost.",
			request: fixed(http.MethodPost, "/_fake/reset", "")},
	}},
	{"Clock", []control{
		{Name: "advance-10s", Label: "+10 s", Done: "The clock was advanced by 10 seconds.",
			request: fixed(http.MethodPost, "/_fake/clock", `{"advance":"10s"}`)},
		{Name: "advance-1m", Label: "+1 min", Done: "The clock was advanced by a minute.",
			request: fixed(http.MethodPost, "/_fake/clock", `{"advance":"1m"}`)},
	}},
	{"Failures", []control{
		{Name: "fail-next-action", Label: "Fail next action", Done: "The next action will fail.",
			request: fixed(http.MethodPost, "/_fake/fail-next-action", "")},
		{Name: "clear-faults", Label: "Clear faults", Done: "The planned faults and failures were removed.",
			request: fixed(http.MethodDelete, "/_fake/faults", "")},
	}},
}

// allDropletControls are the controls of a Droplet.
var allDropletControls = []control{
	dropletAction(droplets.ActionTypePowerOn, "Power on"),
	dropletAction(droplets.ActionTypeShutdown, "Shut down"),
	dropletAction(droplets.ActionTypeReboot, "Reboot"),
	dropletAction(droplets.ActionTypePowerOff, "Power off"),
	{Name: "delete", Label: "Delete", Danger: true, Confirm: "Delete this Droplet?", Done: "The Droplet was deleted.",
		request: deleteRequest},
}

// dropletControls returns the controls of a Droplet with a status: those that the API does not reject because of it.
func dropletControls(s droplets.DropletStatus) []control {
	powerOn, others, remove := allDropletControls[:1:1], allDropletControls[1:], allDropletControls[len(allDropletControls)-1]
	switch s {
	case droplets.DropletStatusActive:
		return others
	case droplets.DropletStatusOff:
		return append(powerOn, remove)
	default:
		return []control{remove}
	}
}

// controls are all controls by name.
var controls = func() map[string]control {
	all := map[string]control{controlFault.Name: controlFault}
	for _, group := range controlGroups {
		for _, c := range group.Controls {
			all[c.Name] = c
		}
	}
	for _, c := range allDropletControls {
		all[c.Name] = c
	}
	return all
}()

// fixed returns a function that returns the same request for every form.
func fixed(method, path, body string) func(url.Values) (controlRequest, error) {
	return func(url.Values) (controlRequest, error) { return controlRequest{method, path, body}, nil }
}

func dropletAction(t droplets.ActionType, label string) control {
	body := fmt.Sprintf(`{"type":%q}`, t)
	request := func(form url.Values) (controlRequest, error) {
		path, err := dropletPath(form)
		return controlRequest{http.MethodPost, path + "/actions", body}, err
	}
	return control{Name: string(t), Label: label, Done: label + ": the action has started.", request: request}
}

func deleteRequest(form url.Values) (controlRequest, error) {
	path, err := dropletPath(form)
	return controlRequest{http.MethodDelete, path, ""}, err
}

func dropletPath(form url.Values) (string, error) {
	id, err := strconv.ParseInt(form.Get("droplet"), 10, 64)
	if err != nil {
		return "", fmt.Errorf("invalid Droplet id %q", form.Get("droplet"))
	}
	return "/v2/droplets/" + strconv.FormatInt(id, 10), nil
}

// faultPreset is a fault that can be selected on the page.
type faultPreset struct {
	Name, Label string
	fault       faultSpec
}

var faultPresets = []faultPreset{
	{"create-503", "Next create: 503", faultSpec{Operation: "droplets_create", Status: http.StatusServiceUnavailable}},
	{"create-lost", "Next create: response lost", faultSpec{Operation: "droplets_create", Applied: true, Break: "response"}},
	{"any-429", "Next request: 429, Retry-After 5 s",
		faultSpec{Status: http.StatusTooManyRequests, Headers: map[string]headerValues{"Retry-After": {"5"}}}},
	{"any-500", "Next request: 500", faultSpec{Status: http.StatusInternalServerError}},
	{"any-slow", "Next request: 5 s delay", faultSpec{Delay: "5s"}},
}

// presetRequest returns the request for the selected fault.
func presetRequest(form url.Values) (controlRequest, error) {
	for _, preset := range faultPresets {
		if preset.Name == form.Get("fault") {
			body, err := json.Marshal(preset.fault)
			return controlRequest{http.MethodPost, "/_fake/faults", string(body)}, err
		}
	}
	return controlRequest{}, fmt.Errorf("unknown fault %q", form.Get("fault"))
}
