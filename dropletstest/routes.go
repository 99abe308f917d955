package dropletstest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// route is one operation. Its name is the API's own id of it.
type route struct {
	operation string
	method    string
	pattern   []string // the path's segments; "{}" stands for any
	handle    func(*API, *call) (answer, *refusal)
}

func at(operation, method, path string, handle func(*API, *call) (answer, *refusal)) route {
	return route{operation: operation, method: method, pattern: segments(path), handle: handle}
}

// routes are tried in order: a literal path stands before the pattern that fits it too.
var routes = []route{
	at("droplets_list", http.MethodGet, "/v2/droplets", (*API).listDroplets),
	at("droplets_create", http.MethodPost, "/v2/droplets", (*API).createDroplets),
	at("droplets_destroy_byTag", http.MethodDelete, "/v2/droplets", (*API).deleteByTag),
	at("dropletActions_post_byTag", http.MethodPost, "/v2/droplets/actions", (*API).actByTag),
	at("droplets_list_backup_policies", http.MethodGet, "/v2/droplets/backups/policies", (*API).listPolicies),
	at("droplets_list_supported_backup_policies", http.MethodGet, "/v2/droplets/backups/supported_policies", (*API).listSupportedPolicies),
	at("droplets_get", http.MethodGet, "/v2/droplets/{}", (*API).getDroplet),
	at("droplets_destroy", http.MethodDelete, "/v2/droplets/{}", (*API).deleteDroplet),
	at("dropletActions_list", http.MethodGet, "/v2/droplets/{}/actions", (*API).listDropletActions),
	at("dropletActions_post", http.MethodPost, "/v2/droplets/{}/actions", (*API).act),
	at("dropletActions_get", http.MethodGet, "/v2/droplets/{}/actions/{}", (*API).getDropletAction),
	at("droplets_list_snapshots", http.MethodGet, "/v2/droplets/{}/snapshots", (*API).listSnapshotsOf),
	at("droplets_list_backups", http.MethodGet, "/v2/droplets/{}/backups", (*API).listBackupsOf),
	at("droplets_get_backup_policy", http.MethodGet, "/v2/droplets/{}/backups/policy", (*API).getPolicy),
	at("droplets_list_kernels", http.MethodGet, "/v2/droplets/{}/kernels", (*API).listKernels),
	at("droplets_list_firewalls", http.MethodGet, "/v2/droplets/{}/firewalls", (*API).listFirewalls),
	at("droplets_list_neighbors", http.MethodGet, "/v2/droplets/{}/neighbors", (*API).listNeighbors),
	at("droplets_list_associatedResources", http.MethodGet, "/v2/droplets/{}/destroy_with_associated_resources", (*API).listAssociated),
	at("droplets_destroy_withAssociatedResourcesSelective", http.MethodDelete, "/v2/droplets/{}/destroy_with_associated_resources/selective", (*API).destroySelective),
	at("droplets_destroy_withAssociatedResourcesDangerous", http.MethodDelete, "/v2/droplets/{}/destroy_with_associated_resources/dangerous", (*API).destroyAll),
	at("droplets_get_DestroyAssociatedResourcesStatus", http.MethodGet, "/v2/droplets/{}/destroy_with_associated_resources/status", (*API).destroyStatus),
	at("droplets_destroy_retryWithAssociatedResources", http.MethodPost, "/v2/droplets/{}/destroy_with_associated_resources/retry", (*API).destroyRetry),
	at("droplets_list_neighborsIds", http.MethodGet, "/v2/reports/droplet_neighbors_ids", (*API).listNeighborIDs),
	at("actions_list", http.MethodGet, "/v2/actions", (*API).listActions),
	at("actions_get", http.MethodGet, "/v2/actions/{}", (*API).getAction),

	at("account_get", http.MethodGet, "/v2/account", (*API).getAccount),
	at("regions_list", http.MethodGet, "/v2/regions", (*API).listRegions),
	at("sizes_list", http.MethodGet, "/v2/sizes", (*API).listSizes),
	at("images_list", http.MethodGet, "/v2/images", (*API).listImages),
	at("images_get", http.MethodGet, "/v2/images/{}", (*API).getImage),
	at("images_update", http.MethodPut, "/v2/images/{}", (*API).updateImage),
	at("images_delete", http.MethodDelete, "/v2/images/{}", (*API).deleteImage),
	at("snapshots_list", http.MethodGet, "/v2/snapshots", (*API).listSnapshots),
	at("snapshots_get", http.MethodGet, "/v2/snapshots/{}", (*API).getSnapshot),
	at("snapshots_delete", http.MethodDelete, "/v2/snapshots/{}", (*API).deleteSnapshot),
	at("sshKeys_list", http.MethodGet, "/v2/account/keys", (*API).listKeys),
	at("sshKeys_create", http.MethodPost, "/v2/account/keys", (*API).createKey),
	at("sshKeys_get", http.MethodGet, "/v2/account/keys/{}", (*API).getKey),
	at("sshKeys_update", http.MethodPut, "/v2/account/keys/{}", (*API).updateKey),
	at("sshKeys_delete", http.MethodDelete, "/v2/account/keys/{}", (*API).deleteKey),
	at("tags_list", http.MethodGet, "/v2/tags", (*API).listTags),
	at("tags_create", http.MethodPost, "/v2/tags", (*API).createTag),
	at("tags_get", http.MethodGet, "/v2/tags/{}", (*API).getTag),
	at("tags_delete", http.MethodDelete, "/v2/tags/{}", (*API).deleteTag),
	at("tags_assign_resources", http.MethodPost, "/v2/tags/{}/resources", (*API).tagResources),
	at("tags_unassign_resources", http.MethodDelete, "/v2/tags/{}/resources", (*API).untagResources),
}

// findRoute finds the operation and puts the path's variables into the call. Slashes too many or too few are forgiven.
func findRoute(c *call) *route {
	c.unrouted = notFound
	path := segments(c.req.URL.EscapedPath())
	for i := range routes {
		r := &routes[i]
		args, ok := match(r.pattern, path)
		if !ok {
			continue
		}
		if c.req.Method == r.method || c.req.Method == http.MethodHead && r.method == http.MethodGet {
			c.args = args
			return r
		}
		c.unrouted = methodNotAllowed
	}
	return nil
}

func segments(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

func match(pattern, path []string) (args []string, ok bool) {
	if len(pattern) != len(path) {
		return nil, false
	}
	for i, p := range pattern {
		switch {
		case p == "{}":
			arg, err := url.PathUnescape(path[i])
			if err != nil {
				return nil, false
			}
			args = append(args, arg)
		case p != path[i]:
			return nil, false
		}
	}
	return args, true
}

// argID reads an id out of the path; what is no id is 0, which nothing has.
func (c *call) argID(i int) int64 {
	id, err := strconv.ParseInt(c.args[i], 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// droplet finds the Droplet that the path begins with.
func (a *API) droplet(c *call) (*droplet, *refusal) {
	d := a.droplets[c.argID(0)]
	if d == nil || d.hidden {
		return nil, notFound
	}
	return d, nil
}
