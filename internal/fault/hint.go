package fault

// The next step of an error.

import (
	"errors"
	"strings"
)

// prose is text of the program itself. The type is not exported, so only a constant can become one: the compiler refuses text
// that was put together at run time. Each %s stands for one of the Words beside it.
type prose string

// Step is a next step as it is shown: prose, with words in it that a shell reads as they are. The zero value is none.
type Step struct{ text string }

// NextStep makes a step.
func NextStep(text prose, words ...Words) Step { return Step{fill(string(text), words)} }

// StoredStep is a step that was written down by an earlier run.
func StoredStep(text string) Step { return Step{text} }

// String is the step in words, "" for none.
func (s Step) String() string { return s.text }

// Hint adds the next step to err, keeping its kind. It returns nil for nil; the outermost hint is the one shown.
func Hint(err error, text prose, words ...Words) error {
	return WithStep(err, NextStep(text, words...))
}

// WithStep adds a step that was made elsewhere. With none, or a nil error, it returns err.
func WithStep(err error, step Step) error {
	if err == nil || step == (Step{}) {
		return err
	}
	return &Error{Kind: KindOf(err), Hint: step, Err: err}
}

// HintOf is the outermost hint in err's chain, or none.
func HintOf(err error) Step {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return Step{}
		}
		if e.Hint != (Step{}) {
			return e.Hint
		}
		err = e.Err
	}
	return Step{}
}

// fill puts each word where its %s stands.
func fill(text string, words []Words) string {
	var b strings.Builder
	for _, w := range words {
		before, after, found := strings.Cut(text, "%s")
		if !found {
			break
		}
		b.WriteString(before + w.String())
		text = after
	}
	return b.String() + text
}
