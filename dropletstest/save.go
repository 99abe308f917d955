package dropletstest

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/droplets-go/droplets"
)

// stateVersion is the version of the format. It is increased if the format becomes incompatible.
const stateVersion = 2

// savedState is the JSON form of the account. It refers to objects of the catalog by id or slug.
type savedState struct {
	Version         int                   `json:"version"`
	Counters        counters              `json:"counters"`
	Droplets        []savedDroplet        `json:"droplets"`
	Actions         []savedAction         `json:"actions"`
	Images          []savedImage          `json:"images"`
	Tags            []savedTag            `json:"tags"`
	SSHKeys         []*sshKey             `json:"ssh_keys"`
	VPCs            []*vpc                `json:"vpcs"`
	Volumes         []*volume             `json:"volumes"`
	VolumeSnapshots []*volumeSnapshot     `json:"volume_snapshots"`
	ReservedIPs     []*reservedIP         `json:"reserved_ips"`
	Firewalls       []savedFirewall       `json:"firewalls"`
	Hosts           [][]int64             `json:"hosts"`
	Pools           []savedPool           `json:"autoscale_pools"`
	DestroyJobs     map[int64]*destroyJob `json:"destroys"`
	DestroyRequests map[int64]requestRef  `json:"destroy_causes"`
	Events          eventQueue            `json:"agenda"`
	Ledger          []Entry               `json:"ledger"`
}

type savedDroplet struct {
	droplets.Droplet                        // has its image only if the image was deleted
	ImageID          int64                  `json:"image_id"`
	RegionSlug       string                 `json:"region_slug"`
	ActualStatus     droplets.DropletStatus `json:"actual_status"`
	Hidden           bool                   `json:"hidden,omitempty"`
	BackupPolicy     *droplets.BackupPolicy `json:"policy,omitempty"`
	PrivateOnly      bool                   `json:"private,omitempty"`
	Network          networkSpec            `json:"network"`
}

type savedAction struct {
	droplets.Action
	WillFail bool   `json:"doomed,omitempty"`
	Effect   effect `json:"change"`
}

type savedImage struct {
	droplets.Image
	DropletID int64        `json:"droplet_id,omitempty"`
	Hidden    bool         `json:"hidden,omitempty"`
	Importing *imageImport `json:"import,omitempty"`
}

// savedTag is a tag with the resources that were last given it. All resources are saved with their tags.
type savedTag struct {
	Name               string `json:"name"`
	LastType           string `json:"last_type,omitempty"`
	LastDroplet        int64  `json:"last_droplet,omitempty"`
	LastImage          int64  `json:"last_image,omitempty"`
	LastVolume         string `json:"last_volume,omitempty"`
	LastVolumeSnapshot string `json:"last_volume_snapshot,omitempty"`
}

type savedFirewall struct {
	firewallResource
	LastChange int64 `json:"last_change,omitempty"`
	WillFail   bool  `json:"doomed,omitempty"`
}

// WriteState writes the account as JSON, for [API.ReadState]: Droplets, actions and scheduled events, images, tags, SSH keys, VPCs,
// volumes, firewalls, reserved IPs, autoscale pools, destroys, neighbors and the ledger. It does not write requests, the rate limit,
// the clock, planned faults and failures, and ignored shutdowns. It returns the error of the writer.
func (a *API) WriteState(w io.Writer) error {
	a.lockAndApplyDue()
	b, err := json.Marshal(a.save())
	a.mu.Unlock()
	if err != nil {
		return fmt.Errorf("dropletstest: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

func (s *state) save() savedState {
	saved := savedState{Version: stateVersion, Counters: s.counters, Droplets: []savedDroplet{}, Actions: []savedAction{}, Images: []savedImage{},
		Tags: []savedTag{}, Pools: []savedPool{}, SSHKeys: nonNil(s.sshKeys), VPCs: s.vpcs,
		Volumes: nonNil(s.orderedVolumes), VolumeSnapshots: nonNil(s.volumeSnapshots),
		ReservedIPs: nonNil(s.reservedIPs), Firewalls: []savedFirewall{}, Hosts: nonNil(s.hosts), DestroyJobs: s.destroyJobs,
		DestroyRequests: s.ledger.destroyRequests, Events: nonNil(s.events), Ledger: nonNil(s.ledger.entries)}
	for _, d := range s.orderedDroplets {
		saved.Droplets = append(saved.Droplets, s.saveDroplet(d))
	}
	for _, act := range s.actionHistory {
		entry := savedAction{act.Action, act.willFail, act.effect}
		entry.Action.Region = nil
		saved.Actions = append(saved.Actions, entry)
	}
	for _, v := range s.orderedImages {
		if !v.inCatalog {
			saved.Images = append(saved.Images, savedImage{v.Image, v.dropletID, v.hidden, v.importing})
		}
	}
	for _, t := range s.tags {
		saved.Tags = append(saved.Tags, savedTag{t.name, t.last, t.droplets.last, t.images.last, t.volumes.last, t.volumeSnapshots.last})
	}
	for _, f := range s.firewalls {
		saved.Firewalls = append(saved.Firewalls, savedFirewall{f.firewallResource, f.lastChange, f.willFail})
	}
	for _, p := range s.pools {
		saved.Pools = append(saved.Pools, p.save())
	}
	return saved
}

func (s *state) saveDroplet(d *droplet) savedDroplet {
	entry := savedDroplet{Droplet: d.Droplet, ImageID: d.Image.ID, RegionSlug: d.Region.Slug, ActualStatus: d.actualStatus,
		Hidden: d.hidden, BackupPolicy: d.backupPolicy, PrivateOnly: d.privateOnly, Network: d.network}
	entry.Size, entry.Region = nil, nil
	if v := s.images[entry.ImageID]; v != nil && &v.Image == d.Image {
		entry.Image = nil
	}
	return entry
}
