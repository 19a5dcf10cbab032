package judge

// A judge that finds the scheme of each request.

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
)

// OpenKey is a key whose scheme each request decides.
type OpenKey struct {
	Label  string // names the key and does not tell it
	Text   string
	Scheme string // that it is bound to; "": it goes with every scheme of its kind
	Number int    // how it is counted for people, from 0
}

// Patience bounds the work for one request. It depends on who waits for the answer.
type Patience struct {
	guess    time.Duration // for working out the rules of an unknown provider
	body     int           // bytes of the largest body that this is done for, or that is searched for a signature
	saved    time.Duration // of such work in a row; a tenth of the time that passes is added again
	again    bool          // explaining works the rules out once more, in the time it has
	thorough bool          // the search for a mistake may take seconds
}

// Brief is for a sender that waits for its answer. It may be a stranger who sends much.
func Brief() Patience {
	return Patience{guess: 50 * time.Millisecond, body: 1 << 20, saved: 500 * time.Millisecond, again: true}
}

// Long is for a person who waits.
func Long() Patience {
	return Patience{guess: 5 * time.Second, body: math.MaxInt, saved: math.MaxInt64, thorough: true}
}

// auto finds the scheme of each request.
type auto struct {
	rules    []*sign.Rules
	keys     []OpenKey
	patience Patience
	clock    func() time.Time

	mu    sync.Mutex    // try works out one request at a time, and none that comes meanwhile; infer takes no lock
	spent time.Duration // of patience.saved
	at    time.Time     // when spent was brought up to date
}

func (a *auto) count() int { return len(a.keys) }

func (a *auto) number(i int) int { return a.keys[i].Number }

func (a *auto) open() bool { return true }

func (a *auto) candidates() []*sign.Rules { return a.rules }

// others has no keys: the saved ones verify already.
func (a *auto) others(k Known) ([]explain.KnownKey, []explain.Rotation) { return nil, k.Rotations }

// try verifies with the known schemes. Where none of them holds, it works out the rules of an unknown provider.
func (a *auto) try(ctx context.Context, m *sign.Message, vo sign.VerifyOptions) Judgement {
	jm := a.pick(m, vo)
	if jm.settled() || len(m.Body) > a.patience.body || !a.mu.TryLock() {
		return jm
	}
	defer a.mu.Unlock()
	const share = 10
	a.spent, a.at = max(0, a.spent-vo.Now.Sub(a.at)/share), vo.Now
	if a.spent >= a.patience.saved {
		return jm
	}
	ctx, cancel := context.WithTimeout(ctx, a.patience.guess)
	defer cancel()
	start := a.clock()
	worked := a.workOut(ctx, m, vo)
	a.spent += min(a.clock().Sub(start), a.patience.guess) // what more has passed went to others on this machine
	if worked.Rules == nil {
		jm.inference = worked.inference
		return jm
	}
	worked.last = jm.last
	return worked
}

func (a *auto) signers(rules *sign.Rules, name string) (out []signer) {
	for _, k := range a.keys {
		if k.Scheme != "" && k.Scheme != rules.Scheme().Name {
			continue
		}
		key, err := rules.SigningKey(k.Text)
		if err != nil {
			key, err = rules.Key(k.Text)
		}
		if err == nil {
			out = append(out, signer{key, k.Label == name})
		}
	}
	return out
}

// infer looks for what else explains a request that no rules verify: rules of an unknown provider and a mistake with the body, a header
// that is the key; else it tells what was tried.
func (a *auto) infer(ctx context.Context, jm *Judgement) (explain.Finding, bool) {
	if a.patience.again {
		worked := a.workOut(ctx, jm.message, jm.options)
		if worked.Rules != nil {
			return worked.first[0], true
		}
		jm.inference = worked.inference
	}
	texts, _ := a.texts()
	if changed := explain.InferChanged(ctx, jm.message, texts); changed.Scheme != nil {
		return changed.Finding(), true
	}
	if plain := explain.InferPlain(ctx, jm.message, texts); plain.Scheme != nil {
		return plain.PlainFinding(), true
	}
	if f, ok := explain.HeaderKey(jm.message, texts); ok {
		return f, true
	}
	if jm.inference == nil || len(texts) == 0 {
		return explain.Finding{}, false
	}
	return jm.inference.TriedFinding(jm.message, len(texts)), true
}
