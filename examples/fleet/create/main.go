// Create creates several Droplets concurrently and shows a progress bar for each.
//
// By default it uses an in-memory fake of the API and deletes the Droplets at the end. With -live it uses the real API.
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
	// perRequest is the maximum number of Droplets in one create request.
	perRequest = 10
	// fakeCreateDuration is the duration of a create on the fake; liveCreateDuration is the usual one on the real API.
	fakeCreateDuration = 3 * time.Second
	liveCreateDuration = 55 * time.Second
	// cleanupTimeout limits the deletion of the Droplets.
	cleanupTimeout = 5 * time.Minute
)

func main() { program.Main("create", run) }

type options struct {
	n                           int
	prefix, region, size, image string
	live, cleanup               bool
}

func run(ctx context.Context, env program.Env) error {
	o, err := parse(env)
	if err != nil {
		return err
	}
	description := fmt.Sprintf("asks for confirmation and then creates %d Droplets of size %s, which are billed until they are deleted", o.n, o.size)
	api := dropletstest.New(dropletstest.WithActionDuration(fakeCreateDuration, droplets.ActionTypeCreate))
	client, err := env.Client(o.live, description, api)
	if err != nil {
		return err
	}
	expected := fakeCreateDuration
	if o.live {
		expected = liveCreateDuration
		if err := env.Confirm(ctx, "Go on?"); err != nil {
			return err
		}
	}
	f := &fleet{client: client, options: o, out: env.Out}
	return f.run(ctx, newProgress(env.Out, expected))
}

func parse(env program.Env) (o options, err error) {
	flags, live := env.Flags("create")
	flags.IntVar(&o.n, "n", 5, "`number` of Droplets")
	flags.StringVar(&o.prefix, "prefix", "web", "prefix of the names")
	flags.StringVar(&o.region, "region", "nyc3", "region")
	flags.StringVar(&o.size, "size", "s-1vcpu-1gb", "size")
	flags.StringVar(&o.image, "image", "ubuntu-24-04-x64", "image, by slug or ID")
	flags.BoolVar(&o.cleanup, "cleanup", false, "delete the Droplets at the end; the default is true on the fake, false with -live")
	if err := env.Parse(flags); err != nil {
		return o, err
	}
	if o.n < 1 || o.n > 50 {
		// Each bar polls its own action. For hundreds of actions, use WaitForActions, which polls them in batches.
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

// fleet creates Droplets and records those that it created.
type fleet struct {
	client  *droplets.Client
	options options
	out     io.Writer
	created []droplets.Droplet
}

// run creates the Droplets, polls them and prints a table. If the option cleanup is set, it then deletes them.
func (f *fleet) run(ctx context.Context, p progress) (err error) {
	if f.options.cleanup {
		defer func() {
			// Delete the Droplets even if the run was interrupted, because they are billed.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
			defer cancel()
			err = errors.Join(err, f.delete(ctx))
		}()
	}
	actions, err := f.create(ctx)
	err = errors.Join(err, f.watch(ctx, actions, p))
	if err != nil {
		return errors.Join(err, f.remainingError())
	}
	return f.table(ctx)
}

// create creates the Droplets, ten per request. It stops at the first request that fails.
func (f *fleet) create(ctx context.Context) (actions []droplets.Action, err error) {
	names := make([]string, f.options.n)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%02d", f.options.prefix, i+1)
	}
	for batch := range slices.Chunk(names, perRequest) {
		result, err := f.client.Droplets.CreateMultiple(ctx, droplets.DropletMultiCreateRequest{
			Names: batch, Region: f.options.region, Size: f.options.size, Image: droplets.ParseImageRef(f.options.image),
		})
		if errors.Is(err, droplets.ErrMaybeApplied) {
			return actions, fmt.Errorf("check your account for %s to %s: %w", batch[0], batch[len(batch)-1], err)
		}
		if err != nil {
			return actions, err
		}
		f.created = append(f.created, result.Droplets...)
		actions = append(actions, result.PendingActions()...)
	}
	return actions, nil
}

// watch polls all create actions concurrently until they end. It returns their errors, joined.
func (f *fleet) watch(ctx context.Context, actions []droplets.Action, p progress) error {
	errs := make([]error, len(actions))
	var wg sync.WaitGroup
	for i, a := range actions {
		ind := p.add(f.dropletName(a.ResourceID))
		wg.Go(func() {
			for action, err := range f.client.DropletActions.Watch(ctx, a.ResourceID, a.ID) {
				if action != nil {
					ind.update(action)
				}
				errs[i] = err
			}
			ind.done(errs[i])
		})
	}
	wg.Wait()
	p.wait()
	return errors.Join(errs...)
}

func (f *fleet) dropletName(id int64) string {
	if i := slices.IndexFunc(f.created, func(d droplets.Droplet) bool { return d.ID == id }); i >= 0 {
		return f.created[i].Name
	}
	return "?"
}

func (f *fleet) table(ctx context.Context) error {
	w := tabwriter.NewWriter(f.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tSTATUS\tIPV4")
	for _, d := range f.created {
		// The address may be assigned after the create has completed.
		ready, err := f.client.Droplets.WaitFor(ctx, d.ID, droplets.HasPublicIPv4)
		if err != nil {
			return errors.Join(err, f.remainingError())
		}
		addr, _ := ready.PublicIPv4()
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", ready.ID, ready.Name, ready.Status, addr)
	}
	return w.Flush()
}

// remainingError returns an error that lists the created Droplets, or nil if the run deletes them.
func (f *fleet) remainingError() error {
	if f.options.cleanup || len(f.created) == 0 {
		return nil
	}
	ids := make([]int64, len(f.created))
	for i, d := range f.created {
		ids[i] = d.ID
	}
	return fmt.Errorf("these Droplets were created and are billed until they are deleted: %d", ids)
}

// delete deletes the Droplets that this run created, by id.
func (f *fleet) delete(ctx context.Context) error {
	var errs []error
	for _, d := range f.created {
		err := f.client.Droplets.Delete(ctx, d.ID, droplets.RetryPendingEvent(time.Minute))
		if err != nil && !errors.Is(err, droplets.ErrNotFound) { // the Droplet of a failed create is already gone
			errs = append(errs, fmt.Errorf("%s (%d) was not deleted: %w", d.Name, d.ID, err))
			continue
		}
		fmt.Fprintf(f.out, "deleted %s\n", d.Name)
	}
	return errors.Join(errs...)
}
