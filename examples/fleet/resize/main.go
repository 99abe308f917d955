// Resize changes the size of a Droplet: it shuts the Droplet down, resizes it and powers it on again. It shows the progress on
// one line.
//
// By default it uses an in-memory fake of the API; with -live it uses the real API.
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
	id := flags.Int64("id", 0, "ID of the `Droplet` to resize; ignored on the fake, where the program creates one")
	size := flags.String("size", "s-2vcpu-4gb", "slug of the new `size`")
	disk := flags.Bool("disk", false, "resize the disk too, which cannot be undone")
	grace := flags.Duration("grace", 2*time.Minute, "`time` for the shutdown, after which the Droplet is powered off")
	if err := env.Parse(flags); err != nil {
		return err
	}
	if *live && *id == 0 {
		return errors.New("-live needs -id")
	}
	description := fmt.Sprintf("asks for confirmation and then powers a Droplet off, resizes it to %s, which changes its price, "+
		"and powers it on", *size)
	client, err := env.Client(*live, description, dropletstest.New())
	if err != nil {
		return err
	}
	if !*live {
		if *id, err = createSampleDroplet(ctx, client); err != nil {
			return err
		}
	}
	before, err := client.Droplets.Get(ctx, *id)
	if err != nil {
		return err
	}
	describe(env.Out, before)
	if *live {
		if err := env.Confirm(ctx, fmt.Sprintf("Power %s off and resize it to %s?", before.Name, *size)); err != nil {
			return err
		}
	}
	return resize(ctx, client, before.ID, droplets.ResizeRequest{Size: *size, Disk: *disk}, *grace, env.Out)
}

// createSampleDroplet creates a Droplet on the fake and returns its ID.
func createSampleDroplet(ctx context.Context, client *droplets.Client) (int64, error) {
	d, err := client.Droplets.CreateAndWait(ctx, droplets.DropletCreateRequest{
		Name: "web-1", Region: "nyc3", Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64"),
	})
	if err != nil {
		return 0, err
	}
	return d.ID, nil
}

// resize resizes the Droplet, and prints the progress and the new state. After an error it prints the step that failed.
func resize(ctx context.Context, client *droplets.Client, id int64, req droplets.ResizeRequest, grace time.Duration,
	out io.Writer,
) error {
	line := newLine(out)
	d, err := client.Droplets.ResizeAndRestart(ctx, id, req, grace, droplets.OnProgress(line.update))
	line.finish()
	if failed, ok := errors.AsType[*droplets.StepError](err); ok {
		fmt.Fprintf(out, "stopped at %s; last status of the Droplet: %s\n", failed.Step, d.Status)
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

// line is a progress line. On a terminal, each update overwrites it; otherwise, each change is printed on a new line.
type line struct {
	out      io.Writer
	terminal bool
	start    time.Time
	last     string
}

func newLine(out io.Writer) *line {
	return &line{out: out, terminal: program.IsTerminal(out), start: time.Now()}
}

func (l *line) update(p droplets.Progress) {
	text := p.Step + ": polling the Droplet" // without an action, the step waits for a state of the Droplet
	if p.Action != nil {
		text = p.Step + " " + string(p.Action.Status)
	}
	passed := time.Since(l.start).Seconds()
	switch {
	case l.terminal:
		fmt.Fprintf(l.out, "\r  %-36s %5.1f s", text, passed)
	case text != l.last:
		fmt.Fprintf(l.out, "  %-36s %5.1f s\n", text, passed)
	}
	l.last = text
}

func (l *line) finish() {
	if l.terminal && l.last != "" {
		fmt.Fprintln(l.out)
	}
}
