package dropletstest

import "slices"

// Operations returns the ids of the operations that the fake implements, sorted, for [Match].
func Operations() []string {
	var ids []string
	for i := range routes {
		ids = append(ids, routes[i].operation)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
