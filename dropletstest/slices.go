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

// removeValue removes all elements that are equal to v. It modifies the list.
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

// nonNil returns the list, or an empty one for nil, because encoding/json encodes a nil slice as null.
func nonNil[L ~[]T, T any](list L) L {
	if list == nil {
		return L{}
	}
	return list
}

// unique returns a copy without repeated elements. It is never nil.
func unique[T comparable](list []T) []T {
	kept := make([]T, 0, len(list))
	for _, v := range list {
		if !slices.Contains(kept, v) {
			kept = append(kept, v)
		}
	}
	return kept
}

// without returns a copy without the elements of the second list. It is never nil.
func without[T comparable](list, removed []T) []T {
	return slices.DeleteFunc(slices.Clone(nonNil(list)), func(v T) bool { return slices.Contains(removed, v) })
}

func nilIfEmpty[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
