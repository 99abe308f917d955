package droplets

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// pageSource requests the pages of a list, several of them at a time if it reads ahead.
type pageSource[T any] struct {
	ctx     context.Context
	cancel  context.CancelFunc
	opts    ListOptions
	co      []CallOption
	fetch   fetchFunc[T]
	capture bool

	limit int // the largest size of window
	// window is the number of pages that may be in flight or in memory, including the page that is being consumed. It
	// doubles with each page, because many callers stop after a few items.
	window int
	ahead  []pageAhead[T] // pages after the one that is being consumed, in order
	next   int            // the next page to read ahead
	wg     sync.WaitGroup
	crash  atomic.Pointer[crash]
}

// pageAhead is a page that is read ahead.
type pageAhead[T any] struct {
	number int
	result chan pageResult[T]
}

// pageResult is the result of one page request.
type pageResult[T any] struct {
	page     *Page[T]
	err      error
	response Response
	crash    *crash
}

// crash describes the end of a goroutine that did not return.
type crash struct {
	value  any  // of the panic
	goexit bool // it ended by runtime.Goexit and not by a panic
}

// readInOrder ends the reading ahead: from now on, the pages are requested one after the other.
func (s *pageSource[T]) readInOrder() { s.limit, s.window, s.ahead, s.next = 1, 1, nil, 0 }

// take returns the page with this number, which follows the one that was consumed, and starts to read further pages ahead.
// last is the last page that the list is known to have.
func (s *pageSource[T]) take(number, last int) pageResult[T] {
	s.window = min(max(2*s.window, 2), s.limit)
	for len(s.ahead) > 0 && s.ahead[0].number < number {
		s.ahead = s.ahead[1:] // repair has read it meanwhile
	}
	if s.window == 1 {
		return s.read(number)
	}
	for s.next = max(s.next, number); len(s.ahead) < s.window && s.next <= last; s.next++ {
		s.start(s.next)
	}
	if len(s.ahead) == 0 || s.ahead[0].number != number {
		return s.read(number)
	}
	result := <-s.ahead[0].result
	s.ahead = s.ahead[1:]
	if result.crash != nil {
		s.stop()
		result.crash.surface()
	}
	return result
}

// start reads a page in a goroutine.
func (s *pageSource[T]) start(number int) {
	a := pageAhead[T]{number: number, result: make(chan pageResult[T], 1)}
	s.ahead = append(s.ahead, a)
	s.wg.Go(func() {
		result := pageResult[T]{crash: &crash{goexit: true}} // unless read returns or panics
		defer func() {
			if v := recover(); v != nil {
				result.crash = &crash{value: v}
			}
			if result.crash != nil {
				s.crash.CompareAndSwap(nil, result.crash)
			}
			a.result <- result
		}()
		result = s.read(number)
	})
}

// read requests one page. With CaptureResponse, it captures the response in the result, because only the goroutine of the
// caller may write to the caller's Response.
func (s *pageSource[T]) read(number int) (result pageResult[T]) {
	page := s.opts
	page.Page = number
	co := s.co
	if s.capture {
		co = append(slices.Clip(co), CaptureResponse(&result.response))
	}
	result.page, result.err = s.fetch(s.ctx, page, co)
	return result
}

// stop cancels the requests in flight and waits until their goroutines have ended.
func (s *pageSource[T]) stop() {
	s.cancel()
	s.wg.Wait()
}

// surfaceCrash repeats a panic or a runtime.Goexit of a goroutine that read ahead, in the caller's goroutine.
func (s *pageSource[T]) surfaceCrash() {
	if c := s.crash.Load(); c != nil {
		c.surface()
	}
}

// surface repeats the panic or the runtime.Goexit. It does not return.
func (c *crash) surface() {
	if c.goexit {
		runtime.Goexit()
	}
	panic(c.value)
}
