package dropletstest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestChangeKernel(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(2))
		c := api.Client()
		withKernel, withoutKernel := api.Droplets()[0], api.Droplets()[1]
		kernels := collect(t, c.Droplets.AllKernels(t.Context(), withKernel.ID, nil))
		require.NotEmpty(t, kernels)
		assert.Empty(t, collect(t, c.Droplets.AllKernels(t.Context(), withoutKernel.ID, nil)))
		d := runAction(t, c, withKernel.ID, droplets.ChangeKernelRequest{KernelID: kernels[1].ID})
		assert.Equal(t, &kernels[1], d.Kernel)
		_, err := c.DropletActions.ChangeKernel(t.Context(), withKernel.ID, droplets.ChangeKernelRequest{KernelID: 1})
		requireUnprocessable(t, err, "kernel")
	})
}
