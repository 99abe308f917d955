package droplets

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

const (
	// defaultReadAhead is the largest number of pages that an All method has in flight or in memory. If each response takes
	// 50 ms, the 50 pages of 10,000 Droplets take 0.4 s instead of 2.5 s.
	defaultReadAhead = 8
	// maxVerifyPasses is the largest number of times that an All method reads its list with VerifyList.
	maxVerifyPasses = 5
	// maxShortPasses is the largest number of times that an All method reads a list that has fewer items than its total.
	maxShortPasses = 3
)

var (
	errEndlessList = errors.New("the list does not end")
	// errConsumerDone ends the reading of a list after a break in the caller's loop. It is never returned to a caller.
	errConsumerDone = errors.New("the caller has ended the iteration")
)

// fetchFunc reads one page of a list.
type fetchFunc[T any] func(ctx context.Context, page ListOptions, co []CallOption) (*Page[T], error)

// all returns the iterator of every All method. fetch requests a page, and key returns the ID of an item. opts has the first
// page and the size of the pages. [DropletsService.All] documents the iterator, and listPass has the proof that no item is
// missing.
func all[T any, K comparable](ctx context.Context, opts ListOptions, co []CallOption, fetch fetchFunc[T], key func(*T) K) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		options, err := newCallOptions(co)
		if ctx == nil {
			err = invalid("ctx", "must not be nil")
		}
		if err != nil {
			yield(none, err)
			return
		}
		r := newListReader(ctx, opts, co, options, fetch, key)
		r.yield = func(v T) bool { return yield(v, nil) }
		if err := r.run(); err != nil && !errors.Is(err, errConsumerDone) {
			yield(none, err)
		}
	}
}

// allOf returns the iterator for a list that belongs to a resource, such as a Droplet.
func allOf[ID, T any, K comparable](ctx context.Context, list func(context.Context, ID, *ListOptions, ...CallOption) (*Page[T], error),
	id ID, opts *ListOptions, co []CallOption, key func(*T) K) iter.Seq2[T, error] {
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[T], error) {
		return list(ctx, id, &page, co...)
	}
	return all(ctx, opts.orDefault(), co, fetch, key)
}

// listReader reads a list in one pass or in several and yields the items.
type listReader[T any, K comparable] struct {
	source  pageSource[T]
	key     func(*T) K
	yield   func(T) bool
	capture *Response
	verify  bool
	// seen maps the key of each item that was yielded to the number of the last pass that contained the item.
	seen map[K]int
	pass listPass
}

func newListReader[T any, K comparable](ctx context.Context, opts ListOptions, co []CallOption, options callOptions, fetch fetchFunc[T], key func(*T) K) *listReader[T, K] {
	if opts.Page == 0 {
		opts.Page = 1
	}
	if opts.PerPage == 0 {
		opts.PerPage = maxPerPage
	}
	limit := defaultReadAhead
	if options.readAhead > 0 {
		limit = options.readAhead
	}
	r := &listReader[T, K]{key: key, capture: options.capture, verify: options.verifyList, seen: make(map[K]int)}
	r.source = pageSource[T]{opts: opts, co: co, fetch: fetch, limit: limit, capture: options.capture != nil}
	r.source.ctx, r.source.cancel = context.WithCancel(ctx)
	return r
}

// run reads the list and yields its items. It leaves no goroutine behind, also if it panics or ends by runtime.Goexit.
func (r *listReader[T, K]) run() error {
	returned := false
	defer func() {
		r.source.stop()
		if returned { // a panic in progress must not be replaced by another one
			r.source.surfaceCrash()
		}
	}()
	err := r.readPasses()
	returned = true
	return err
}

// readPasses reads the list until a pass is complete and, with VerifyList, has no new item. Only the first pass reads ahead.
// Later passes read their pages in order, because the guarantee of VerifyList depends on it.
func (r *listReader[T, K]) readPasses() error {
	limit := maxShortPasses
	if r.verify {
		limit = maxVerifyPasses
	}
	for number := 1; ; number++ {
		known := len(r.seen)
		if number > 1 {
			r.source.readInOrder()
		}
		if err := r.readPass(number); err != nil {
			return err
		}
		short := r.pass.checkEnd(r.source.opts)
		switch nothingNew := number > 1 && len(r.seen) == known; {
		case short == nil && (nothingNew || !r.verify):
			return nil
		case number < limit: // read the list again
		case short != nil:
			return short
		default:
			return fmt.Errorf("droplets: the list was read %d times and had new items each time", number)
		}
	}
}
