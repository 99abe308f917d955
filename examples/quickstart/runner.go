package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/droplets-go/droplets"
)

const (
	image       = "ubuntu-24-04-x64"
	region      = "nyc3"
	smallSize   = "s-1vcpu-1gb"
	smallHourly = 0.00893 // USD
	largeSize   = "s-1vcpu-2gb"
	largeHourly = 0.01786 // USD

	// stepTimeout bounds each step, cleanupTimeout bounds the deletion at the end.
	stepTimeout    = 10 * time.Minute
	cleanupTimeout = 5 * time.Minute
)

// runner runs the steps and keeps track of what they created.
type runner struct {
	client    *droplets.Client
	out       io.Writer
	terminal  bool // out is a terminal, whose lines can be overwritten
	names     []string
	droplets  []int64
	snapshots []int64
	pending   *droplets.Action // the action that an interrupted step was polling
}

func newRunner(client *droplets.Client, out io.Writer) *runner {
	run := time.Now().Unix() % 100000
	return &runner{client: client, out: out, terminal: isTerminal(out),
		names: []string{fmt.Sprintf("quickstart-%d-a", run), fmt.Sprintf("quickstart-%d-b", run)}}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// run runs the steps in order. It then deletes what they created, even if a step failed or was interrupted.
func (r *runner) run(ctx context.Context) (err error) {
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
		defer cancel()
		if cleanupErr := r.cleanUp(ctx); cleanupErr != nil {
			err = errors.Join(err, fmt.Errorf("please check your account: %w", cleanupErr))
		}
		if err == nil {
			r.printSummary()
		}
	}()
	for _, step := range []struct {
		title string
		do    func(context.Context) error
	}{
		{"Create two Droplets", r.create},
		{"The Droplets", r.table},
		{"Resize the first: power off, resize, power on", r.resize},
		{"Take a snapshot of the second", r.snapshot},
		{"The Droplets with the tag quickstart, page by page", r.list},
		{"A request that the API rejects", r.rejectedRequest},
	} {
		fmt.Fprintf(r.out, "\n== %s\n", step.title)
		stepCtx, cancel := context.WithTimeout(ctx, stepTimeout)
		err := step.do(stepCtx)
		cancel()
		if err != nil {
			return fmt.Errorf("%s: %w", strings.ToLower(step.title), err)
		}
	}
	return nil
}

func (r *runner) create(ctx context.Context) error {
	created, err := r.client.Droplets.CreateMultiple(ctx, droplets.DropletMultiCreateRequest{
		Names: r.names, Region: region, Size: smallSize, Image: droplets.ImageSlug(image), Tags: []string{"quickstart"},
	})
	if errors.Is(err, droplets.ErrMaybeApplied) {
		// cleanUp searches for the Droplets, but they may appear later.
		return fmt.Errorf("check your account for %s: %w", strings.Join(r.names, " and "), err)
	}
	if err != nil {
		return err
	}
	for _, d := range created.Droplets {
		r.droplets = append(r.droplets, d.ID)
	}
	for _, link := range created.Actions {
		action, err := r.client.Actions.Get(ctx, link.ID)
		if err != nil {
			return err
		}
		if err := r.watch(ctx, action); err != nil {
			return err
		}
	}
	return nil
}

// watch polls an action until it ends and shows its progress on one line. If the output is not a terminal, it prints only the last
// state.
func (r *runner) watch(ctx context.Context, action *droplets.Action) error {
	start := time.Now()
	r.pending = action
	show := func(end string) {
		fmt.Fprintf(r.out, "  %-10s Droplet %d  %-11s %4.1f s%s", action.Type, action.ResourceID, action.Status, time.Since(start).Seconds(), end)
	}
	var err error
	for polled, pollErr := range r.client.DropletActions.Watch(ctx, action.ResourceID, action.ID) {
		if polled != nil {
			action = polled
		}
		err = pollErr
		if r.terminal {
			show("\r")
		}
	}
	show("\n")
	if action.CompletedAt != nil {
		r.pending = nil
	}
	return err
}

func (r *runner) table(ctx context.Context) error {
	w := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  ID\tNAME\tSTATUS\tSIZE\tREGION\tIPV4")
	for _, id := range r.droplets {
		d, err := r.client.Droplets.Get(ctx, id)
		if err != nil {
			return err
		}
		address := "-"
		if addr, ok := d.PublicIPv4(); ok {
			address = addr.String()
		}
		fmt.Fprintf(w, "  %d\t%s\t%s\t%s\t%s\t%s\n", d.ID, d.Name, d.Status, d.SizeSlug, d.Region.Slug, address)
	}
	return w.Flush()
}

func (r *runner) resize(ctx context.Context) error {
	id := r.droplets[0]
	for _, req := range []droplets.ActionRequest{
		droplets.PowerOffRequest{}, droplets.ResizeRequest{Size: largeSize}, droplets.PowerOnRequest{},
	} {
		if err := r.act(ctx, id, req); err != nil {
			return err
		}
	}
	d, err := r.client.Droplets.Get(ctx, id)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.out, "  %s is now %s: %d MB of memory, still %d GB of disk, %s\n", d.Name, d.SizeSlug, d.Memory, d.Disk, d.Status)
	return nil
}

func (r *runner) act(ctx context.Context, id int64, req droplets.ActionRequest) error {
	action, err := r.client.DropletActions.Initiate(ctx, id, req, droplets.RetryPendingEvent(time.Minute))
	if err != nil {
		return err
	}
	return r.watch(ctx, action)
}

func (r *runner) snapshot(ctx context.Context) error {
	id := r.droplets[1]
	if err := r.act(ctx, id, droplets.SnapshotRequest{Name: r.names[1] + "-snapshot"}); err != nil {
		return err
	}
	return r.findSnapshots(ctx, func(s droplets.DropletSnapshot) {
		fmt.Fprintf(r.out, "  snapshot %d %q, %.2f GB, in %s\n", s.ID, s.Name, s.SizeGigabytes, strings.Join(s.Regions, ", "))
	})
}

// findSnapshots adds the snapshots of the second Droplet to those to delete, and calls found for each.
func (r *runner) findSnapshots(ctx context.Context, found func(droplets.DropletSnapshot)) error {
	for s, err := range r.client.Droplets.AllSnapshots(ctx, r.droplets[1], nil) {
		if err != nil {
			return err
		}
		r.snapshots = append(r.snapshots, s.ID)
		found(s)
	}
	return nil
}

func (r *runner) list(ctx context.Context) error {
	onePerPage := &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 1}, TagName: "quickstart"}
	first, err := r.client.Droplets.List(ctx, onePerPage)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.out, "  %d Droplets with the tag quickstart on %d pages of one\n", first.Total, first.LastPage)
	for d, err := range r.client.Droplets.All(ctx, onePerPage) {
		if err != nil {
			return err
		}
		fmt.Fprintf(r.out, "  %d  %s\n", d.ID, d.Name)
	}
	return nil
}

// rejectedRequest shows the error of a request that the API rejects.
func (r *runner) rejectedRequest(ctx context.Context) error {
	_, err := r.client.DropletActions.Resize(ctx, r.droplets[1], droplets.ResizeRequest{Size: "s-of-no-such-size"})
	if _, ok := errors.AsType[*droplets.Error](err); !ok {
		return fmt.Errorf("want an *Error for a size that does not exist, got: %w", err)
	}
	fmt.Fprintf(r.out, "  %v\n", err)
	fmt.Fprintf(r.out, "  errors.Is(err, droplets.ErrUnprocessable) is %t\n", errors.Is(err, droplets.ErrUnprocessable))
	return nil
}

// cleanUp deletes the Droplets and snapshots that the steps created, by ID. It also searches for those that an interrupted step may
// have created.
func (r *runner) cleanUp(ctx context.Context) error {
	fmt.Fprintln(r.out, "\n== Delete everything")
	var errs []error
	if r.pending != nil {
		fmt.Fprintf(r.out, "  waiting for the %s in progress\n", r.pending.Type)
		_, err := r.client.DropletActions.WaitForAction(ctx, r.pending.ResourceID, r.pending.ID)
		errs = append(errs, err)
	}
	if len(r.snapshots) == 0 && len(r.droplets) > 1 {
		errs = append(errs, r.findSnapshots(ctx, func(droplets.DropletSnapshot) {}))
	}
	for _, id := range append(r.droplets, r.findUnreported(ctx, &errs)...) {
		errs = append(errs, r.delete(ctx, id))
	}
	for _, id := range r.snapshots {
		errs = append(errs, r.deleteSnapshot(ctx, id))
	}
	return errors.Join(errs...)
}

// findUnreported returns the IDs of the Droplets of this run if the create has returned none: it may have been processed although
// its response was lost.
func (r *runner) findUnreported(ctx context.Context, errs *[]error) (ids []int64) {
	if len(r.droplets) > 0 {
		return nil
	}
	for _, name := range r.names {
		for d, err := range r.client.Droplets.All(ctx, &droplets.DropletListOptions{Name: name}) {
			if err != nil {
				*errs = append(*errs, err)
				return ids
			}
			if d.Name == name { // the filter of the API ignores case
				ids = append(ids, d.ID)
			}
		}
	}
	return ids
}

func (r *runner) delete(ctx context.Context, id int64) error {
	err := r.client.Droplets.Delete(ctx, id, droplets.RetryPendingEvent(time.Minute))
	if err != nil && !errors.Is(err, droplets.ErrNotFound) {
		return err
	}
	fmt.Fprintf(r.out, "  Droplet %d is deleted\n", id)
	return nil
}

// deleteSnapshot deletes a snapshot of a Droplet, which is an image.
func (r *runner) deleteSnapshot(ctx context.Context, id int64) error {
	if err := r.client.Images.Delete(ctx, id); err != nil && !errors.Is(err, droplets.ErrNotFound) {
		return err
	}
	fmt.Fprintf(r.out, "  snapshot %d is deleted\n", id)
	return nil
}

func (r *runner) printSummary() {
	if rl, ok := r.client.RateLimit(); ok {
		fmt.Fprintf(r.out, "\n%d of %d requests remaining this hour.\n", rl.Remaining, rl.Limit)
	}
	fmt.Fprintln(r.out, "done")
}
