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

// progress shows how far a number of creates are.
type progress interface {
	add(name string) shown
	wait()
}

// shown is one of them.
type shown interface {
	saw(*droplets.Action)
	ended(error)
}

// newProgress draws bars on a terminal. Elsewhere, such as in a log, bars would be drawn over and over: there, each
// change is one line.
func newProgress(out io.Writer, usual time.Duration) progress {
	if program.IsTerminal(out) {
		return newBars(usual, mpb.WithOutput(out))
	}
	return &lines{out: out}
}

// bars are several progress bars, one below the other.
type bars struct {
	group *mpb.Progress
	usual time.Duration // how long a create usually takes
}

func newBars(usual time.Duration, opts ...mpb.ContainerOption) *bars {
	return &bars{group: mpb.New(append([]mpb.ContainerOption{mpb.WithWidth(64)}, opts...)...), usual: usual}
}

// add puts one more bar below the others. The API tells no percentage: a bar fills with the share of the usual time
// that has passed, but never to its end, which is reached by completion alone.
func (b *bars) add(name string) shown {
	one := &bar{began: time.Now(), usual: b.usual, status: "asked for"}
	one.bar = b.group.AddBar(b.usual.Milliseconds(),
		mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR), decor.Any(one.text, decor.WCSyncSpaceR)),
		mpb.AppendDecorators(decor.Elapsed(decor.ET_STYLE_MMSS)))
	return one
}

func (b *bars) wait() { b.group.Wait() }

type bar struct {
	bar   *mpb.Bar
	began time.Time
	usual time.Duration

	mu     sync.Mutex // the bars are drawn by a goroutine of their own
	status string
}

func (b *bar) text(decor.Statistics) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

func (b *bar) set(status string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status = status
}

func (b *bar) saw(a *droplets.Action) {
	b.set(string(a.Status))
	b.bar.SetCurrent(min(time.Since(b.began), b.usual*9/10).Milliseconds())
}

func (b *bar) ended(err error) {
	if err != nil {
		b.bar.Abort(false)
		return
	}
	b.bar.SetCurrent(b.usual.Milliseconds())
}

// lines print each change once.
type lines struct {
	mu  sync.Mutex
	out io.Writer
}

func (l *lines) add(name string) shown { return &line{all: l, name: name, began: time.Now()} }

func (l *lines) wait() {}

type line struct {
	all    *lines
	name   string
	began  time.Time
	status droplets.ActionStatus
}

func (l *line) saw(a *droplets.Action) {
	if a.Status != l.status {
		l.status = a.Status
		l.print(string(a.Status))
	}
}

func (l *line) ended(err error) {
	if err != nil && !errors.Is(err, droplets.ErrActionFailed) { // that one was seen
		l.print("no longer watched")
	}
}

func (l *line) print(text string) {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	fmt.Fprintf(l.all.out, "%s  %s after %.1f s\n", l.name, text, time.Since(l.began).Seconds())
}
