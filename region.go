package droplets

import "github.com/droplets-go/droplets/internal/jsonread"

// Region is a datacenter.
type Region struct {
	// Name is the display name, such as "New York 3".
	Name string `json:"name"`
	// Slug identifies the region in requests, such as "nyc3".
	Slug string `json:"slug"`
	// Features lists the features that the region supports.
	Features []string `json:"features"`
	// Available is false if new Droplets cannot be created in the region.
	Available bool `json:"available"`
	// Sizes are the slugs of the sizes that are available in the region. The token needs the scope sizes:read.
	Sizes []string `json:"sizes"`
}

func (v *Region) fields(r *jsonread.Reader) {
	jsonread.Text(r, "name", &v.Name)
	jsonread.Text(r, "slug", &v.Slug)
	jsonread.Texts(r, "features", &v.Features)
	jsonread.Bool(r, "available", &v.Available)
	jsonread.Texts(r, "sizes", &v.Sizes)
}

type regionsRoot struct {
	Regions []Region `json:"regions"`
	pageInfo
}

func (v *regionsRoot) fields(r *jsonread.Reader) {
	jsonread.Objects(r, "regions", &v.Regions, (*Region).fields)
	v.pageFields(r)
}

func (v *regionsRoot) missing() string { return missingIf(v.Regions == nil, "regions") }
