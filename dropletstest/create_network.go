package dropletstest

import "encoding/json"

// maxVolumes is the number of volumes that a Droplet can have.
const maxVolumes = 15

// volumeRef identifies a volume in a create request. The API documents a list of ids; some programs send objects with an id or with
// the name of a volume in the Droplet's region.
type volumeRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// UnmarshalJSON decodes an id or an object.
func (r *volumeRef) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &r.ID)
	}
	type object volumeRef
	return json.Unmarshal(b, (*object)(r))
}

func (r volumeRef) String() string {
	if r.ID == "" {
		return r.Name
	}
	return r.ID
}

// resolveVPC finds the VPC, or the default VPC of the region if the request has none.
func (s *createSpec) resolveVPC(a *API) *apiError {
	s.vpc = a.defaultVPC(s.region.Slug)
	if s.VPCUUID != "" {
		s.vpc = a.findVPC(s.VPCUUID)
	}
	switch {
	case s.vpc == nil:
		return unprocessable("You specified an invalid VPC for Droplet creation: %q.", s.VPCUUID)
	case s.vpc.Region != s.region.Slug:
		return unprocessable("VPC %q is in region %s and the Droplet is in %s.", s.VPCUUID, s.vpc.Region, s.region.Slug)
	case s.vpc.free() < len(s.names):
		return unprocessable("VPC %q has no more addresses.", s.vpc.ID)
	}
	return nil
}

// resolveVolumes finds the volumes, which must be free and in the region of the Droplet.
func (s *createSpec) resolveVolumes(a *API) *apiError {
	switch {
	case len(s.Volumes) > 0 && len(s.names) > 1:
		return unprocessable("Volumes cannot be attached to more than one Droplet.")
	case len(s.Volumes) > maxVolumes:
		return tooManyVolumes
	}
	for _, ref := range s.Volumes {
		v := a.resolveVolume(ref, s.region.Slug)
		if v == nil {
			return unprocessable("Volume %q could not be found.", ref)
		}
		if apiErr := v.checkAttachable(s.region.Slug); apiErr != nil {
			return apiErr
		}
		s.volumes = append(s.volumes, v)
	}
	for i, v := range s.volumes {
		if find(s.volumes[:i], func(other *volume) bool { return other == v }) != nil {
			return unprocessable("Volume %q is in the list twice.", v.ID)
		}
	}
	return nil
}

func (s *state) resolveVolume(ref volumeRef, region string) *volume {
	if ref.ID != "" {
		return s.volumes[ref.ID]
	}
	return s.findVolume(region, ref.Name)
}
