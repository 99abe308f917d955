package droplets_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// idCall is a call whose only response has an ID in place of %d. get takes an ID and returns the ID of the result.
type idCall struct {
	body, missing string
	get           func(ctx context.Context, c *droplets.Client, id int64) (int64, error)
}

var idCalls = map[string]idCall{
	"a Droplet": {`{"droplet":{"id":%d}}`, "droplet.id", func(ctx context.Context, c *droplets.Client, id int64) (int64, error) {
		d, err := c.Droplets.Get(ctx, id)
		if err != nil {
			return 0, err
		}
		return d.ID, nil
	}},
	"a created Droplet": {`{"droplet":{"id":%d}}`, "droplet.id", func(ctx context.Context, c *droplets.Client, _ int64) (int64, error) {
		created, err := c.Droplets.Create(ctx, createRequest())
		if err != nil {
			return 0, err
		}
		return created.Droplet.ID, nil
	}},
	"created Droplets": {`{"droplets":[{"id":%d}]}`, "droplets.id", func(ctx context.Context, c *droplets.Client, _ int64) (int64, error) {
		created, err := c.Droplets.CreateMultiple(ctx, droplets.DropletMultiCreateRequest{Names: []string{"web-1"}, Size: "s-1vcpu-1gb",
			Image: droplets.ImageSlug("ubuntu-24-04-x64")})
		if err != nil {
			return 0, err
		}
		return created.Droplets[0].ID, nil
	}},
	"an action": {`{"action":{"id":%d}}`, "action.id", func(ctx context.Context, c *droplets.Client, id int64) (int64, error) {
		return actionID(c.Actions.Get(ctx, id))
	}},
	"an action on a Droplet": {`{"action":{"id":%d}}`, "action.id", func(ctx context.Context, c *droplets.Client, id int64) (int64, error) {
		return actionID(c.DropletActions.Get(ctx, 1, id))
	}},
	"an action on an image": {`{"action":{"id":%d}}`, "action.id", func(ctx context.Context, c *droplets.Client, id int64) (int64, error) {
		return actionID(c.Images.GetAction(ctx, 1, id))
	}},
	"an action on an image without a key": {`{"id":%d}`, "action", func(ctx context.Context, c *droplets.Client, id int64) (int64, error) {
		return actionID(c.Images.GetAction(ctx, 1, id))
	}},
	"an image": {`{"image":{"id":%d}}`, "image.id", func(ctx context.Context, c *droplets.Client, id int64) (int64, error) {
		image, err := c.Images.Get(ctx, id)
		if err != nil {
			return 0, err
		}
		return image.ID, nil
	}},
	"an SSH key": {`{"ssh_key":{"id":%d}}`, "ssh_key.id", func(ctx context.Context, c *droplets.Client, id int64) (int64, error) {
		key, err := c.SSHKeys.Get(ctx, droplets.SSHKeyID(id))
		if err != nil {
			return 0, err
		}
		return key.ID, nil
	}},
}

func actionID(a *droplets.Action, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return a.ID, nil
}

// TestTheSmallestID: IDs begin at 1, in arguments and in responses. A response without an ID is invalid, because a caller would
// use the zero in the next call.
func TestTheSmallestID(t *testing.T) {
	t.Parallel()
	for name, call := range idCalls {
		for _, id := range []int64{-1, 0, 1} {
			_, c := newAPI(t, sequence(respond(200, fmt.Sprintf(call.body, id))))
			got, err := call.get(t.Context(), c, 1)
			if id == 1 {
				require.NoError(t, err, name)
				assert.Equal(t, id, got, name)
				continue
			}
			require.ErrorIs(t, err, droplets.ErrInvalidResponse, "%s with the ID %d", name, id)
			require.ErrorContains(t, err, call.missing)
		}
	}
}

func TestTheSmallestIDAsAnArgument(t *testing.T) {
	t.Parallel()
	for name, call := range idCalls {
		if strings.HasPrefix(name, "created") || strings.HasPrefix(name, "a created") {
			continue // takes no ID
		}
		for _, id := range []int64{-1, 0} {
			a, c := newAPI(t, sequence(respond(200, fmt.Sprintf(call.body, 1))))
			_, err := call.get(t.Context(), c, id)
			var invalid *droplets.ArgumentError
			require.ErrorAs(t, err, &invalid, "%s with the ID %d", name, id)
			assert.Zero(t, a.count())
		}
	}
}

func TestTheSmallestIDOfASnapshot(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{"-1": false, "0": false, "1": true, "9223372036854775807": true, "9223372036854775808": false} {
		s := droplets.Snapshot{ID: text, ResourceType: droplets.SnapshotResourceDroplet}
		_, got := s.ImageID()
		assert.Equal(t, ok, got, text)
	}
}

// TestTheSmallestIDOfAnAction: the wait for an action on Droplet 1 reads it below the Droplet, as for any other Droplet.
func TestTheSmallestIDOfAnAction(t *testing.T) {
	t.Parallel()
	for resource, path := range map[int64]string{0: "/v2/actions/7", 1: "/v2/droplets/1/actions/7"} {
		a, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/v2/actions") {
				return respond(403, forbiddenBody)()
			}
			return respond(200, `{"action":{"id":7,"status":"completed"}}`)()
		})
		_, err := c.DropletActions.WaitForActions(t.Context(), droplets.Action{ID: 7, ResourceID: resource, ResourceType: "droplet"})
		require.NoError(t, err)
		assert.Equal(t, path, a.last().Path)
	}
}
