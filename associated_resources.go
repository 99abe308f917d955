package droplets

import (
	"context"
	"fmt"
	"iter"
	"math/big"
	"net/http"
	"strings"
	"time"
)

// AssociatedResourcesService destroys Droplets together with what belongs to them and would otherwise stay, and stay
// billed: volumes, snapshots and reserved IPs. It is safe for concurrent use.
type AssociatedResourcesService service

func associatedPath(dropletID int64, more string) string {
	return dropletPath(dropletID, "/destroy_with_associated_resources"+more)
}

// List returns what belongs to a Droplet and what each would cost, in USD a month, if it were kept after the Droplet.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/destroy_with_associated_resources
func (s *AssociatedResourcesService) List(ctx context.Context, dropletID int64, co ...CallOption) (*AssociatedResources, error) {
	if err := checkID("dropletID", dropletID); err != nil {
		return nil, err
	}
	var root associatedRoot
	err := s.client.invoke(ctx, call{operation: "droplets_list_associatedResources", method: http.MethodGet,
		path: associatedPath(dropletID, "")}, &root, co)
	if err != nil {
		return nil, err
	}
	return &root.AssociatedResources, nil
}

// DestroySelective begins to destroy a Droplet and those resources that the request names; the others stay and stay
// billed. It returns when the API has taken the request: [AssociatedResourcesService.WaitForDestroy] waits for it.
//
// DigitalOcean API: DELETE /v2/droplets/{droplet_id}/destroy_with_associated_resources/selective
func (s *AssociatedResourcesService) DestroySelective(ctx context.Context, dropletID int64, req SelectiveDestroyRequest, co ...CallOption) error {
	if err := checkID("dropletID", dropletID); err != nil {
		return err
	}
	if err := req.check(); err != nil {
		return err
	}
	return s.client.invoke(ctx, call{operation: "droplets_destroy_withAssociatedResourcesSelective", method: http.MethodDelete,
		path: associatedPath(dropletID, "/selective"), body: req}, nil, co)
}

// DestroyAll begins to destroy a Droplet and everything that belongs to it, for good. It returns when the API has
// taken the request: [AssociatedResourcesService.WaitForDestroy] waits for it.
//
// DigitalOcean API: DELETE /v2/droplets/{droplet_id}/destroy_with_associated_resources/dangerous
func (s *AssociatedResourcesService) DestroyAll(ctx context.Context, dropletID int64, co ...CallOption) error {
	if err := checkID("dropletID", dropletID); err != nil {
		return err
	}
	return s.client.invoke(ctx, call{operation: "droplets_destroy_withAssociatedResourcesDangerous", method: http.MethodDelete,
		path: associatedPath(dropletID, "/dangerous"), header: http.Header{"X-Dangerous": {"true"}}}, nil, co)
}

// Status returns how far a destroy with associated resources has come.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/destroy_with_associated_resources/status
func (s *AssociatedResourcesService) Status(ctx context.Context, dropletID int64, co ...CallOption) (*DestroyStatus, error) {
	if err := checkID("dropletID", dropletID); err != nil {
		return nil, err
	}
	var root destroyStatusRoot
	err := s.client.invoke(ctx, call{operation: "droplets_get_DestroyAssociatedResourcesStatus", method: http.MethodGet,
		path: associatedPath(dropletID, "/status")}, &root, co)
	if err != nil {
		return nil, err
	}
	return &root.DestroyStatus, nil
}

// Retry tries again to destroy what a destroy has failed to. While that destroy is still under way the API refuses:
// an [ErrConflict].
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/destroy_with_associated_resources/retry
func (s *AssociatedResourcesService) Retry(ctx context.Context, dropletID int64, co ...CallOption) error {
	if err := checkID("dropletID", dropletID); err != nil {
		return err
	}
	return s.client.invoke(ctx, call{operation: "droplets_destroy_retryWithAssociatedResources", method: http.MethodPost,
		path: associatedPath(dropletID, "/retry")}, nil, co)
}

// WaitForDestroy waits until a destroy with associated resources has ended and returns its status. What could not be
// destroyed comes with a [*DestroyError]. When the wait itself fails, the last status seen comes with the error, which
// for an ended context is the context's; nil if none was seen.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/destroy_with_associated_resources/status
func (s *AssociatedResourcesService) WaitForDestroy(ctx context.Context, dropletID int64, co ...CallOption) (*DestroyStatus, error) {
	w := wait[DestroyStatus]{
		client:    s.client,
		dropletID: dropletID,
		options:   co,
		look:      func() (*DestroyStatus, error) { return s.Status(ctx, dropletID, co...) },
		done:      (*DestroyStatus).ended,
		describe: func(*DestroyStatus) string {
			return fmt.Sprintf("for the destroy of Droplet %d and its resources", dropletID)
		},
	}
	return w.last(ctx)
}

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

// DestroyError is a destroy that ended and has left resources behind, which are still billed.
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
		failed = append(failed, fmt.Sprintf("%s %s (%s): %s", kind, r.ID, r.Name, r.ErrorMessage))
	}
	text := fmt.Sprintf("droplets: %d resources were not destroyed", max(e.Status.Failures, len(failed)))
	if len(failed) > 0 {
		text += ": " + strings.Join(failed, "; ")
	}
	return strings.Join(strings.Fields(text), " ")
}

// failed iterates over the resources that have an error, the Droplet first.
func (s *DestroyStatus) failed() iter.Seq2[string, DestroyedResource] {
	return func(yield func(string, DestroyedResource) bool) {
		if s.Droplet != nil && s.Droplet.ErrorMessage != "" && !yield("droplet", *s.Droplet) {
			return
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

// ended tells whether a destroy has ended, and the error if it has left something behind.
func (s *DestroyStatus) ended() (bool, error) {
	if s.CompletedAt == nil {
		return false, nil
	}
	for range s.failed() {
		return true, &DestroyError{Status: s}
	}
	if s.Failures > 0 {
		return true, &DestroyError{Status: s}
	}
	return true, nil
}

// These answers are not wrapped; without a single documented key they say nothing.
type (
	associatedRoot    struct{ AssociatedResources }
	destroyStatusRoot struct{ DestroyStatus }
)

func (r *associatedRoot) missing() string {
	return missingIf(r.FloatingIPs == nil && r.ReservedIPs == nil && r.Snapshots == nil && r.Volumes == nil &&
		r.VolumeSnapshots == nil, "volumes")
}

func (r *destroyStatusRoot) missing() string {
	if r.Droplet != nil && r.Droplet.ID == "" {
		return "droplet.id"
	}
	return missingIf(r.Droplet == nil && r.Resources == nil && r.CompletedAt == nil, "droplet")
}
