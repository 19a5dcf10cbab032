package render

// Lists that are written as they are read.

import (
	"cmp"

	"github.com/whctl/whctl/internal/term"
)

// Rows gives rows to fn one after the other, and ends with its error or one of its own.
type Rows[T any] func(fn func(T) error) error

// First gives up to n rows, or all if n is 0. It sets more if there are others.
func (r Rows[T]) First(n int, more *bool) Rows[T] {
	return func(fn func(T) error) error {
		count := 0
		return r(func(row T) error {
			if count++; n > 0 && count > n {
				*more = true
				return nil
			}
			return fn(row)
		})
	}
}

// WriteArray writes an object for each row, so that a list of any length can be written. If reading fails on the way, what was read is
// written whole.
func (r Rows[T]) WriteArray(t *term.IO, o Output, object func(T) any) error {
	a, err := o.Array(t)
	if err != nil {
		return err
	}
	err = r(func(row T) error { return a.Add(object(row)) })
	if err != nil && a.Len() == 0 {
		return err // nothing was read
	}
	return cmp.Or(a.Close(), err)
}
