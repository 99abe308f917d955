package dropletstest

import (
	"slices"

	"github.com/droplets-go/droplets"
)

// The functions in this file make deep copies, so that callers cannot change the state of the API.

func copyDroplet(d droplets.Droplet) droplets.Droplet {
	d.DiskInfo, d.Features, d.Tags = slices.Clone(d.DiskInfo), slices.Clone(d.Features), slices.Clone(d.Tags)
	d.BackupIDs, d.SnapshotIDs, d.VolumeIDs = slices.Clone(d.BackupIDs), slices.Clone(d.SnapshotIDs), slices.Clone(d.VolumeIDs)
	d.Networks.V4, d.Networks.V6 = slices.Clone(d.Networks.V4), slices.Clone(d.Networks.V6)
	d.Kernel, d.NextBackupWindow, d.GPUInfo = copyPointer(d.Kernel), copyPointer(d.NextBackupWindow), copyGPUInfo(d.GPUInfo)
	if d.Image = copyPointer(d.Image); d.Image != nil {
		*d.Image = copyImage(*d.Image)
	}
	if d.Size = copyPointer(d.Size); d.Size != nil {
		d.Size.Regions, d.Size.DiskInfo = slices.Clone(d.Size.Regions), slices.Clone(d.Size.DiskInfo)
		d.Size.GPUInfo = copyGPUInfo(d.Size.GPUInfo)
	}
	if d.Region = copyPointer(d.Region); d.Region != nil {
		d.Region.Features, d.Region.Sizes = slices.Clone(d.Region.Features), slices.Clone(d.Region.Sizes)
	}
	return d
}

func copyGPUInfo(g *droplets.GPUInfo) *droplets.GPUInfo {
	if g = copyPointer(g); g != nil {
		g.SupportedPartitionModes = slices.Clone(g.SupportedPartitionModes)
	}
	return g
}

func copyImage(i droplets.Image) droplets.Image {
	i.Regions, i.Tags = slices.Clone(i.Regions), slices.Clone(i.Tags)
	return i
}

func copyPointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// copyFirewall replaces nil lists with empty ones, because the API returns empty lists.
func copyFirewall(f droplets.Firewall) droplets.Firewall {
	f.PendingChanges = copyList(f.PendingChanges)
	f.DropletIDs, f.Tags = copyList(f.DropletIDs), copyList(f.Tags)
	f.InboundRules, f.OutboundRules = copyList(f.InboundRules), copyList(f.OutboundRules)
	for i := range f.InboundRules {
		f.InboundRules[i].Sources = copyTarget(f.InboundRules[i].Sources)
	}
	for i := range f.OutboundRules {
		f.OutboundRules[i].Destinations = copyTarget(f.OutboundRules[i].Destinations)
	}
	return f
}

func copyTarget(t droplets.FirewallTarget) droplets.FirewallTarget {
	t.Addresses, t.Tags, t.DropletIDs = slices.Clone(t.Addresses), slices.Clone(t.Tags), slices.Clone(t.DropletIDs)
	t.KubernetesIDs, t.LoadBalancerUIDs = slices.Clone(t.KubernetesIDs), slices.Clone(t.LoadBalancerUIDs)
	return t
}

// copyList returns a copy that is never nil.
func copyList[T any](list []T) []T { return append([]T{}, list...) }
