package main

import (
	"strconv"
	"strings"

	"github.com/droplets-go/droplets"
)

// labels are the labels that Prometheus' own discovery for DigitalOcean sets. Relabeling rules for it work unchanged.
type labels struct {
	DropletID   string `json:"__meta_digitalocean_droplet_id"`
	DropletName string `json:"__meta_digitalocean_droplet_name"`
	Image       string `json:"__meta_digitalocean_image"`
	ImageName   string `json:"__meta_digitalocean_image_name"`
	PrivateIPv4 string `json:"__meta_digitalocean_private_ipv4"`
	PublicIPv4  string `json:"__meta_digitalocean_public_ipv4"`
	PublicIPv6  string `json:"__meta_digitalocean_public_ipv6"`
	Region      string `json:"__meta_digitalocean_region"`
	Size        string `json:"__meta_digitalocean_size"`
	Status      string `json:"__meta_digitalocean_status"`
	Features    string `json:"__meta_digitalocean_features,omitempty"`
	Tags        string `json:"__meta_digitalocean_tags,omitempty"`
	VPC         string `json:"__meta_digitalocean_vpc"`
}

func newLabels(d *droplets.Droplet) labels {
	l := labels{
		DropletID:   strconv.FormatInt(d.ID, 10),
		DropletName: d.Name,
		PrivateIPv4: ipv4(d, droplets.NetworkTypePrivate),
		PublicIPv4:  ipv4(d, droplets.NetworkTypePublic),
		PublicIPv6:  publicIPv6(d),
		Size:        d.SizeSlug,
		Status:      string(d.Status),
		Features:    joined(d.Features),
		Tags:        joined(d.Tags),
		VPC:         d.VPCUUID,
	}
	if d.Image != nil { // the token may lack the scope image:read
		l.Image, l.ImageName = d.Image.Slug, d.Image.Name
	}
	if d.Region != nil {
		l.Region = d.Region.Slug
	}
	return l
}

// address returns the public IPv4 address, as Prometheus does, or the private one of a Droplet that has no other. It is empty
// if the Droplet has neither.
func (l *labels) address() string {
	if l.PublicIPv4 != "" {
		return l.PublicIPv4
	}
	return l.PrivateIPv4
}

// ipv4 returns the first address of a type, with the spelling of the API. [droplets.Droplet.PublicIPv4] parses the address, so that
// the spelling, and with it the target, could change.
func ipv4(d *droplets.Droplet, t droplets.NetworkType) string {
	for _, n := range d.Networks.V4 {
		if n.Type == t {
			return n.IPAddress
		}
	}
	return ""
}

func publicIPv6(d *droplets.Droplet) string {
	for _, n := range d.Networks.V6 {
		if n.Type == droplets.NetworkTypePublic {
			return n.IPAddress
		}
	}
	return ""
}

// joined returns the values with a comma before, between and after them, so that a rule can match any of them, for example with
// ",web,". It returns an empty text for an empty list.
func joined(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return "," + strings.Join(values, ",") + ","
}
