package dropletstest

import (
	"cmp"
	"slices"
)

// keyed is an object with a key that does not change.
type keyed[K cmp.Ordered] interface{ key() K }

// sortedList is a list of objects in the order of their keys. It is kept sorted, so that a page of it takes little time. Most objects
// are added at the end, because new objects have the highest keys.
type sortedList[K cmp.Ordered, T keyed[K]] []T

// search returns the index of the object with a key, or the index at which it would be inserted.
func (l sortedList[K, T]) search(key K) (i int, found bool) {
	if len(l) == 0 || l[len(l)-1].key() < key {
		return len(l), false
	}
	return slices.BinarySearchFunc(l, key, func(v T, key K) int { return cmp.Compare(v.key(), key) })
}

// add adds an object unless the list has one with its key.
func (l *sortedList[K, T]) add(v T) {
	if i, found := l.search(v.key()); !found {
		*l = slices.Insert(*l, i, v)
	}
}

// remove removes the object with a key, if there is one.
func (l *sortedList[K, T]) remove(key K) {
	if i, found := l.search(key); found {
		*l = slices.Delete(*l, i, i+1)
	}
}

// last returns the highest key, or the zero value if the list is empty.
func (l sortedList[K, T]) last() (key K) {
	if len(l) > 0 {
		key = l[len(l)-1].key()
	}
	return key
}
