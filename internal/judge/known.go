package judge

// What the key store knows besides the keys that verify.

import (
	"context"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/sign/explain"
)

// Known is what the key store knows besides the keys that verify. It explains refusals.
type Known struct {
	Keys      []KnownKey         // they verify nothing
	Rotations []explain.Rotation // newest first
}

// KnownKey is a saved key that does not verify here.
type KnownKey struct {
	Label, Text string
	Scheme      string    // that it is bound to; "": none
	RotatedAt   time.Time // when a rotation made or replaced it; zero: none did
	Newest      bool      // no rotation replaced it
}

// Recall asks the key store now. Without it the first refusal asks.
func (j *Judge) Recall(ctx context.Context) { j.recall(ctx) }

func (j *Judge) recall(ctx context.Context) (keys []explain.KnownKey, rotations []explain.Rotation) {
	j.once.Do(func() {
		if j.o.Known != nil {
			j.known = j.o.Known(ctx)
		}
	})
	return j.finder.others(j.known)
}

// Rotated returns the rotation that made a key when it was less than a day before a time, with how long before it was. The key is named as
// in a judgement. When a target refuses a request that this key verifies, the target may still have the one before.
func (j *Judge) Rotated(ctx context.Context, key string, at time.Time) (r explain.Rotation, ago string, ok bool) {
	_, rotations := j.recall(ctx)
	others := func(r explain.Rotation) bool { return r.Key != key }
	return explain.Recent(slices.DeleteFunc(slices.Clone(rotations), others), at)
}
