package droplets

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"
)

// newRound begins a round: with the page of the list to read first, or with the actions to read one by one.
func (b *batch) newRound(now time.Time) {
	b.rounds++
	b.round = &round{}
	if b.service.actionListForbidden.is(now) {
		b.readSingly(b.round, 0)
		return
	}
	r := b.round
	r.list, r.expected = true, make(map[int]int)
	for _, w := range b.waiting {
		switch w.page {
		case notListed:
		case 0:
			r.unknown++
			r.expected[1]++
		default:
			r.expected[w.page]++
		}
	}
	b.choosePage(r)
}

// readPage reads one page of the account's actions and chooses the next one. Its error ends the poll.
func (b *batch) readPage(ctx context.Context, r *round) error {
	opts := &ListOptions{Page: r.page, PerPage: maxPerPage}
	p, err := (*ActionsService)(b.service).List(ctx, opts, b.requestOptions()...)
	switch {
	case isForeignForbidden(err) && ctx.Err() == nil:
		// The response of a proxy does not mean that the token lacks a scope. The page is read again in the next poll.
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
		w := b.waiting[p.Items[i].ID]
		if w == nil || w.round == b.rounds {
			continue
		}
		r.misses = 0
		r.markFound(w)
		w.page, w.round = opts.Page, b.rounds
		b.update(p.Items[i])
	}
	r.expected[r.page+1] += r.expected[r.page] // newer actions may have moved them to the next page
	delete(r.expected, r.page)
	if p.NextPage == 0 || b.past(p) {
		b.readSingly(r, 0)
		return nil
	}
	b.choosePage(r)
	return nil
}

// markFound records that an action was on the current page.
func (r *round) markFound(w *waitingAction) {
	switch w.page {
	case notListed:
	case 0:
		r.unknown--
		r.expected[r.page]--
	default:
		r.expected[max(w.page, r.page)]--
	}
}

// past reports whether all actions that were not on a page yet are newer than the page. They are not on the pages after it,
// because the list begins with the newest action.
func (b *batch) past(p *Page[Action]) bool {
	if len(p.Items) == 0 {
		return true
	}
	end := p.Items[len(p.Items)-1]
	for id, w := range b.waiting {
		if w.round == b.rounds {
			continue
		}
		started := b.actions[w.position].StartedAt
		if id <= end.ID || !started.IsZero() && !end.StartedAt.IsZero() && !started.After(end.StartedAt) {
			return false
		}
	}
	return true
}

// choosePage sets the next page to read, or ends the list if reading the other actions one by one needs fewer requests.
//
// A page costs one request and has up to 200 actions. An action is likely to be on the page on which it was in the round
// before. If the page of an action is unknown, pages are read in order, until the number of consecutive pages without a hit is
// the number of such actions: this needs at most twice as many requests as the better of the two ways.
func (b *batch) choosePage(r *round) {
	next := 0
	for page, count := range r.expected {
		worthwhile := count > 1 || count == 1 && page == 1
		if r.unknown > 0 {
			worthwhile = count > 0 && r.misses < r.unknown
		}
		if worthwhile && (next == 0 || page < next) {
			next = page
		}
	}
	if next == 0 {
		b.readSingly(r, notListed)
		return
	}
	for page, count := range r.expected {
		if page < next { // too few actions for a request; they may be on a later page now
			r.expected[next] += count
			delete(r.expected, page)
		}
	}
	r.page = next
}

// readSingly ends the reading of the list. The actions that were not on a page are then read one by one, in the order of the
// arguments, but actions with more consecutive failures later. page is their page for the next round: notListed, or 0 for
// unknown.
func (b *batch) readSingly(r *round, page int) {
	r.list = false
	for id, w := range b.waiting {
		if w.round == b.rounds {
			continue
		}
		if w.page != notListed {
			w.page = page
		}
		r.singles = append(r.singles, id)
	}
	slices.SortFunc(r.singles, func(x, y int64) int {
		wx, wy := b.waiting[x], b.waiting[y]
		return cmp.Or(cmp.Compare(wx.failures, wy.failures), cmp.Compare(wx.position, wy.position))
	})
}

// isForeignForbidden reports whether err is a 403 that does not come from the API, such as the page of a proxy.
func isForeignForbidden(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.StatusCode == http.StatusForbidden && !errors.Is(e, ErrForbidden)
}
