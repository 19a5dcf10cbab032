package main

// The cases, and how one is run.

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"
)

// warmUp is the length of a first round that is not counted.
const warmUp = time.Second

// measurement is a case by its name.
type measurement struct {
	name string
	run  func(ctx context.Context, s *stage, o options, out io.Writer) error
}

// measurements are all cases, in order.
func measurements() []measurement {
	var all []measurement
	for _, c := range trials() {
		all = append(all, measurement{c.name, c.run})
	}
	return append(all, measurement{"ready", measureReady})
}

// trial is one case: a load for several contenders in turn. The first is what the others are compared with.
type trial struct {
	name  string
	about string
	load  load
	names []string
	goals []goal
}

func trials() []trial {
	many := load{conns: 64, threads: 2, size: 1 << 10, events: 30000}
	one, large, again := many, many, many
	one.conns, one.threads = 1, 1
	large.size = 64 << 10
	again.events = 1000
	return []trial{
		{"forward", "64 connections, bodies of 1 KiB", many, []string{"nginx", "caddy", "minimal", "whctl"}, []goal{
			{"requests to nginx's", ratio("whctl", "nginx", rate), atLeast, 0.24},
			{"requests to Caddy's", ratio("whctl", "caddy", rate), atLeast, 1.3},
			{"p99 to Caddy's", ratio("whctl", "caddy", p99), atMost, 1},
			{"processor a request to the minimal program's", ratio("whctl", "minimal", spent), atMost, 2},
			{"peak memory in MiB", peakOf("whctl"), atMost, 40},
		}},
		{"one", "one connection, bodies of 1 KiB", one, []string{"nginx", "caddy", "minimal", "whctl"}, []goal{
			{"p50 in ms", median("whctl", p50), atMost, 0.35},
		}},
		{"large", "64 connections, bodies of 64 KiB", large, []string{"nginx", "caddy", "minimal", "whctl"}, []goal{
			{"requests to nginx's", ratio("whctl", "nginx", rate), atLeast, 0.1},
		}},
		{"print", "64 connections, bodies of 1 KiB: output that nobody reads, text and JSON into files", many, []string{"whctl unread", "whctl text", "whctl"}, []goal{
			{"requests with text to those with nothing printed", ratio("whctl text", "whctl unread", rate), atLeast, 0.9},
			{"processor a request with text to that with nothing printed", ratio("whctl text", "whctl unread", spent), atMost, 1.1},
		}},
		{"now", "64 connections, bodies of 1 KiB: whctl answers once they are recorded, and sends them from its queue", many, []string{"nginx", "whctl", "whctl now"}, []goal{
			{"requests acknowledged to nginx's", ratio("whctl now", "nginx", rate), atLeast, 0.3},
			{"deliveries that arrived to those acknowledged", median("whctl now", kept), atLeast, 0.95},
			{"peak memory in MiB", peakOf("whctl now"), atMost, 40},
		}},
		{"again", "64 connections, the same thousand events again and again", again, []string{"nginx", "minimal", "whctl"}, nil},
	}
}

// results are the samples of a case, round by round, and the peak memory of each contender.
type results struct {
	samples map[string][]sample
	peak    map[string]float64
	missing map[string]int // answered, and not in the journal
}

// run measures a case and prints its table.
func (c trial) run(ctx context.Context, s *stage, o options, out io.Writer) error {
	var servers []*server
	defer func() {
		for _, srv := range servers {
			srv.stop()
		}
	}()
	for _, name := range c.names {
		srv, err := contenders()[name](s, ctx, name)
		if err != nil {
			return err
		}
		servers = append(servers, srv)
	}
	r := results{samples: map[string][]sample{}, peak: map[string]float64{}, missing: map[string]int{}}
	answered := map[string]int{}
	for round := range o.rounds + 1 {
		got, err := c.round(ctx, s, servers, round, o.length)
		if err != nil {
			return err
		}
		for name, g := range got {
			answered[name] += g.answered
			if round > 0 {
				r.samples[name] = append(r.samples[name], g)
			}
		}
	}
	for _, srv := range servers {
		r.peak[srv.name] = srv.peak()
		if srv.data == "" || answered[srv.name]*c.load.size > journalHolds {
			continue
		}
		n, err := s.recorded(ctx, srv.data)
		if err != nil {
			return err
		}
		r.missing[srv.name] = max(0, answered[srv.name]-n)
	}
	_, err := io.WriteString(out, c.table(r))
	return err
}

// journalHolds is how many bytes of bodies a journal holds for certain. Beyond them it drops the oldest deliveries, which are not lost.
const journalHolds = 900 << 20

// round loads each server once. Each is the first now and then. The first round warms up and is short.
func (c trial) round(ctx context.Context, s *stage, servers []*server, n int, length time.Duration) (map[string]sample, error) {
	if n == 0 {
		length = warmUp
	}
	got := map[string]sample{}
	if err := c.load.prepare(s.work, strconv.Itoa(n)); err != nil {
		return nil, err
	}
	for i := range servers {
		srv := servers[(i+n)%len(servers)]
		var err error
		if got[srv.name], err = c.load.send(ctx, s, srv, length); err != nil {
			return nil, fmt.Errorf("%s: %w", srv.name, err)
		}
	}
	return got, nil
}
