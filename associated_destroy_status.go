package droplets

import (
	"fmt"
	"iter"
	"strings"
	"time"
)

// DestroyStatus is how far a destroy with associated resources has come.
type DestroyStatus struct {
	// CompletedAt is when it ended, with or without failures; nil until then.
	CompletedAt *time.Time `json:"completed_at,omitzero"`
	// Droplet is the Droplet; nil where the API does not say.
	Droplet *DestroyedResource `json:"droplet,omitzero"`
	// Failures is how many resources could not be destroyed.
	Failures int `json:"failures"`
	// Resources are the other resources; nil where the API does not say.
	Resources *DestroyedResources `json:"resources,omitzero"`
}

// DestroyedResources are the resources of a destroy, by kind. A kind that the API does not name is nil.
type DestroyedResources struct {
	// FloatingIPs is the old name for ReservedIPs.
	FloatingIPs []DestroyedResource `json:"floating_ips,omitzero"`
	// ReservedIPs are public addresses.
	ReservedIPs []DestroyedResource `json:"reserved_ips,omitzero"`
	// Snapshots are snapshots of the Droplet.
	Snapshots []DestroyedResource `json:"snapshots,omitzero"`
	// Volumes were attached to the Droplet.
	Volumes []DestroyedResource `json:"volumes,omitzero"`
	// VolumeSnapshots are snapshots of those volumes.
	VolumeSnapshots []DestroyedResource `json:"volume_snapshots,omitzero"`
}

// DestroyedResource is one resource of a destroy.
type DestroyedResource struct {
	// ID names the resource; that of a Droplet is its number in digits.
	ID string `json:"id"`
	// Name is the display name.
	Name string `json:"name"`
	// DestroyedAt is when it was destroyed; nil while it is not.
	DestroyedAt *time.Time `json:"destroyed_at,omitzero"`
	// ErrorMessage says why it could not be destroyed; empty otherwise.
	ErrorMessage string `json:"error_message"`
}

// DestroyError is returned if a destroy has ended and has left the Droplet or other resources behind. They are still billed.
type DestroyError struct {
	// Status is the destroy as last seen.
	Status *DestroyStatus
}

// Error names each resource that could not be destroyed, and why.
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
		return "droplets: the destroy has ended and its status does not say that the Droplet was destroyed"
	}
	text := fmt.Sprintf("droplets: %d resources were not destroyed", count)
	if len(failed) > 0 {
		text += ": " + strings.Join(failed, "; ")
	}
	return text
}

// failed iterates over the resources that have an error, the Droplet first.
func (s *DestroyStatus) failed() iter.Seq2[string, DestroyedResource] {
	return func(yield func(string, DestroyedResource) bool) {
		if d := s.Droplet; d != nil && (d.ErrorMessage != "" || s.CompletedAt != nil && d.DestroyedAt == nil) {
			failed := *d
			if failed.ErrorMessage == "" {
				failed.ErrorMessage = "the destroy has ended without it"
			}
			if !yield("droplet", failed) {
				return
			}
		}
		if s.Resources == nil {
			return
		}
		known := make(map[string]bool)
		for _, kind := range []struct {
			name      string
			resources []DestroyedResource
		}{
			{"reserved_ip", s.Resources.ReservedIPs}, {"floating_ip", s.Resources.FloatingIPs},
			{"snapshot", s.Resources.Snapshots}, {"volume", s.Resources.Volumes},
			{"volume_snapshot", s.Resources.VolumeSnapshots},
		} {
			for _, r := range kind.resources {
				if kind.name == "floating_ip" && known[r.ID] {
					continue // it stands under its new name already
				}
				known[r.ID] = true
				if r.ErrorMessage != "" && !yield(kind.name, r) {
					return
				}
			}
		}
	}
}

// finished reports whether a destroy has ended, and the error if it has left something behind.
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
