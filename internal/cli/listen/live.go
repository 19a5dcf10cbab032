package listen

import (
	"context"

	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// follow has each delivery verified with the keys as they are when it comes: a key that is saved, replaced or removed while
// the listener runs counts from the next delivery on.
func (s *session) follow(o *listen.Options) error {
	live, err := s.flags.Live(s.env, s.keys, func(change string) {
		s.stream.Emit(record.Activity{Type: record.TypeState, Time: s.env.Now(), State: &record.State{State: "keys", Message: change}})
	})
	if err != nil {
		return err
	}
	o.Choose = func(ctx context.Context, m *sign.Message, vo sign.VerifyOptions) listen.Choice {
		keys, lost := live.Current(ctx)
		if keys.Empty() {
			return listen.Choice{Rules: keys.Rules, Verdict: withoutKeys(keys.Rules, lost)}
		}
		c := keys.JudgeQuickly(ctx, m, vo)
		s.guessed.tell(c, s.env.Now(), s.stream.Emit)
		return listen.Choice{
			Rules: c.Rules, Keys: c.Keys, Others: keys.Others, Rotations: keys.Rotations, Verdict: c.Verdict, First: c.First, Last: c.Last,
		}
	}
	o.Rotations = func() []sign.Rotation {
		keys, _ := live.Current(context.Background())
		return keys.Rotations
	}
	return nil
}

// withoutKeys is the verdict where there is no key. A listener whose keys were all removed refuses: it was to verify.
func withoutKeys(rules *sign.Rules, lost bool) *sign.Verdict {
	v := &sign.Verdict{Scheme: rules.Scheme().Name, Reason: sign.Unverified, KeyIndex: -1}
	if lost {
		v.Reason, v.Detail = sign.Mismatch, "every key was removed while the listener ran, so nothing can be verified"
	}
	return v
}
