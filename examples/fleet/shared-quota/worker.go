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

// workerCommand is the first argument of a worker process.
const workerCommand = "worker"

// callCounts are the numbers of calls and of rejected requests of a process.
type callCounts struct {
	Calls       int64 `json:"calls"`
	RateLimited int64 `json:"rate_limited"` // responses with 429, which the client retried
}

// job is the work that is divided among the processes.
type job struct {
	options
	api   string // base URL; empty for the real API
	token string
}

// run starts the processes, waits for all of them, and returns the sum of their counts.
func (j job) run(ctx context.Context, env program.Env) (total callCounts, err error) {
	executable, err := os.Executable()
	if err != nil {
		return total, err
	}
	counts, errs, messages := make([]callCounts, j.processes), make([]error, j.processes), make([]bytes.Buffer, j.processes)
	var wg sync.WaitGroup
	for i := range j.processes {
		wg.Go(func() { counts[i], errs[i] = j.runProcess(ctx, executable, i, &messages[i]) })
	}
	wg.Wait()
	for i, t := range counts {
		fmt.Fprintf(env.Out, "process %d: %d calls, %d responses were 429\n", i+1, t.Calls, t.RateLimited)
		total.Calls += t.Calls
		total.RateLimited += t.RateLimited
		fmt.Fprint(env.Err, messages[i].String())
	}
	return total, errors.Join(errs...)
}

// runProcess runs process i. It passes the token in the environment, because every user of the machine can read arguments.
func (j job) runProcess(ctx context.Context, executable string, i int, messages io.Writer) (t callCounts, err error) {
	calls := j.calls / j.processes
	if i < j.calls%j.processes {
		calls++
	}
	cmd := exec.CommandContext(ctx, executable, workerCommand, "-calls", strconv.Itoa(calls), "-callers", strconv.Itoa(j.callers),
		"-in-flight", strconv.Itoa(j.processes*j.callers), "-redis", j.redis, "-api", j.api, "-live="+strconv.FormatBool(j.live))
	cmd.Env = append(os.Environ(), "DIGITALOCEAN_TOKEN="+j.token)
	cmd.Stderr = messages
	out, err := cmd.Output()
	if err != nil {
		return t, fmt.Errorf("process %d: %w", i+1, err)
	}
	return t, json.Unmarshal(out, &t)
}

// work is the main function of a worker process. Without the address of a Redis server, it has no limiter.
func work(ctx context.Context, env program.Env) (err error) {
	flags, live := env.Flags(workerCommand)
	calls := flags.Int64("calls", 1, "`number` of calls")
	callers := flags.Int("callers", 1, "`number` of goroutines that call the API")
	inFlight := flags.Int("in-flight", 1, "total `number` of goroutines of all processes")
	redisAddr := flags.String("redis", "", "`address` of Redis")
	api := flags.String("api", "", "base `URL` of the API")
	if err := env.Parse(flags); err != nil {
		return err
	}
	transport := &countingTransport{next: http.DefaultTransport}
	opts := []droplets.Option{droplets.WithHTTPClient(&http.Client{Transport: transport})}
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
	return json.NewEncoder(env.Out).Encode(callCounts{Calls: *calls, RateLimited: transport.rateLimited.Load()})
}

// call makes the given number of calls from several goroutines. The first error cancels all of them and is returned.
func call(ctx context.Context, client *droplets.Client, calls int64, callers int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var started atomic.Int64
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for started.Add(1) <= calls {
				if _, err := client.Droplets.List(ctx, nil); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// countingTransport counts responses with 429, which the client retries and does not report.
type countingTransport struct {
	next        http.RoundTripper
	rateLimited atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (c *countingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		c.rateLimited.Add(1)
	}
	return resp, err
}
