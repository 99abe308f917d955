package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
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

	// stepTimeout ends a step that does not. cleanupTimeout is what deleting has, whatever became of the steps.
	stepTimeout    = 10 * time.Minute
	cleanupTimeout = 5 * time.Minute
)

// tour is one run through the API, and what it has made on the way.
type runner struct {
	client    *droplets.Client
	out       io.Writer
	names     []string
	droplets  []int64
	snapshots []int64
	pending   *droplets.Action // what a step was waiting for when it was interrupted
}

func newRunner(client *droplets.Client, out io.Writer) *runner {
	run := time.Now().Unix() % 100000
	return &runner{client: client, out: out, names: []string{fmt.Sprintf("quickstart-%d-a", run), fmt.Sprintf("quickstart-%d-b", run)}}
}

// run takes the steps one after the other and deletes what they have made, also when one fails or is interrupted.
func (t *runner) run(ctx context.Context) (err error) {
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
		defer cancel()
		if cleanupErr := t.cleanUp(ctx); cleanupErr != nil {
			err = errors.Join(err, fmt.Errorf("please look at your account: %w", cleanupErr))
		}
		if err == nil {
			t.printSummary()
		}
	}()
	for _, step := range []struct {
		title string
		do    func(context.Context) error
	}{
		{"Create two Droplets", t.create},
		{"The Droplets", t.table},
		{"Resize the first: power off, resize, power on", t.resize},
		{"Take a snapshot of the second", t.snapshot},
		{"All Droplets of the account, page by page", t.list},
		{"A request that the API refuses", t.rejectedRequest},
	} {
		fmt.Fprintf(t.out, "\n== %s\n", step.title)
		stepCtx, cancel := context.WithTimeout(ctx, stepTimeout)
		err := step.do(stepCtx)
		cancel()
		if err != nil {
			return fmt.Errorf("%s: %w", strings.ToLower(step.title), err)
		}
	}
	return nil
}

func (t *runner) create(ctx context.Context) error {
	created, err := t.client.Droplets.CreateMultiple(ctx, droplets.DropletMultiCreateRequest{
		Names: t.names, Region: region, Size: smallSize, Image: droplets.ImageSlug(image), Tags: []string{"quickstart"},
	})
	if err != nil {
		return err
	}
	for _, d := range created.Droplets {
		t.droplets = append(t.droplets, d.ID)
	}
	for _, link := range created.Actions {
		action, err := t.client.Actions.Get(ctx, link.ID)
		if err != nil {
			return err
		}
		if err := t.watch(ctx, action); err != nil {
			return err
		}
	}
	return nil
}

// watch follows an action to its end on one line.
func (t *runner) watch(ctx context.Context, action *droplets.Action) error {
	start := time.Now()
	t.pending = action
	var err error
	for polled, pollErr := range t.client.DropletActions.Watch(ctx, action.ResourceID, action.ID) {
		if polled != nil {
			action = polled
		}
		err = pollErr
		fmt.Fprintf(t.out, "\r  %-10s Droplet %d  %-11s %4.1f s", action.Type, action.ResourceID, action.Status, time.Since(start).Seconds())
	}
	fmt.Fprintln(t.out)
	if action.CompletedAt != nil {
		t.pending = nil
	}
	return err
}

func (t *runner) table(ctx context.Context) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  ID\tNAME\tSTATUS\tSIZE\tREGION\tIPV4")
	for _, id := range t.droplets {
		d, err := t.client.Droplets.Get(ctx, id)
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

func (t *runner) resize(ctx context.Context) error {
	id := t.droplets[0]
	for _, req := range []droplets.ActionRequest{
		droplets.PowerOffRequest{}, droplets.ResizeRequest{Size: largeSize}, droplets.PowerOnRequest{},
	} {
		if err := t.act(ctx, id, req); err != nil {
			return err
		}
	}
	d, err := t.client.Droplets.Get(ctx, id)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "  %s is now %s: %d MB of memory, still %d GB of disk, %s\n", d.Name, d.SizeSlug, d.Memory, d.Disk, d.Status)
	return nil
}

func (t *runner) act(ctx context.Context, id int64, req droplets.ActionRequest) error {
	action, err := t.client.DropletActions.Initiate(ctx, id, req, droplets.RetryPendingEvent(time.Minute))
	if err != nil {
		return err
	}
	return t.watch(ctx, action)
}

func (t *runner) snapshot(ctx context.Context) error {
	id := t.droplets[1]
	if err := t.act(ctx, id, droplets.SnapshotRequest{Name: t.names[1] + "-snapshot"}); err != nil {
		return err
	}
	return t.findSnapshots(ctx, func(s droplets.DropletSnapshot) {
		fmt.Fprintf(t.out, "  snapshot %d %q, %.2f GB, in %s\n", s.ID, s.Name, s.SizeGigabytes, strings.Join(s.Regions, ", "))
	})
}

func (t *runner) findSnapshots(ctx context.Context, found func(droplets.DropletSnapshot)) error {
	for s, err := range t.client.Droplets.AllSnapshots(ctx, t.droplets[1], nil) {
		if err != nil {
			return err
		}
		t.snapshots = append(t.snapshots, s.ID)
		found(s)
	}
	return nil
}

func (t *runner) list(ctx context.Context) error {
	onePerPage := &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 1}, TagName: "quickstart"}
	first, err := t.client.Droplets.List(ctx, onePerPage)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "  %d Droplets with the tag quickstart on %d pages of one\n", first.Total, first.LastPage)
	for d, err := range t.client.Droplets.All(ctx, onePerPage) {
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "  %d  %s\n", d.ID, d.Name)
	}
	return nil
}

func (t *runner) rejectedRequest(ctx context.Context) error {
	_, err := t.client.DropletActions.Resize(ctx, t.droplets[1], droplets.ResizeRequest{Size: "s-of-no-such-size"})
	if _, ok := errors.AsType[*droplets.Error](err); !ok {
		return fmt.Errorf("a size that does not exist was not refused: %w", err)
	}
	fmt.Fprintf(t.out, "  %v\n", err)
	fmt.Fprintf(t.out, "  errors.Is(err, droplets.ErrUnprocessable) is %t\n", errors.Is(err, droplets.ErrUnprocessable))
	return nil
}

// cleanUp deletes by id what the tour has made, and looks for what an interrupted step may have made.
func (t *runner) cleanUp(ctx context.Context) error {
	fmt.Fprintln(t.out, "\n== Delete everything")
	var errs []error
	if t.pending != nil {
		fmt.Fprintf(t.out, "  first, the %s that is under way has to end\n", t.pending.Type)
		_, err := t.client.DropletActions.WaitForAction(ctx, t.pending.ResourceID, t.pending.ID)
		errs = append(errs, err)
	}
	if len(t.snapshots) == 0 && len(t.droplets) > 1 {
		errs = append(errs, t.findSnapshots(ctx, func(droplets.DropletSnapshot) {}))
	}
	for _, id := range append(t.droplets, t.findUnreported(ctx, &errs)...) {
		errs = append(errs, t.delete(ctx, id))
	}
	for _, id := range t.snapshots {
		errs = append(errs, t.deleteSnapshot(ctx, id))
	}
	return errors.Join(errs...)
}

// lost finds the Droplets of this run that its create has not told of.
func (t *runner) findUnreported(ctx context.Context, errs *[]error) (ids []int64) {
	if len(t.droplets) > 0 {
		return nil
	}
	for _, name := range t.names {
		for d, err := range t.client.Droplets.All(ctx, &droplets.DropletListOptions{Name: name}) {
			if err != nil {
				*errs = append(*errs, err)
				return ids
			}
			ids = append(ids, d.ID)
		}
	}
	return ids
}

func (t *runner) delete(ctx context.Context, id int64) error {
	err := t.client.Droplets.Delete(ctx, id, droplets.RetryPendingEvent(time.Minute))
	if err != nil && !errors.Is(err, droplets.ErrNotFound) {
		return err
	}
	fmt.Fprintf(t.out, "  Droplet %d is deleted\n", id)
	return nil
}

// deleteSnapshot shows how to reach a part of the API that the package does not wrap.
func (t *runner) deleteSnapshot(ctx context.Context, id int64) error {
	req, err := t.client.NewRequest(ctx, http.MethodDelete, fmt.Sprintf("v2/snapshots/%d", id), nil)
	if err != nil {
		return err
	}
	if _, err := t.client.Do(req, nil); err != nil && !errors.Is(err, droplets.ErrNotFound) {
		return err
	}
	fmt.Fprintf(t.out, "  snapshot %d is deleted\n", id)
	return nil
}

func (t *runner) printSummary() {
	if rl, ok := t.client.RateLimit(); ok {
		fmt.Fprintf(t.out, "\n%d of %d requests are left in the hour.\n", rl.Remaining, rl.Limit)
	}
	fmt.Fprintln(t.out, "done")
}
