package render

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/itchyny/gojq"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/term"
)

// filter is a compiled --jq expression. It sees neither the environment nor files.
type filter struct{ code *gojq.Code }

// CheckJQ says whether a --jq expression can be used. The error is a usage fault.
func CheckJQ(expression string) error {
	_, err := newFilter(expression)
	return err
}

func newFilter(expression string) (*filter, error) {
	query, err := gojq.Parse(expression)
	if err != nil {
		return nil, badJQ(err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, badJQ(err)
	}
	return &filter{code}, nil
}

// write runs the filter on v's JSON and writes each result as jq -r does: a string as it is, anything else as one line of
// JSON. An expression need not come to an end, so that it is watched.
func (f *filter) write(t *term.IO, v any) error {
	input, size, err := plain(v)
	if err != nil {
		return err
	}
	return watched(t.Stopped, size, func(ctx context.Context) error { return f.run(ctx, t, input) })
}

func (f *filter) run(ctx context.Context, t *term.IO, input any) error {
	results := f.code.RunWithContext(ctx, input)
	for ctx.Err() == nil {
		result, more := results.Next()
		if !more {
			break
		}
		if failed, is := result.(error); is {
			return jqFailed(failed)
		}
		if err := writeResult(t, result); err != nil {
			return err
		}
	}
	return nil // what an end from outside means is said there
}

// jqFailed is the error of an expression; halt is none.
func jqFailed(err error) error {
	if halt, is := errors.AsType[*gojq.HaltError](err); is && halt.Value() == nil {
		return nil
	}
	return badJQ(err)
}

// writeResult escapes on a terminal what could change it, line ends included: a string there is one line, like any result.
func writeResult(t *term.IO, result any) error {
	if text, is := result.(string); is {
		if t.OutTTY() {
			text = term.Clean(text)
		}
		return writeAll(t.Out, append([]byte(text), '\n'))
	}
	line, err := gojq.Marshal(result)
	if err != nil {
		return badJQ(err)
	}
	return writeJSON(t, append(line, '\n'))
}

// plain turns v into what the filter works on, and gives the size of its JSON. Numbers stay as written, so that large ones
// lose no digit.
func plain(v any) (input any, size int, err error) {
	b, err := encode(v)
	if err != nil {
		return nil, 0, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode(&input); err != nil {
		return nil, 0, fmt.Errorf("prepare for --jq: %w", err)
	}
	return input, len(b), nil
}

// badJQ quotes the library, whose messages may hold pieces of the data.
func badJQ(err error) error {
	return fault.New(fault.Usage, "--jq: %s", term.Cut(term.Clean(err.Error()), 300))
}
