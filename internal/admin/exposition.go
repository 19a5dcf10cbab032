package admin

// The text that Prometheus reads figures from: https://prometheus.io/docs/instrumenting/exposition_formats/. It is written here because
// the smallest library for it took a tenth of the start of every command.

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// exposition is a set of figures, each with a name and labels.
type exposition struct {
	mu       sync.Mutex
	families map[string]family // by name
}

// family is all figures of one name, by their labels.
type family map[string]figure

// figure is what can be told in lines of text.
type figure interface {
	kind() string
	write(w io.Writer, name, labels string)
}

// find gives the figure of that name and labels, and makes it when there is none.
func find[F figure](e *exposition, name, labels string, fresh func() F) F {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.families[name] == nil {
		e.families[name] = family{}
	}
	f, known := e.families[name][labels].(F)
	if !known {
		f = fresh()
		e.families[name][labels] = f
	}
	return f
}

// write writes all figures, in the order of their names and labels.
func (e *exposition) write(w io.Writer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(e.families)) {
		f := e.families[name]
		all := slices.Sorted(maps.Keys(f))
		_, _ = fmt.Fprintf(w, "# TYPE %s %s\n", name, f[all[0]].kind())
		for _, labels := range all {
			f[labels].write(w, name, labels)
		}
	}
}

// line writes one value, without an exponent.
func line(w io.Writer, name, labels string, value float64) {
	if labels != "" {
		labels = "{" + labels + "}"
	}
	_, _ = fmt.Fprintf(w, "%s%s %s\n", name, labels, strconv.FormatFloat(value, 'f', -1, 64))
}

// counter is a number that only grows.
type counter struct{ atomic.Uint64 }

func (*counter) kind() string { return "counter" }

func (c *counter) write(w io.Writer, name, labels string) { line(w, name, labels, float64(c.Load())) }

// gauge is a number that is asked for when somebody looks.
type gauge func() float64

func (gauge) kind() string { return "gauge" }

func (g gauge) write(w io.Writer, name, labels string) { line(w, name, labels, g()) }

// total is a number that is asked for and only grows.
type total func() float64

func (total) kind() string { return "counter" }

func (t total) write(w io.Writer, name, labels string) { line(w, name, labels, t()) }

// histogram counts values by the smallest bound that is not below them.
type histogram struct {
	bounds []float64

	mu     sync.Mutex
	counts []uint64 // one for each bound, and one above all
	sum    float64
}

func newHistogram(bounds ...float64) *histogram {
	return &histogram{bounds: bounds, counts: make([]uint64, len(bounds)+1)}
}

func (h *histogram) add(value float64) {
	i, _ := slices.BinarySearch(h.bounds, value)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts[i]++
	h.sum += value
}

func (*histogram) kind() string { return "histogram" }

// write writes how many values are at most each bound, then their sum and number.
func (h *histogram) write(w io.Writer, name, labels string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	number := uint64(0)
	for i, n := range h.counts {
		number += n
		bound := "+Inf"
		if i < len(h.bounds) {
			bound = strconv.FormatFloat(h.bounds[i], 'f', -1, 64)
		}
		line(w, name+"_bucket", strings.TrimPrefix(labels+`,le="`+bound+`"`, ","), float64(number))
	}
	line(w, name+"_sum", labels, h.sum)
	line(w, name+"_count", labels, float64(number))
}
