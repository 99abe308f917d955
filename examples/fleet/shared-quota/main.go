// Shared-quota starts several processes that use one token and together stay within its quota, with a limiter on Redis.
//
// By default it serves an in-memory fake of the API on loopback, with a quota whose minute takes three seconds. With -live it
// uses the real API. It is read-only. README.md in this folder explains how to install Redis.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

func main() { program.Main("shared-quota", run) }

// fakeMinute is the length of the fake's one-minute window.
const fakeMinute = 3 * time.Second

// The quotas of DigitalOcean. A short job can use the hourly burst at once; the rest is spread evenly over the hour.
var (
	perMinute = Quota{Requests: 250, Window: time.Minute, Burst: 5}
	perHour   = Quota{Requests: 5000, Window: time.Hour, Burst: 1250}
)

type options struct {
	processes, callers, calls int
	redis                     string
	shared, live              bool
}

func run(ctx context.Context, env program.Env) error {
	if len(env.Args) > 0 && env.Args[0] == workerCommand {
		env.Args = env.Args[1:]
		return work(ctx, env)
	}
	o, err := parse(env)
	if err != nil {
		return err
	}
	if o.live {
		fmt.Fprintf(env.Err, "In your account, this sends %d read requests from %d processes, and changes nothing.\n", o.calls, o.processes)
		if _, err := droplets.NewClient(env.Token); err != nil {
			return fmt.Errorf("-live needs a token in DIGITALOCEAN_TOKEN: %w", err)
		}
	} else {
		fmt.Fprintf(env.Err, "Using an in-memory fake of the API on loopback: no account, no cost. With -live, in your account, "+
			"this sends %d read requests and changes nothing.\n", o.calls)
	}
	return startProcesses(ctx, env, o)
}

func parse(env program.Env) (o options, err error) {
	flags, live := env.Flags("shared-quota")
	flags.IntVar(&o.processes, "processes", 4, "`number` of processes")
	flags.IntVar(&o.callers, "callers", 4, "`number` of goroutines per process that call the API")
	flags.IntVar(&o.calls, "calls", 1000, "total `number` of calls of all processes")
	flags.StringVar(&o.redis, "redis", "", "`address` of a Redis server on loopback; by default, the program starts one")
	flags.BoolVar(&o.shared, "shared", true, "share the quota; if false, the processes have no limiter")
	if err := env.Parse(flags); err != nil {
		return o, err
	}
	o.live = *live
	if o.processes < 1 || o.callers < 1 || o.calls < o.processes {
		return o, errors.New("-processes and -callers must be at least 1, and -calls at least -processes")
	}
	if o.live && !o.shared {
		return o, errors.New("-shared=false is not allowed with -live: it would exhaust the rate limit of your account")
	}
	return o, nil
}

// startProcesses starts the fake and Redis if they are needed, runs the processes, and prints the results. With a shared quota, it
// returns an error if a request was rejected with 429.
func startProcesses(ctx context.Context, env program.Env, o options) (err error) {
	job := job{options: o, token: env.Token}
	if !o.live {
		served, err := serveAPI(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, served.close()) }()
		job.api, job.token = served.url, fakeToken
	}
	if o.shared && o.redis == "" {
		server, err := startRedis(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, server.stop()) }()
		job.redis = server.addr
	}
	startTime := time.Now()
	total, err := job.run(ctx, env)
	if err != nil {
		return err
	}
	elapsed := time.Since(startTime)
	fmt.Fprintf(env.Out, "%d calls by %d processes in %.2f s; %d responses were 429\n",
		total.Calls, o.processes, elapsed.Seconds(), total.RateLimited)
	quota := quotas(o.live)[0]
	fmt.Fprintf(env.Out, "quota of %d in %s: the calls take %.2f s at an even pace, and %.2f s in bursts of the whole quota\n",
		quota.Requests, quota.Window, evenPaceDuration(o.calls, quota).Seconds(), burstDuration(o.calls, quota).Seconds())
	if o.shared && total.RateLimited > 0 {
		return fmt.Errorf("%d requests exceeded the quota", total.RateLimited)
	}
	return nil
}

// evenPaceDuration returns how long a number of calls takes if they use the whole quota at an even pace.
func evenPaceDuration(calls int, q Quota) time.Duration {
	return time.Duration(calls) * q.Window / time.Duration(q.Requests)
}

// burstDuration returns the theoretical minimum: the calls use the whole quota at once at the start of every window. A limiter
// that keeps the quota regardless of network delays cannot reach it.
func burstDuration(calls int, q Quota) time.Duration {
	return time.Duration((calls-1)/q.Requests) * q.Window
}

// quotas returns the quotas of the real API or, if live is false, that of the fake, which has no hourly quota.
func quotas(live bool) []Quota {
	if live {
		return []Quota{perMinute, perHour}
	}
	scaled := perMinute
	scaled.Window = fakeMinute
	return []Quota{scaled}
}
