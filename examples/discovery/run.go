package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"github.com/droplets-go/droplets"
)

// task runs until ctx is done, or returns an error.
type task func(ctx context.Context) error

// run runs the program until ctx is done, and then returns nil. An error of the command line matches errUsage.
func run(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) error {
	c, err := parseConfig(args, env, stdout)
	if err != nil {
		return err
	}
	log := c.logger(stderr)
	registry := prometheus.NewRegistry()
	client, tasks, err := connect(ctx, c, registry, log)
	if err != nil {
		return err
	}
	output, err := openFile(c.output)
	if err != nil {
		return err
	}
	s := &service{client: client, config: c, file: output, health: newHealth(c.interval), metrics: newMetrics(registry), log: log}
	if c.once {
		return s.refresh(ctx)
	}
	tasks = append(tasks, s.run)
	if c.listen != "" {
		registry.MustRegister(newRateLimitCollector(client), collectors.NewGoCollector(),
			collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", c.listen)
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "listening on http://%s\n", l.Addr())
		tasks = append(tasks, func(ctx context.Context) error { return serve(ctx, l, newHandler(registry, s.health)) })
	}
	if err := runAll(ctx, tasks); err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}

// runAll runs the tasks until ctx is done or one of them fails, and waits for all of them.
func runAll(ctx context.Context, tasks []task) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, t := range tasks {
		group.Go(func() error { return t(ctx) })
	}
	return group.Wait()
}

// connect returns a client of the real API or, without a token, of a fake account and the task that changes it.
func connect(ctx context.Context, c config, registry prometheus.Registerer, log *slog.Logger) (*droplets.Client, []task, error) {
	if c.token != "" {
		client, err := newClient(c, registry, log)
		return client, nil, err
	}
	log.Warn("using an in-memory fake of the API with made-up Droplets: " + tokenEnv + " is not set")
	s, err := newSimulation(ctx)
	if err != nil {
		return nil, nil, err
	}
	client := s.api.Client(clientOptions(c, s.api.Transport(), registry, log)...)
	return client, []task{func(ctx context.Context) error { return s.run(ctx, c.interval) }}, nil
}
