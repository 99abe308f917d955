package main

import (
	"bytes"
	"encoding/json"
	"net"
	"strconv"

	"github.com/droplets-go/droplets"
)

// targetGroup is an element of the file. The labels of a group apply to all of its targets, so each Droplet has a group of its own.
type targetGroup struct {
	Targets []string `json:"targets"`
	Labels  labels   `json:"labels"`
}

// newTargetGroups returns a group for each Droplet, in their order. It leaves out Droplets without an IPv4 address, as Prometheus
// does: a new Droplet has no address yet.
func newTargetGroups(found []droplets.Droplet, port int) []targetGroup {
	groups := make([]targetGroup, 0, len(found)) // an empty list is [] in JSON, not null
	for i := range found {
		l := newLabels(&found[i])
		if l.address() == "" {
			continue
		}
		groups = append(groups, targetGroup{Targets: []string{net.JoinHostPort(l.address(), strconv.Itoa(port))}, Labels: l})
	}
	return groups
}

// encode returns the content of the file. Equal groups have equal content.
func encode(groups []targetGroup) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(groups)
	return b.Bytes(), err
}
