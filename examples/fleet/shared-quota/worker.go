package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

// workerCommand, as the first argument, makes this program one of the processes that it starts.
const workerCommand = "worker"

// tally is what one process did.
type tally struct {
	Calls   int64 `json:"calls"`
	Refused int64 `json:"refused"` // answers with 429; the client has sent these requests again
}

// job is what the processes do together.
type job struct {
	options
	api   string // where the API is; empty for the real one
	token string
}

// run starts the processes, waits for all of them, and adds up what they did.
func (j job) run(ctx context.Context, env program.Env) (total tally, err error) {
	self, err := os.Executable()
	if err != nil {
		return total, err
	}
	tallies, errs, remarks := make([]tally, j.processes), make([]error, j.processes), make([]bytes.Buffer, j.processes)
	var running sync.WaitGroup
	for i := range j.processes {
		running.Go(func() { tallies[i], errs[i] = j.process(ctx, self, i, &remarks[i]) })
	}
	running.Wait()
	for i, t := range tallies {
		fmt.Fprintf(env.Out, "process %d: %d calls, %d answers were 429\n", i+1, t.Calls, t.Refused)
		total.Calls += t.Calls
		total.Refused += t.Refused
		fmt.Fprint(env.Err, remarks[i].String())
	}
	return total, errors.Join(errs...)
}

// process runs one of them. The token goes by the environment: arguments are there for every user of the machine to
// read.
func (j job) process(ctx context.Context, self string, i int, remarks io.Writer) (t tally, err error) {
	calls := j.calls / j.processes
	if i < j.calls%j.processes {
		calls++
	}
	cmd := exec.CommandContext(ctx, self, workerCommand, "-calls", strconv.Itoa(calls), "-callers", strconv.Itoa(j.callers),
		"-in-flight", strconv.Itoa(j.processes*j.callers), "-redis", j.redis, "-api", j.api, "-live="+strconv.FormatBool(j.live))
	cmd.Env = append(os.Environ(), "DIGITALOCEAN_TOKEN="+j.token)
	cmd.Stderr = remarks
	out, err := cmd.Output()
	if err != nil {
		return t, fmt.Errorf("process %d: %w", i+1, err)
	}
	return t, json.Unmarshal(out, &t)
}

// work is one of the processes. Without an address of Redis it shares nothing.
func work(ctx context.Context, env program.Env) (err error) {
	flags, live := env.Flags(workerCommand)
	calls := flags.Int64("calls", 1, "`number` of calls")
	callers := flags.Int("callers", 1, "`number` of goroutines that make them")
	inFlight := flags.Int("in-flight", 1, "`number` of goroutines of all processes")
	redisAddr := flags.String("redis", "", "`address` of Redis")
	api := flags.String("api", "", "base `URL` of the API")
	if err := env.Parse(flags); err != nil {
		return err
	}
	counted := &countingTransport{next: http.DefaultTransport}
	opts := []droplets.Option{droplets.WithHTTPClient(&http.Client{Transport: counted})}
	if *api != "" {
		opts = append(opts, droplets.WithBaseURL(*api))
	}
	if *redisAddr != "" {
		store := redis.NewClient(&redis.Options{Addr: *redisAddr, ContextTimeoutEnabled: true})
		defer func() { err = errors.Join(err, store.Close()) }()
		limiter, err := NewLimiter(store, env.Token, *inFlight, quotas(*live)...)
		if err != nil {
			return err
		}
		opts = append(opts, droplets.WithRateLimiter(limiter))
	}
	client, err := droplets.NewClient(env.Token, opts...)
	if err != nil {
		return err
	}
	if err := call(ctx, client, *calls, *callers); err != nil {
		return err
	}
	return json.NewEncoder(env.Out).Encode(tally{Calls: *calls, Refused: counted.refused.Load()})
}

// call makes a number of calls from a number of goroutines. The first failure ends all of them.
func call(ctx context.Context, client *droplets.Client, calls int64, callers int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var made atomic.Int64
	var running sync.WaitGroup
	for range callers {
		running.Go(func() {
			for made.Add(1) <= calls {
				if _, err := client.Droplets.List(ctx, nil); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}

// countingTransport counts what the client does not tell: the refusals that it has ridden out.
type countingTransport struct {
	next    http.RoundTripper
	refused atomic.Int64
}

// RoundTrip is http.RoundTripper's.
func (c *countingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		c.refused.Add(1)
	}
	return resp, err
}
