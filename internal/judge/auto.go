package judge

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
)

// OpenKey is a key whose scheme is found with each request.
type OpenKey struct {
	Label  string // names it without telling it
	Text   string
	Scheme string // the scheme that it is bound to; "" for a key that goes by its kind
}

// Patience is how much may be spent on a request of an unknown provider.
type Patience struct {
	guess    time.Duration // on working out its rules, at a time
	body     int           // bytes; a larger body is left alone
	saved    time.Duration // of guessing that may be saved up; more comes back in ten times its own time
	again    bool          // explaining goes on where judging had to stop
	thorough bool          // the search for a mistake goes on for seconds
}

// Brief is the patience of a sender that waits for its answer, and may be anybody.
func Brief() Patience {
	return Patience{guess: 50 * time.Millisecond, body: 1 << 20, saved: 500 * time.Millisecond, again: true}
}

// Long is the patience of a person.
func Long() Patience {
	return Patience{guess: 5 * time.Second, body: math.MaxInt, saved: math.MaxInt64, thorough: true}
}

// auto is the court that finds the scheme of each request.
type auto struct {
	rules    []*sign.Rules
	keys     []OpenKey
	patience Patience
	clock    func() time.Time

	mu    sync.Mutex    // held while guessing: one request at a time
	spent time.Duration // on guessing, less what came back
	at    time.Time     // of the last look at spent
}

func (a *auto) count() int { return len(a.keys) }

func (a *auto) candidates() []*sign.Rules { return a.rules }

// others gives no keys: the saved ones are asked to verify already.
func (a *auto) others(k Known) (keys []explain.KnownKey, rotations []explain.Rotation) {
	for _, r := range k.Rotations {
		rotations = append(rotations, explain.Rotation{Name: r.Name, At: r.At})
	}
	return nil, rotations
}

// try finds the rules under which a key verifies, works them out where the catalogue has none, or gives those that the
// request looks like.
func (a *auto) try(ctx context.Context, m *sign.Message, vo sign.VerifyOptions) Judgement {
	jm := a.pick(m, vo)
	if jm.settled() || len(m.Body) > a.patience.body || !a.mu.TryLock() {
		return jm
	}
	defer a.mu.Unlock()
	const back = 10
	a.spent, a.at = max(0, a.spent-vo.Now.Sub(a.at)/back), vo.Now
	if a.spent >= a.patience.saved {
		return jm
	}
	ctx, cancel := context.WithTimeout(ctx, a.patience.guess)
	defer cancel()
	start := a.clock()
	worked, ok := a.workOut(ctx, m, vo)
	a.spent += a.clock().Sub(start)
	if !ok {
		return jm
	}
	worked.last = jm.last
	return worked
}

func (a *auto) infer(ctx context.Context, jm *Judgement) (explain.Finding, bool) {
	if !a.patience.again {
		return explain.Finding{}, false
	}
	worked, ok := a.workOut(ctx, jm.message, jm.options)
	if !ok {
		return explain.Finding{}, false
	}
	return worked.first[0], true
}

// LooksLike names the scheme that a request's headers clearly point to; "" when there is none.
func LooksLike(header map[string][]string, candidates []*sign.Rules) string {
	const clearly = 0.8
	guesses := sign.Detect(header, candidates)
	if len(guesses) == 0 || guesses[0].Confidence < clearly {
		return ""
	}
	return guesses[0].Rules.Scheme().Name
}
