package dropletstest

import (
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"time"
)

// vpcResource is a VPC in responses.
type vpcResource struct {
	ID          string    `json:"id"`
	URN         string    `json:"urn"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Region      string    `json:"region"`
	IPRange     string    `json:"ip_range"`
	CreatedAt   time.Time `json:"created_at"`
	Default     bool      `json:"default"`
}

type vpcMember struct {
	URN       string    `json:"urn"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
}

type (
	vpcRoot struct {
		VPC vpcResource `json:"vpc"`
	}
	vpcsPage struct {
		VPCs []vpcResource `json:"vpcs"`
		pageInfo
	}
	vpcMembersPage struct {
		Members []vpcMember `json:"members"`
		pageInfo
	}
	vpcCreateRequest struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Region      string `json:"region"`
		IPRange     string `json:"ip_range"`
	}
	vpcUpdateRequest struct {
		Name        *string `json:"name"`
		Description *string `json:"description"`
		Default     *bool   `json:"default"`
	}
)

const maxVPCDescription = 255

var validVPCName = regexp.MustCompile(`^[a-zA-Z0-9\-.]+$`)

func (v *vpc) resource() vpcResource {
	return vpcResource{ID: v.ID, URN: "do:vpc:" + v.ID, Name: v.Name, Description: v.Description, Region: v.Region, IPRange: v.IPRange,
		CreatedAt: v.CreatedAt, Default: v.Default}
}

// listVPCs lists VPCs by id. Those that every new account has are first, then those of requests, the oldest first.
func (a *API) listVPCs(c *call) (result, *apiError) {
	return paginate(c, len(a.vpcs), func(i int) vpcResource { return a.vpcs[i].resource() },
		func(items []vpcResource, info pageInfo) vpcsPage { return vpcsPage{items, info} })
}

func (a *API) createVPC(c *call) (result, *apiError) {
	req, apiErr := decodeBody[vpcCreateRequest](c)
	if apiErr != nil {
		return result{}, apiErr
	}
	v, apiErr := a.newVPC(req, c.now)
	if apiErr != nil {
		return result{}, apiErr
	}
	return result{http.StatusCreated, vpcRoot{v.resource()}}, nil
}

// newVPC adds a VPC, or returns an error if the API rejects it.
func (a *API) newVPC(req vpcCreateRequest, now time.Time) (*vpc, *apiError) {
	if apiErr := a.checkVPCName(req.Name, nil); apiErr != nil {
		return nil, apiErr
	}
	switch {
	case len(req.Description) > maxVPCDescription:
		return nil, vpcDescriptionTooLong
	case req.Region == "":
		return nil, unprocessable("Region can't be blank.")
	case a.findRegion(req.Region) == nil:
		return nil, unprocessable("You specified an invalid region for VPC creation: %q.", req.Region)
	}
	r, apiErr := a.newVPCRange(req.IPRange)
	if apiErr != nil {
		return nil, apiErr
	}
	v := &vpc{ID: a.nextUUID(), Name: req.Name, Description: req.Description, Region: req.Region, IPRange: r.String(),
		CreatedAt: wholeSeconds(now)}
	a.storeVPC(v)
	return v, nil
}

func (s *state) newVPCRange(requested string) (netip.Prefix, *apiError) {
	if requested == "" {
		return s.freeVPCRange()
	}
	return s.checkVPCRange(requested)
}

var vpcDescriptionTooLong = unprocessable("Description is too long (maximum is %d characters).", maxVPCDescription)

// checkVPCName returns an error if a VPC cannot have the name. v is nil for a new VPC.
func (s *state) checkVPCName(name string, v *vpc) *apiError {
	switch {
	case name == "":
		return unprocessable("Name can't be blank.")
	case !validVPCName.MatchString(name):
		return unprocessable("Name may only contain letters, digits, dashes, and periods: %q.", name)
	case find(s.vpcs, func(other *vpc) bool { return other.Name == name && other != v }) != nil:
		return unprocessable("A VPC with the name %q already exists.", name)
	}
	return nil
}

// onVPC returns a handler that passes the VPC in the path to h. The handler responds 404 if the VPC does not exist.
func onVPC(h func(*API, *call, *vpc) (result, *apiError)) handler {
	return func(a *API, c *call) (result, *apiError) {
		v := a.findVPC(c.args[0])
		if v == nil {
			return result{}, notFound
		}
		return h(a, c, v)
	}
}

func (a *API) getVPC(_ *call, v *vpc) (result, *apiError) {
	return result{http.StatusOK, vpcRoot{v.resource()}}, nil
}

// replaceVPC sets the name and the description. If the request has no description, it is reset.
func (a *API) replaceVPC(c *call, v *vpc) (result, *apiError) {
	req, apiErr := decodeBody[vpcUpdateRequest](c)
	if apiErr != nil {
		return result{}, apiErr
	}
	if req.Name == nil {
		req.Name = new("")
	}
	if req.Description == nil {
		req.Description = new("")
	}
	return a.changeVPC(v, req)
}

// updateVPC sets the fields that are in the request.
func (a *API) updateVPC(c *call, v *vpc) (result, *apiError) {
	req, apiErr := decodeBody[vpcUpdateRequest](c)
	if apiErr != nil {
		return result{}, apiErr
	}
	return a.changeVPC(v, req)
}

func (a *API) changeVPC(v *vpc, req vpcUpdateRequest) (result, *apiError) {
	if req.Name != nil {
		if apiErr := a.checkVPCName(*req.Name, v); apiErr != nil {
			return result{}, apiErr
		}
	}
	switch {
	case req.Description != nil && len(*req.Description) > maxVPCDescription:
		return result{}, vpcDescriptionTooLong
	case req.Default != nil && !*req.Default && v.Default:
		return result{}, unprocessable("The default VPC cannot be unset: make another VPC of the region the default.")
	}
	if req.Name != nil {
		v.Name = *req.Name
	}
	if req.Description != nil {
		v.Description = *req.Description
	}
	if req.Default != nil && *req.Default {
		a.defaultVPC(v.Region).Default = false
		v.Default = true
	}
	return result{http.StatusOK, vpcRoot{v.resource()}}, nil
}

var (
	vpcIsDefault  = newAPIError(http.StatusForbidden, "Can not delete default VPCs")
	vpcHasMembers = newAPIError(http.StatusConflict, "Can not delete VPC with members")
)

func (a *API) deleteVPC(_ *call, v *vpc) (result, *apiError) {
	switch {
	case v.Default:
		return result{}, vpcIsDefault
	case len(v.members) > 0:
		return result{}, vpcHasMembers
	}
	a.vpcs.remove(v.ID)
	return noContent, nil
}

// listVPCMembers lists Droplets, which are the only members in the fake.
func (a *API) listVPCMembers(c *call, v *vpc) (result, *apiError) {
	members := a.visible(v.members)
	if kind := c.query.Get("resource_type"); kind != "" && kind != resourceDroplet {
		members = nil
	}
	return paginate(c, len(members), func(i int) vpcMember {
		d := members[i]
		return vpcMember{URN: "do:droplet:" + strconv.FormatInt(d.ID, 10), Name: d.Name, CreatedAt: d.CreatedAt}
	}, func(items []vpcMember, info pageInfo) vpcMembersPage { return vpcMembersPage{items, info} })
}
