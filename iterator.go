package droplets

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

const (
	// defaultReadAhead is the largest number of pages that an All has in flight or in memory. With responses that take
	// 50 ms it reads the 50 pages of 10,000 Droplets in 0.4 s instead of 2.5 s.
	defaultReadAhead = 8
	// maxVerifyPasses is how often an All with VerifyList reads its list.
	maxVerifyPasses = 5
	// maxShortPasses is how often an All reads a list that has fewer items than its total says.
	maxShortPasses = 3
)

var (
	errEndlessList = errors.New("the list does not end")
	// errConsumerDone ends the reading of a list after a break in the caller's loop. It is never returned to a caller.
	errConsumerDone = errors.New("the consumer wants no more items")
)

// fetchFunc reads one page of a list.
type fetchFunc[T any] func(ctx context.Context, page ListOptions, co []CallOption) (*Page[T], error)

// all returns the iterator of every All method. [DropletsService.All] documents it, and listPass has the proof that no
// item is missing.
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
	// seen has the key of every item that was yielded, and the number of the last pass that contained it.
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

// run reads the list. No goroutine is left when it returns, panics or ends the goroutine.
func (r *listReader[T, K]) run() error {
	returned := false
	defer func() {
		r.source.stop()
		if returned {
			r.source.surfaceCrash()
		}
	}()
	err := r.readPasses()
	returned = true
	return err
}

// readPasses reads the list until a pass is complete and, with VerifyList, has brought nothing new. Only the first pass
// reads ahead: the pages of the others are read in order, because the guarantee of VerifyList depends on it.
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
		case number < limit:
		case short != nil:
			return short
		default:
			return fmt.Errorf("droplets: the list was read %d times and had new items each time", number)
		}
	}
}
