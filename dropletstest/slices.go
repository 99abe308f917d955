package dropletstest

import "slices"

// find returns the first element for which match returns true, or nil.
func find[T any](list []*T, match func(*T) bool) *T {
	i := slices.IndexFunc(list, match)
	if i < 0 {
		return nil
	}
	return list[i]
}

// removeValue removes all elements equal to v, in place.
func removeValue[T comparable](list []T, v T) []T {
	return slices.DeleteFunc(list, func(other T) bool { return other == v })
}
