package droplets

import (
	"context"
	"iter"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-querystring/query"
)

// DropletsService creates, lists, reads and deletes Droplets, and lists what belongs to them.
// It is safe for concurrent use.
type DropletsService service

func dropletPath(dropletID int64, more string) string {
	return "v2/droplets/" + strconv.FormatInt(dropletID, 10) + more
}

// List returns one page of the account's Droplets, without GPU Droplets unless opts.Type asks for them. A nil opts
// asks for the first page of 20. Use [DropletsService.All] for all of them.
//
// DigitalOcean API: GET /v2/droplets
func (s *DropletsService) List(ctx context.Context, opts *DropletListOptions, co ...CallOption) (*Page[Droplet], error) {
	values, err := opts.values()
	if err != nil {
		return nil, err
	}
	var root dropletsRoot
	err = s.client.invoke(ctx, call{operation: "droplets_list", method: http.MethodGet, path: "v2/droplets", query: values}, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Droplets, root.pageInfo, opts.page()), nil
}

// All iterates over all Droplets that opts selects, 200 a page unless opts.PerPage says otherwise, from opts.Page on.
// Nothing is sent before the first pull. Once the consumer has gone past the first page, pages are read ahead, in
// order, eight at a time unless [ReadAhead] says otherwise. No Droplet comes twice; and when the API's total changes from
// page to page, because Droplets come and go meanwhile, what slid over the border of a page is read again. An error is
// yielded once, last. It can be ranged over more than once, and each time asks the API anew.
//
// DigitalOcean API: GET /v2/droplets
func (s *DropletsService) All(ctx context.Context, opts *DropletListOptions, co ...CallOption) iter.Seq2[Droplet, error] {
	var own DropletListOptions
	if opts != nil {
		own = *opts
	}
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[Droplet], error) {
		o := own
		o.ListOptions = page
		return s.List(ctx, &o, co...)
	}
	return all(ctx, own.ListOptions, co, fetch, func(d *Droplet) int64 { return d.ID })
}

// Get returns the Droplet with that id. A GPU Droplet is found too.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
func (s *DropletsService) Get(ctx context.Context, dropletID int64, co ...CallOption) (*Droplet, error) {
	if err := checkID("dropletID", dropletID); err != nil {
		return nil, err
	}
	var root dropletRoot
	err := s.client.invoke(ctx, call{operation: "droplets_get", method: http.MethodGet, path: dropletPath(dropletID, "")}, &root, co)
	if err != nil {
		return nil, err
	}
	s.client.created.saw(dropletID)
	return root.Droplet, nil
}

// Create asks for one new Droplet. The API answers before the Droplet runs: its status is "new" and it has no address
// yet. The create action in the result tells when it has; [DropletsService.CreateAndWait] waits for it.
//
// A create is sent once. Where its outcome is unknown the error is an [ErrMaybeApplied], and the Droplet may exist and
// be billed.
//
// DigitalOcean API: POST /v2/droplets
func (s *DropletsService) Create(ctx context.Context, req DropletCreateRequest, co ...CallOption) (*DropletCreateResult, error) {
	if err := req.check(); err != nil {
		return nil, err
	}
	var root createRoot
	err := s.client.invoke(ctx, call{operation: "droplets_create", method: http.MethodPost, path: "v2/droplets", body: req,
		secret: req.UserData}, &root, co)
	if err != nil {
		return nil, err
	}
	s.client.created.add(root.Droplet.ID)
	return &DropletCreateResult{Droplet: root.Droplet, Actions: root.Links.Actions}, nil
}

// CreateMultiple asks for up to ten new Droplets that differ in their names alone. See [DropletsService.Create].
//
// DigitalOcean API: POST /v2/droplets
func (s *DropletsService) CreateMultiple(ctx context.Context, req DropletMultiCreateRequest, co ...CallOption) (*DropletMultiCreateResult, error) {
	if err := req.check(); err != nil {
		return nil, err
	}
	var root multiCreateRoot
	err := s.client.invoke(ctx, call{operation: "droplets_create", method: http.MethodPost, path: "v2/droplets", body: req,
		secret: req.UserData}, &root, co)
	if err != nil {
		return nil, err
	}
	for i := range root.Droplets {
		s.client.created.add(root.Droplets[i].ID)
	}
	return &DropletMultiCreateResult{Droplets: root.Droplets, Actions: root.Links.Actions}, nil
}

// Delete deletes a Droplet and its local disk for good. Its volumes, snapshots and reserved IPs stay and stay billed;
// see [AssociatedResourcesService]. A Droplet that is not there is an [ErrNotFound].
//
// DigitalOcean API: DELETE /v2/droplets/{droplet_id}
func (s *DropletsService) Delete(ctx context.Context, dropletID int64, co ...CallOption) error {
	if err := checkID("dropletID", dropletID); err != nil {
		return err
	}
	err := s.client.invoke(ctx, call{operation: "droplets_destroy", method: http.MethodDelete, path: dropletPath(dropletID, "")}, nil, co)
	if err == nil {
		s.client.created.forget(dropletID)
	}
	return err
}

// DeleteByTag deletes every Droplet that has the tag. An empty or blank tag is refused.
//
// DigitalOcean API: DELETE /v2/droplets
func (s *DropletsService) DeleteByTag(ctx context.Context, tag string, co ...CallOption) error {
	if err := checkText("tag", tag); err != nil {
		return err
	}
	return s.client.invoke(ctx, call{operation: "droplets_destroy_byTag", method: http.MethodDelete, path: "v2/droplets",
		query: tagQuery(tag)}, nil, co)
}

// ListSnapshots returns one page of the snapshots that were taken of a Droplet.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/snapshots
func (s *DropletsService) ListSnapshots(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) (*Page[DropletSnapshot], error) {
	var root snapshotsRoot
	err := s.client.listOfDroplet(ctx, "droplets_list_snapshots", dropletID, "/snapshots", opts, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Snapshots, root.pageInfo, opts), nil
}

// AllSnapshots iterates over all snapshots of a Droplet, by the rules of [DropletsService.All].
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/snapshots
func (s *DropletsService) AllSnapshots(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) iter.Seq2[DropletSnapshot, error] {
	return allOf(ctx, s.ListSnapshots, dropletID, opts, co, func(v *DropletSnapshot) int64 { return v.ID })
}

// ListBackups returns one page of the backups that were made of a Droplet.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/backups
func (s *DropletsService) ListBackups(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) (*Page[DropletSnapshot], error) {
	var root backupsRoot
	err := s.client.listOfDroplet(ctx, "droplets_list_backups", dropletID, "/backups", opts, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Backups, root.pageInfo, opts), nil
}

// AllBackups iterates over all backups of a Droplet, by the rules of [DropletsService.All].
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/backups
func (s *DropletsService) AllBackups(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) iter.Seq2[DropletSnapshot, error] {
	return allOf(ctx, s.ListBackups, dropletID, opts, co, func(v *DropletSnapshot) int64 { return v.ID })
}

// ListKernels returns one page of the kernels that a Droplet can be given with a change_kernel action. Droplets made
// since March 2017 have a kernel of their own and can not.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/kernels
func (s *DropletsService) ListKernels(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) (*Page[Kernel], error) {
	var root kernelsRoot
	err := s.client.listOfDroplet(ctx, "droplets_list_kernels", dropletID, "/kernels", opts, &root, co)
	if err != nil {
		return nil, err
	}
	kernels := make([]Kernel, 0, len(root.Kernels))
	for _, k := range root.Kernels {
		if k != nil {
			kernels = append(kernels, *k)
		}
	}
	return newPage(kernels, root.pageInfo, opts), nil
}

// AllKernels iterates over all kernels that a Droplet can be given, by the rules of [DropletsService.All].
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/kernels
func (s *DropletsService) AllKernels(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) iter.Seq2[Kernel, error] {
	return allOf(ctx, s.ListKernels, dropletID, opts, co, func(v *Kernel) int64 { return v.ID })
}

// ListFirewalls returns one page of the firewalls that apply to a Droplet, directly or through a tag.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/firewalls
func (s *DropletsService) ListFirewalls(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) (*Page[Firewall], error) {
	var root firewallsRoot
	err := s.client.listOfDroplet(ctx, "droplets_list_firewalls", dropletID, "/firewalls", opts, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Firewalls, root.pageInfo, opts), nil
}

// AllFirewalls iterates over all firewalls that apply to a Droplet, by the rules of [DropletsService.All].
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/firewalls
func (s *DropletsService) AllFirewalls(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) iter.Seq2[Firewall, error] {
	return allOf(ctx, s.ListFirewalls, dropletID, opts, co, func(v *Firewall) string { return v.ID })
}

// ListNeighbors returns the account's Droplets that run on the same physical server as this one; empty when there
// are none.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/neighbors
func (s *DropletsService) ListNeighbors(ctx context.Context, dropletID int64, co ...CallOption) ([]Droplet, error) {
	if err := checkID("dropletID", dropletID); err != nil {
		return nil, err
	}
	var root neighborsRoot
	err := s.client.invoke(ctx, call{operation: "droplets_list_neighbors", method: http.MethodGet,
		path: dropletPath(dropletID, "/neighbors")}, &root, co)
	if err != nil {
		return nil, err
	}
	return root.Droplets, nil
}

// ListNeighborIDs returns one set of ids for each physical server that runs more than one of the account's Droplets.
//
// DigitalOcean API: GET /v2/reports/droplet_neighbors_ids
func (s *DropletsService) ListNeighborIDs(ctx context.Context, co ...CallOption) ([][]int64, error) {
	var root neighborIDsRoot
	err := s.client.invoke(ctx, call{operation: "droplets_list_neighborsIds", method: http.MethodGet,
		path: "v2/reports/droplet_neighbors_ids"}, &root, co)
	if err != nil {
		return nil, err
	}
	return root.NeighborIDs, nil
}

// listOfDroplet is the one request behind every paged list that belongs to a Droplet.
func (c *Client) listOfDroplet(ctx context.Context, operation string, dropletID int64, more string, opts *ListOptions, root root, co []CallOption) error {
	if err := checkID("dropletID", dropletID); err != nil {
		return err
	}
	values, err := opts.values()
	if err != nil {
		return err
	}
	return c.invoke(ctx, call{operation: operation, method: http.MethodGet, path: dropletPath(dropletID, more), query: values}, root, co)
}

// DropletListOptions selects Droplets and the page of them. TagName goes with neither Name nor Type.
type DropletListOptions struct {
	ListOptions
	// Name selects the Droplets with exactly this name, whatever its case; empty for all.
	Name string `url:"name,omitempty"`
	// TagName selects the Droplets that have this tag; empty for all. The token needs the scope tag:read.
	TagName string `url:"tag_name,omitempty"`
	// Type selects GPU Droplets with DropletTypeGPUs; empty for the others.
	Type DropletType `url:"type,omitempty"`
}

func (o *DropletListOptions) page() *ListOptions {
	if o == nil {
		return nil
	}
	return &o.ListOptions
}

func (o *DropletListOptions) values() (url.Values, error) {
	if o == nil {
		return nil, nil
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Name != "" && strings.TrimSpace(o.Name) == "" {
		return nil, invalid("Name", "must not be blank")
	}
	if o.TagName != "" && strings.TrimSpace(o.TagName) == "" {
		return nil, invalid("TagName", "must not be blank")
	}
	if o.TagName != "" && (o.Name != "" || o.Type != "") {
		return nil, invalid("TagName", "can not be combined with Name or Type")
	}
	return query.Values(o)
}

// DropletType tells GPU Droplets from the others in a list.
type DropletType string

// The types of Droplet that a list can ask for.
const (
	DropletTypeDroplets DropletType = "droplets"
	DropletTypeGPUs     DropletType = "gpus"
)

// Droplet is a virtual machine.
type Droplet struct {
	// ID is given by the API and never used again.
	ID int64 `json:"id"`
	// Name is the display name and the host name. It need not be unique.
	Name string `json:"name"`
	// Memory is in MB.
	Memory int `json:"memory"`
	// VCPUs is the number of virtual CPUs.
	VCPUs int `json:"vcpus"`
	// Disk is the size of the root disk in GB.
	Disk int `json:"disk"`
	// DiskInfo lists the disks; nil where the API does not say.
	DiskInfo []DiskInfo `json:"disk_info,omitzero"`
	// Locked is true while an action keeps others away.
	Locked bool `json:"locked"`
	// Status is where the Droplet is in its life.
	Status DropletStatus `json:"status"`
	// Kernel is set only for Droplets from before March 2017 whose kernel is managed from outside.
	Kernel *Kernel `json:"kernel"`
	// CreatedAt is when the Droplet was created.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// Features lists what is switched on, such as "backups", "ipv6", "monitoring"; see [Droplet.HasFeature].
	Features []string `json:"features"`
	// BackupIDs are the ids of the backups taken. The token needs the scope image:read.
	BackupIDs []int64 `json:"backup_ids"`
	// NextBackupWindow is when the next backup may begin; nil without backups.
	NextBackupWindow *BackupWindow `json:"next_backup_window"`
	// SnapshotIDs are the ids of the snapshots taken. The token needs the scope image:read.
	SnapshotIDs []int64 `json:"snapshot_ids"`
	// Image is what the Droplet was made from; nil where the API does not say. The token needs the scope image:read.
	Image *Image `json:"image"`
	// VolumeIDs are the ids of the attached volumes. The token needs the scope block_storage:read.
	VolumeIDs []string `json:"volume_ids"`
	// Size is the plan with its price; nil where the API does not say.
	Size *Size `json:"size"`
	// SizeSlug names the plan.
	SizeSlug string `json:"size_slug"`
	// Networks are the Droplet's addresses; empty until it is active.
	Networks Networks `json:"networks"`
	// Region is where it runs; nil where the API does not say.
	Region *Region `json:"region"`
	// Tags are its tags. The token needs the scope tag:read.
	Tags []string `json:"tags"`
	// VPCUUID is the private network it is in; empty where the API does not say. The token needs the scope vpc:read.
	VPCUUID string `json:"vpc_uuid,omitzero"`
	// GPUInfo describes the GPUs; nil on Droplets that have none.
	GPUInfo *GPUInfo `json:"gpu_info,omitzero"`
}

// HasFeature reports whether the feature, such as "backups", "ipv6" or "monitoring", is switched on.
func (d *Droplet) HasFeature(feature string) bool { return slices.Contains(d.Features, feature) }

// PublicIPv4 returns the first public IPv4 address; ok is false while there is none.
func (d *Droplet) PublicIPv4() (addr netip.Addr, ok bool) { return d.ipv4(NetworkTypePublic) }

// PrivateIPv4 returns the first private IPv4 address, the one within the VPC; ok is false while there is none.
func (d *Droplet) PrivateIPv4() (addr netip.Addr, ok bool) { return d.ipv4(NetworkTypePrivate) }

// PublicIPv6 returns the first public IPv6 address; ok is false while there is none.
func (d *Droplet) PublicIPv6() (addr netip.Addr, ok bool) {
	for _, n := range d.Networks.V6 {
		if addr, err := netip.ParseAddr(n.IPAddress); n.Type == NetworkTypePublic && err == nil {
			return addr, true
		}
	}
	return netip.Addr{}, false
}

func (d *Droplet) ipv4(t NetworkType) (netip.Addr, bool) {
	for _, n := range d.Networks.V4 {
		if addr, err := netip.ParseAddr(n.IPAddress); n.Type == t && err == nil {
			return addr, true
		}
	}
	return netip.Addr{}, false
}

// DropletStatus is where a Droplet is in its life. A value that is not listed here decodes too.
type DropletStatus string

// The statuses that the API documents.
const (
	DropletStatusNew     DropletStatus = "new"
	DropletStatusActive  DropletStatus = "active"
	DropletStatusOff     DropletStatus = "off"
	DropletStatusArchive DropletStatus = "archive"
)

// DiskInfo is one disk of a Droplet or of a size.
type DiskInfo struct {
	// Type tells the root disk from others.
	Type DiskType `json:"type"`
	// Size is its capacity with the unit that the API gives, usually "gib".
	Size Quantity `json:"size"`
}

// DiskType is the kind of a disk. A value that is not listed here decodes too.
type DiskType string

// The disk types that the API documents. Every Droplet has a local or a boot disk; some GPU Droplets have a scratch
// disk too, which keeps nothing.
const (
	DiskTypeLocal   DiskType = "local"
	DiskTypeBoot    DiskType = "boot"
	DiskTypeScratch DiskType = "scratch"
)

// Quantity is an amount with its unit, as the API gives both.
type Quantity struct {
	// Amount counts units.
	Amount int `json:"amount"`
	// Unit is the API's word for the unit, such as "gib".
	Unit string `json:"unit"`
}

// GPUInfo describes the GPUs of a Droplet or of a size.
type GPUInfo struct {
	// Count is how many GPUs there are.
	Count int `json:"count"`
	// Model is the API's name of the model, such as "nvidia_h100".
	Model string `json:"model"`
	// VRAM is the memory of each GPU with the unit that the API gives.
	VRAM Quantity `json:"vram"`
}

// Kernel is a kernel that an old Droplet can boot.
type Kernel struct {
	// ID is what a change_kernel action takes.
	ID int64 `json:"id"`
	// Name is the display name.
	Name string `json:"name"`
	// Version is the kernel's own version.
	Version string `json:"version"`
}

// BackupWindow is the time within which a backup begins.
type BackupWindow struct {
	// Start is the beginning of the window.
	Start time.Time `json:"start,omitzero"`
	// End is the end of the window.
	End time.Time `json:"end,omitzero"`
}

// Image is what a Droplet is made from.
type Image struct {
	// ID names the image in requests.
	ID int64 `json:"id"`
	// Name is the display name.
	Name string `json:"name"`
	// Type tells base images from snapshots, backups and custom images.
	Type ImageType `json:"type"`
	// Distribution is the operating system's, such as "Ubuntu".
	Distribution string `json:"distribution"`
	// Slug names a public image in requests; empty for others.
	Slug string `json:"slug,omitzero"`
	// Public is true for images that every account can use.
	Public bool `json:"public"`
	// Regions are the slugs of the regions that have the image.
	Regions []string `json:"regions"`
	// CreatedAt is when the image was made.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// MinDiskSize is the smallest disk that can hold the image, in GB; 0 where the API does not say.
	MinDiskSize int `json:"min_disk_size"`
	// SizeGigabytes is the image's own size in GB; 0 where the API does not say.
	SizeGigabytes float64 `json:"size_gigabytes"`
	// Description is free text.
	Description string `json:"description"`
	// Tags are the image's tags.
	Tags []string `json:"tags"`
	// Status is the state of a custom image.
	Status ImageStatus `json:"status"`
	// ErrorMessage says why the import of a custom image failed; empty otherwise.
	ErrorMessage string `json:"error_message"`
}

// ImageType is the kind of an image. A value that is not listed here decodes too.
type ImageType string

// The image types that the API documents.
const (
	ImageTypeBase     ImageType = "base"
	ImageTypeSnapshot ImageType = "snapshot"
	ImageTypeBackup   ImageType = "backup"
	ImageTypeCustom   ImageType = "custom"
	ImageTypeAdmin    ImageType = "admin"
)

// ImageStatus is the state of an image. A value that is not listed here decodes too.
type ImageStatus string

// The image statuses that the API documents.
const (
	ImageStatusNew       ImageStatus = "NEW"
	ImageStatusAvailable ImageStatus = "available"
	ImageStatusPending   ImageStatus = "pending"
	ImageStatusDeleted   ImageStatus = "deleted"
	ImageStatusRetired   ImageStatus = "retired"
)

// Size is a plan: what a Droplet has and costs.
type Size struct {
	// Slug names the size in requests, such as "s-1vcpu-1gb".
	Slug string `json:"slug"`
	// Memory is in MB.
	Memory int `json:"memory"`
	// VCPUs is the number of virtual CPUs.
	VCPUs int `json:"vcpus"`
	// Disk is the size of the root disk in GB.
	Disk int `json:"disk"`
	// Transfer is the traffic a month that the price includes, in TB.
	Transfer float64 `json:"transfer"`
	// PriceMonthly is in USD a month.
	PriceMonthly float64 `json:"price_monthly"`
	// PriceHourly is in USD an hour.
	PriceHourly float64 `json:"price_hourly"`
	// Regions are the slugs of the regions that offer the size.
	Regions []string `json:"regions"`
	// Available is false for a size that no new Droplet can have.
	Available bool `json:"available"`
	// Description is the class, such as "Basic" or "CPU-Optimized".
	Description string `json:"description"`
	// DiskInfo lists the disks; nil where the API does not say.
	DiskInfo []DiskInfo `json:"disk_info,omitzero"`
	// GPUInfo describes the GPUs; nil on sizes that have none.
	GPUInfo *GPUInfo `json:"gpu_info,omitzero"`
}

// Region is a datacenter.
type Region struct {
	// Name is the display name, such as "New York 3".
	Name string `json:"name"`
	// Slug names the region in requests, such as "nyc3".
	Slug string `json:"slug"`
	// Features lists what the region offers.
	Features []string `json:"features"`
	// Available is false while no new Droplet can be created there.
	Available bool `json:"available"`
	// Sizes are the slugs of the sizes that it offers. The token needs the scope sizes:read.
	Sizes []string `json:"sizes"`
}

// Networks are the addresses of a Droplet.
type Networks struct {
	// V4 are the IPv4 interfaces; nil where the API does not say.
	V4 []NetworkV4 `json:"v4,omitzero"`
	// V6 are the IPv6 interfaces; nil where the API does not say.
	V6 []NetworkV6 `json:"v6,omitzero"`
}

// NetworkV4 is an IPv4 interface.
type NetworkV4 struct {
	// IPAddress is the address. [Droplet.PublicIPv4] parses it.
	IPAddress string `json:"ip_address"`
	// Netmask is in dotted form, such as "255.255.240.0".
	Netmask string `json:"netmask"`
	// Gateway is an address, the word "nil" or empty: private interfaces have none.
	Gateway string `json:"gateway"`
	// Type tells the public from the private interface.
	Type NetworkType `json:"type"`
}

// NetworkV6 is an IPv6 interface.
type NetworkV6 struct {
	// IPAddress is the address. [Droplet.PublicIPv6] parses it.
	IPAddress string `json:"ip_address"`
	// Netmask is the length of the prefix in bits, such as 64.
	Netmask int `json:"netmask"`
	// Gateway is an address.
	Gateway string `json:"gateway"`
	// Type is public: there is no private IPv6.
	Type NetworkType `json:"type"`
}

// NetworkType tells public from private interfaces. A value that is not listed here decodes too.
type NetworkType string

// The network types that the API documents.
const (
	NetworkTypePublic  NetworkType = "public"
	NetworkTypePrivate NetworkType = "private"
)

// DropletSnapshot is a snapshot or a backup of a Droplet: an image to create Droplets from.
type DropletSnapshot struct {
	// ID is what [ImageID] and a restore action take.
	ID int64 `json:"id"`
	// Name is the display name.
	Name string `json:"name"`
	// CreatedAt is when it was made.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// Regions are the slugs of the regions that have it.
	Regions []string `json:"regions"`
	// MinDiskSize is the smallest disk that can hold it, in GB.
	MinDiskSize int `json:"min_disk_size"`
	// SizeGigabytes is what is billed, in GB.
	SizeGigabytes float64 `json:"size_gigabytes"`
	// Type tells snapshots from backups.
	Type DropletSnapshotType `json:"type"`
}

// DropletSnapshotType tells snapshots from backups. A value that is not listed here decodes too.
type DropletSnapshotType string

// The types that the API documents.
const (
	DropletSnapshotTypeSnapshot DropletSnapshotType = "snapshot"
	DropletSnapshotTypeBackup   DropletSnapshotType = "backup"
)

// The objects that the API wraps its answers in.
type (
	dropletRoot struct {
		Droplet *Droplet `json:"droplet"`
	}
	dropletsRoot struct {
		Droplets []Droplet `json:"droplets"`
		pageInfo
	}
	neighborsRoot struct {
		Droplets []Droplet `json:"droplets"`
	}
	snapshotsRoot struct {
		Snapshots []DropletSnapshot `json:"snapshots"`
		pageInfo
	}
	backupsRoot struct {
		Backups []DropletSnapshot `json:"backups"`
		pageInfo
	}
	kernelsRoot struct {
		Kernels []*Kernel `json:"kernels"`
		pageInfo
	}
	firewallsRoot struct {
		Firewalls []Firewall `json:"firewalls"`
		pageInfo
	}
	neighborIDsRoot struct {
		NeighborIDs [][]int64 `json:"neighbor_ids"`
	}
)

func (v *dropletRoot) missing() string {
	switch {
	case v.Droplet == nil:
		return "droplet"
	case v.Droplet.ID < 1:
		return "droplet.id"
	}
	return ""
}
func (v *dropletsRoot) missing() string    { return missingIf(v.Droplets == nil, "droplets") }
func (v *neighborsRoot) missing() string   { return missingIf(v.Droplets == nil, "droplets") }
func (v *snapshotsRoot) missing() string   { return missingIf(v.Snapshots == nil, "snapshots") }
func (v *backupsRoot) missing() string     { return missingIf(v.Backups == nil, "backups") }
func (v *kernelsRoot) missing() string     { return missingIf(v.Kernels == nil, "kernels") }
func (v *firewallsRoot) missing() string   { return missingIf(v.Firewalls == nil, "firewalls") }
func (v *neighborIDsRoot) missing() string { return missingIf(v.NeighborIDs == nil, "neighbor_ids") }

func missingIf(absent bool, key string) string {
	if absent {
		return key
	}
	return ""
}

// allOf is the iterator over a list that belongs to a Droplet.
func allOf[T any, K comparable](ctx context.Context, list func(context.Context, int64, *ListOptions, ...CallOption) (*Page[T], error),
	dropletID int64, opts *ListOptions, co []CallOption, key func(*T) K) iter.Seq2[T, error] {
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[T], error) {
		return list(ctx, dropletID, &page, co...)
	}
	return all(ctx, opts.orDefault(), co, fetch, key)
}
