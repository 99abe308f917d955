package main

import (
	"fmt"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

type dropletList struct {
	Shown, Total string
	Truncated    bool
	Items        []dropletView
	Example      curlExample
}

type dropletView struct {
	ID                     int64
	Name, Status, Class    string
	Size, Hardware, Region string
	Price                  string
	Locked                 bool
	Tags                   []string
	Addresses              []addressView
	Controls               []control
}

type addressView struct{ Kind, IP string }

func newDropletList(o dropletstest.Overview, example curlExample) dropletList {
	v := dropletList{Shown: formatInt(len(o.Droplets)), Total: formatInt(o.DropletCount), Truncated: len(o.Droplets) < o.DropletCount,
		Example: example}
	for i := range o.Droplets {
		v.Items = append(v.Items, newDropletView(&o.Droplets[i]))
	}
	return v
}

func newDropletView(d *droplets.Droplet) dropletView {
	v := dropletView{ID: d.ID, Name: d.Name, Status: string(d.Status), Class: statusClass(d.Status), Locked: d.Locked, Tags: d.Tags,
		Size: d.SizeSlug, Hardware: formatHardware(d), Controls: dropletControls(d.Status)}
	if d.Size != nil {
		v.Price = formatPrice(d.Size.PriceMonthly)
	}
	if d.Region != nil {
		v.Region = d.Region.Slug
	}
	for _, n := range d.Networks.V4 {
		v.Addresses = append(v.Addresses, addressView{string(n.Type), n.IPAddress})
	}
	for _, n := range d.Networks.V6 {
		v.Addresses = append(v.Addresses, addressView{"IPv6", n.IPAddress})
	}
	return v
}

func statusClass(s droplets.DropletStatus) string {
	switch s {
	case droplets.DropletStatusActive:
		return "good"
	case droplets.DropletStatusNew:
		return "busy"
	default:
		return "neutral"
	}
}

func formatHardware(d *droplets.Droplet) string {
	return fmt.Sprintf("%d vCPU · %s · %d GB disk", d.VCPUs, formatMemory(d.Memory), d.Disk)
}
