package dropletstest

import "github.com/droplets-go/droplets"

// poolRequest is the request body of a create and of an update, which replaces the whole pool.
type poolRequest struct {
	Name     string                             `json:"name"`
	Config   *droplets.AutoscaleConfig          `json:"config"`
	Template *droplets.AutoscaleDropletTemplate `json:"droplet_template"`
}

// The documented limits of pools.
const (
	maxInstances         = 1000
	maxMinInstances      = 500
	minTarget, maxTarget = 0.05, 1.0
	minCooldownMinutes   = 5
	maxCooldownMinutes   = 20
)

func (a *API) decodePoolRequest(c *call) (req poolRequest, apiErr *apiError) {
	req, apiErr = decodeBody[poolRequest](c)
	switch {
	case apiErr != nil:
		return req, apiErr
	case req.Name == "":
		return req, unprocessable("name is required.")
	case req.Config == nil:
		return req, unprocessable("config is required.")
	case req.Template == nil:
		return req, unprocessable("droplet_template is required.")
	}
	if apiErr := checkPoolConfig(*req.Config); apiErr != nil {
		return req, apiErr
	}
	_, apiErr = a.newPoolSpec(*req.Template, "droplet")
	return req, apiErr
}

func checkPoolConfig(config droplets.AutoscaleConfig) *apiError {
	static := config
	static.TargetNumberInstances = 0
	switch {
	case config.IsStatic() && static != droplets.AutoscaleConfig{}:
		return unprocessable("target_number_instances cannot be combined with other fields of config.")
	case config.IsStatic():
		return checkPoolRange("target_number_instances", config.TargetNumberInstances, 1, maxInstances)
	}
	for _, apiErr := range []*apiError{
		checkPoolRange("min_instances", config.MinInstances, 1, maxMinInstances),
		checkPoolRange("max_instances", config.MaxInstances, max(config.MinInstances, 1), maxInstances),
		checkPoolTarget("target_cpu_utilization", config.TargetCPUUtilization),
		checkPoolTarget("target_memory_utilization", config.TargetMemoryUtilization),
	} {
		if apiErr != nil {
			return apiErr
		}
	}
	if config.CooldownMinutes == 0 {
		return nil
	}
	return checkPoolRange("cooldown_minutes", config.CooldownMinutes, minCooldownMinutes, maxCooldownMinutes)
}

func checkPoolRange(field string, value, least, most int) *apiError {
	if value < least || value > most {
		return unprocessable("%s must be between %d and %d, not %d.", field, least, most, value)
	}
	return nil
}

func checkPoolTarget(field string, value float64) *apiError {
	if value != 0 && (value < minTarget || value > maxTarget) {
		return unprocessable("%s must be between %v and %v, not %v.", field, minTarget, maxTarget, value)
	}
	return nil
}

// newPoolSpec returns the spec of one Droplet of a pool. It returns an error if the template is invalid.
func (a *API) newPoolSpec(t droplets.AutoscaleDropletTemplate, name string) (createSpec, *apiError) {
	req := createRequest{Name: &name, Region: t.Region, Size: t.Size, Image: droplets.ParseImageRef(t.Image), IPv6: t.IPv6, Tags: t.Tags,
		UserData: t.UserData, VPCUUID: t.VPCUUID, PublicNetworking: t.PublicNetworking}
	switch {
	case len(t.SSHKeys) == 0:
		return createSpec{}, unprocessable("ssh_keys is required.")
	case a.findRegion(t.Region) == nil:
		return createSpec{}, unprocessable("You specified an invalid region for Droplet creation: %q.", t.Region)
	}
	for _, key := range t.SSHKeys {
		req.SSHKeys = append(req.SSHKeys, droplets.ParseSSHKeyRef(key))
	}
	return a.newCreateSpec(req)
}
