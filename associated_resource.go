package droplets

import (
	"fmt"
	"math/big"
	"strings"
)

// AssociatedResources is what belongs to a Droplet, by kind. A kind that the API does not name is nil.
type AssociatedResources struct {
	// FloatingIPs is the old name for ReservedIPs; the API gives the same resources under both.
	FloatingIPs []AssociatedResource `json:"floating_ips,omitzero"`
	// ReservedIPs are public addresses that are assigned to the Droplet.
	ReservedIPs []AssociatedResource `json:"reserved_ips,omitzero"`
	// Snapshots are snapshots of the Droplet.
	Snapshots []AssociatedResource `json:"snapshots,omitzero"`
	// Volumes are attached to the Droplet.
	Volumes []AssociatedResource `json:"volumes,omitzero"`
	// VolumeSnapshots are snapshots of those volumes.
	VolumeSnapshots []AssociatedResource `json:"volume_snapshots,omitzero"`
}

// AssociatedResource is one resource that belongs to a Droplet.
type AssociatedResource struct {
	// ID names the resource in a [SelectiveDestroyRequest].
	ID string `json:"id"`
	// Name is the display name.
	Name string `json:"name"`
	// Cost is what it costs if it is kept after the Droplet, in USD a month, as a decimal number.
	Cost string `json:"cost"`
}

// MonthlyCost is what stays billed, by kind and in all, in USD a month. The sums are exact decimal numbers such as
// "6.30", with two digits after the point or as many more as they need.
type MonthlyCost struct {
	// ReservedIPs, Snapshots, Volumes and VolumeSnapshots are the sums by kind.
	ReservedIPs, Snapshots, Volumes, VolumeSnapshots string
	// Total is the sum of all four.
	Total string
}

// MonthlyCost adds up what would stay billed if everything were kept after the Droplet. A resource that stands under
// both ReservedIPs and FloatingIPs counts once. A cost that is not a decimal number is an error, never zero.
func (r *AssociatedResources) MonthlyCost() (MonthlyCost, error) {
	var m MonthlyCost
	total := new(big.Rat)
	for _, kind := range []struct {
		name      string
		resources []AssociatedResource
		sum       *string
	}{
		{"reserved_ips", r.reservedIPs(), &m.ReservedIPs},
		{"snapshots", r.Snapshots, &m.Snapshots},
		{"volumes", r.Volumes, &m.Volumes},
		{"volume_snapshots", r.VolumeSnapshots, &m.VolumeSnapshots},
	} {
		sum := new(big.Rat)
		for _, resource := range kind.resources {
			cost, err := parseCost(resource.Cost)
			if err != nil {
				return MonthlyCost{}, fmt.Errorf("droplets: cost of %s %q: %w", kind.name, resource.ID, err)
			}
			sum.Add(sum, cost)
		}
		*kind.sum = formatCost(sum)
		total.Add(total, sum)
	}
	m.Total = formatCost(total)
	return m, nil
}

// reservedIPs are those under the new name and those that stand under the old name alone.
func (r *AssociatedResources) reservedIPs() []AssociatedResource {
	known := make(map[string]bool)
	var ips []AssociatedResource
	for _, list := range [][]AssociatedResource{r.ReservedIPs, r.FloatingIPs} {
		for _, ip := range list {
			if !known[ip.ID] {
				ips = append(ips, ip)
			}
		}
		for _, ip := range list {
			known[ip.ID] = true
		}
	}
	return ips
}

func parseCost(s string) (*big.Rat, error) {
	digits := strings.Replace(s, ".", "", 1)
	if !isDigits(digits) || len(s) > 32 {
		return nil, fmt.Errorf("%q is not a decimal number", oneLine(s))
	}
	cost, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, fmt.Errorf("%q is not a decimal number", oneLine(s))
	}
	return cost, nil
}

// formatCost is exact: the sum of decimal numbers is one.
func formatCost(cost *big.Rat) string {
	digits, _ := cost.FloatPrec()
	return cost.FloatString(max(digits, 2))
}

// SelectiveDestroyRequest names the resources to destroy together with a Droplet, by the ids that
// [AssociatedResourcesService.List] gives. What it does not name is kept.
type SelectiveDestroyRequest struct {
	// FloatingIPs is the old name for ReservedIPs.
	FloatingIPs []string `json:"floating_ips,omitempty"`
	// ReservedIPs are released.
	ReservedIPs []string `json:"reserved_ips,omitempty"`
	// Snapshots are deleted.
	Snapshots []string `json:"snapshots,omitempty"`
	// Volumes are deleted.
	Volumes []string `json:"volumes,omitempty"`
	// VolumeSnapshots are deleted.
	VolumeSnapshots []string `json:"volume_snapshots,omitempty"`
}

// UnmarshalJSON decodes a stored request and rejects what it would lose, such as an unknown field.
func (r *SelectiveDestroyRequest) UnmarshalJSON(b []byte) error {
	type plain SelectiveDestroyRequest
	build := func(p *plain) (SelectiveDestroyRequest, error) { return SelectiveDestroyRequest(*p), nil }
	return decodeRequest(b, r, build, func(r SelectiveDestroyRequest) any { return plain(r) })
}

func (r SelectiveDestroyRequest) check() error {
	for _, list := range []struct {
		field string
		ids   []string
	}{
		{"FloatingIPs", r.FloatingIPs}, {"ReservedIPs", r.ReservedIPs}, {"Snapshots", r.Snapshots},
		{"Volumes", r.Volumes}, {"VolumeSnapshots", r.VolumeSnapshots},
	} {
		if err := checkEach(list.field, list.ids); err != nil {
			return err
		}
	}
	return nil
}

type associatedRoot struct{ AssociatedResources }

func (r *associatedRoot) missing() string {
	return missingIf(r.FloatingIPs == nil && r.ReservedIPs == nil && r.Snapshots == nil && r.Volumes == nil &&
		r.VolumeSnapshots == nil, "volumes")
}
