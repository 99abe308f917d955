package droplets

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
)

const (
	// defaultReadAhead is how many pages an All has in flight or in memory. With 50 ms an answer it reads the 50 pages
	// of 10,000 Droplets in 0.4 s rather than 2.5 s; twice as many would take 0.25 s and twice the memory.
	defaultReadAhead = 8
	// maxStalePages is how many pages in a row may bring nothing new while the API names a next one: items that slide
	// over a page's border explain a few, a server that repeats itself any number.
	maxStalePages = 10
	// maxPages ends a list that never ends by itself: two million items at 200 a page.
	maxPages = 10_000
)

var errEndlessList = errors.New("the list does not end")

// fetchFunc reads one page of a list.
type fetchFunc[T any] func(ctx context.Context, page ListOptions, co []CallOption) (*Page[T], error)

// all is the one iterator behind every All.
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
		r := newPageReader(ctx, opts, co, fetch, key)
		r.capture = options.capture
		if options.readAhead > 0 {
			r.window = options.readAhead
		}
		defer r.stop()
		if err := r.read(func(v T) bool { return yield(v, nil) }); err != nil {
			yield(none, err)
		}
	}
}

// allOf is the iterator over a list that belongs to a Droplet.
func allOf[T any, K comparable](ctx context.Context, list func(context.Context, int64, *ListOptions, ...CallOption) (*Page[T], error),
	dropletID int64, opts *ListOptions, co []CallOption, key func(*T) K) iter.Seq2[T, error] {
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[T], error) {
		return list(ctx, dropletID, &page, co...)
	}
	return all(ctx, opts.orDefault(), co, fetch, key)
}

// pageReader reads the pages of a list in order, several of them at a time.
type pageReader[T any, K comparable] struct {
	ctx     context.Context
	cancel  context.CancelFunc
	opts    ListOptions
	co      []CallOption
	fetch   fetchFunc[T]
	key     func(*T) K
	window  int // how many pages may be in flight or in memory, the one that is being consumed included
	capture *Response

	seen  map[K]struct{}
	ahead []chan pageResult[T] // the pages after the one that is being consumed, in order
	next  int                  // the page to ask for next
	last  int                  // the last page that is known of
	wg    sync.WaitGroup
}

// pageResult is a page, or why there is none.
type pageResult[T any] struct {
	page     *Page[T]
	err      error
	response Response
}

func newPageReader[T any, K comparable](ctx context.Context, opts ListOptions, co []CallOption, fetch fetchFunc[T], key func(*T) K) *pageReader[T, K] {
	if opts.Page == 0 {
		opts.Page = 1
	}
	if opts.PerPage == 0 {
		opts.PerPage = maxPerPage
	}
	r := &pageReader[T, K]{opts: opts, co: co, fetch: fetch, key: key, window: defaultReadAhead, next: opts.Page + 1, seen: make(map[K]struct{})}
	r.ctx, r.cancel = context.WithCancel(ctx)
	return r
}

// stop ends what is in flight and waits until it has ended.
func (r *pageReader[T, K]) stop() {
	r.cancel()
	r.wg.Wait()
}

// read yields each item once until the list ends or the consumer does. Nothing is read ahead before the consumer has
// gone past the first page: many want no more than that.
func (r *pageReader[T, K]) read(yield func(T) bool) error {
	current := r.get(r.opts.Page)
	known := 0
	for n, stale := 1, 0; ; n++ {
		if current.err != nil {
			return current.err
		}
		if !r.yieldNew(current.page, yield) || current.page.NextPage == 0 {
			return nil
		}
		if stale++; len(r.seen) > known {
			known, stale = len(r.seen), 0
		}
		if stale > maxStalePages || n >= maxPages {
			return fmt.Errorf("droplets: %w after %d pages: %w", errEndlessList, n, ErrInvalidResponse)
		}
		r.last = max(r.last, current.page.LastPage, r.opts.Page+n)
		r.fill()
		previous := current.page
		current = <-r.ahead[0]
		r.ahead = r.ahead[1:]
		if r.capture != nil {
			*r.capture = current.response
		}
		if current.err == nil && current.page.Total != previous.Total {
			if more, err := r.reread(r.opts.Page+n-1, previous.Total, yield); err != nil || !more {
				return err
			}
		}
	}
}

// yieldNew yields the items that were not yielded before; false when the consumer wants no more.
func (r *pageReader[T, K]) yieldNew(p *Page[T], yield func(T) bool) bool {
	for i := range p.Items {
		k := r.key(&p.Items[i])
		if _, again := r.seen[k]; again {
			continue
		}
		r.seen[k] = struct{}{}
		if !yield(p.Items[i]) {
			return false
		}
	}
	return true
}

// fill asks for the pages that fit into the window.
func (r *pageReader[T, K]) fill() {
	for ; len(r.ahead) < r.window && r.next <= r.last; r.next++ {
		slot := make(chan pageResult[T], 1)
		r.ahead = append(r.ahead, slot)
		number := r.next
		r.wg.Go(func() { slot <- r.fetchPage(number) })
	}
}

// reread reads a page again whose list had another total than that of the page after it: what stood at the beginning
// of that one may stand at the end of this one by now. It goes back over as many pages as things may have moved since,
// and takes it for twice what the total has lost, because what comes meanwhile hides some of what goes.
func (r *pageReader[T, K]) reread(page, total int, yield func(T) bool) (more bool, err error) {
	for ; page >= r.opts.Page; page-- {
		again := r.fetchPage(page)
		if again.err != nil {
			return false, again.err
		}
		if !r.yieldNew(again.page, yield) {
			return false, nil
		}
		if total -= (r.opts.PerPage + 1) / 2; total <= again.page.Total {
			break
		}
	}
	return true, nil
}

// get reads the page that the consumer waits for.
func (r *pageReader[T, K]) get(number int) pageResult[T] {
	a := r.fetchPage(number)
	if r.capture != nil {
		*r.capture = a.response
	}
	return a
}

// ask reads a page. The caller's own Response is written by the consumer alone, page after page.
func (r *pageReader[T, K]) fetchPage(number int) (a pageResult[T]) {
	page := r.opts
	page.Page = number
	co := r.co
	if r.capture != nil {
		co = append(slices.Clip(co), CaptureResponse(&a.response))
	}
	a.page, a.err = r.fetch(r.ctx, page, co)
	return a
}
