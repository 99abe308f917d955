package droplets

import (
	"fmt"
	"iter"
	"strings"
	"time"
)

// DestroyStatus is the progress of a destroy with associated resources.
type DestroyStatus struct {
	// CompletedAt is the time at which the destroy ended, with or without failures; nil while it is in progress.
	CompletedAt *time.Time `json:"completed_at,omitzero"`
	// Droplet is the Droplet; nil if the API does not return it.
	Droplet *DestroyedResource `json:"droplet,omitzero"`
	// Failures is the number of resources that could not be destroyed.
	Failures int `json:"failures"`
	// Resources are the other resources; nil if the API does not return them.
	Resources *DestroyedResources `json:"resources,omitzero"`
}

// DestroyedResources are the resources that a destroy includes, by type. Lists that the API does not return are nil.
type DestroyedResources struct {
	// FloatingIPs is the deprecated name of ReservedIPs. The API returns the same resources under both names.
	FloatingIPs []DestroyedResource `json:"floating_ips,omitzero"`
	// ReservedIPs are the reserved IP addresses that were assigned to the Droplet.
	ReservedIPs []DestroyedResource `json:"reserved_ips,omitzero"`
	// Snapshots are the snapshots of the Droplet.
	Snapshots []DestroyedResource `json:"snapshots,omitzero"`
	// Volumes are the volumes that were attached to the Droplet.
	Volumes []DestroyedResource `json:"volumes,omitzero"`
	// VolumeSnapshots are the snapshots of those volumes.
	VolumeSnapshots []DestroyedResource `json:"volume_snapshots,omitzero"`
}

// DestroyedResource is the Droplet or another resource that a destroy includes.
type DestroyedResource struct {
	// ID identifies the resource. The ID of a Droplet is a number in digits.
	ID string `json:"id"`
	// Name is the display name.
	Name string `json:"name"`
	// DestroyedAt is the time at which the resource was destroyed; nil if it was not destroyed.
	DestroyedAt *time.Time `json:"destroyed_at,omitzero"`
	// ErrorMessage is the reason why the resource could not be destroyed; empty otherwise.
	ErrorMessage string `json:"error_message"`
}

// DestroyError is returned if a destroy has ended and the Droplet or other resources were not destroyed. They remain billed.
type DestroyError struct {
	// Status is the status as last returned by the API.
	Status *DestroyStatus
}

// Error returns one line with each resource that could not be destroyed and the reason.
func (e *DestroyError) Error() string {
	if e.Status == nil {
		return "droplets: resources were not destroyed"
	}
	var failed []string
	for kind, r := range e.Status.failed() {
		failed = append(failed, fmt.Sprintf("%s %s (%s): %s", kind, oneLine(r.ID), oneLine(r.Name), oneLine(r.ErrorMessage)))
	}
	count := max(e.Status.Failures, len(failed))
	if count == 0 {
		return "droplets: the destroy has ended, but its status does not confirm that the Droplet was destroyed"
	}
	text := fmt.Sprintf("droplets: %d resources were not destroyed", count)
	if len(failed) > 0 {
		text += ": " + strings.Join(failed, "; ")
	}
	return text
}

// failed returns an iterator over the types and the resources that could not be destroyed, the Droplet first. A Droplet that
// was not destroyed when the destroy ended is one of them, even without an error message.
func (s *DestroyStatus) failed() iter.Seq2[string, DestroyedResource] {
	return func(yield func(string, DestroyedResource) bool) {
		if d := s.Droplet; d != nil && (d.ErrorMessage != "" || s.CompletedAt != nil && d.DestroyedAt == nil) {
			failed := *d
			if failed.ErrorMessage == "" {
				failed.ErrorMessage = "not destroyed when the destroy ended"
			}
			if !yield("droplet", failed) {
				return
			}
		}
		if s.Resources == nil {
			return
		}
		seen := make(map[string]bool)
		for _, kind := range []struct {
			name      string
			resources []DestroyedResource
		}{
			{"reserved_ip", s.Resources.ReservedIPs}, {"floating_ip", s.Resources.FloatingIPs},
			{"snapshot", s.Resources.Snapshots}, {"volume", s.Resources.Volumes},
			{"volume_snapshot", s.Resources.VolumeSnapshots},
		} {
			for _, r := range kind.resources {
				if kind.name == "floating_ip" && seen[r.ID] {
					continue // it is one of the reserved IPs, too
				}
				seen[r.ID] = true
				if r.ErrorMessage != "" && !yield(kind.name, r) {
					return
				}
			}
		}
	}
}

// finished reports whether a destroy has ended, and returns a [*DestroyError] unless everything was destroyed. That requires
// the time at which the Droplet was destroyed.
func (s *DestroyStatus) finished() (bool, error) {
	switch {
	case s.CompletedAt == nil:
		return false, nil
	case s.Failures > 0 || s.Droplet == nil || s.Droplet.DestroyedAt == nil:
		return true, &DestroyError{Status: s}
	}
	for range s.failed() {
		return true, &DestroyError{Status: s}
	}
	return true, nil
}

type destroyStatusRoot struct{ DestroyStatus }

func (r *destroyStatusRoot) missing() string {
	if r.Droplet != nil && r.Droplet.ID == "" {
		return "droplet.id"
	}
	return missingIf(r.Droplet == nil && r.Resources == nil && r.CompletedAt == nil, "droplet")
}
