package render

// Filters in jq, and what they may take.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/metrics"
	"time"

	"github.com/itchyny/gojq"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/term"
)

// filter is a compiled expression. It sees neither the environment nor files.
type filter struct {
	flag string // that it was given by
	code *gojq.Code
}

// CheckJQ refuses a --jq expression that cannot be used. The error is a usage fault.
func CheckJQ(expression string) error {
	_, err := newFilter(flagJQ, expression)
	return err
}

// flagJQ is the flag that filters output.
const flagJQ = "--jq"

func newFilter(flag, expression string) (*filter, error) {
	query, err := gojq.Parse(expression)
	if err != nil {
		return nil, badJQ(flag, err)
	}
	return compileFilter(flag, query)
}

func compileFilter(flag string, query *gojq.Query) (*filter, error) {
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, badJQ(flag, err)
	}
	return &filter{flag, code}, nil
}

// write runs the filter on v's JSON and writes each result as jq -r does: a string as it is, anything else as one line of
// JSON. An expression may never end, so it is bounded.
func (f *filter) write(t *term.IO, v any) error {
	input, size, err := plain(v)
	if err != nil {
		return err
	}
	err = bounded(t.Stopped, size, func(ctx context.Context, fits func() error) error { return f.run(ctx, t, input, fits) })
	switch {
	case errors.Is(err, errTooLarge):
		return fault.Hint(fault.New(fault.Usage, "%s: the filter %s", f.flag, errTooLarge), "end what it repeats: limit(10; …), first(…)")
	case errors.Is(err, errTooLong):
		return fault.New(fault.Stopped, "stopped: the %s filter had not ended", f.flag)
	default:
		return err
	}
}

// run asks fits before it prints, because a result that is too large may be made between two measurements of the memory.
func (f *filter) run(ctx context.Context, t *term.IO, input any, fits func() error) error {
	results := f.code.RunWithContext(ctx, input)
	for ctx.Err() == nil {
		result, more := results.Next()
		if !more {
			break
		}
		if failed, is := result.(error); is {
			if halt, is := errors.AsType[*gojq.HaltError](failed); is && halt.Value() == nil {
				return nil // the function halt is no error
			}
			return fault.Hint(badJQ(f.flag, failed), "-o json shows what the filter is given; .[] goes through an array")
		}
		if err := fits(); err != nil {
			return err
		}
		if err := writeResult(t, result); err != nil {
			return err
		}
	}
	return nil // bounded says why it ended
}

// writeResult writes one result. On a terminal a string is one line too, and what could change the terminal is escaped.
func writeResult(t *term.IO, result any) error {
	if text, is := result.(string); is {
		if t.OutTTY() {
			text = term.Clean(text)
		}
		return writeAll(t.Out, append([]byte(text), '\n'))
	}
	line, err := gojq.Marshal(result)
	if err != nil {
		return badJQ(flagJQ, err)
	}
	return writeJSON(t, append(line, '\n'))
}

// plain turns v into the input of a filter, and gives the size of its JSON in bytes. Numbers stay as written, so that large
// ones lose no digit.
func plain(v any) (input any, size int, err error) {
	b, err := encode(v)
	if err != nil {
		return nil, 0, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode(&input); err != nil {
		return nil, 0, fmt.Errorf("prepare for a filter: %w", err)
	}
	return input, len(b), nil
}

// badJQ quotes gojq, whose messages may hold pieces of the data.
func badJQ(flag string, err error) error {
	return fault.New(fault.Usage, "%s: %s", flag, jqWords(err))
}

func jqWords(err error) string { return term.Cut(term.Clean(err.Error()), 300) }

// The bounds of an expression. When the program is told to stop, the filter has a grace period to end, because a stopped command
// still prints what it did.
const (
	filterMemory = 256 << 20 // bytes, as errTooLarge says, beyond those in use before, garbage included
	filterFactor = 16        // and so many times the size of its input
	filterCheck  = 20 * time.Millisecond
	filterGrace  = 500 * time.Millisecond // and filterSlow for each MiB of input
	filterSlow   = time.Second
)

// Why a filter was cut off.
var (
	errTooLarge = errors.New("takes more than 256.0 MiB of memory")
	errTooLong  = errors.New("does not come to an end")
)

// bounded runs work until it ends, takes too much memory, or has not ended within the grace after stopped was closed. Work
// that is cut off in a long step runs on until that step ends.
func bounded(stopped <-chan struct{}, size int, work func(ctx context.Context, fits func() error) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	most := inUse() + filterMemory + filterFactor*uint64(max(size, 0))
	fits := func() error {
		if inUse() <= most {
			return nil
		}
		return errTooLarge
	}
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("the filter failed: %v", p)
			}
		}()
		done <- work(ctx, fits)
	}()
	check := time.NewTicker(filterCheck)
	defer check.Stop()
	left := -1 // checks after which it is cut off. On a busy machine they are as late as the filter
	for {
		select {
		case err := <-done:
			return err
		case <-stopped:
			stopped, left = nil, int((filterGrace+time.Duration(max(size, 0)>>20)*filterSlow)/filterCheck)
		case <-check.C:
			if err := fits(); err != nil {
				return err
			}
			if left == 0 {
				return errTooLong
			}
			left = max(left-1, -1)
		}
	}
}

// inUse is the memory of objects and stacks in bytes. Making nested results takes objects, printing them takes stack.
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
