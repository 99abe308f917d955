package droplets

import "fmt"

const (
	// maxRereads is how often two neighboring pages are read again because their totals differ.
	maxRereads = 10
	// maxStalePages is the number of pages in a row that may bring nothing new although the list has not grown. Items
	// that move to the next page explain a few such pages. A server that repeats a page sends any number.
	maxStalePages = 10
	// maxPages is the number of requests of one pass after which a list counts as endless: two million items.
	maxPages = 10_000
)

// listPass is one reading of a list from its first page to its last page.
//
// The server takes every page from the list as it is at that moment. Creates and deletes between two pages move items
// across the border of the pages, and pages that are read ahead can be produced in any order. A pass therefore accepts a
// page only if it is linked to the pages that were accepted before. Let x be an item that existed during the whole pass
// and was not yielded. The invariant is: x is behind every accepted page, in the list as it was when the page was
// produced. The order of two items never changes, so that "behind" is well defined. linked has these cases:
//
//  1. Nothing is before the first page. If x is not on it, x is behind it.
//  2. The page contains an item y of an accepted page. x is behind y, because it is behind that accepted page. If x is
//     not on this page, it is behind y here too, and so behind the page.
//  3. The page is the neighbor of an accepted page and has the same total, and the list was the same for both. x is
//     behind the accepted page, so that it is on this page or behind it.
//
// Nothing is behind the last page. Therefore, x cannot exist. Case 2 needs no totals: an insertion at the front of a list
// or a deletion behind the reader shows as a duplicate. Case 3 depends on the assumption that equal totals mean equal
// lists: it fails if creates and deletes between the two responses cancel out.
//  4. Two neighboring pages were read again, the second time already, and the total changed each time. They are linked if
//     the list only grew and the second page is the later one, or if it only shrank and the first page is the later one:
//     creates move x toward the end and deletes move x toward the front, so that x is not between the two pages. This
//     depends on the assumption that no deletes are hidden behind more creates, or creates behind more deletes. Without
//     this case a list that changes with every request could not be read.
//
// If a page is not linked, the page before it and the page itself are read again (repair). If so many items have gone
// that even the page before shares no item with the accepted ones, the reader goes back until a page is linked, at the
// latest to the first page, and then forward again.
//
// Pages that are read in order (passes 2 to 5 of VerifyList) need less. In case 3, an accepted page is older than its
// neighbor. For a loss, x must move toward the front. In a list that grows at the front, it cannot: between equal totals,
// as many items were inserted before x as were deleted anywhere. In a list that grows at the end, a deletion that is
// canceled out by a create leaves the created item at the end of the list, where this pass reads it and counts it as new.
// Therefore a pass in order that brings nothing new is complete, unless an item was created and deleted during the pass.
type listPass[T any] struct {
	number   int
	tip      numberedPage[T] // the page that was accepted last
	requests int
	items    int // different items on the accepted pages
	skipped  int // null items on the accepted pages
	perPage  int // the size of a full page
	last     int // the last page that the list is known to have
	total    int // the total of the first response
	minTotal int // the smallest total
	maxTotal int // the largest total
	highest  int // the highest page number that was accepted
	stale    int // pages in a row without a new item
}

// numberedPage is a page that was received.
type numberedPage[T any] struct {
	*Page[T]
	number int
	again  bool // it was requested by repair, after all pages that were accepted before
}

// size is the number of items that the API sent.
func (p numberedPage[T]) size() int { return len(p.Items) + p.skipped }

// readPass reads the list once. At its end, the pass has accepted a chain of pages from the first to the last.
func (r *listReader[T, K]) readPass(number int) error {
	start := r.source.opts.Page
	r.pass = listPass[T]{number: number, perPage: r.source.opts.PerPage, last: start, highest: start - 1}
	first, err := r.receive(start, r.source.read(start))
	if err != nil {
		return err
	}
	if first.NextPage != 0 && first.size() > 0 {
		r.pass.perPage = min(r.pass.perPage, first.size())
	}
	if err := r.accept(first); err != nil {
		return err
	}
	for r.pass.tip.NextPage != 0 {
		next := r.pass.tip.number + 1
		page, err := r.receive(next, r.source.take(next, max(r.pass.last, next)))
		if err != nil {
			return err
		}
		if r.linked(page) {
			err = r.accept(page)
		} else {
			err = r.repair(page)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// receive checks a response.
func (r *listReader[T, K]) receive(number int, result pageResult[T]) (numberedPage[T], error) {
	page := numberedPage[T]{Page: result.page, number: number}
	if r.capture != nil {
		*r.capture = result.response
	}
	if result.err != nil {
		return page, result.err
	}
	var none K
	for i := range page.Items {
		if r.key(&page.Items[i]) == none {
			return page, fmt.Errorf("droplets: item %d of page %d has no ID: %w", i+1, number, ErrInvalidResponse)
		}
	}
	pass := &r.pass
	if pass.requests++; pass.requests > maxPages {
		return page, fmt.Errorf("droplets: %w after %d requests: %w", errEndlessList, maxPages, ErrInvalidResponse)
	}
	if pass.requests == 1 {
		pass.total, pass.minTotal = page.Total, page.Total
	}
	pass.minTotal = min(pass.minTotal, page.Total)
	pass.maxTotal = max(pass.maxTotal, page.Total)
	pass.last = max(pass.last, page.LastPage)
	return page, nil
}

// linked reports whether a page may be accepted; see listPass.
func (r *listReader[T, K]) linked(page numberedPage[T]) bool {
	tip := r.pass.tip
	return page.number == r.source.opts.Page || page.number == tip.number+1 && page.Total == tip.Total || r.overlaps(page)
}

// overlaps reports whether an accepted page has an item of this page.
func (r *listReader[T, K]) overlaps(page numberedPage[T]) bool {
	for i := range page.Items {
		if r.seen[r.key(&page.Items[i])] == r.pass.number {
			return true
		}
	}
	return false
}

// accept adds a linked page to the chain and yields its new items.
func (r *listReader[T, K]) accept(page numberedPage[T]) error {
	pass := &r.pass
	before := pass.items
	for i := range page.Items {
		k := r.key(&page.Items[i])
		seen := r.seen[k]
		if seen == pass.number {
			continue
		}
		r.seen[k] = pass.number
		pass.items++
		if seen == 0 && !r.yield(page.Items[i]) {
			return errConsumerDone
		}
	}
	pass.tip = page
	pass.skipped += page.skipped
	if page.number <= pass.highest {
		return nil
	}
	pass.highest = page.number
	if pass.stale++; pass.items > before {
		pass.stale = 0
	}
	if pass.stale > maxStalePages+(pass.maxTotal-pass.total)/pass.perPage {
		return fmt.Errorf("droplets: %w: %d pages in a row brought nothing new: %w", errEndlessList, pass.stale, ErrInvalidResponse)
	}
	return nil
}

// repair extends the chain to a page that was not linked to it, or to the end of the list if that is earlier. It reads
// the page before and the page itself again, in this order, until they are linked.
func (r *listReader[T, K]) repair(page numberedPage[T]) error {
	target := page.number
	for attempt := range maxRereads {
		if attempt > 0 || !r.pass.tip.again {
			if err := r.rereadTip(); err != nil {
				return err
			}
			if r.overlaps(page) || attempt > 0 && r.onlyDeletes(page) {
				return r.accept(page)
			}
		}
		for r.pass.tip.NextPage != 0 && r.pass.tip.number < target {
			next, err := r.reread(r.pass.tip.number + 1)
			if err != nil {
				return err
			}
			page = next
			if !r.linked(next) && (attempt == 0 || !r.onlyCreates(next)) {
				break
			}
			if err := r.accept(next); err != nil {
				return err
			}
		}
		if tip := r.pass.tip; tip.NextPage == 0 || tip.number >= target {
			return nil
		}
	}
	return fmt.Errorf("droplets: pages %d and %d were read again %d times and their totals differed each time, at last %d and %d",
		r.pass.tip.number, page.number, maxRereads, r.pass.tip.Total, page.Total)
}

// onlyCreates reports whether the list grew between the last accepted page and a page that was requested after it.
func (r *listReader[T, K]) onlyCreates(page numberedPage[T]) bool {
	tip := r.pass.tip
	return page.number == tip.number+1 && page.Total > tip.Total
}

// onlyDeletes reports whether the list shrank between a page and the last accepted page, which was requested after it.
func (r *listReader[T, K]) onlyDeletes(page numberedPage[T]) bool {
	tip := r.pass.tip
	return r.pass.number == 1 && page.number == tip.number+1 && page.Total > tip.Total
}

// rereadTip reads the page that was accepted last again. If it is no longer linked, because many items have gone, it
// goes back in growing steps until a page is.
func (r *listReader[T, K]) rereadTip() error {
	start := r.source.opts.Page
	number := r.pass.tip.number
	for step := 1; ; step *= 2 {
		page, err := r.reread(number)
		if err != nil {
			return err
		}
		if r.linked(page) {
			return r.accept(page)
		}
		lastPage := (page.Total + r.pass.perPage - 1) / r.pass.perPage
		number = max(start, min(number-step, lastPage))
	}
}

func (r *listReader[T, K]) reread(number int) (numberedPage[T], error) {
	page, err := r.receive(number, r.source.read(number))
	page.again = true
	return page, err
}

// checkEnd returns an error if the totals prove that items are missing: the last page is too short for its total, or the
// pass had fewer items than the list had at any time. Creates and deletes can cause the latter too, if the reader did
// not see the new items and the others were gone before their page was read. The list is then read again.
func (pass *listPass[T]) checkEnd(opts ListOptions) error {
	before := func(number int) int64 { return int64(number-1) * int64(pass.perPage) }
	end := pass.tip
	short := before(end.number)+int64(end.size()) < int64(end.Total)
	missing := before(opts.Page)+int64(pass.items+pass.skipped) < int64(pass.minTotal)
	if !short && !missing {
		return nil
	}
	return fmt.Errorf("droplets: the list ended on page %d after %d items, but its total is %d: %w",
		end.number, pass.items, end.Total, ErrInvalidResponse)
}
