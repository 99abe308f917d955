package dropletstest

import (
	"maps"
	"slices"

	"github.com/droplets-go/droplets"
)

// Operations returns the ids of all operations that the fake implements, sorted, for [Match]: those of package droplets, account_get,
// and those of VPCs, volumes, firewalls and reserved IPs.
func Operations() []string {
	var ids []string
	for i := range allRoutes {
		ids = append(ids, allRoutes[i].operation)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// ActionTypes returns the types that [WithActionDuration] and [API.FailAction] accept, sorted. It includes the types that are not
// actions of the API, such as [ActionTypeImport]. [API.FailAction] has no effect on [ActionTypeDestroy]; see [API.FailNextDestroy].
func ActionTypes() []droplets.ActionType {
	types := append(slices.Collect(maps.Keys(actionChecks)), droplets.ActionTypeCreate, droplets.ActionTypeTransfer, droplets.ActionTypeConvert,
		ActionTypeAttachVolume, ActionTypeDetachVolume, ActionTypeResizeVolume, ActionTypeAssignIP, ActionTypeUnassignIP,
		ActionTypeImport, ActionTypeFirewall, ActionTypeDestroy)
	slices.Sort(types)
	return types
}
