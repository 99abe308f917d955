package droplets

import (
	"net/http"
	"sync"
)

// rateRecord keeps the rate limit from the response to the newest request that had one. Requests are numbered, so that a
// late response to an old request does not replace a newer value.
type rateRecord struct {
	mu       sync.Mutex
	sent     uint64
	recorded uint64
	value    RateLimit
}

// next returns the number of a new request.
func (r *rateRecord) next() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent++
	return r.sent
}

// record keeps the rate limit in a response header, if it has one and no newer request has had one. seq is the number of the
// request.
func (r *rateRecord) record(seq uint64, h http.Header) {
	rl, ok := parseRateLimit(h)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if seq > r.recorded {
		r.recorded, r.value = seq, rl
	}
}

// get returns the recorded rate limit. ok is false if no response had one.
func (r *rateRecord) get() (rl RateLimit, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.value, r.recorded > 0
}
