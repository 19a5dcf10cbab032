// Package fault says what kind of failure an error is, what a person can do next, and with which code the process ends.
package fault

import (
	"context"
	"errors"
)

// Kind is the class of a failure. It is chosen where the error is made and decides the exit code.
type Kind int

// The kinds, in no order of weight; Worse knows that. docs/exit-codes.md lists what each is for.
const (
	Internal      Kind = iota // a bug, or anything unclassified
	Usage                     // flags, arguments, config file, unreadable input
	Unverified                // a signature, a check or an expectation did not hold
	Auth                      // no token, or the API said 401 or 403
	Refused                   // the API or a receiver answered, and said no
	Unreachable               // nothing answered in time, or a wait ran out
	Storage                   // the local disk, journal or key store failed
	Stopped                   // interrupted by the user
	CommandFailed             // a command that whctl ran for the user failed
)

// Row describes one exit code.
type Row struct {
	Code int
	Kind string
	When string
}

// Table lists the exit codes in order of number. The help topic and docs/exit-codes.md are made from it.
func Table() []Row {
	return []Row{
		{0, "–", "done"},
		{Internal.ExitCode(), Internal.String(), "a bug in whctl, or anything unclassified"},
		{Usage.ExitCode(), Usage.String(), "flags, arguments, a config file, or input that cannot be read"},
		{Unverified.ExitCode(), Unverified.String(), "a signature, a check or an expectation did not hold"},
		{Auth.ExitCode(), Auth.String(), "no token, or the API answered 401 or 403"},
		{Refused.ExitCode(), Refused.String(), "the API or a receiver answered, and said no"},
		{Unreachable.ExitCode(), Unreachable.String(), "nothing answered in time, or a wait ran out"},
		{Storage.ExitCode(), Storage.String(), "the local disk, journal or key store failed"},
		{CommandFailed.ExitCode(), CommandFailed.String(), "a command that whctl ran failed (expect)"},
		{Stopped.ExitCode(), Stopped.String(), "interrupted; listen and sandbox end with 0 on the first ^C, after draining"},
	}
}

// ExitCode is the process exit code for the kind. The numbers are a promise to scripts.
func (k Kind) ExitCode() int {
	switch k {
	case Usage:
		return 2
	case Unverified:
		return 3
	case Auth:
		return 4
	case Refused:
		return 5
	case Unreachable:
		return 6
	case Storage:
		return 7
	case CommandFailed:
		return 8
	case Stopped:
		return 130
	case Internal:
		return 1
	default:
		return 1
	}
}

// String is the kind's one-word name.
func (k Kind) String() string {
	switch k {
	case Usage:
		return "usage"
	case Unverified:
		return "unverified"
	case Auth:
		return "auth"
	case Refused:
		return "refused"
	case Unreachable:
		return "unreachable"
	case Storage:
		return "storage"
	case CommandFailed:
		return "command"
	case Stopped:
		return "stopped"
	case Internal:
		return "internal"
	default:
		return "internal"
	}
}

// Error is a failure with its kind, and optionally a hint: what to do next, with something to type.
type Error struct {
	Kind Kind
	Msg  string // lower case, no full stop; empty when only the exit code matters
	Hint Step   // the next step; none when it is empty
	Err  error  // the cause; its text follows Msg
}

// Error is the message and the cause, without the hint.
func (e *Error) Error() string {
	switch {
	case e.Err == nil, e.Err.Error() == "":
		return e.Msg
	case e.Msg == "":
		return e.Err.Error()
	default:
		return e.Msg + ": " + e.Err.Error()
	}
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// New makes an error of a kind. A %w in the format keeps its cause, whose kind is then overruled.
func New(kind Kind, format string, args ...any) error {
	err := formatted(format, args)
	return &Error{Kind: kind, Msg: err.Error(), Err: nilText(errors.Unwrap(err))}
}

// Wrap gives err a kind and puts a message before it. It returns nil for nil.
func Wrap(kind Kind, err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: kind, Msg: formatted(format, args).Error(), Err: err}
}

// Exit ends the command with the kind's code and says nothing more: the command has already told its result.
func Exit(kind Kind) error { return &Error{Kind: kind} }

// KindOf is the kind of the outermost fault in err's chain; a cancelled context is Stopped, a deadline Unreachable.
func KindOf(err error) Kind {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Kind
	case errors.Is(err, context.Canceled):
		return Stopped
	case errors.Is(err, context.DeadlineExceeded):
		return Unreachable
	default:
		return Internal
	}
}

// Worse returns the error that matters more when a command tried several things: the larger exit code wins,
// save that an interruption always does. Either may be nil.
func Worse(a, b error) error {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case KindOf(b).ExitCode() > KindOf(a).ExitCode():
		return b
	default:
		return a
	}
}

// NotEvery is the error of a command that did a part of what it was asked for. missed is the worst reason why a thing was left out, and what
// says what did not happen to it. worst is the worst that came of the others: its exit code counts, but does not hide missed.
func NotEvery(what string, missed, worst error) error {
	switch {
	case missed == nil:
		return worst
	case worst != nil && worst.Error() != "" && KindOf(Worse(missed, worst)) != KindOf(missed): // it is worse, and says why
		return worst
	default:
		return New(KindOf(Worse(missed, worst)), "%s: %w", what, missed)
	}
}

// Root is the innermost of the errors that err wraps: what went wrong itself, without what each caller put before it.
func Root(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// silent carries a cause for errors.Is and errors.As whose text already stands in the message before it.
type silent struct{ error }

func nilText(err error) error {
	if err == nil {
		return nil
	}
	return silent{err}
}

func (s silent) Error() string { return "" }
func (s silent) Unwrap() error { return s.error }
