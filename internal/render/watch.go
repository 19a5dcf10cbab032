package render

import (
	"context"
	"fmt"
	"runtime/metrics"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

// What an expression may take. A person who stops the program waits no longer than the grace; what is done by then is
// printed, as it must be when a command that was stopped says what it did.
const (
	filterMemory = 256 << 20 // on top of what was in use before, what is not yet collected included
	filterFactor = 16        // and this many times the size of its input, which it may hold several times over
	filterLook   = 20 * time.Millisecond
	filterGrace  = 500 * time.Millisecond // and filterSlow for each MiB of its input, which a slow machine needs
	filterSlow   = time.Second
)

// watched runs work, which may go on for ever and take any amount of memory, until it ends, the program is told to stop, or
// it holds too much. Work that is cut off in the middle of one long step is left behind: the program is about to end.
func watched(stopped <-chan struct{}, size int, work func(context.Context) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	most := inUse() + filterMemory + filterFactor*uint64(max(size, 0))
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("the --jq filter failed: %v", p)
			}
		}()
		done <- work(ctx)
	}()
	look := time.NewTicker(filterLook)
	defer look.Stop()
	var grace <-chan time.Time
	for {
		select {
		case err := <-done:
			return err
		case <-stopped:
			stopped, grace = nil, time.After(filterGrace+time.Duration(max(size, 0)>>20)*filterSlow)
		case <-grace:
			return fault.New(fault.Stopped, "stopped: the --jq filter had not come to an end")
		case <-look.C:
			if inUse() > most {
				return fault.Hint(fault.New(fault.Usage, "--jq: the filter takes more than %s of memory", Size(int64(filterMemory))),
					"end what it repeats: limit(10; …), first(…)")
			}
		}
	}
}

// inUse is the memory of objects and stacks: nested results take the one to make and the other to print.
func inUse() uint64 {
	samples := [...]metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples[:])
	var sum uint64
	for _, s := range samples {
		if s.Value.Kind() == metrics.KindUint64 {
			sum += s.Value.Uint64()
		}
	}
	return sum
}
