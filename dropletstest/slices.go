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

// filter returns the elements for which keep returns true.
func filter[T any](list []T, keep func(T) bool) []T {
	var kept []T
	for _, v := range list {
		if keep(v) {
			kept = append(kept, v)
		}
	}
	return kept
}

// nonNil returns the list, or an empty one for nil, which JSON would encode as null.
func nonNil[L ~[]T, T any](list L) L {
	if list == nil {
		return L{}
	}
	return list
}
