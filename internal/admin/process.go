package admin

// What Linux tells of this process, under the names that Prometheus's own clients give it: proc_pid_stat(5), proc_pid_limits(5).
// Other systems have no such files, and none of these figures.

import (
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

// ticks is how many units of processor time the kernel tells of a second, on each system that Go builds for.
const ticks = 100

// The places of fields in /proc/self/stat, counted from the one behind the command's name.
const (
	userTime      = 11
	systemTime    = 12
	virtualSize   = 20
	residentPages = 21
)

// process adds the figures of this process, which began just before now.
func (f *figures) process(now time.Time) {
	f.gauge(Figure{"process_start_time_seconds", nil, func() float64 { return seconds(now) }})
	if math.IsNaN(stat(userTime)) {
		return
	}
	f.total(Figure{"process_cpu_seconds_total", nil, func() float64 { return (stat(userTime) + stat(systemTime)) / ticks }})
	f.gauge(Figure{"process_virtual_memory_bytes", nil, func() float64 { return stat(virtualSize) }})
	f.gauge(Figure{"process_resident_memory_bytes", nil, func() float64 { return stat(residentPages) * float64(os.Getpagesize()) }})
	f.gauge(Figure{"process_open_fds", nil, openFiles})
	f.gauge(Figure{"process_max_fds", nil, maxFiles})
}

// stat is a field of /proc/self/stat. The command's name stands in parentheses and may hold blanks and parentheses itself.
func stat(field int) float64 {
	text, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return math.NaN()
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if field >= len(fields) {
		return math.NaN()
	}
	return number(fields[field])
}

func openFiles() float64 {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return math.NaN()
	}
	return float64(len(files) - 1) // one is the folder itself
}

// maxFiles is the limit in force, the first of the line's two.
func maxFiles() float64 {
	text, err := os.ReadFile("/proc/self/limits")
	if err != nil {
		return math.NaN()
	}
	_, rest, _ := strings.Cut(string(text), "\nMax open files ")
	limit, _, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	if limit == "unlimited" {
		return math.Inf(1)
	}
	return number(limit)
}

func number(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return math.NaN()
	}
	return n
}
