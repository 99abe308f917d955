package droplets_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

func TestInvalidPools(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(500, "")))
	static := func(n int) droplets.AutoscaleConfig { return droplets.AutoscaleConfig{TargetNumberInstances: n} }
	dynamic := func(change func(*droplets.AutoscaleConfig)) droplets.AutoscaleConfig {
		config := dynamicPool().Config
		change(&config)
		return config
	}
	type config = droplets.AutoscaleConfig
	for name, tt := range map[string]struct {
		field  string
		config config
	}{
		"no configuration":           {"Config", config{}},
		"a negative number":          {"Config.TargetNumberInstances", static(-1)},
		"too many":                   {"Config.TargetNumberInstances", static(1001)},
		"static and a minimum":       {"Config.TargetNumberInstances", dynamic(func(c *config) { c.TargetNumberInstances = 2 })},
		"static and a cooldown":      {"Config.TargetNumberInstances", config{TargetNumberInstances: 2, CooldownMinutes: 5}},
		"a minimum of 0":             {"Config.MinInstances", dynamic(func(c *config) { c.MinInstances = 0 })},
		"a minimum over 500":         {"Config.MinInstances", dynamic(func(c *config) { c.MinInstances, c.MaxInstances = 501, 600 })},
		"no maximum":                 {"Config.MaxInstances", dynamic(func(c *config) { c.MaxInstances = 0 })},
		"a maximum over 1000":        {"Config.MaxInstances", dynamic(func(c *config) { c.MaxInstances = 1001 })},
		"a maximum below":            {"Config.MaxInstances", dynamic(func(c *config) { c.MinInstances, c.MaxInstances = 3, 2 })},
		"a target in percent":        {"Config.TargetCPUUtilization", dynamic(func(c *config) { c.TargetCPUUtilization = 60 })},
		"a negative target":          {"Config.TargetCPUUtilization", dynamic(func(c *config) { c.TargetCPUUtilization = -0.5 })},
		"a target of NaN":            {"Config.TargetCPUUtilization", dynamic(func(c *config) { c.TargetCPUUtilization = math.NaN() })},
		"a target that is too small": {"Config.TargetMemoryUtilization", dynamic(func(c *config) { c.TargetMemoryUtilization = 0.049 })},
		"a short cooldown":           {"Config.CooldownMinutes", dynamic(func(c *config) { c.CooldownMinutes = 4 })},
		"a long cooldown":            {"Config.CooldownMinutes", dynamic(func(c *config) { c.CooldownMinutes = 21 })},
	} {
		t.Run(name, func(t *testing.T) {
			req := poolRequest()
			req.Config = tt.config
			requireInvalid(t, second(c.AutoscalePools.Create(t.Context(), req)), tt.field)
			requireInvalid(t, second(c.AutoscalePools.Update(t.Context(), poolID, req)), tt.field)
		})
	}
	type template = droplets.AutoscaleDropletTemplate
	for name, tt := range map[string]struct {
		field  string
		change func(*droplets.AutoscaleDropletTemplate)
	}{
		"no region":          {"DropletTemplate.Region", func(t *template) { t.Region = "" }},
		"no size":            {"DropletTemplate.Size", func(t *template) { t.Size = " " }},
		"no image":           {"DropletTemplate.Image", func(t *template) { t.Image = "" }},
		"no keys":            {"DropletTemplate.SSHKeys", func(t *template) { t.SSHKeys = nil }},
		"an empty key":       {"DropletTemplate.SSHKeys[1]", func(t *template) { t.SSHKeys = []string{"1", ""} }},
		"an empty tag":       {"DropletTemplate.Tags[0]", func(t *template) { t.Tags = []string{" "} }},
		"too much user data": {"DropletTemplate.UserData", func(t *template) { t.UserData = strings.Repeat("x", 64<<10+1) }},
		"binary user data":   {"DropletTemplate.UserData", func(t *template) { t.UserData = "\xff" }},
		"IPv6 without public networking": {"DropletTemplate.IPv6", func(t *template) {
			t.IPv6, t.PublicNetworking = true, new(false)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			req := poolRequest()
			tt.change(&req.DropletTemplate)
			requireInvalid(t, second(c.AutoscalePools.Create(t.Context(), req)), tt.field)
		})
	}
	unnamed := poolRequest()
	unnamed.Name = ""
	requireInvalid(t, second(c.AutoscalePools.Create(t.Context(), unnamed)), "Name")
	for _, id := range []string{"", " ", ".", ".."} {
		requireInvalid(t, second(c.AutoscalePools.Get(t.Context(), id)), "poolID")
		requireInvalid(t, second(c.AutoscalePools.Update(t.Context(), id, poolRequest())), "poolID")
		requireInvalid(t, c.AutoscalePools.Delete(t.Context(), id), "poolID")
		requireInvalid(t, c.AutoscalePools.DeleteWithDroplets(t.Context(), id), "poolID")
		requireInvalid(t, second(c.AutoscalePools.ListMembers(t.Context(), id, nil)), "poolID")
		requireInvalid(t, second(c.AutoscalePools.ListHistory(t.Context(), id, nil)), "poolID")
	}
	requireInvalid(t, second(c.AutoscalePools.List(t.Context(), &droplets.AutoscalePoolListOptions{Name: " "})), "Name")
	requireInvalid(t, second(c.AutoscalePools.List(t.Context(), &droplets.AutoscalePoolListOptions{ListOptions: droplets.ListOptions{PerPage: 201}})), "PerPage")
	requireInvalid(t, second(c.AutoscalePools.ListMembers(t.Context(), poolID, &droplets.ListOptions{Page: -1})), "Page")
	assert.Zero(t, a.count(), "no request was sent")
}

// The ends of the documented ranges are accepted.
func TestValidPools(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(202, fixture(t, "autoscalepools_create.202"))))
	for _, config := range []droplets.AutoscaleConfig{
		{TargetNumberInstances: 1}, {TargetNumberInstances: 1000}, {MinInstances: 1, MaxInstances: 1}, {MinInstances: 500, MaxInstances: 1000},
		{MinInstances: 1, MaxInstances: 2, TargetCPUUtilization: 0.05, TargetMemoryUtilization: 1, CooldownMinutes: 20},
		{MinInstances: 1, MaxInstances: 2, TargetMemoryUtilization: 0.05, CooldownMinutes: 5},
	} {
		req := poolRequest()
		req.Config = config
		require.NoError(t, second(c.AutoscalePools.Create(t.Context(), req)), "%+v", config)
		assert.Equal(t, config.TargetNumberInstances > 0, config.IsStatic())
	}
	assert.Equal(t, 6, a.count())
}

// The values beside the documented range of the targets are rejected.
func TestTargetsOfPools(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(500, "")))
	for _, target := range []float64{-1, -0.05, 0.0499, 1.0001, 1.5, 2, math.NaN(), math.Inf(1)} {
		req := poolRequest()
		req.Config = droplets.AutoscaleConfig{MinInstances: 1, MaxInstances: 2, TargetCPUUtilization: target}
		requireInvalid(t, second(c.AutoscalePools.Create(t.Context(), req)), "Config.TargetCPUUtilization")
		req.Config = droplets.AutoscaleConfig{MinInstances: 1, MaxInstances: 2, TargetMemoryUtilization: target}
		requireInvalid(t, second(c.AutoscalePools.Create(t.Context(), req)), "Config.TargetMemoryUtilization")
	}
	assert.Zero(t, a.count(), "no request was sent")
}
