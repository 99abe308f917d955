// Shared-quota starts several processes that make calls with one token and keep within its one quota together,
// through a limiter on Redis.
//
// It runs against an API in memory, which it serves on loopback with a quota whose minute lasts three seconds, unless
// -live asks for the real one. It changes nothing. README.md beside it says how to have Redis.
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

// minute is the length of a minute of the API in memory.
const minute = 3 * time.Second

// DigitalOcean's own quotas. The burst of the hour is what a short job may use at full pace; the rest is spread evenly.
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
		fmt.Fprintf(env.Err, "In your account, this sends %d reads from %d processes, and changes nothing.\n", o.calls, o.processes)
		if _, err := droplets.NewClient(env.Token); err != nil {
			return fmt.Errorf("-live needs a token in DIGITALOCEAN_TOKEN: %w", err)
		}
	} else {
		fmt.Fprintf(env.Err, "Against an API in memory, on loopback: no account, no cost. With -live, in your account, "+
			"this sends %d reads and changes nothing.\n", o.calls)
	}
	return start(ctx, env, o)
}

func parse(env program.Env) (o options, err error) {
	flags, live := env.Flags("shared-quota")
	flags.IntVar(&o.processes, "processes", 4, "`number` of processes")
	flags.IntVar(&o.callers, "callers", 4, "`number` of goroutines in each that make calls")
	flags.IntVar(&o.calls, "calls", 1000, "`number` of calls, all processes together")
	flags.StringVar(&o.redis, "redis", "", "`address` of a Redis server on loopback; without it, one is started")
	flags.BoolVar(&o.shared, "shared", true, "share the quota; without it, each process goes as fast as it can")
	if err := env.Parse(flags); err != nil {
		return o, err
	}
	o.live = *live
	if o.processes < 1 || o.callers < 1 || o.calls < o.processes {
		return o, errors.New("-processes and -callers must be at least 1, and -calls at least -processes")
	}
	if o.live && !o.shared {
		return o, errors.New("-shared=false would only run your account into its limit")
	}
	return o, nil
}

// start has the servers that are needed, runs the processes, and says how it went.
func start(ctx context.Context, env program.Env, o options) (err error) {
	job := job{options: o, token: env.Token}
	if !o.live {
		served, err := serveAPI(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, served.close()) }()
		job.api, job.token = served.url, memoryToken
	}
	if o.shared && o.redis == "" {
		server, err := startRedis(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, server.stop()) }()
		job.redis = server.addr
	}
	began := time.Now()
	total, err := job.run(ctx, env)
	if err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Fprintf(env.Out, "%d calls by %d processes in %.2f s; %d answers were 429\n",
		total.Calls, o.processes, took.Seconds(), total.Refused)
	least := quotas(o.live)[0]
	fmt.Fprintf(env.Out, "%d in %s: at an even pace that takes %.2f s, and %.2f s in bursts of the whole quota\n",
		least.Requests, least.Window, evenly(o.calls, least).Seconds(), inBursts(o.calls, least).Seconds())
	if o.shared && total.Refused > 0 {
		return fmt.Errorf("%d requests were over the quota", total.Refused)
	}
	return nil
}

// evenly is how long a number of calls takes that use up a quota, each window the same.
func evenly(calls int, q Quota) time.Duration {
	return time.Duration(calls) * q.Window / time.Duration(q.Requests)
}

// inBursts is the least time of all: a whole quota at once, and again when the window is over. No limiter that keeps
// the quota whatever the way does to the bursts can reach it, and the API sees its worst.
func inBursts(calls int, q Quota) time.Duration {
	return time.Duration((calls-1)/q.Requests) * q.Window
}

// quotas are those of the account, or of the API in memory, which has no hour.
func quotas(live bool) []Quota {
	if live {
		return []Quota{perMinute, perHour}
	}
	scaled := perMinute
	scaled.Window = minute
	return []Quota{scaled}
}
