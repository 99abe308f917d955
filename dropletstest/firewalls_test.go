package dropletstest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestFirewalls(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		req := createRequest("a")
		req.Tags = []string{"web"}
		a, b := createActive(t, c, req), createActive(t, c, createRequest("b"))
		byTag := api.AddFirewall(droplets.Firewall{Name: "tagged", Tags: []string{"web"}})
		api.AddFirewall(droplets.Firewall{DropletIDs: []int64{b.ID}})
		firewalls := collect(t, c.Droplets.AllFirewalls(t.Context(), a.ID, nil))
		require.Len(t, firewalls, 1)
		assert.Equal(t, byTag, firewalls[0])
	})
}
