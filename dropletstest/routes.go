package dropletstest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// handler processes a request of one operation.
type handler func(*API, *call) (result, *apiError)

// route maps a method and a path pattern to a handler.
type route struct {
	operation string // the API's id of the operation
	method    string
	pattern   []string // the segments of the path; "{}" matches any segment
	handle    handler
}

func newRoute(operation, method, path string, handle handler) route {
	return route{operation: operation, method: method, pattern: pathSegments(path), handle: handle}
}

// allRoutes are all routes, in the order in which they are matched.
var allRoutes = slices.Concat(coreRoutes, vpcRoutes, volumeRoutes, firewallRoutes, reservedIPRoutes("reserved_ips"), reservedIPRoutes("floating_ips"))

// coreRoutes are the operations that package droplets wraps, and GET /v2/account. A path without variables is before the patterns that
// also match it.
var coreRoutes = []route{
	newRoute("droplets_list", http.MethodGet, "/v2/droplets", (*API).listDroplets),
	newRoute("droplets_create", http.MethodPost, "/v2/droplets", (*API).createDroplets),
	newRoute("droplets_destroy_byTag", http.MethodDelete, "/v2/droplets", (*API).deleteDropletsByTag),
	newRoute("dropletActions_post_byTag", http.MethodPost, "/v2/droplets/actions", (*API).createActionsByTag),
	newRoute("droplets_list_backup_policies", http.MethodGet, "/v2/droplets/backups/policies", (*API).listBackupPolicies),
	newRoute("droplets_list_supported_backup_policies", http.MethodGet, "/v2/droplets/backups/supported_policies", (*API).listSupportedBackupPolicies),
	newRoute("autoscalepools_list", http.MethodGet, "/v2/droplets/autoscale", (*API).listPools),
	newRoute("autoscalepools_create", http.MethodPost, "/v2/droplets/autoscale", (*API).createPool),
	newRoute("autoscalepools_get", http.MethodGet, "/v2/droplets/autoscale/{}", onPool((*API).getPool)),
	newRoute("autoscalepools_update", http.MethodPut, "/v2/droplets/autoscale/{}", onPool((*API).updatePool)),
	newRoute("autoscalepools_delete", http.MethodDelete, "/v2/droplets/autoscale/{}", onPool((*API).deletePool)),
	newRoute("autoscalepools_delete_dangerous", http.MethodDelete, "/v2/droplets/autoscale/{}/dangerous", onPool((*API).destroyPool)),
	newRoute("autoscalepools_list_members", http.MethodGet, "/v2/droplets/autoscale/{}/members", onPool((*API).listMembers)),
	newRoute("autoscalepools_list_history", http.MethodGet, "/v2/droplets/autoscale/{}/history", onPool((*API).listHistory)),
	newRoute("droplets_get", http.MethodGet, "/v2/droplets/{}", onDroplet((*API).getDroplet)),
	newRoute("droplets_destroy", http.MethodDelete, "/v2/droplets/{}", onDroplet((*API).deleteDroplet)),
	newRoute("dropletActions_list", http.MethodGet, "/v2/droplets/{}/actions", onDroplet((*API).listDropletActions)),
	newRoute("dropletActions_post", http.MethodPost, "/v2/droplets/{}/actions", onDroplet((*API).createAction)),
	newRoute("dropletActions_get", http.MethodGet, "/v2/droplets/{}/actions/{}", (*API).getDropletAction),
	newRoute("droplets_list_snapshots", http.MethodGet, "/v2/droplets/{}/snapshots", onDroplet((*API).listDropletSnapshots)),
	newRoute("droplets_list_backups", http.MethodGet, "/v2/droplets/{}/backups", onDroplet((*API).listDropletBackups)),
	newRoute("droplets_get_backup_policy", http.MethodGet, "/v2/droplets/{}/backups/policy", onDroplet((*API).getBackupPolicy)),
	newRoute("droplets_list_kernels", http.MethodGet, "/v2/droplets/{}/kernels", onDroplet((*API).listKernels)),
	newRoute("droplets_list_firewalls", http.MethodGet, "/v2/droplets/{}/firewalls", onDroplet((*API).listDropletFirewalls)),
	newRoute("droplets_list_neighbors", http.MethodGet, "/v2/droplets/{}/neighbors", onDroplet((*API).listNeighbors)),
	newRoute("droplets_list_associatedResources", http.MethodGet, "/v2/droplets/{}/destroy_with_associated_resources", onDroplet((*API).listAssociatedResources)),
	newRoute("droplets_destroy_withAssociatedResourcesSelective", http.MethodDelete, "/v2/droplets/{}/destroy_with_associated_resources/selective", (*API).destroySelective),
	newRoute("droplets_destroy_withAssociatedResourcesDangerous", http.MethodDelete, "/v2/droplets/{}/destroy_with_associated_resources/dangerous", (*API).destroyAll),
	newRoute("droplets_get_DestroyAssociatedResourcesStatus", http.MethodGet, "/v2/droplets/{}/destroy_with_associated_resources/status", (*API).destroyStatus),
	newRoute("droplets_destroy_retryWithAssociatedResources", http.MethodPost, "/v2/droplets/{}/destroy_with_associated_resources/retry", (*API).destroyRetry),
	newRoute("droplets_list_neighborsIds", http.MethodGet, "/v2/reports/droplet_neighbors_ids", (*API).listNeighborIDs),
	newRoute("actions_list", http.MethodGet, "/v2/actions", (*API).listActions),
	newRoute("actions_get", http.MethodGet, "/v2/actions/{}", (*API).getAction),

	newRoute("account_get", http.MethodGet, "/v2/account", (*API).getAccount),
	newRoute("regions_list", http.MethodGet, "/v2/regions", (*API).listRegions),
	newRoute("sizes_list", http.MethodGet, "/v2/sizes", (*API).listSizes),
	newRoute("images_list", http.MethodGet, "/v2/images", (*API).listImages),
	newRoute("images_create_custom", http.MethodPost, "/v2/images", (*API).createCustomImage),
	newRoute("images_get", http.MethodGet, "/v2/images/{}", (*API).getImage),
	newRoute("images_update", http.MethodPut, "/v2/images/{}", onPrivateImage((*API).updateImage)),
	newRoute("images_delete", http.MethodDelete, "/v2/images/{}", onPrivateImage((*API).deleteImage)),
	newRoute("imageActions_list", http.MethodGet, "/v2/images/{}/actions", onImage((*API).listImageActions)),
	newRoute("imageActions_post", http.MethodPost, "/v2/images/{}/actions", onPrivateImage((*API).createImageAction)),
	newRoute("imageActions_get", http.MethodGet, "/v2/images/{}/actions/{}", (*API).getImageAction),
	newRoute("snapshots_list", http.MethodGet, "/v2/snapshots", (*API).listSnapshots),
	newRoute("snapshots_get", http.MethodGet, "/v2/snapshots/{}", (*API).getSnapshot),
	newRoute("snapshots_delete", http.MethodDelete, "/v2/snapshots/{}", (*API).deleteSnapshot),
	newRoute("sshKeys_list", http.MethodGet, "/v2/account/keys", (*API).listSSHKeys),
	newRoute("sshKeys_create", http.MethodPost, "/v2/account/keys", (*API).createSSHKey),
	newRoute("sshKeys_get", http.MethodGet, "/v2/account/keys/{}", onSSHKey((*API).getSSHKey)),
	newRoute("sshKeys_update", http.MethodPut, "/v2/account/keys/{}", onSSHKey((*API).updateSSHKey)),
	newRoute("sshKeys_delete", http.MethodDelete, "/v2/account/keys/{}", onSSHKey((*API).deleteSSHKey)),
	newRoute("tags_list", http.MethodGet, "/v2/tags", (*API).listTags),
	newRoute("tags_create", http.MethodPost, "/v2/tags", (*API).createTag),
	newRoute("tags_get", http.MethodGet, "/v2/tags/{}", onTag((*API).getTag)),
	newRoute("tags_delete", http.MethodDelete, "/v2/tags/{}", onTag((*API).deleteTag)),
	newRoute("tags_assign_resources", http.MethodPost, "/v2/tags/{}/resources", onTag((*API).tagResources)),
	newRoute("tags_unassign_resources", http.MethodDelete, "/v2/tags/{}/resources", onTag((*API).untagResources)),
}

// findRoute returns the route of a request and sets the path arguments of the call. Repeated and trailing slashes are ignored.
// If no route matches, it returns nil and sets the error response of the call: 405 if the path has operations with other
// methods, 501 otherwise. A 404 would look like a resource that does not exist.
func findRoute(c *call) *route {
	c.routeError = newAPIError(http.StatusNotImplemented, "dropletstest does not implement %s %s.", c.req.Method, c.req.URL.EscapedPath())
	path := pathSegments(c.req.URL.EscapedPath())
	var known []string // the first pattern that matches the path
	for i := range allRoutes {
		r := &allRoutes[i]
		args, ok := matchPath(r.pattern, path)
		if !ok || known != nil && !slices.Equal(known, r.pattern) {
			continue
		}
		if c.req.Method == r.method || c.req.Method == http.MethodHead && r.method == http.MethodGet {
			c.args = args
			return r
		}
		known, c.routeError = r.pattern, methodNotAllowed
	}
	return nil
}

func pathSegments(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// matchPath reports whether a path matches a pattern, and returns the unescaped segments that match "{}".
func matchPath(pattern, path []string) (args []string, ok bool) {
	if len(pattern) != len(path) {
		return nil, false
	}
	for i, p := range pattern {
		switch {
		case p == "{}":
			arg, _ := url.PathUnescape(path[i]) // EscapedPath returns a valid path
			args = append(args, arg)
		case p != path[i]:
			return nil, false
		}
	}
	return args, true
}
