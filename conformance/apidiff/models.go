package main

import (
	"reflect"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/jsonkeys"
)

// body describes the body of a response: the types of its members by name. The type of the name "" is that of the whole body.
type body map[string]reflect.Type

// of returns a body with one member.
func of[T any](name string) body { return body{name: reflect.TypeFor[T]()} }

// list returns the body of a list with pages.
func list[T any](name string) body {
	return body{name: reflect.TypeFor[[]T](), "links": reflect.TypeFor[pageLinks](), "meta": reflect.TypeFor[meta]()}
}

// pageLinks and meta are the parts of a list from which the library makes a [droplets.Page].
type pageLinks struct {
	Pages struct {
		First string `json:"first"`
		Prev  string `json:"prev"`
		Next  string `json:"next"`
		Last  string `json:"last"`
	} `json:"pages"`
}

type meta struct {
	Total int `json:"total"`
}

// created is the body of a create.
type created struct {
	Droplet  droplets.Droplet   `json:"droplet"`
	Droplets []droplets.Droplet `json:"droplets"`
	Links    struct {
		Actions []droplets.ActionLink `json:"actions"`
	} `json:"links"`
}

// models returns the Go types of the responses that have a body, by operation ID.
func models() map[string]body {
	policies := list[droplets.BackupPolicyRecord]("policies")
	policies["policies"] = reflect.TypeFor[map[string]droplets.BackupPolicyRecord]()
	return map[string]body{
		"actions_get":                                   of[droplets.Action]("action"),
		"actions_list":                                  list[droplets.Action]("actions"),
		"autoscalepools_create":                         of[droplets.AutoscalePool]("autoscale_pool"),
		"autoscalepools_get":                            of[droplets.AutoscalePool]("autoscale_pool"),
		"autoscalepools_list":                           list[droplets.AutoscalePool]("autoscale_pools"),
		"autoscalepools_list_history":                   list[droplets.AutoscalePoolEvent]("history"),
		"autoscalepools_list_members":                   list[droplets.AutoscalePoolMember]("droplets"),
		"autoscalepools_update":                         of[droplets.AutoscalePool]("autoscale_pool"),
		"dropletActions_get":                            of[droplets.Action]("action"),
		"dropletActions_list":                           list[droplets.Action]("actions"),
		"dropletActions_post":                           of[droplets.Action]("action"),
		"dropletActions_post_byTag":                     of[[]droplets.Action]("actions"),
		"droplets_create":                               of[created](""),
		"droplets_get":                                  of[droplets.Droplet]("droplet"),
		"droplets_get_DestroyAssociatedResourcesStatus": of[droplets.DestroyStatus](""),
		"droplets_get_backup_policy":                    of[droplets.BackupPolicyRecord]("policy"),
		"droplets_list":                                 list[droplets.Droplet]("droplets"),
		"droplets_list_associatedResources":             of[droplets.AssociatedResources](""),
		"droplets_list_backup_policies":                 policies,
		"droplets_list_backups":                         list[droplets.DropletSnapshot]("backups"),
		"droplets_list_firewalls":                       list[droplets.Firewall]("firewalls"),
		"droplets_list_kernels":                         list[droplets.Kernel]("kernels"),
		"droplets_list_neighbors":                       of[[]droplets.Droplet]("droplets"),
		"droplets_list_neighborsIds":                    of[[][]int64]("neighbor_ids"),
		"droplets_list_snapshots":                       list[droplets.DropletSnapshot]("snapshots"),
		"droplets_list_supported_backup_policies":       of[[]droplets.SupportedBackupPolicy]("supported_policies"),
		"imageActions_get":                              of[droplets.Action]("action"),
		"imageActions_list":                             list[droplets.Action]("actions"),
		"imageActions_post":                             of[droplets.Action]("action"),
		"images_create_custom":                          of[droplets.Image]("image"),
		"images_get":                                    of[droplets.Image]("image"),
		"images_list":                                   list[droplets.Image]("images"),
		"images_update":                                 of[droplets.Image]("image"),
		"regions_list":                                  list[droplets.Region]("regions"),
		"sizes_list":                                    list[droplets.Size]("sizes"),
		"snapshots_get":                                 of[droplets.Snapshot]("snapshot"),
		"snapshots_list":                                list[droplets.Snapshot]("snapshots"),
		"sshKeys_create":                                of[droplets.SSHKey]("ssh_key"),
		"sshKeys_get":                                   of[droplets.SSHKey]("ssh_key"),
		"sshKeys_list":                                  list[droplets.SSHKey]("ssh_keys"),
		"sshKeys_update":                                of[droplets.SSHKey]("ssh_key"),
		"tags_create":                                   of[droplets.Tag]("tag"),
		"tags_get":                                      of[droplets.Tag]("tag"),
		"tags_list":                                     list[droplets.Tag]("tags"),
	}
}

// keys returns the JSON keys of a body.
func (b body) keys() jsonkeys.Keys {
	out := make(jsonkeys.Keys)
	for name, t := range b {
		prefix := ""
		if name != "" {
			prefix = "/" + name
			out[prefix] = t
		}
		for key, typ := range jsonkeys.Of(t) {
			out[prefix+key] = typ
		}
	}
	return out
}
