package explain

// Keys that took the place of others.

import (
	"strconv"
	"time"

	"github.com/whctl/whctl/internal/sign"
)

// Rotation is a key that took the place of another.
type Rotation struct {
	Name   string // of the webhook
	Key    string // how the key is called where it verifies something
	Scheme string // of the key; "": any
	At     time.Time
}

// rotationDay is how long a rotation is the first thing to think of.
const rotationDay = 24 * time.Hour

// Ago says how long before now a rotation was; ok is false when that was long ago.
func (r Rotation) Ago(now time.Time) (ago string, ok bool) {
	const second, late = time.Second, 10 * time.Second
	d := now.Sub(r.At)
	switch {
	case r.At.IsZero() || d < -late || d >= rotationDay:
		return "", false
	case d < second:
		return "just now", true
	case d < 2*time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s ago", true
	case d < 2*time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min ago", true
	default:
		return strconv.Itoa(int(d/time.Hour)) + " h ago", true
	}
}

// Recent is the last rotation of a list, which is in that order; ok is false when it was long ago.
func Recent(list []Rotation, now time.Time) (r Rotation, ago string, ok bool) {
	for _, r := range list {
		if ago, ok := r.Ago(now); ok {
			return r, ago, true
		}
	}
	return Rotation{}, "", false
}

// mistake says that another known key signed, in the words of its rotation where there was one.
func (o *KnownKey) mistake(now time.Time) *mistake {
	a := &mistake{
		id: "key.other", rank: rankOtherKey, title: "it was signed with another key", evidence: "with the key of " + quoteLabel(o.Label),
		fix: "verify with that key, or find which webhook sent it",
	}
	ago, ok := Rotation{At: o.RotatedAt}.Ago(now)
	switch {
	case !ok:
	case o.Newest:
		a.title = "the key was rotated " + ago + ", and this was signed with the new one"
		a.fix = "verify with the new key: what was given here is another, perhaps the one before"
	default:
		a.title = "the key was rotated " + ago + ", and this was signed with the one before"
		a.fix = "what sends it must get the new key; the one before verifies for a day where saved keys are used"
	}
	return a
}

// rotated tells of the last rotation, when no key at hand explains a mismatch.
func (s *search) rotated() (title, evidence string) {
	if s.v.Reason != sign.Mismatch {
		return "", ""
	}
	r, ago, ok := Recent(s.o.Rotations, s.o.Now)
	if !ok {
		return "", ""
	}
	return "the key of webhook " + quoteLabel(r.Name) + " was rotated " + ago, "none of the keys at hand made the signature, and a rotation leaves some programs with the key from before"
}
