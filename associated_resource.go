package droplets

import (
	"fmt"
	"math/big"
	"strings"
)

// AssociatedResources lists the resources that are associated with a Droplet, by type. Lists that the API does not
// return are nil.
type AssociatedResources struct {
	// FloatingIPs is the deprecated name of ReservedIPs. The API returns the same resources under both names.
	FloatingIPs []AssociatedResource `json:"floating_ips,omitzero"`
	// ReservedIPs are the reserved IP addresses that are assigned to the Droplet.
	ReservedIPs []AssociatedResource `json:"reserved_ips,omitzero"`
	// Snapshots are the snapshots of the Droplet.
	Snapshots []AssociatedResource `json:"snapshots,omitzero"`
	// Volumes are the volumes that are attached to the Droplet.
	Volumes []AssociatedResource `json:"volumes,omitzero"`
	// VolumeSnapshots are the snapshots of those volumes.
	VolumeSnapshots []AssociatedResource `json:"volume_snapshots,omitzero"`
}

// AssociatedResource is a resource that is associated with a Droplet.
type AssociatedResource struct {
	// ID identifies the resource in a [SelectiveDestroyRequest].
	ID string `json:"id"`
	// Name is the display name.
	Name string `json:"name"`
	// Cost is the cost of the resource in USD per month, a decimal number such as "0.05". It remains billed if the Droplet is
	// destroyed without the resource.
	Cost string `json:"cost"`
}

// MonthlyCost is the cost of associated resources in USD per month. The sums are decimal numbers such as "6.30". They are
// not rounded and have at least two decimal places.
type MonthlyCost struct {
	// ReservedIPs, Snapshots, Volumes and VolumeSnapshots are the sums by type.
	ReservedIPs, Snapshots, Volumes, VolumeSnapshots string
	// Total is the sum of the four fields.
	Total string
}

// MonthlyCost returns the costs that remain billed if the Droplet is destroyed without its resources, by type and in total. A
// resource in both ReservedIPs and FloatingIPs is counted once. MonthlyCost returns an error if a cost is not a decimal number.
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
				return MonthlyCost{}, fmt.Errorf("droplets: cost of %s %q: %w", kind.name, oneLine(resource.ID), err)
			}
			sum.Add(sum, cost)
		}
		*kind.sum = formatCost(sum)
		total.Add(total, sum)
	}
	m.Total = formatCost(total)
	return m, nil
}

// reservedIPs returns ReservedIPs and those FloatingIPs that are not in ReservedIPs.
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

// parseCost parses a decimal number without a sign or an exponent. The length limit bounds the time and the memory for a text
// that the API returned.
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

// formatCost returns a sum of decimal numbers. It does not round: such a sum has a finite number of decimal places.
func formatCost(cost *big.Rat) string {
	digits, _ := cost.FloatPrec()
	return cost.FloatString(max(digits, 2))
}

// SelectiveDestroyRequest has the IDs of the resources to destroy together with a Droplet, as returned by
// [AssociatedResourcesService.List]. Other resources are kept.
type SelectiveDestroyRequest struct {
	// FloatingIPs is the deprecated name of ReservedIPs.
	FloatingIPs []string `json:"floating_ips,omitempty"`
	// ReservedIPs are the reserved IP addresses to delete.
	ReservedIPs []string `json:"reserved_ips,omitempty"`
	// Snapshots are the snapshots of the Droplet to delete.
	Snapshots []string `json:"snapshots,omitempty"`
	// Volumes are the volumes to delete.
	Volumes []string `json:"volumes,omitempty"`
	// VolumeSnapshots are the snapshots of volumes to delete.
	VolumeSnapshots []string `json:"volume_snapshots,omitempty"`
}

// UnmarshalJSON decodes a stored request. It rejects a document that the request would not keep completely, such as one with an
// unknown field, and then leaves the request unchanged.
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
