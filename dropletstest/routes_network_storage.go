package dropletstest

import "net/http"

var vpcRoutes = []route{
	newRoute("vpcs_list", http.MethodGet, "/v2/vpcs", (*API).listVPCs),
	newRoute("vpcs_create", http.MethodPost, "/v2/vpcs", (*API).createVPC),
	newRoute("vpcs_get", http.MethodGet, "/v2/vpcs/{}", onVPC((*API).getVPC)),
	newRoute("vpcs_update", http.MethodPut, "/v2/vpcs/{}", onVPC((*API).replaceVPC)),
	newRoute("vpcs_patch", http.MethodPatch, "/v2/vpcs/{}", onVPC((*API).updateVPC)),
	newRoute("vpcs_delete", http.MethodDelete, "/v2/vpcs/{}", onVPC((*API).deleteVPC)),
	newRoute("vpcs_list_members", http.MethodGet, "/v2/vpcs/{}/members", onVPC((*API).listVPCMembers)),
}

var volumeRoutes = []route{
	newRoute("volumes_list", http.MethodGet, "/v2/volumes", (*API).listVolumes),
	newRoute("volumes_create", http.MethodPost, "/v2/volumes", (*API).createVolume),
	newRoute("volumes_delete_byName", http.MethodDelete, "/v2/volumes", (*API).deleteVolumeByName),
	newRoute("volumeActions_post", http.MethodPost, "/v2/volumes/actions", (*API).createVolumeActionByName),
	newRoute("volumeSnapshots_get_byId", http.MethodGet, "/v2/volumes/snapshots/{}", (*API).getVolumeSnapshot),
	newRoute("volumeSnapshots_delete_byId", http.MethodDelete, "/v2/volumes/snapshots/{}", (*API).deleteVolumeSnapshot),
	newRoute("volumes_get", http.MethodGet, "/v2/volumes/{}", onVolume((*API).getVolume)),
	newRoute("volumes_delete", http.MethodDelete, "/v2/volumes/{}", onVolume((*API).deleteVolume)),
	newRoute("volumeActions_list", http.MethodGet, "/v2/volumes/{}/actions", onVolume((*API).listVolumeActions)),
	newRoute("volumeActions_post_byId", http.MethodPost, "/v2/volumes/{}/actions", onVolume((*API).createVolumeAction)),
	newRoute("volumeActions_get", http.MethodGet, "/v2/volumes/{}/actions/{}", (*API).getVolumeAction),
	newRoute("volumeSnapshots_list", http.MethodGet, "/v2/volumes/{}/snapshots", onVolume((*API).listVolumeSnapshots)),
	newRoute("volumeSnapshots_create", http.MethodPost, "/v2/volumes/{}/snapshots", onVolume((*API).createVolumeSnapshot)),
}

var firewallRoutes = []route{
	newRoute("firewalls_list", http.MethodGet, "/v2/firewalls", (*API).listFirewalls),
	newRoute("firewalls_create", http.MethodPost, "/v2/firewalls", (*API).createFirewall),
	newRoute("firewalls_get", http.MethodGet, "/v2/firewalls/{}", onFirewall((*API).getFirewall)),
	newRoute("firewalls_update", http.MethodPut, "/v2/firewalls/{}", onFirewall((*API).replaceFirewall)),
	newRoute("firewalls_delete", http.MethodDelete, "/v2/firewalls/{}", onFirewall((*API).deleteFirewall)),
	newRoute("firewalls_assign_droplets", http.MethodPost, "/v2/firewalls/{}/droplets", onFirewall((*API).addFirewallDroplets)),
	newRoute("firewalls_delete_droplets", http.MethodDelete, "/v2/firewalls/{}/droplets", onFirewall((*API).removeFirewallDroplets)),
	newRoute("firewalls_add_tags", http.MethodPost, "/v2/firewalls/{}/tags", onFirewall((*API).addFirewallTags)),
	newRoute("firewalls_delete_tags", http.MethodDelete, "/v2/firewalls/{}/tags", onFirewall((*API).removeFirewallTags)),
	newRoute("firewalls_add_rules", http.MethodPost, "/v2/firewalls/{}/rules", onFirewall((*API).addFirewallRules)),
	newRoute("firewalls_delete_rules", http.MethodDelete, "/v2/firewalls/{}/rules", onFirewall((*API).removeFirewallRules)),
}

// reservedIPRoutes returns the routes of reserved IPs under one of their two names in paths, reserved_ips or floating_ips. The ids of
// the operations have the same name in camel case. Those of the actions of floating IPs are in the singular in the OpenAPI document.
func reservedIPRoutes(name string) []route {
	operation, actions := "reservedIPs", "reservedIPsActions"
	if name == "floating_ips" {
		operation, actions = "floatingIPs", "floatingIPsAction"
	}
	list, one := "/v2/"+name, "/v2/"+name+"/{}"
	return []route{
		newRoute(operation+"_list", http.MethodGet, list, (*API).listReservedIPs),
		newRoute(operation+"_create", http.MethodPost, list, (*API).createReservedIP),
		newRoute(operation+"_get", http.MethodGet, one, onReservedIP((*API).getReservedIP)),
		newRoute(operation+"_delete", http.MethodDelete, one, onReservedIP((*API).deleteReservedIP)),
		newRoute(actions+"_list", http.MethodGet, one+"/actions", onReservedIP((*API).listReservedIPActions)),
		newRoute(actions+"_post", http.MethodPost, one+"/actions", onReservedIP((*API).createReservedIPAction)),
		newRoute(actions+"_get", http.MethodGet, one+"/actions/{}", (*API).getReservedIPAction),
	}
}
