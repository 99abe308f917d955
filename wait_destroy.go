package droplets

import (
	"context"
	"fmt"
)

// WaitForDestroy waits until a destroy with associated resources has ended and returns its status. It succeeds only if the
// Droplet was destroyed and no resource failed according to the status; otherwise the error is a [*DestroyError]. If the wait
// itself fails, WaitForDestroy returns the status as last seen (nil if no poll has succeeded) and the error. If ctx is done,
// the error wraps that of the context. If the API has no status for the Droplet, the wait ends with an [ErrNotFound], except
// within half a minute after a request of this client: the API may not show the status yet.
//
// After a Retry, DestroyAll or DestroySelective of this client, the API may still show the failure of the destroy before.
// WaitForDestroy ignores a failure whose CompletedAt this client has received before the request, or whose CompletedAt is
// before the request. It does so for two minutes after the request; then the status counts. A Retry of another process is not
// known to the client, so the status counts at once: compare its CompletedAt with the time of that Retry.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/destroy_with_associated_resources/status
func (s *AssociatedResourcesService) WaitForDestroy(ctx context.Context, dropletID int64, co ...CallOption) (*DestroyStatus, error) {
	co = forWait(co)
	w := wait[DestroyStatus]{
		service:   (*service)(s),
		dropletID: dropletID,
		options:   co,
		poll:      func() (*DestroyStatus, error) { return s.Status(ctx, dropletID, co...) },
		done: func(status *DestroyStatus) (bool, error) {
			over, failed := status.finished()
			if failed != nil && s.destroys.isOutdated(dropletID, status) {
				return false, nil
			}
			return over, failed
		},
		describe: func(*DestroyStatus) string {
			return fmt.Sprintf("for the destroy of Droplet %d and its resources", dropletID)
		},
		notYetVisible: func() bool { return s.destroys.isRecent(dropletID) },
		progress:      func(*DestroyStatus) Progress { return Progress{DropletID: dropletID, Step: stepDestroy} },
	}
	return w.last(ctx)
}
