package droplets

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// readPage reads one page of the account's actions and chooses the next one. The error is one that ends the poll.
func (b *batch) readPage(ctx context.Context, r *round) error {
	opts := &ListOptions{Page: max(r.page, 1), PerPage: maxPerPage}
	p, err := (*ActionsService)(b.service).List(ctx, opts, b.requestOptions()...)
	switch {
	case isForeignForbidden(err) && ctx.Err() == nil:
		// A proxy's page says nothing about the scope of the token. The page is read again in the next poll.
		b.budget.spent = maxPollRequests
		if b.listFailures++; b.listFailures > b.retries {
			b.listFailures = 0
			b.readSingly(r, 0)
		}
		return nil
	case errors.Is(err, ErrForbidden):
		b.service.actionListForbidden.set(time.Now())
		b.readSingly(r, 0)
		return nil
	case err != nil:
		return err
	}
	b.listFailures = 0
	r.misses++
	for i := range p.Items {
		id := p.Items[i].ID
		if _, ok := r.unseen[id]; !ok {
			continue
		}
		delete(r.unseen, id)
		r.misses = 0
		b.waiting[id].page = opts.Page
		b.update(p.Items[i])
	}
	if p.NextPage == 0 || b.past(r, p) {
		b.readSingly(r, 0)
		return nil
	}
	b.choosePage(r)
	return nil
}

// past reports whether all actions that were not seen are newer than the page. They are not on the pages after it.
func (b *batch) past(r *round, p *Page[Action]) bool {
	if len(p.Items) == 0 {
		return true
	}
	end := p.Items[len(p.Items)-1]
	for id := range r.unseen {
		started := b.actions[b.waiting[id].positions[0]].StartedAt
		if id <= end.ID || !started.IsZero() && !end.StartedAt.IsZero() && !started.After(end.StartedAt) {
			return false
		}
	}
	return true
}

// choosePage sets the next page to read, or ends the list if reading the other actions one by one needs fewer requests.
//
// A page costs one request and shows up to 200 actions. Where an action was on the list in the round before is where it
// is likely to be now. As long as that is unknown, as many pages without a hit are read as there are actions left: this
// needs at most twice as many requests as the better of the two ways.
func (b *batch) choosePage(r *round) {
	if !r.list {
		b.readSingly(r, 0)
		return
	}
	next, count, unknown := 0, 0, 0
	for id := range r.unseen {
		page := b.waiting[id].page
		switch {
		case page == notListed:
			continue
		case page == 0:
			unknown++
			page = r.page + 1
		case page <= r.page: // newer actions have moved it down
			page = r.page + 1
		}
		switch {
		case next == 0 || page < next:
			next, count = page, 1
		case page == next:
			count++
		}
	}
	worthwhile := count > 1 || next == 1
	if unknown > 0 {
		worthwhile = r.misses < unknown
	}
	if next == 0 || !worthwhile {
		b.readSingly(r, notListed)
		return
	}
	r.page = next
}

// readSingly ends the list: the actions that were not seen are read one by one, in the order of the arguments. Actions
// that could not be read in the round before are the last. page is where the next round looks for them.
func (b *batch) readSingly(r *round, page int) {
	r.list = false
	for id := range r.unseen {
		if w := b.waiting[id]; w.page != notListed {
			w.page = page
		}
		r.singles = append(r.singles, id)
	}
	slices.SortFunc(r.singles, func(x, y int64) int {
		wx, wy := b.waiting[x], b.waiting[y]
		return cmp.Or(cmp.Compare(wx.failures, wy.failures), cmp.Compare(wx.positions[0], wy.positions[0]))
	})
	clear(r.unseen)
}

// isForeignForbidden reports whether err is a 403 that does not come from the API, such as the page of a proxy.
func isForeignForbidden(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && errors.Is(e, ErrForbidden) && e.ID == ""
}
