// Resize gives a Droplet another size: it turns it off, resizes it and turns it on again, with a line that tells how
// far it is.
//
// It runs against an API in memory unless -live asks for the real one.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

func main() { program.Main("resize", run) }

func run(ctx context.Context, env program.Env) error {
	flags, live := env.Flags("resize")
	id := flags.Int64("id", 0, "`Droplet` to resize; in memory, one is made")
	size := flags.String("size", "s-2vcpu-4gb", "`size` to give it")
	disk := flags.Bool("disk", false, "let the disk grow too, which can not be taken back")
	grace := flags.Duration("grace", 2*time.Minute, "how long it may take to shut down before its power is cut")
	if err := env.Parse(flags); err != nil {
		return err
	}
	if *live && *id == 0 {
		return errors.New("-live needs -id")
	}
	does := fmt.Sprintf("turns a Droplet off, resizes it to %s, which changes what it costs, and turns it on; "+
		"it asks first", *size)
	client, err := env.Client(*live, does, dropletstest.New())
	if err != nil {
		return err
	}
	if !*live {
		if *id, err = furnish(ctx, client); err != nil {
			return err
		}
	}
	before, err := client.Droplets.Get(ctx, *id)
	if err != nil {
		return err
	}
	describe(env.Out, before)
	if *live {
		if err := env.Confirm(fmt.Sprintf("Turn %s off and resize it to %s?", before.Name, *size)); err != nil {
			return err
		}
	}
	return resize(ctx, client, before.ID, droplets.ResizeRequest{Size: *size, Disk: *disk}, *grace, env.Out)
}

// furnish makes a Droplet in the API in memory.
func furnish(ctx context.Context, client *droplets.Client) (int64, error) {
	d, err := client.Droplets.CreateAndWait(ctx, droplets.DropletCreateRequest{
		Name: "web-1", Region: "nyc3", Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64"),
	})
	if err != nil {
		return 0, err
	}
	return d.ID, nil
}

func resize(ctx context.Context, client *droplets.Client, id int64, req droplets.ResizeRequest, grace time.Duration,
	out io.Writer,
) error {
	line := newLine(out)
	d, err := client.Droplets.ResizeAndRestart(ctx, id, req, grace, droplets.OnProgress(line.show))
	line.end()
	if failed, ok := errors.AsType[*droplets.StepError](err); ok {
		fmt.Fprintf(out, "stopped at %s; the Droplet was last seen %s\n", failed.Step, d.Status)
	}
	if err != nil {
		return err
	}
	describe(out, d)
	return nil
}

func describe(out io.Writer, d *droplets.Droplet) {
	fmt.Fprintf(out, "%s: %s, %d MB of memory, %d GB of disk, %s\n", d.Name, d.SizeSlug, d.Memory, d.Disk, d.Status)
}

// line is the progress line. On a terminal it is one that is written over; elsewhere, each change is a line of its own.
type line struct {
	out      io.Writer
	terminal bool
	began    time.Time
	last     string
}

func newLine(out io.Writer) *line {
	return &line{out: out, terminal: program.IsTerminal(out), began: time.Now()}
}

func (l *line) show(p droplets.Progress) {
	text := p.Step + ": looking at the Droplet" // its state follows the action's end
	if p.Action != nil {
		text = p.Step + " " + string(p.Action.Status)
	}
	passed := time.Since(l.began).Seconds()
	switch {
	case l.terminal:
		fmt.Fprintf(l.out, "\r  %-36s %5.1f s", text, passed)
	case text != l.last:
		fmt.Fprintf(l.out, "  %-36s %5.1f s\n", text, passed)
	}
	l.last = text
}

func (l *line) end() {
	if l.terminal && l.last != "" {
		fmt.Fprintln(l.out)
	}
}
