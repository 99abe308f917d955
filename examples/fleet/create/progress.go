package main

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

// progress shows the progress of several creates.
type progress interface {
	add(name string) indicator
	wait()
}

// indicator shows the progress of one create.
type indicator interface {
	update(*droplets.Action)
	done(error) // nil if the create has completed
}

// newProgress returns progress bars if out is a terminal. Otherwise, for example in a log, it prints one line per status
// change.
func newProgress(out io.Writer, expected time.Duration) progress {
	if program.IsTerminal(out) {
		return newBars(expected, mpb.WithOutput(out))
	}
	return &lines{out: out}
}

// bars is a stack of progress bars.
type bars struct {
	container *mpb.Progress
	expected  time.Duration // the usual duration of a create
}

func newBars(expected time.Duration, opts ...mpb.ContainerOption) *bars {
	return &bars{container: mpb.New(append([]mpb.ContainerOption{mpb.WithWidth(64)}, opts...)...), expected: expected}
}

// add adds a bar. The API reports no percentage, so the bar shows the elapsed share of the expected duration. It is full only
// after the create has completed.
func (b *bars) add(name string) indicator {
	added := &bar{start: time.Now(), expected: b.expected, status: "requested"}
	added.bar = b.container.AddBar(b.expected.Milliseconds(),
		mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR), decor.Any(added.text, decor.WCSyncSpaceR)),
		mpb.AppendDecorators(decor.Elapsed(decor.ET_STYLE_MMSS)))
	return added
}

func (b *bars) wait() { b.container.Wait() }

type bar struct {
	bar      *mpb.Bar
	start    time.Time
	expected time.Duration

	mu     sync.Mutex // guards status, which the goroutine of mpb reads
	status string
}

func (b *bar) text(decor.Statistics) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

func (b *bar) setStatus(status string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status = status
}

func (b *bar) update(a *droplets.Action) {
	b.setStatus(string(a.Status))
	b.bar.SetCurrent(min(time.Since(b.start), b.expected*9/10).Milliseconds())
}

func (b *bar) done(err error) {
	if err != nil {
		b.bar.Abort(false)
		return
	}
	b.bar.SetCurrent(b.expected.Milliseconds())
}

// lines prints one line per status change.
type lines struct {
	mu  sync.Mutex
	out io.Writer
}

func (l *lines) add(name string) indicator { return &line{all: l, name: name, start: time.Now()} }

func (l *lines) wait() {}

type line struct {
	all    *lines
	name   string
	start  time.Time
	status droplets.ActionStatus
}

func (l *line) update(a *droplets.Action) {
	if a.Status != l.status {
		l.status = a.Status
		l.print(string(a.Status))
	}
}

func (l *line) done(err error) {
	if err != nil && !errors.Is(err, droplets.ErrActionFailed) { // a failed action was already printed by update
		l.print("polling stopped")
	}
}

func (l *line) print(text string) {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	fmt.Fprintf(l.all.out, "%s  %s after %.1f s\n", l.name, text, time.Since(l.start).Seconds())
}
