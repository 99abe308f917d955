package dropletstest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/droplets-go/droplets"
)

// resourceKind is a kind of resource that a destroy with associated resources can delete. The values are part of the saved
// state and of error messages.
type resourceKind string

const (
	kindDroplet        resourceKind = "Droplet"
	kindReservedIP     resourceKind = "Reserved IP"
	kindSnapshot       resourceKind = "Snapshot"
	kindVolume         resourceKind = "Volume"
	kindVolumeSnapshot resourceKind = "Volume snapshot"
)

// The monthly prices of resources.
const (
	snapshotPrice       = 0.06   // USD per GB
	volumePrice         = 0.10   // USD per GB
	volumeSnapshotPrice = 0.06   // USD per GB
	reservedIPCost      = "5.00" // USD
)

// resource is a resource of any kind that is associated with a Droplet.
type resource struct {
	kind resourceKind
	id   string
	name string
	cost string // USD per month
}

func (r resource) toAssociatedResource() droplets.AssociatedResource {
	return droplets.AssociatedResource{ID: r.id, Name: r.name, Cost: r.cost}
}

// associatedResources returns the resources that remain, and are billed, after the Droplet is deleted. Snapshots of volumes
// are before the volumes, because they must be destroyed first.
func (s *state) associatedResources(d *droplet) []resource {
	var all []resource
	for _, ip := range s.reservedIPs {
		if ip.DropletID == d.ID {
			all = append(all, resource{kindReservedIP, ip.Address, ip.Address, reservedIPCost})
		}
	}
	for _, id := range d.SnapshotIDs {
		image := s.images[id]
		all = append(all, resource{kindSnapshot, strconv.FormatInt(id, 10), image.Name, formatCost(image.SizeGigabytes * snapshotPrice)})
	}
	for _, id := range d.VolumeIDs {
		for _, snap := range s.volumes[id].snapshots {
			all = append(all, resource{kindVolumeSnapshot, snap.ID, snap.Name, formatCost(float64(s.volumes[id].Size) * volumeSnapshotPrice)})
		}
	}
	for _, id := range d.VolumeIDs {
		v := s.volumes[id]
		all = append(all, resource{kindVolume, id, v.Name, formatCost(float64(v.Size) * volumePrice)})
	}
	return all
}

func formatCost(usd float64) string { return fmt.Sprintf("%.2f", usd) }

func (a *API) listAssociatedResources(_ *call, d *droplet) (result, *apiError) {
	empty := []droplets.AssociatedResource{}
	list := droplets.AssociatedResources{FloatingIPs: empty, ReservedIPs: empty, Snapshots: empty, Volumes: empty, VolumeSnapshots: empty}
	for _, r := range a.associatedResources(d) {
		switch r.kind {
		case kindReservedIP:
			list.ReservedIPs = append(list.ReservedIPs, r.toAssociatedResource())
			list.FloatingIPs = append(list.FloatingIPs, r.toAssociatedResource())
		case kindSnapshot:
			list.Snapshots = append(list.Snapshots, r.toAssociatedResource())
		case kindVolume:
			list.Volumes = append(list.Volumes, r.toAssociatedResource())
		case kindVolumeSnapshot:
			list.VolumeSnapshots = append(list.VolumeSnapshots, r.toAssociatedResource())
		}
	}
	return result{http.StatusOK, list}, nil
}

// selectableKinds are the kinds that a selective destroy can name.
var selectableKinds = []resourceKind{kindReservedIP, kindSnapshot, kindVolume, kindVolumeSnapshot}

// selectedIDs returns the ids of one kind in a selective destroy request.
func selectedIDs(req droplets.SelectiveDestroyRequest, kind resourceKind) []string {
	switch kind {
	case kindReservedIP:
		return slices.Concat(req.ReservedIPs, req.FloatingIPs)
	case kindSnapshot:
		return req.Snapshots
	case kindVolume:
		return req.Volumes
	default:
		return req.VolumeSnapshots
	}
}

// checkAssociated rejects a request that names a resource that is not associated with the Droplet.
func checkAssociated(req droplets.SelectiveDestroyRequest, resources []resource) *apiError {
	for _, kind := range selectableKinds {
		for _, id := range selectedIDs(req, kind) {
			if !slices.ContainsFunc(resources, func(r resource) bool { return r.kind == kind && r.id == id }) {
				return unprocessable("%s %q is not associated with this Droplet.", kind, id)
			}
		}
	}
	return nil
}

// destroyResource deletes a resource as part of a destroy with associated resources. It does nothing if the resource does not exist.
func (a *API) destroyResource(e event, kind resourceKind, id string) {
	switch kind {
	case kindDroplet:
		if d := a.droplets[e.Droplet]; d != nil {
			a.ledger.recordDestroyed(d, e.At)
			a.removeDroplet(d, e.At)
		}
	case kindReservedIP:
		a.removeReservedIP(id)
	case kindSnapshot:
		imageID, _ := strconv.ParseInt(id, 10, 64)
		a.removeImage(imageID, e.At)
	case kindVolume:
		a.removeVolume(id)
	case kindVolumeSnapshot:
		a.removeVolumeSnapshot(id)
	}
}
