package droplets_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// TestOtherValidationIsLeftToTheAPI sends what the API rejects today and may accept one day.
func TestOtherValidationIsLeftToTheAPI(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(422, `{"id":"unprocessable_entity","message":"no"}`)))
	ctx := t.Context()
	req := createRequest()
	req.Name, req.Region, req.Size, req.Image = "my_first web", "moon-1", "s_none", droplets.ImageSlug("no such image")
	req.Tags, req.Volumes, req.VPCUUID, req.GPUPartitionMode = []string{"a tag"}, []string{"not_an_id"}, "not_an_id", "none"
	for name, call := range map[string]func() error{
		"a create": func() error { return second(c.Droplets.Create(ctx, req)) },
		"a resize": func() error { return second(c.DropletActions.Resize(ctx, 42, droplets.ResizeRequest{Size: "s_none"})) },
		"a rename": func() error {
			return second(c.DropletActions.Rename(ctx, 42, droplets.RenameRequest{Name: "my_first web"}))
		},
		"a custom action": func() error {
			return second(c.DropletActions.Initiate(ctx, 42, droplets.CustomActionRequest{Type: "fly_away"}))
		},
		"a tag in a list": func() error { return second(c.Droplets.List(ctx, &droplets.DropletListOptions{TagName: "a tag"})) },
		"a transfer":      func() error { return second(c.Images.Transfer(ctx, 7, droplets.TransferRequest{Region: "moon_1"})) },
	} {
		before := a.count()
		require.ErrorIs(t, call(), droplets.ErrUnprocessable, name)
		assert.Equal(t, before+1, a.count(), name)
	}
}
