package main

// Medians and ratios, as tables.

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// figure picks a figure of a sample.
type figure func(sample) float64

func rate(s sample) float64  { return s.rate }
func p50(s sample) float64   { return s.p50 }
func p99(s sample) float64   { return s.p99 }
func spent(s sample) float64 { return s.spent }

// kept is the part of what was answered that arrived in the same time.
func kept(s sample) float64 { return s.arrived / s.rate }

// each are a contender's figures, round by round.
func (r results) each(name string, f figure) []float64 {
	var all []float64
	for _, s := range r.samples[name] {
		all = append(all, f(s))
	}
	return all
}

// ratios compares two contenders round by round, so that a slow spell of the machine meets both.
func (r results) ratios(a, b string, f figure) []float64 {
	var all []float64
	under := r.each(b, f)
	for i, v := range r.each(a, f) {
		if under[i] > 0 {
			all = append(all, v/under[i])
		}
	}
	return all
}

// middle is the median.
func middle(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return (v[len(v)/2] + v[(len(v)-1)/2]) / 2
}

// goal is a bound that issue and documentation name.
type goal struct {
	what   string
	figure func(results) float64
	holds  func(got, bound float64) bool
	bound  float64
}

func atLeast(got, bound float64) bool { return got >= bound }
func atMost(got, bound float64) bool  { return got <= bound }

func ratio(a, b string, f figure) func(results) float64 {
	return func(r results) float64 { return middle(r.ratios(a, b, f)) }
}

func median(name string, f figure) func(results) float64 {
	return func(r results) float64 { return middle(r.each(name, f)) }
}

func peakOf(name string) func(results) float64 {
	return func(r results) float64 { return r.peak[name] }
}

// table says what a case came to.
func (c trial) table(r results) string {
	var out strings.Builder
	base := c.names[0]
	fmt.Fprintf(&out, "\n%s: %s\n", c.name, c.about)
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { _, _ = io.WriteString(w, strings.Join(cells, "\t")+"\t\n") }
	row("", "requests/s", "to "+base, "p50 ms", "p99 ms", "processor µs", "peak MiB", "errors", "lost")
	for _, name := range c.names {
		errors, lost := 0, r.missing[name]
		for _, s := range r.samples[name] {
			errors, lost = errors+s.errors, lost+s.lost
		}
		f := func(format string, v float64) string { return fmt.Sprintf(format, v) }
		row(name, f("%.0f", middle(r.each(name, rate))), f("%.3fx", middle(r.ratios(name, base, rate))),
			f("%.3f", middle(r.each(name, p50))), f("%.2f", middle(r.each(name, p99))), f("%.1f", middle(r.each(name, spent))),
			f("%.1f", r.peak[name]), strconv.Itoa(errors), strconv.Itoa(lost))
	}
	_ = w.Flush() // into memory
	for _, name := range c.names[1:] {
		fmt.Fprintf(&out, "  %s to %s, round by round:", name, base)
		for _, v := range r.ratios(name, base, rate) {
			fmt.Fprintf(&out, " %.3f", v)
		}
		out.WriteByte('\n')
	}
	for _, g := range c.goals {
		got, word := g.figure(r), "missed"
		if g.holds(got, g.bound) {
			word = "held"
		}
		fmt.Fprintf(&out, "  %s: %.3f, goal %g: %s\n", g.what, got, g.bound, word)
	}
	return out.String()
}
