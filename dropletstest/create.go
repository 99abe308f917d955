package dropletstest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/droplets-go/droplets"
)

// createRequest is the request body of a create. Fields that are null count as missing.
type createRequest struct {
	Name             *string                `json:"name"`
	Names            []string               `json:"names"`
	Region           string                 `json:"region"`
	Size             string                 `json:"size"`
	Image            droplets.ImageRef      `json:"image"`
	SSHKeys          []droplets.SSHKeyRef   `json:"ssh_keys"`
	Backups          bool                   `json:"backups"`
	BackupPolicy     *droplets.BackupPolicy `json:"backup_policy"`
	IPv6             bool                   `json:"ipv6"`
	Monitoring       bool                   `json:"monitoring"`
	Tags             []string               `json:"tags"`
	UserData         string                 `json:"user_data"`
	Volumes          []volumeRef            `json:"volumes"`
	VPCUUID          string                 `json:"vpc_uuid"`
	SubnetUUID       string                 `json:"subnet_uuid"`
	PublicNetworking *bool                  `json:"public_networking"`

	GPUPartitionMode droplets.GPUPartitionMode `json:"gpu_partition_mode"`
}

// createSpec is a validated create request, with the objects that it refers to.
type createSpec struct {
	createRequest
	names        []string
	region       *droplets.Region
	size         *droplets.Size
	image        *image
	vpc          *vpc
	volumes      []*volume
	backupPolicy *droplets.BackupPolicy
}

const maxUserData = 64 << 10

type (
	actionLinks struct {
		Actions []droplets.ActionLink `json:"actions"`
	}
	createRoot struct {
		Droplet *droplets.Droplet `json:"droplet"`
		Links   actionLinks       `json:"links"`
	}
	multiCreateRoot struct {
		Droplets []*droplets.Droplet `json:"droplets"`
		Links    actionLinks         `json:"links"`
	}
)

func (a *API) createDroplets(c *call) (result, *apiError) {
	req, apiErr := decodeBody[createRequest](c)
	if apiErr != nil {
		return result{}, apiErr
	}
	spec, apiErr := a.newCreateSpec(req)
	if apiErr != nil {
		return result{}, apiErr
	}
	var created []*droplets.Droplet
	var links actionLinks
	for _, name := range spec.names {
		d := a.createDroplet(c.now, requestRef{c.id, c.operation()}, spec, name)
		response := d.Droplet
		response.GPUPartitionMode = req.GPUPartitionMode // the API does not return it later
		created = append(created, &response)
		links.Actions = append(links.Actions, droplets.ActionLink{ID: d.pending.ID, Rel: "create",
			HREF: c.url("/v2/actions/" + strconv.FormatInt(d.pending.ID, 10))})
	}
	if req.Name != nil {
		return result{http.StatusAccepted, createRoot{created[0], links}}, nil
	}
	return result{http.StatusAccepted, multiCreateRoot{created, links}}, nil
}

// newCreateSpec validates a create request and finds the objects that it refers to. It returns the first error.
func (a *API) newCreateSpec(req createRequest) (spec createSpec, apiErr *apiError) {
	spec = createSpec{createRequest: req}
	for _, step := range []func(*API) *apiError{spec.resolveNames, spec.resolveImage, spec.resolveSize, spec.resolveRegion, spec.checkCompatible,
		spec.resolveVPC, spec.checkSSHKeys, spec.checkTags, spec.resolveVolumes, spec.resolveBackupPolicy, spec.checkDropletLimit} {
		if apiErr := step(a); apiErr != nil {
			return spec, apiErr
		}
	}
	return spec, nil
}

func (s *createSpec) resolveImage(a *API) *apiError {
	s.image = a.findImage(s.Image)
	if s.image == nil {
		return unprocessable("You specified an invalid image for Droplet creation: %q.", s.Image)
	}
	return nil
}

func (s *createSpec) resolveSize(a *API) *apiError {
	s.size = a.findSize(s.Size)
	if s.size == nil {
		return unprocessable("You specified an invalid size for Droplet creation: %q.", s.Size)
	}
	return nil
}

// resolveRegion finds the region by its slug or by a prefix of the slug, which can be empty. For a prefix, it prefers a region that
// has the size, the image and the VPC.
func (s *createSpec) resolveRegion(a *API) *apiError {
	v := a.findVPC(s.VPCUUID)
	fits := func(r *droplets.Region) bool {
		return slices.Contains(s.size.Regions, r.Slug) && slices.Contains(s.image.Regions, r.Slug) && (v == nil || v.Region == r.Slug)
	}
	for _, r := range a.regions {
		if r.Slug == s.Region || strings.HasPrefix(r.Slug, s.Region) && (s.region == nil || !fits(s.region) && fits(r)) {
			s.region = r
		}
		if r.Slug == s.Region {
			break
		}
	}
	if s.region == nil {
		return unprocessable("You specified an invalid region for Droplet creation: %q.", s.Region)
	}
	return nil
}

// checkCompatible returns an error if fields of the request cannot be combined.
func (s *createSpec) checkCompatible(*API) *apiError {
	switch {
	case !slices.Contains(s.size.Regions, s.region.Slug):
		return unprocessable("Size %s is not available in region %s.", s.size.Slug, s.region.Slug)
	case !slices.Contains(s.image.Regions, s.region.Slug):
		return unprocessable("Image %s is not available in region %s.", s.Image, s.region.Slug)
	case s.image.MinDiskSize > s.size.Disk:
		return unprocessable("Image %s needs a disk of %d GB and size %s has %d GB.", s.Image, s.image.MinDiskSize, s.size.Slug, s.size.Disk)
	case len(s.UserData) > maxUserData:
		return unprocessable("User data must be at most 64 KiB.")
	case s.IPv6 && !s.hasPublicNetworking():
		return unprocessable("IPv6 needs public networking.")
	case s.GPUPartitionMode != "" && (s.size.GPUInfo == nil || !slices.Contains(s.size.GPUInfo.SupportedPartitionModes, s.GPUPartitionMode)):
		return unprocessable("Size %s does not support the GPU partition mode %q.", s.size.Slug, s.GPUPartitionMode)
	}
	return nil
}

func (s *createSpec) hasPublicNetworking() bool {
	return s.PublicNetworking == nil || *s.PublicNetworking
}

func (s *createSpec) checkSSHKeys(a *API) *apiError {
	for _, ref := range s.SSHKeys {
		if a.findSSHKey(ref.String()) == nil {
			return unprocessable("%s are invalid key identifiers for Droplet creation.", ref)
		}
	}
	return nil
}

func (s *createSpec) checkTags(*API) *apiError { return checkTagNames(s.Tags) }

func (s *createSpec) resolveBackupPolicy(*API) (apiErr *apiError) {
	switch {
	case s.Backups:
		s.backupPolicy, apiErr = completeBackupPolicy(s.BackupPolicy)
		return apiErr
	case s.BackupPolicy != nil:
		return unprocessable("A backup policy needs backups to be enabled.")
	}
	return nil
}

func (s *createSpec) checkDropletLimit(a *API) *apiError { return a.checkDropletLimit(len(s.names)) }

// checkDropletLimit returns an error if the account cannot have n more Droplets.
func (a *API) checkDropletLimit(n int) *apiError {
	if n > 0 && len(a.droplets)+n > a.config.dropletLimit {
		return unprocessable("creating this/these droplet(s) will exceed your droplet limit")
	}
	return nil
}

// createDroplet adds a Droplet and starts its create action, for a request or for a pool.
func (a *API) createDroplet(at time.Time, req requestRef, spec createSpec, name string) *droplet {
	d := a.buildDroplet(at, spec, name)
	a.startAction(d, droplets.ActionTypeCreate, effect{}, at)
	if lag := a.config.lag.Visibility; lag > 0 {
		a.hideDroplet(d)
		a.schedule(event{At: at.Add(lag), Kind: eventVisible, Droplet: d.ID})
	}
	a.ledger.add(EntryCreate, at, d, req)
	return d
}

// buildDroplet adds a Droplet with the status new.
func (a *API) buildDroplet(at time.Time, spec createSpec, name string) *droplet {
	d := &droplet{Droplet: droplets.Droplet{ID: nextID(&a.counters.Droplet), Name: name, Status: droplets.DropletStatusNew,
		CreatedAt: wholeSeconds(at), Image: &spec.image.Image, Region: spec.region, VPCUUID: spec.vpc.ID, SubnetUUID: spec.SubnetUUID,
		Features: spec.features(), BackupIDs: []int64{}, SnapshotIDs: []int64{}, Tags: unique(spec.Tags), VolumeIDs: []string{},
		Networks: droplets.Networks{V4: []droplets.NetworkV4{}, V6: []droplets.NetworkV6{}}},
		actualStatus: droplets.DropletStatusNew, backupPolicy: spec.backupPolicy, privateOnly: !spec.hasPublicNetworking()}
	d.setSize(spec.size, true)
	d.network = a.newNetworkSpec(d, spec.IPv6)
	a.storeDroplet(d)
	a.claimAddresses(d)
	for _, v := range spec.volumes {
		v.attach(d)
	}
	return d
}

func (s *createSpec) features() []string {
	features := []string{"droplet_agent", "private_networking"}
	if s.Backups {
		features = append(features, "backups")
	}
	if s.IPv6 {
		features = append(features, "ipv6")
	}
	if s.Monitoring {
		features = append(features, "monitoring")
	}
	return features
}

// setSize sets the size of a Droplet. It changes the disk only if withDisk is true.
func (d *droplet) setSize(size *droplets.Size, withDisk bool) {
	d.Size, d.SizeSlug = size, size.Slug
	d.Memory, d.VCPUs, d.GPUInfo = size.Memory, size.VCPUs, copyPointer(size.GPUInfo)
	if d.GPUInfo != nil {
		d.GPUInfo.SupportedPartitionModes = nil // the API returns them for sizes only
	}
	if withDisk {
		d.Disk, d.DiskInfo = size.Disk, size.DiskInfo
	}
}
