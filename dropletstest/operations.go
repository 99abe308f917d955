package dropletstest

import (
	"maps"
	"slices"

	"github.com/droplets-go/droplets"
)

// Operations returns the ids of the operations that the fake implements, sorted, for [Match].
func Operations() []string {
	var ids []string
	for i := range routes {
		ids = append(ids, routes[i].operation)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// ActionTypes returns the types that [WithActionDuration] and [API.FailAction] distinguish, sorted. Among them are those that are
// not actions of the API, such as [ActionTypeImport]. [ActionTypeDestroy] cannot fail as a whole; see [API.FailNextDestroy].
func ActionTypes() []droplets.ActionType {
	types := append(slices.Collect(maps.Keys(actionChecks)), droplets.ActionTypeCreate, droplets.ActionTypeTransfer, droplets.ActionTypeConvert,
		ActionTypeAttachVolume, ActionTypeDetachVolume, ActionTypeResizeVolume, ActionTypeAssignIP, ActionTypeUnassignIP,
		ActionTypeImport, ActionTypeFirewall, ActionTypeDestroy)
	slices.Sort(types)
	return types
}
