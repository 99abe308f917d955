package nettest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/digitalocean/godo"

	"github.com/droplets-go/droplets"
)

// kind says how often a request may be sent if its outcome is unknown.
type kind int

const (
	read       kind = iota // any number of times
	idempotent             // any number of times, although it is a change
	change                 // once
)

const (
	dropletID = 42
	actionID  = 3_000_000_001
	tag       = "web"
)

// call is a method call. Every case runs for each of calls.
type call struct {
	name string
	kind kind
	// hasBody is true if the request has a body.
	hasBody bool
	// usual, again and long are the responses of the server; see serverConfig.
	usual, again, long response
	library            func(context.Context, *droplets.Client, ...droplets.CallOption) error
	godo               func(context.Context, *godo.Client) error // nil if godo has no such method
}

// errWrongResult is returned by a call that succeeded with a result that the server did not send.
var errWrongResult = errors.New("the result is not what the server sent")

// sameID returns err, or errWrongResult if the IDs differ.
func sameID(got, want int64, err error) error {
	if err == nil && got != want {
		return fmt.Errorf("%w: id %d, want %d", errWrongResult, got, want)
	}
	return err
}

func calls() []call {
	return []call{getCall(), deleteCall(), deleteByTagCall(), createCall(), actionCall(), destroyRetryCall()}
}

func getCall() call {
	return call{
		name: "get", kind: read,
		usual: jsonResponse(http.StatusOK, dropletJSON()),
		long:  jsonResponse(http.StatusOK, dropletJSON()),
		library: func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) error {
			d, err := c.Droplets.Get(ctx, dropletID, co...)
			if err != nil {
				return err
			}
			return sameID(d.ID, dropletID, nil)
		},
		godo: func(ctx context.Context, c *godo.Client) error {
			d, _, err := c.Droplets.Get(ctx, dropletID)
			if err != nil {
				return err
			}
			return sameID(int64(d.ID), dropletID, nil)
		},
	}
}

func deleteCall() call {
	return call{
		name: "delete", kind: idempotent,
		usual: response{status: http.StatusNoContent, contentType: "application/json"},
		again: jsonResponse(http.StatusNotFound, notFoundJSON),
		long:  jsonResponse(http.StatusAccepted, acceptedJSON()),
		library: func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) error {
			return c.Droplets.Delete(ctx, dropletID, co...)
		},
		godo: func(ctx context.Context, c *godo.Client) error {
			_, err := c.Droplets.Delete(ctx, dropletID)
			return err
		},
	}
}

func deleteByTagCall() call {
	return call{
		name: "delete_by_tag", kind: change,
		usual: response{status: http.StatusNoContent, contentType: "application/json"},
		long:  jsonResponse(http.StatusAccepted, acceptedJSON()),
		library: func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) error {
			return c.Droplets.DeleteByTag(ctx, tag, co...)
		},
		godo: func(ctx context.Context, c *godo.Client) error {
			_, err := c.Droplets.DeleteByTag(ctx, tag)
			return err
		},
	}
}

func createCall() call {
	return call{
		name: "create", kind: change, hasBody: true,
		usual: jsonResponse(http.StatusAccepted, dropletJSON()),
		long:  jsonResponse(http.StatusAccepted, dropletJSON()),
		library: func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) error {
			r, err := c.Droplets.Create(ctx, droplets.DropletCreateRequest{Name: "web-1", Region: "nyc3",
				Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64")}, co...)
			if err != nil {
				return err
			}
			return sameID(r.Droplet.ID, dropletID, nil)
		},
		godo: func(ctx context.Context, c *godo.Client) error {
			d, _, err := c.Droplets.Create(ctx, &godo.DropletCreateRequest{Name: "web-1", Region: "nyc3",
				Size: "s-1vcpu-1gb", Image: godo.DropletCreateImage{Slug: "ubuntu-24-04-x64"}})
			if err != nil {
				return err
			}
			return sameID(int64(d.ID), dropletID, nil)
		},
	}
}

func actionCall() call {
	body := fmt.Sprintf(`{"action":{"id":%d,"status":"in-progress","type":"reboot","started_at":"2026-11-21T10:00:00Z",`+
		`"completed_at":null,"resource_id":%d,"resource_type":"droplet","region_slug":"nyc3"}}`, int64(actionID), dropletID)
	return call{
		name: "action", kind: change, hasBody: true,
		usual: jsonResponse(http.StatusCreated, body),
		long:  jsonResponse(http.StatusCreated, body),
		library: func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) error {
			a, err := c.DropletActions.Reboot(ctx, dropletID, co...)
			if err != nil {
				return err
			}
			return sameID(a.ID, actionID, nil)
		},
		godo: func(ctx context.Context, c *godo.Client) error {
			a, _, err := c.DropletActions.Reboot(ctx, dropletID)
			if err != nil {
				return err
			}
			return sameID(int64(a.ID), actionID, nil)
		},
	}
}

// destroyRetryCall is a change without a body. godo does not have this operation.
func destroyRetryCall() call {
	return call{
		name: "destroy_retry", kind: change,
		usual: jsonResponse(http.StatusAccepted, ""),
		long:  jsonResponse(http.StatusAccepted, acceptedJSON()),
		library: func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) error {
			return c.AssociatedResources.Retry(ctx, dropletID, co...)
		},
	}
}

const (
	notFoundJSON  = `{"id":"not_found","message":"The resource you were accessing could not be found.","request_id":"r-1"}`
	forbiddenJSON = `{"id":"forbidden","message":"You are not authorized to perform this operation","request_id":"r-2"}`
)

func jsonResponse(status int, text string) response {
	return response{status: status, contentType: "application/json; charset=utf-8", text: text}
}

// htmlResponse returns an error page of a proxy between the client and the API.
func htmlResponse(status int) response {
	return response{status: status, contentType: "text/html; charset=UTF-8",
		text: fmt.Sprintf("<!DOCTYPE html>\n<html><head><title>%d</title></head><body>%s</body></html>\n",
			status, strings.Repeat("<p>error</p>", 40))}
}

func dropletJSON() string {
	return fmt.Sprintf(`{"droplet":{"id":%d,"name":"web-1","memory":1024,"vcpus":1,"disk":25,"status":"new",`+
		`"created_at":"2026-11-21T10:00:00Z","features":[],"backup_ids":[],"snapshot_ids":[],"volume_ids":[],`+
		`"size_slug":"s-1vcpu-1gb","networks":{"v4":[],"v6":[]},"tags":[%q]},`+
		`"links":{"actions":[{"id":%d,"rel":"create","href":"https://api.digitalocean.com/v2/actions/%d"}]}}`,
		dropletID, tag, int64(actionID), int64(actionID))
}

// acceptedJSON returns a body for the calls whose response usually has none, so that there is a body to cut.
func acceptedJSON() string { return `{"message":"` + strings.Repeat("accepted ", 60) + `"}` }
