package dropletstest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/droplets-go/droplets"
)

// resourceKind is a kind of what belongs to a Droplet.
type resourceKind string

const (
	kindDroplet        resourceKind = "Droplet"
	kindReservedIP     resourceKind = "Reserved IP"
	kindSnapshot       resourceKind = "Snapshot"
	kindVolume         resourceKind = "Volume"
	kindVolumeSnapshot resourceKind = "Volume snapshot"
)

// What a resource costs a month.
const (
	snapshotPrice       = 0.06 // USD for each GB
	volumePrice         = 0.10 // USD for each GB
	volumeSnapshotPrice = 0.06 // USD for each GB
	reservedIPCost      = "5.00"
)

// volume is block storage, with its snapshots.
type volume struct {
	ID        string           `json:"id"`
	Name      string           `json:"name"`
	Size      int              `json:"size"`
	Region    string           `json:"region"`
	DropletID int64            `json:"droplet_id"` // 0 while it is not attached
	Snapshots []volumeSnapshot `json:"snapshots"`
}

type volumeSnapshot struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
}

type reservedIP struct {
	Address   string `json:"address"`
	DropletID int64  `json:"droplet_id"`
}

// resource is one thing that belongs to a Droplet, of whatever kind.
type resource struct {
	kind resourceKind
	id   string
	name string
	cost string
}

func (r resource) namedIn(req droplets.SelectiveDestroyRequest) []string {
	switch r.kind {
	case kindReservedIP:
		return slices.Concat(req.ReservedIPs, req.FloatingIPs)
	case kindSnapshot:
		return req.Snapshots
	case kindVolume:
		return req.Volumes
	case kindVolumeSnapshot:
		return req.VolumeSnapshots
	}
	return nil
}

func (r resource) associated() droplets.AssociatedResource {
	return droplets.AssociatedResource{ID: r.id, Name: r.name, Cost: r.cost}
}

// belongings are what stays, and stays billed, after a Droplet. Snapshots of volumes stand before the volumes, which
// is the order in which they can be destroyed.
func (s *state) belongings(d *droplet) []resource {
	var all []resource
	for _, ip := range s.ips {
		if ip.DropletID == d.ID {
			all = append(all, resource{kindReservedIP, ip.Address, ip.Address, reservedIPCost})
		}
	}
	for _, id := range d.SnapshotIDs {
		image := s.images[id]
		all = append(all, resource{kindSnapshot, strconv.FormatInt(id, 10), image.Name, monthly(image.SizeGigabytes * snapshotPrice)})
	}
	for _, id := range d.VolumeIDs {
		for _, snap := range s.volumes[id].Snapshots {
			all = append(all, resource{kindVolumeSnapshot, snap.ID, snap.Name, monthly(float64(s.volumes[id].Size) * volumeSnapshotPrice)})
		}
	}
	for _, id := range d.VolumeIDs {
		v := s.volumes[id]
		all = append(all, resource{kindVolume, id, v.Name, monthly(float64(v.Size) * volumePrice)})
	}
	return all
}

func monthly(usd float64) string { return fmt.Sprintf("%.2f", usd) }

func (a *API) listAssociated(c *call) (answer, *refusal) {
	d, no := a.droplet(c)
	if no != nil {
		return answer{}, no
	}
	none := []droplets.AssociatedResource{}
	list := droplets.AssociatedResources{FloatingIPs: none, ReservedIPs: none, Snapshots: none, Volumes: none, VolumeSnapshots: none}
	for _, r := range a.belongings(d) {
		switch r.kind {
		case kindReservedIP:
			list.ReservedIPs = append(list.ReservedIPs, r.associated())
			list.FloatingIPs = append(list.FloatingIPs, r.associated())
		case kindSnapshot:
			list.Snapshots = append(list.Snapshots, r.associated())
		case kindVolume:
			list.Volumes = append(list.Volumes, r.associated())
		case kindVolumeSnapshot:
			list.VolumeSnapshots = append(list.VolumeSnapshots, r.associated())
		}
	}
	return answer{http.StatusOK, list}, nil
}

// destroyResource is the effect of a destroy on one thing. What is gone already is gone.
func (a *API) destroyResource(e event, kind resourceKind, id string) {
	switch kind {
	case kindDroplet:
		if d := a.droplets[e.Droplet]; d != nil {
			a.removeDroplet(d, e.At)
			a.ledger.ended(d, e.At)
		}
	case kindReservedIP:
		a.ips = slices.DeleteFunc(a.ips, func(ip *reservedIP) bool { return ip.Address == id })
	case kindSnapshot:
		image, _ := strconv.ParseInt(id, 10, 64)
		a.removeImage(image)
	case kindVolume:
		delete(a.volumes, id)
	case kindVolumeSnapshot:
		a.removeVolumeSnapshot(id)
	}
}

func (s *state) removeVolumeSnapshot(id string) (there bool) {
	for _, v := range s.volumes {
		v.Snapshots = slices.DeleteFunc(v.Snapshots, func(snap volumeSnapshot) bool {
			there = there || snap.ID == id
			return snap.ID == id
		})
	}
	return there
}

func (a *API) attach(d *droplet, v *volume) {
	v.DropletID = d.ID
	d.VolumeIDs = append(d.VolumeIDs, v.ID)
}

// AddVolume makes a volume of that many GB in a region and returns its id, for a create request to name, or for
// [API.AttachVolume].
func (a *API) AddVolume(name, region string, gigabytes int) string {
	a.lockNow()
	defer a.mu.Unlock()
	v := &volume{ID: a.nextUUID(), Name: name, Region: region, Size: gigabytes}
	a.volumes[v.ID] = v
	return v.ID
}

// AttachVolume attaches a volume to a Droplet. It reports whether there are both and the volume is free.
func (a *API) AttachVolume(volumeID string, dropletID int64) bool {
	a.lockNow()
	defer a.mu.Unlock()
	v, d := a.volumes[volumeID], a.droplets[dropletID]
	if v == nil || d == nil || v.DropletID != 0 {
		return false
	}
	a.attach(d, v)
	return true
}

// AddVolumeSnapshot makes a snapshot of a volume and returns its id, or nothing when there is no such volume.
func (a *API) AddVolumeSnapshot(volumeID, name string) string {
	now := a.lockNow()
	defer a.mu.Unlock()
	v := a.volumes[volumeID]
	if v == nil {
		return ""
	}
	snap := volumeSnapshot{ID: a.nextUUID(), Name: name, CreatedAt: wholeSeconds(now)}
	v.Snapshots = append(v.Snapshots, snap)
	return snap.ID
}

// AddReservedIP assigns a new reserved IP to a Droplet and returns the address, which is also its id.
func (a *API) AddReservedIP(dropletID int64) string {
	a.lockNow()
	defer a.mu.Unlock()
	address := fmt.Sprintf("203.0.113.%d", next(&a.counters.IP)%254+1)
	a.ips = append(a.ips, &reservedIP{Address: address, DropletID: dropletID})
	return address
}
