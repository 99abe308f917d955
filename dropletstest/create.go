package dropletstest

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/droplets-go/droplets"
)

// createRequest is the body of a create. A field that is null is a field that is not there.
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
	Volumes          []string               `json:"volumes"`
	VPCUUID          string                 `json:"vpc_uuid"`
	PublicNetworking *bool                  `json:"public_networking"`
}

// blueprint is what a create request comes to once everything it names has been found.
type blueprint struct {
	createRequest
	names  []string
	region *droplets.Region
	size   *droplets.Size
	image  *droplets.Image
	policy *droplets.BackupPolicy
}

const (
	maxNames    = 10
	maxName     = 255
	maxUserData = 64 << 10
)

var validName = regexp.MustCompile(`^[a-zA-Z0-9]?[a-z0-9A-Z.\-]*[a-z0-9A-Z]$`)

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

func (a *API) createDroplets(c *call) (answer, *refusal) {
	var req createRequest
	if no := c.decode(&req); no != nil {
		return answer{}, no
	}
	b, no := a.blueprint(req)
	if no != nil {
		return answer{}, no
	}
	var made []*droplets.Droplet
	var links actionLinks
	for _, name := range b.names {
		d := a.create(c, b, name)
		made = append(made, &d.Droplet)
		links.Actions = append(links.Actions, droplets.ActionLink{ID: d.pending.ID, Rel: "create",
			HREF: c.url("/v2/actions/" + strconv.FormatInt(d.pending.ID, 10))})
	}
	if req.Name != nil {
		return answer{http.StatusAccepted, createRoot{made[0], links}}, nil
	}
	return answer{http.StatusAccepted, multiCreateRoot{made, links}}, nil
}

// blueprint refuses what the API refuses, all of it before anything is made.
func (a *API) blueprint(req createRequest) (b blueprint, no *refusal) {
	b = blueprint{createRequest: req}
	for _, step := range []func(*API) *refusal{b.findNames, b.findImage, b.findSize, b.findRegion, b.fits,
		b.findKeys, b.findVolumes, b.findPolicy, b.mayExist} {
		if no := step(a); no != nil {
			return b, no
		}
	}
	return b, nil
}

func (b *blueprint) findNames(*API) *refusal {
	switch {
	case b.Name != nil && len(b.Names) > 0:
		return unprocessable("name and names can not be combined.")
	case b.Name != nil:
		b.names = []string{*b.Name}
	case len(b.Names) == 0:
		return unprocessable("Name can't be blank.")
	case len(b.Names) > maxNames:
		return unprocessable("Only up to %d Droplets can be created at a time.", maxNames)
	default:
		b.names = b.Names
	}
	for _, name := range b.names {
		if no := checkName(name); no != nil {
			return no
		}
	}
	return nil
}

func checkName(name string) *refusal {
	switch {
	case name == "":
		return unprocessable("Name can't be blank.")
	case len(name) > maxName:
		return unprocessable("Name is too long (maximum is %d characters).", maxName)
	case !validName.MatchString(name):
		return unprocessable("Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -) %q has others.", name)
	}
	return nil
}

func (b *blueprint) findImage(a *API) *refusal {
	b.image = a.findImage(b.Image)
	if b.image == nil {
		return unprocessable("You specified an invalid image for Droplet creation: %q.", b.Image)
	}
	return nil
}

func (b *blueprint) findSize(a *API) *refusal {
	b.size = a.findSize(b.Size)
	if b.size == nil {
		return unprocessable("You specified an invalid size for Droplet creation: %q.", b.Size)
	}
	return nil
}

// findRegion takes a slug, the beginning of one, or none, and prefers a region that has the size and the image.
func (b *blueprint) findRegion(a *API) *refusal {
	suits := func(r *droplets.Region) bool {
		return r.Available && slices.Contains(b.size.Regions, r.Slug) && slices.Contains(b.image.Regions, r.Slug)
	}
	for _, r := range a.regions {
		if r.Slug == b.Region || strings.HasPrefix(r.Slug, b.Region) && (b.region == nil || !suits(b.region) && suits(r)) {
			b.region = r
		}
		if r.Slug == b.Region {
			break
		}
	}
	if b.region == nil {
		return unprocessable("You specified an invalid region for Droplet creation: %q.", b.Region)
	}
	return nil
}

func (b *blueprint) fits(*API) *refusal {
	switch {
	case !b.region.Available:
		return unprocessable("Region %s is not available.", b.region.Slug)
	case !slices.Contains(b.size.Regions, b.region.Slug):
		return unprocessable("Size %s is not available in region %s.", b.size.Slug, b.region.Slug)
	case !slices.Contains(b.image.Regions, b.region.Slug):
		return unprocessable("Image %s is not available in region %s.", b.Image, b.region.Slug)
	case b.image.MinDiskSize > b.size.Disk:
		return unprocessable("Image %s needs a disk of %d GB and size %s has %d GB.", b.Image, b.image.MinDiskSize, b.size.Slug, b.size.Disk)
	case len(b.UserData) > maxUserData:
		return unprocessable("User data must be at most 64 KiB.")
	case b.IPv6 && !b.public():
		return unprocessable("IPv6 needs public networking.")
	}
	return nil
}

func (b *blueprint) public() bool { return b.PublicNetworking == nil || *b.PublicNetworking }

func (b *blueprint) findKeys(a *API) *refusal {
	for _, ref := range b.SSHKeys {
		if a.findKey(ref.String()) == nil {
			return unprocessable("%s are invalid key identifiers for Droplet creation.", ref)
		}
	}
	return nil
}

func (b *blueprint) findVolumes(a *API) *refusal {
	for _, id := range b.Volumes {
		v := a.volumes[id]
		switch {
		case v == nil:
			return unprocessable("Volume %q could not be found.", id)
		case v.DropletID != 0:
			return unprocessable("Volume %q is already attached to a Droplet.", id)
		case v.Region != b.region.Slug:
			return unprocessable("Volume %q is in region %s and the Droplet is in %s.", id, v.Region, b.region.Slug)
		case len(b.names) > 1:
			return unprocessable("Volumes can not be attached to more than one Droplet.")
		}
	}
	return nil
}

func (b *blueprint) findPolicy(*API) (no *refusal) {
	switch {
	case b.Backups:
		b.policy, no = policyFor(b.BackupPolicy)
		return no
	case b.BackupPolicy != nil:
		return unprocessable("A backup policy needs backups to be enabled.")
	}
	return nil
}

func (b *blueprint) mayExist(a *API) *refusal {
	if len(a.droplets)+len(b.names) > a.config.maximum {
		return unprocessable("creating this/these droplet(s) will exceed your droplet limit")
	}
	return nil
}

// create makes a Droplet and begins its create action.
func (a *API) create(c *call, b blueprint, name string) *droplet {
	d := a.build(c, b, name)
	a.begin(d, droplets.ActionTypeCreate, change{}, c.now)
	if lag := a.config.lag.Visibility; lag > 0 {
		d.hidden = true
		a.plan(event{At: c.now.Add(lag), Kind: eventVisible, Droplet: d.ID})
	}
	a.ledger.record(c, EntryCreate, d)
	return d
}

// build makes a Droplet that does not run yet.
func (a *API) build(c *call, b blueprint, name string) *droplet {
	d := &droplet{Droplet: droplets.Droplet{ID: next(&a.counters.Droplet), Name: name, Status: droplets.DropletStatusNew,
		CreatedAt: wholeSeconds(c.now), Image: b.image, Region: b.region, VPCUUID: b.VPCUUID,
		Features: b.features(), BackupIDs: []int64{}, SnapshotIDs: []int64{}, Tags: []string{}, VolumeIDs: []string{},
		Networks: droplets.Networks{V4: []droplets.NetworkV4{}, V6: []droplets.NetworkV6{}}},
		actual: droplets.DropletStatusNew, policy: b.policy, private: !b.public()}
	for _, tag := range b.Tags {
		if !slices.Contains(d.Tags, tag) {
			d.Tags = append(d.Tags, tag)
		}
	}
	d.setSize(b.size, true)
	if d.VPCUUID == "" {
		d.VPCUUID = defaultVPC(d.Region.Slug)
	}
	a.addDroplet(d)
	for _, id := range b.Volumes {
		a.attach(d, a.volumes[id])
	}
	d.network = a.planNetwork(d, b.IPv6)
	return d
}

func (b *blueprint) features() []string {
	features := []string{"droplet_agent", "private_networking"}
	if b.Backups {
		features = append(features, "backups")
	}
	if b.IPv6 {
		features = append(features, "ipv6")
	}
	if b.Monitoring {
		features = append(features, "monitoring")
	}
	return features
}

// setSize gives a Droplet the size, and its disk only where withDisk says so.
func (d *droplet) setSize(size *droplets.Size, withDisk bool) {
	d.Size, d.SizeSlug = size, size.Slug
	d.Memory, d.VCPUs, d.GPUInfo = size.Memory, size.VCPUs, size.GPUInfo
	if withDisk {
		d.Disk, d.DiskInfo = size.Disk, size.DiskInfo
	}
}
