package droplets

import "fmt"

const (
	// maxRereads is the largest number of times that two neighboring pages are read again because their totals differ.
	maxRereads = 10
	// maxStalePages is the largest number of consecutive pages without a new item in a list that has not grown. There can
	// be a few such pages, because items move to the next page. A server that repeats a page sends any number of them.
	maxStalePages = 10
	// maxPages is the number of requests of one pass after which a list counts as endless: two million items.
	maxPages = 10_000
)

// listPass is the state of one pass: one reading of a list from its first page to its last page.
//
// The server takes each page from the list as it is at that moment. Creates and deletes move items across the borders of
// the pages, and pages that are read ahead can be produced in any order. Therefore a page is accepted only if it is linked
// to the pages that were accepted before.
//
// Invariant: an item x that existed during the whole pass and was not found yet is behind every accepted page, in the list
// from which the server took that page. (The order of two items never changes.) Nothing is behind the last page, so that
// every such x is found. A page is linked, and keeps the invariant, in these cases:
//
//  1. It is the first page. Nothing is before it.
//  2. It has an item y in common with an accepted page. x is behind that page, and therefore behind y. If x is not on this
//     page, it is behind this page. Inserts at the front of a list lead to such duplicates.
//  3. It is the neighbor of the last accepted page and has the same total. If the list was the same for both pages, x is
//     on this page or behind it. This assumes that no creates and deletes between the two responses cancel out.
//  4. It is that neighbor, repair has read both pages again, and the totals still differ: the list grew and this page is the
//     later response, or the list shrank and this page is the earlier response. Creates alone cannot move x toward the
//     front, and deletes alone cannot move it toward the end. This assumes that the change does not hide opposite changes.
//
// If a page is not linked, the page before it and the page itself are read again, in this order. If the page before it
// is no longer linked either, because many items were deleted, the reader goes back until a page is linked, at the latest
// to the first page, and then forward again.
//
// The second and later passes of VerifyList need no assumption about totals. Each page is requested after the page before
// it. So x can only be missed if it moves toward the front, which only deletes can cause. In a list that grows at the front,
// x moves toward the end by the number of creates, and toward the front by at most the number of deletes. If the totals are
// equal or grow, there were at least as many creates as deletes, and x is not missed. In a list that grows at the end, there
// was a create for each delete that made x move, and the item that was created last is on one of the later pages. The pass
// finds it and counts it as new. Therefore a pass that finds nothing new is complete, unless an item was created and deleted
// during the pass.
type listPass struct {
	number   int
	tip      acceptedPage // the page that was accepted last
	requests int
	items    int // different items on the accepted pages
	skipped  int // null items on the accepted pages
	perPage  int // the size of a full page
	last     int // the last page that the list is known to have
	minTotal int // the smallest total in a response
	maxTotal int // the largest total in a response
	highest  int // the highest page number that was accepted
	stale    int // pages in a row without a new item
}

// numberedPage is a page that was received.
type numberedPage[T any] struct {
	*Page[T]
	number int
	again  bool // it was requested by repair, after all pages that were accepted before
}

// acceptedPage has the properties of a page that are needed after its items were yielded.
type acceptedPage struct {
	number, total, size int
	isLast              bool
	again               bool
}

// size returns the number of items that the API sent, including null items.
func (p numberedPage[T]) size() int { return len(p.Items) + p.skipped }

// readPass reads the list once and yields new items. If it returns nil, the pass has accepted a chain of pages from the first
// page to the last.
func (r *listReader[T, K]) readPass(number int) error {
	start := r.source.opts.Page
	r.pass = listPass{number: number, perPage: r.source.opts.PerPage, last: start, highest: start - 1}
	first, err := r.receive(start, r.source.read(start))
	if err != nil {
		return err
	}
	if first.NextPage != 0 && first.size() > 0 { // a server may allow only smaller pages than requested
		r.pass.perPage = min(r.pass.perPage, first.size())
	}
	if err := r.accept(first); err != nil {
		return err
	}
	for !r.pass.tip.isLast {
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

// receive captures the response for a page, checks it, and updates the totals of the pass.
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
		pass.minTotal = page.Total
	}
	pass.minTotal = min(pass.minTotal, page.Total)
	pass.maxTotal = max(pass.maxTotal, page.Total)
	pass.last = max(pass.last, page.LastPage)
	return page, nil
}

// linked reports whether a page may be accepted; see listPass.
func (r *listReader[T, K]) linked(page numberedPage[T]) bool {
	tip := r.pass.tip
	return page.number == r.source.opts.Page || page.number == tip.number+1 && page.Total == tip.total || r.overlaps(page)
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

// accept adds a linked page to the chain and yields its new items. It returns errConsumerDone if the caller has ended the
// iteration, and an error if the list does not end.
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
	pass.tip = acceptedPage{number: page.number, total: page.Total, size: page.size(), isLast: page.NextPage == 0, again: page.again}
	pass.skipped += page.skipped
	if page.number <= pass.highest {
		return nil
	}
	pass.highest = page.number
	if pass.stale++; pass.items > before {
		pass.stale = 0
	}
	if pass.stale > maxStalePages+(pass.maxTotal-pass.minTotal)/pass.perPage {
		return fmt.Errorf("droplets: %w: %d consecutive pages had no new item: %w", errEndlessList, pass.stale, ErrInvalidResponse)
	}
	return nil
}

// repair extends the chain to a page that was not linked to it, or to the end of the list if that is earlier. It reads
// the page before and the page itself again, in this order, until they are linked. It returns an error if they are not
// linked after maxRereads attempts.
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
		for !r.pass.tip.isLast && r.pass.tip.number < target {
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
		if tip := r.pass.tip; tip.isLast || tip.number >= target {
			return nil
		}
	}
	return fmt.Errorf("droplets: pages %d and %d were read again %d times and their totals differed each time; the last totals were %d and %d",
		r.pass.tip.number, page.number, maxRereads, r.pass.tip.total, page.Total)
}

// onlyCreates reports whether the list grew between the last accepted page and the next one, which was requested after it.
func (r *listReader[T, K]) onlyCreates(page numberedPage[T]) bool {
	tip := r.pass.tip
	return page.number == tip.number+1 && page.Total > tip.total
}

// onlyDeletes reports whether the list shrank between a page and the last accepted page, which was requested after it. It
// is false in later passes of VerifyList, because their guarantee requires that each page is requested after the page before
// it.
func (r *listReader[T, K]) onlyDeletes(page numberedPage[T]) bool {
	tip := r.pass.tip
	return r.pass.number == 1 && page.number == tip.number+1 && page.Total > tip.total
}

// rereadTip reads the page that was accepted last again and accepts it. If the page is no longer linked, because many items
// were deleted, rereadTip goes back in growing steps until it has a linked page.
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

// reread reads a page for repair.
func (r *listReader[T, K]) reread(number int) (numberedPage[T], error) {
	page, err := r.receive(number, r.source.read(number))
	page.again = true
	return page, err
}

// checkEnd returns an error if the totals prove that items are missing: the last page is too short for its total, or the
// pass found fewer items than the smallest total. Creates and deletes can be the reason too: new items are not on the pages
// that were read, and other items were deleted before their page was read. The list is then read again.
func (pass *listPass) checkEnd(opts ListOptions) error {
	before := func(number int) int64 { return int64(number-1) * int64(pass.perPage) }
	end := pass.tip
	short := before(end.number)+int64(end.size) < int64(end.total)
	missing := before(opts.Page)+int64(pass.items+pass.skipped) < int64(pass.minTotal)
	if !short && !missing {
		return nil
	}
	return fmt.Errorf("droplets: the list ended on page %d after %d items, but its total is %d: %w",
		end.number, pass.items, end.total, ErrInvalidResponse)
}
