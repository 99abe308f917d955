// Create makes a number of Droplets at once and shows a progress bar for each.
//
// It runs against an API in memory, and deletes there what it made, unless -live asks for the real one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

const (
	// perRequest is how many Droplets the API takes in one create.
	perRequest = 10
	// memoryCreate is how long a create takes in memory, liveCreate about how long it takes in an account.
	memoryCreate = 3 * time.Second
	liveCreate   = 55 * time.Second
	// cleanupTimeout is what deleting has, whatever became of the creates.
	cleanupTimeout = 5 * time.Minute
)

func main() { program.Main("create", run) }

type options struct {
	n                         int
	prefix, region, size, img string
	live, cleanup             bool
}

func run(ctx context.Context, env program.Env) error {
	o, err := parse(env)
	if err != nil {
		return err
	}
	does := fmt.Sprintf("creates %d Droplets of size %s, which are billed until they are deleted, and asks first", o.n, o.size)
	api := dropletstest.New(dropletstest.WithActionDuration(memoryCreate, droplets.ActionTypeCreate))
	client, err := env.Client(o.live, does, api)
	if err != nil {
		return err
	}
	usual := memoryCreate
	if o.live {
		usual = liveCreate
		if err := env.Confirm("Go on?"); err != nil {
			return err
		}
	}
	f := &fleet{client: client, options: o, out: env.Out}
	return f.run(ctx, newProgress(env.Out, usual))
}

func parse(env program.Env) (o options, err error) {
	flags, live := env.Flags("create")
	flags.IntVar(&o.n, "n", 5, "`number` of Droplets")
	flags.StringVar(&o.prefix, "prefix", "web", "what the names begin with")
	flags.StringVar(&o.region, "region", "nyc3", "region")
	flags.StringVar(&o.size, "size", "s-1vcpu-1gb", "size")
	flags.StringVar(&o.img, "image", "ubuntu-24-04-x64", "image, by slug or id")
	flags.BoolVar(&o.cleanup, "cleanup", false, "delete at the end what was made; the default in memory")
	if err := env.Parse(flags); err != nil {
		return o, err
	}
	if o.n < 1 || o.n > 50 {
		// Each bar asks for its own action. For hundreds, WaitForActions asks for all of them at once.
		return o, fmt.Errorf("-n must be from 1 to 50, got %d", o.n)
	}
	o.live = *live
	if !isSet(flags, "cleanup") {
		o.cleanup = !o.live
	}
	return o, nil
}

func isSet(flags *flag.FlagSet, name string) (set bool) {
	flags.Visit(func(f *flag.Flag) { set = set || f.Name == name })
	return set
}

// fleet is what this run has made.
type fleet struct {
	client  *droplets.Client
	options options
	out     io.Writer
	made    []droplets.Droplet
}

func (f *fleet) run(ctx context.Context, p progress) (err error) {
	if f.options.cleanup {
		defer func() {
			// Deleting goes on when the run was interrupted: what is left is billed.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
			defer cancel()
			err = errors.Join(err, f.delete(ctx))
		}()
	}
	actions, err := f.create(ctx)
	err = errors.Join(err, f.watch(ctx, actions, p))
	if err != nil {
		return errors.Join(err, f.left())
	}
	return f.table(ctx)
}

// create asks for the Droplets, ten at a time, and stops at the first request that fails.
func (f *fleet) create(ctx context.Context) (actions []droplets.Action, err error) {
	names := make([]string, f.options.n)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%02d", f.options.prefix, i+1)
	}
	for batch := range slices.Chunk(names, perRequest) {
		created, err := f.client.Droplets.CreateMultiple(ctx, droplets.DropletMultiCreateRequest{
			Names: batch, Region: f.options.region, Size: f.options.size, Image: droplets.ParseImageRef(f.options.img),
		})
		if errors.Is(err, droplets.ErrMaybeApplied) {
			return actions, fmt.Errorf("look in your account for %s to %s: %w", batch[0], batch[len(batch)-1], err)
		}
		if err != nil {
			return actions, err
		}
		f.made = append(f.made, created.Droplets...)
		actions = append(actions, created.PendingActions()...)
	}
	return actions, nil
}

// watch follows every create to its end, all at once, and joins the failures.
func (f *fleet) watch(ctx context.Context, actions []droplets.Action, p progress) error {
	errs := make([]error, len(actions))
	var running sync.WaitGroup
	for i, a := range actions {
		shown := p.add(f.nameOf(a.ResourceID))
		running.Go(func() {
			for seen, err := range f.client.DropletActions.Watch(ctx, a.ResourceID, a.ID) {
				if seen != nil {
					shown.saw(seen)
				}
				errs[i] = err
			}
			shown.ended(errs[i])
		})
	}
	running.Wait()
	p.wait()
	return errors.Join(errs...)
}

func (f *fleet) nameOf(id int64) string {
	if i := slices.IndexFunc(f.made, func(d droplets.Droplet) bool { return d.ID == id }); i >= 0 {
		return f.made[i].Name
	}
	return "?"
}

func (f *fleet) table(ctx context.Context) error {
	w := tabwriter.NewWriter(f.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tSTATUS\tIPV4")
	for _, d := range f.made {
		// The address can come a moment after the create's end.
		ready, err := f.client.Droplets.WaitFor(ctx, d.ID, droplets.HasPublicIPv4)
		if err != nil {
			return errors.Join(err, f.left())
		}
		addr, _ := ready.PublicIPv4()
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", ready.ID, ready.Name, ready.Status, addr)
	}
	return w.Flush()
}

// left says what stays behind when a run that does not clean up fails.
func (f *fleet) left() error {
	if f.options.cleanup || len(f.made) == 0 {
		return nil
	}
	ids := make([]int64, len(f.made))
	for i, d := range f.made {
		ids[i] = d.ID
	}
	return fmt.Errorf("these Droplets were created and are billed until they are deleted: %d", ids)
}

// delete deletes by id what this run has made, and nothing else.
func (f *fleet) delete(ctx context.Context) error {
	var errs []error
	for _, d := range f.made {
		err := f.client.Droplets.Delete(ctx, d.ID, droplets.RetryPendingEvent(time.Minute))
		if err != nil && !errors.Is(err, droplets.ErrNotFound) { // a create that failed has taken its Droplet away
			errs = append(errs, fmt.Errorf("%s (%d) is still there: %w", d.Name, d.ID, err))
			continue
		}
		fmt.Fprintf(f.out, "deleted %s\n", d.Name)
	}
	return errors.Join(errs...)
}
