package jsonread

import (
	"reflect"
	"strconv"
	"time"
)

// Text reads a string. Like all functions here it does nothing unless the reader is at the key, and treats null as
// encoding/json does: null sets a pointer or a list to nil and leaves any other value unchanged.
func Text[T ~string](r *Reader, key string, dst *T) { field(r, key, dst, readText) }

// Integer reads a whole number.
func Integer[T int | int64](r *Reader, key string, dst *T) { field(r, key, dst, readInteger) }

// Float reads a number.
func Float(r *Reader, key string, dst *float64) { field(r, key, dst, readFloat) }

// Bool reads true or false.
func Bool(r *Reader, key string, dst *bool) { field(r, key, dst, readBool) }

// Time reads a time in RFC 3339 format.
func Time(r *Reader, key string, dst *time.Time) { field(r, key, dst, readTime) }

// OptionalTime reads a time in RFC 3339 format, or nil for null.
func OptionalTime(r *Reader, key string, dst **time.Time) {
	field(r, key, dst, func(r *Reader, dst **time.Time) { readPointer(r, dst, readTime) })
}

// Texts reads a list of strings.
func Texts[T ~string](r *Reader, key string, dst *[]T) {
	field(r, key, dst, func(r *Reader, dst *[]T) { readList(r, dst, readText) })
}

// Integers reads a list of whole numbers.
func Integers(r *Reader, key string, dst *[]int64) {
	field(r, key, dst, func(r *Reader, dst *[]int64) { readList(r, dst, readInteger) })
}

// Object reads an object whose keys are read by fields.
func Object[T any](r *Reader, key string, dst *T, fields func(*T, *Reader)) {
	field(r, key, dst, func(r *Reader, dst *T) { readObject(r, dst, fields) })
}

// Pointer reads an object whose keys are read by fields, or nil for null.
func Pointer[T any](r *Reader, key string, dst **T, fields func(*T, *Reader)) {
	object := func(r *Reader, dst *T) { readObject(r, dst, fields) }
	field(r, key, dst, func(r *Reader, dst **T) { readPointer(r, dst, object) })
}

// Objects reads a list of objects whose keys are read by fields.
func Objects[T any](r *Reader, key string, dst *[]T, fields func(*T, *Reader)) {
	object := func(r *Reader, item *T) { readObject(r, item, fields) }
	field(r, key, dst, func(r *Reader, dst *[]T) { readList(r, dst, object) })
}

func field[T any](r *Reader, key string, dst *T, read func(*Reader, *T)) {
	if string(r.key) == key {
		read(r, dst)
		r.nextKey()
	}
}

func readText[T ~string](r *Reader, dst *T) {
	if !r.null() {
		*dst = T(r.text())
	}
}

func readInteger[T int | int64](r *Reader, dst *T) {
	if !r.null() {
		n, err := strconv.ParseInt(string(r.number()), 10, 64)
		*dst = T(n)
		r.require(err == nil && int64(*dst) == n)
	}
}

func readFloat(r *Reader, dst *float64) {
	if !r.null() {
		f, err := strconv.ParseFloat(string(r.number()), 64)
		*dst = f
		r.require(err == nil)
	}
}

func readBool(r *Reader, dst *bool) {
	if !r.null() {
		*dst = r.literal("true")
		r.require(*dst || r.literal("false"))
	}
}

func readTime(r *Reader, dst *time.Time) {
	if !r.null() {
		quoted, _ := r.quoted()
		r.require(dst.UnmarshalJSON(quoted) == nil)
	}
}

func readPointer[T any](r *Reader, dst **T, read func(*Reader, *T)) {
	if r.null() {
		*dst = nil
		return
	}
	if *dst == nil {
		*dst = new(T)
	}
	read(r, *dst)
}

func readObject[T any](r *Reader, dst *T, fields func(*T, *Reader)) {
	if r.null() {
		return
	}
	mark := r.mark
	for r.mark = 0; r.Next(); {
		fields(dst, r)
	}
	r.mark = mark
}

// readList fails if the key occurs twice, because encoding/json merges both lists, and if the items are much larger in memory
// than in the document: more than eight times as large, plus 64 KiB.
func readList[T any](r *Reader, dst *[]T, read func(*Reader, *T)) {
	if *dst == nil && r.null() {
		return
	}
	r.require(*dst == nil && r.take('['))
	items, start, size := []T{}, r.pos, int(reflect.TypeFor[T]().Size())
	for more := !r.failed && !r.take(']'); more; more = r.more(']') {
		if n := len(items); n < 2 && n == cap(items) {
			items = append(make([]T, 0, n+r.estimateItems(start, n, size)), items...)
		}
		r.require(len(items)*size <= 64<<10+8*(r.pos-start))
		items = append(items, *new(T))
		read(r, &items[len(items)-1])
	}
	*dst = items
}
