package droplets

import (
	"context"
	"fmt"
)

// WaitForDestroy waits until a destroy with associated resources has ended and returns its status. What could not be
// destroyed comes with a [*DestroyError]. When the wait itself fails, the last status seen comes with the error, which
// for an ended context is the context's; nil if none was seen.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/destroy_with_associated_resources/status
func (s *AssociatedResourcesService) WaitForDestroy(ctx context.Context, dropletID int64, co ...CallOption) (*DestroyStatus, error) {
	w := wait[DestroyStatus]{
		service:   (*service)(s),
		dropletID: dropletID,
		options:   co,
		poll:      func() (*DestroyStatus, error) { return s.Status(ctx, dropletID, co...) },
		done:      (*DestroyStatus).finished,
		describe: func(*DestroyStatus) string {
			return fmt.Sprintf("for the destroy of Droplet %d and its resources", dropletID)
		},
	}
	return w.last(ctx)
}
