package config

// The kinds of values that settings have: from text, and to text.

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/fault"
)

// Size is a number of bytes.
type Size int64

// String returns the digits.
func (s *Size) String() string { return strconv.FormatInt(int64(*s), 10) }

// Set reads a size as ParseSize does.
func (s *Size) Set(text string) error {
	n, err := ParseSize(text)
	*s = Size(n)
	return err
}

// Type is the placeholder in help texts.
func (s *Size) Type() string { return "SIZE" }

// Count is a number of things, at least one.
type Count int

// String returns the digits.
func (c *Count) String() string { return strconv.Itoa(int(*c)) }

// Set reads a number.
func (c *Count) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || n == 0 {
		return fault.Hint(fault.New(fault.Usage, "%s is not a number above 0", quoted(text)), "write one like 16")
	}
	*c = Count(n)
	return nil
}

// Type is the placeholder in help texts.
func (c *Count) Type() string { return "N" }

// Lines are header lines.
type Lines []string

// Pairs are texts with a first equals sign, before which stands what the rest belongs to.
type Pairs []string

// durationFlag is a flag for a duration that may be unset.
type durationFlag struct{ to **time.Duration }

func (d durationFlag) String() string {
	if d.to == nil || *d.to == nil {
		return ""
	}
	return (*d.to).String()
}

func (d durationFlag) Set(text string) error {
	v, err := duration.Parse(text)
	if err == nil && v < 0 {
		err = errors.New("it must not be negative")
	}
	*d.to = &v
	return err
}

func (d durationFlag) Type() string { return "duration" }

// isSwitch reports whether the setting is either on or off.
func (s setting) isSwitch() bool { return s.field != nil && isKind[*bool](s) }

// isList reports whether the setting takes several values.
func (s setting) isList() bool {
	return s.field != nil && (isKind[*[]string](s) || isKind[*Lines](s) || isKind[*Pairs](s))
}

func isKind[K any](s setting) bool {
	_, is := s.field(new(Flags)).(K)
	return is
}

// parse reads the text of a single value. The setting is neither a list nor a switch.
func (s setting) parse(text string) (any, error) {
	var f Flags
	to := s.field(&f)
	switch to := to.(type) {
	case **time.Duration:
		if (durationFlag{to}).Set(text) != nil {
			_, name := s.split()
			err := fault.New(fault.Usage, "%s takes a duration that is not negative, such as 90s or 24h, not %s", s.key, quoted(text))
			return nil, fault.Hint(err, "%s: 90s", fault.Word(name))
		}
	case interface{ Set(text string) error }:
		if err := to.Set(text); err != nil {
			return nil, fault.Wrap(fault.Usage, err, "%s", s.key)
		}
	case *string:
		*to = text
	}
	return get(to), nil
}

// setDefault puts the default into the setting's field. Defaults are always valid.
func (s setting) setDefault(f *Flags) {
	if s.def == "" {
		return
	}
	if value, err := s.parse(s.def); err == nil {
		put(s.field(f), value)
	}
}

// text returns a value as lists show it.
func text(value any) string {
	switch v := value.(type) {
	case []string:
		return strings.Join(v, ",")
	case Lines:
		return strings.Join(v, ", ")
	case Pairs:
		return strings.Join(v, ", ")
	case Size:
		return v.String()
	case Count:
		return v.String()
	case *time.Duration:
		return durationFlag{&v}.String()
	default:
		return fmt.Sprint(v)
	}
}

func get(field any) any { return reflect.ValueOf(field).Elem().Interface() }

func put(field, value any) { reflect.ValueOf(field).Elem().Set(reflect.ValueOf(value)) }

func isZero(field any) bool { return reflect.ValueOf(field).Elem().IsZero() }

// ParseRoom reads how much a queue may hold: a bare number of jobs, or a size in bytes. The other of the two is 0. Errors are usage
// faults.
func ParseRoom(text string) (jobs int, bytes int64, err error) {
	var c Count
	if c.Set(text) == nil {
		return int(c), 0, nil
	}
	if bytes, err = ParseSize(text); err != nil || strings.Trim(text, "0123456789") == "" {
		return 0, 0, fault.Hint(fault.New(fault.Usage, "%s is neither a number of jobs nor a size", quoted(text)), "write one like 50000 or 256MiB")
	}
	return 0, bytes, nil
}

// ParseSize reads a number of bytes, bare or with a unit: B, KB, MB, GB (thousands), KiB, MiB, GiB or K, M, G (1024s).
// It must be more than 0. Errors are usage faults.
func ParseSize(text string) (int64, error) {
	bad := fault.Hint(fault.New(fault.Usage, "%s is not a size in bytes", quoted(text)), "write one like 5MiB or 65536")
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || strings.ContainsAny(digits, "eExXpP_+-") {
		return 0, bad
	}
	scale := map[string]float64{
		"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "k": 1 << 10, "kib": 1 << 10, "m": 1 << 20, "mib": 1 << 20, "g": 1 << 30, "gib": 1 << 30,
	}[strings.ToLower(strings.TrimSpace(text[len(digits):]))]
	if size := n * scale; size >= 1 && size <= math.MaxInt64/2 {
		return int64(size), nil
	}
	return 0, bad
}
