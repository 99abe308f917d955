package check

import (
	"encoding/json"
	"fmt"
	"net/url"
)

// attribute returns the attribute that an action requires according to its description. In its schema the attribute is optional.
func attribute(actionType string) string {
	switch actionType {
	case "restore", "rebuild":
		return "image"
	case "resize":
		return "size"
	case "rename":
		return "name"
	case "change_kernel":
		return "kernel"
	case "change_backup_policy":
		return "backup_policy"
	}
	return ""
}

const (
	maxNames    = 10
	maxUserData = 64 << 10
)

// lintProse checks rules that are in the descriptions of the document but not in its schemas.
func lintProse(operation string, query url.Values, body map[string]any) []Finding {
	switch operation {
	case "droplets_list":
		if query.Has("tag_name") && (query.Has("name") || query.Has("type")) {
			return []Finding{lint("query", "tag_name", "exclusive-parameters", "it cannot be combined with name or type")}
		}
	case "droplets_create":
		return lintCreate(body)
	case "dropletActions_post_byTag":
		if !query.Has("tag_name") {
			return append(lintAction(body), lint("query", "tag_name", "missing-tag", "an action by tag requires it"))
		}
		return lintAction(body)
	case "dropletActions_post", "imageActions_post":
		return lintAction(body)
	}
	return nil
}

func lintCreate(body map[string]any) []Finding {
	var out []Finding
	if names, ok := body["names"].([]any); ok && (len(names) == 0 || len(names) > maxNames) {
		out = append(out, lintAt("/names", "names-count", fmt.Sprintf("there are %d names; 1 to %d are possible", len(names), maxNames)))
	}
	if data, ok := body["user_data"].(string); ok && len(data) > maxUserData {
		out = append(out, lintAt("/user_data", "user-data-size", fmt.Sprintf("it has %d bytes; at most %d are possible", len(data), maxUserData)))
	}
	if body["public_networking"] == false && body["ipv6"] == true {
		out = append(out, lintAt("/ipv6", "ipv6-without-public", "it requires public_networking"))
	}
	if body["backup_policy"] != nil && body["backups"] != true {
		out = append(out, lintAt("/backup_policy", "policy-without-backups", "it requires backups"))
	}
	return out
}

func lintAction(body map[string]any) []Finding {
	kind, _ := body["type"].(string)
	name := attribute(kind)
	if name == "" {
		return nil
	}
	switch body[name] {
	case nil, "", json.Number("0"):
		return []Finding{lintAt("/"+name, "action-attribute", fmt.Sprintf("the action %s requires it", kind))}
	}
	return nil
}
