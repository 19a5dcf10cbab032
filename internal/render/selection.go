package render

// Expressions that say which deliveries are wanted.

import (
	"context"
	"errors"
	"time"

	"github.com/itchyny/gojq"

	"github.com/whctl/whctl/internal/record"
)

// selecting is how many deliveries are filtered at a time. A filter that was cut off in a long step counts until that step ends.
const selecting = 4

// Selection is a compiled expression that says which deliveries are wanted.
type Selection struct {
	filter *filter
	places chan struct{}
	now    chan struct{} // is closed: the grace of a filter begins with it
}

// Matching is Keep of a selection. Its error is a usage fault.
func Matching(flag, expression string) (func(ctx context.Context, d *record.Delivery) (bool, error), error) {
	s, err := NewSelection(flag, expression)
	if err != nil {
		return nil, err
	}
	return s.Keep, nil
}

// NewSelection compiles an expression that a flag gave. The error is a usage fault.
func NewSelection(flag, expression string) (*Selection, error) {
	f, err := newFilter(flag, expression)
	if err != nil {
		return nil, err
	}
	s := &Selection{filter: f, places: make(chan struct{}, selecting), now: make(chan struct{})}
	close(s.now)
	return s, nil
}

// Keep says whether the expression makes something other than false and null of a delivery's JSON. It takes half a second at most,
// a second more for each MiB of the delivery, and the memory that --jq may take. The error says in what it failed.
func (s *Selection) Keep(ctx context.Context, d *record.Delivery) (bool, error) {
	input, size, err := plain(DeliveryJSON(*d, true))
	if err != nil {
		return false, err
	}
	if err := s.enter(ctx); err != nil {
		return false, err
	}
	var keep bool
	err = bounded(s.now, size, func(ctx context.Context, _ func() error) (err error) {
		defer func() { <-s.places }()
		keep, err = s.filter.holds(ctx, input)
		return err
	})
	if err != nil { // keep may still be written
		return false, errors.New(jqWords(err))
	}
	return keep, nil
}

// enter waits for a place.
func (s *Selection) enter(ctx context.Context) error {
	select {
	case s.places <- struct{}{}:
		return nil
	default:
	}
	patience := time.NewTimer(filterGrace)
	defer patience.Stop()
	select {
	case s.places <- struct{}{}:
		return nil
	case <-patience.C:
		return errTooLong
	case <-ctx.Done():
		return ctx.Err()
	}
}

// holds says whether one of the results is neither false nor null.
func (f *filter) holds(ctx context.Context, input any) (bool, error) {
	results := f.code.RunWithContext(ctx, input)
	for {
		result, more := results.Next()
		if !more {
			return false, nil
		}
		if failed, is := result.(error); is {
			if halt, is := errors.AsType[*gojq.HaltError](failed); is && halt.Value() == nil {
				return false, nil // the function halt is no error
			}
			return false, failed
		}
		if result != nil && result != false {
			return true, nil
		}
	}
}
