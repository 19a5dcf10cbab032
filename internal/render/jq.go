package render

import (
	"bytes"
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

// write runs the filter on v's JSON and writes each result as one line of JSON.
func (f *filter) write(t *term.IO, v any) error {
	input, err := plain(v)
	if err != nil {
		return err
	}
	for results := f.code.Run(input); ; {
		result, more := results.Next()
		if !more {
			return nil
		}
		if err, failed := result.(error); failed {
			var halt *gojq.HaltError
			if errors.As(err, &halt) && halt.Value() == nil {
				return nil
			}
			return badJQ(err)
		}
		line, err := gojq.Marshal(result)
		if err != nil {
			return badJQ(err)
		}
		if err := writeJSON(t, append(line, '\n')); err != nil {
			return err
		}
	}
}

// plain turns v into what the filter works on. Numbers stay as written, so that large ones lose no digit.
func plain(v any) (any, error) {
	b, err := encode(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var input any
	if err := dec.Decode(&input); err != nil {
		return nil, fmt.Errorf("prepare for --jq: %w", err)
	}
	return input, nil
}

// badJQ quotes the library, whose messages may hold pieces of the data.
func badJQ(err error) error {
	return fault.New(fault.Usage, "--jq: %s", term.Cut(term.Clean(err.Error()), 300))
}
