package explain

// The search: keys, texts, digests and bodies, one change at a time and then two.

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// The bounds of a search. Work is counted in bytes that are hashed or written, which is what takes the time.
const (
	minWork     = 96 << 20 // enough for the whole search over a body of some 10 KiB
	workPerBody = 80       // for large bodies: so many times the body
	thorough    = 10       // times as much, when a person waits for the answer
	maxThorough = 2 << 30  // but not more than this, some seconds, unless workPerBody makes it more
	maxBodies   = 600      // changed bodies
	// sureWork is done before a deadline ends a search. On a busy machine the time may be over before the search has begun, and what a
	// request is said to be must not depend on what else runs there.
	sureWork    = 32 << 20
	maxFindings = 5
)

// Diagnosis is what the search for the mistake behind a refusal found.
type Diagnosis struct {
	Findings []Finding     // best first; empty when nothing was found
	Tried    int           // combinations that were computed and compared
	Elapsed  time.Duration // how long the search took
	CutOff   bool          // the bound on work or the context ended the search early
	Next     Steps         // when no finding is certain; none otherwise
}

// Options are what an explanation takes besides message, keys and verdict.
type Options struct {
	sign.VerifyOptions
	Rotations []Rotation // keys that took the place of others not long ago, the last first
	OtherKeys []KnownKey // known keys that do not verify: an explanation says when one of them would have
	Source    Source     // of the body
	AsOf      bool       // a user gave the time that is Now: it is no clock's
	Thorough  bool       // the search may take some ten times as long, because a person waits for it and nothing else does
}

// KnownKey is a key that does not verify and may explain a refusal.
type KnownKey struct {
	Label string // for people, e.g. webhook "staging" (previous key)
	Key   sign.Key
	// RotatedAt is when a rotation made it, or took it away; zero when none did. Newest says that it is the one there is now.
	RotatedAt time.Time
	Newest    bool
}

// search is one diagnosis at work.
type search struct {
	r          *sign.Rules
	m          *sign.Message
	o          *Options
	v          *sign.Verdict
	ctx        context.Context //nolint:containedctx // one search, one context: it lives as long as the call
	candidates []candidate
	keys       []keyVariant
	texts      []textVariant
	hash       []digestVariant
	found      []found
	tried      int
	worked     int64  // work that was done
	left       int64  // work that may still be done
	cutOff     bool   // the work ran out, or the context ended
	done       string // what was tried to the end before the work ran out
}

// found are the mistakes with which a signature matched.
type found struct{ parts []mistake }

// Diagnose searches for one mistake, or two at once, that explain the verdict. Its work is bounded and ends with the context. A
// verdict that is valid or unverified has no diagnosis. Nothing in the result lets anybody make or guess a valid signature.
func Diagnose(ctx context.Context, r *sign.Rules, m *sign.Message, keys []sign.Key, v sign.Verdict, o Options) Diagnosis {
	start := time.Now()
	var d Diagnosis
	if v.OK || v.Reason == sign.Unverified || !slices.ContainsFunc(keys, func(k sign.Key) bool { return !k.IsZero() }) {
		return d
	}
	if certificate(v.Detail.Code) {
		return Diagnosis{Next: (&search{r: r, v: &v}).next(nil), Elapsed: time.Since(start)}
	}
	m = r.Failing(m, keys, o.VerifyOptions)
	twice, repeated := repeatedFinding(r, m, keys, &o)
	f, known := twice, repeated && twice.Certain
	if !known {
		f, known = listFinding(r, m, keys, &o)
	}
	sibling, related := siblingFinding(r, m, keys, &o)
	if !known && related && sibling.Certain {
		f, known = sibling, true
	}
	if known {
		d.Findings, d.Tried, d.Elapsed = []Finding{f}, 1, time.Since(start)
		return d
	}
	s := &search{r: r, m: m, o: &o, v: &v, ctx: ctx, left: o.work(len(m.Body))}
	switch {
	case r.Proves():
		d.Findings = s.proof(keys)
	case v.Reason == sign.TooOld || v.Reason == sign.TooNew:
		s.explainClock()
		d.Findings = s.findings()
	default:
		s.run(keys)
		d.Findings = s.findings()
	}
	certain := len(d.Findings) > 0
	if !certain {
		d.Findings = s.hints(keys)
		if related {
			d.Findings = append([]Finding{sibling}, d.Findings...)
		}
		d.Next = s.next(d.Findings)
	}
	if repeated {
		d.Findings = append([]Finding{twice}, d.Findings...)
	}
	d.Tried, d.CutOff, d.Elapsed = s.tried, s.cutOff, time.Since(start)
	return d
}

// certificate says whether a verdict is about the certificate, so that no change of the message would help.
func certificate(code sign.DetailCode) bool {
	return code == sign.CertificateEarly || code == sign.CertificateLate || code == sign.CertificateURL || code == sign.NoCertificate
}

// work is what a search over a body of some bytes may cost.
func (o *Options) work(body int) int64 {
	work := max(minWork, workPerBody*int64(body))
	if o.Thorough {
		work = max(work, min(thorough*work, maxThorough))
	}
	return work
}

// run goes through single mistakes, other schemes and pairs, and stops after the first stage that explains something.
func (s *search) run(keys []sign.Key) {
	s.candidates = s.collectCandidates()
	s.keys = s.keyVariants(keys)
	texts := s.textVariants()
	s.texts = texts.out
	s.hash = s.digestVariants()
	token := s.r.Scheme().Algorithm == scheme.Token
	if token {
		s.tokens()
	}
	unset := s.v.Detail.Place.In == sign.InSettings // what is signed cannot be told without it
	if token || unset || len(s.candidates) == 0 {
		s.otherSchemes(keys)
		return
	}
	bodies := s.bodies()
	defer bodies.close()
	s.singles(bodies)
	s.otherSchemes(keys)
	if len(s.found) == 0 && !s.cutOff {
		s.pairs(bodies)
		s.orders(bodies, texts)
	}
}

// spend takes work from the budget. It is false when the search is over.
func (s *search) spend(n int) bool {
	const much = 64 << 10 // bytes, that take longer than asking the clock
	work := int64(n) + perTry
	s.worked, s.left = s.worked+work, s.left-work
	if s.left < 0 || (n >= much || s.tried&63 == 0) && Over(s.ctx, s.worked) {
		s.cutOff = true
	}
	return !s.cutOff
}

// perTry is the work of a try besides its bytes.
const perTry = 64

// Over says whether a context ends a search that has done some work: a deadline does so only once a little was done.
func Over(ctx context.Context, worked int64) bool {
	err := ctx.Err()
	return err != nil && (worked >= sureWork || !errors.Is(err, context.DeadlineExceeded))
}

// try computes one combination and notes what matches it.
func (s *search) try(body *bodyVariant, key *keyVariant, text *textVariant, digest *digestVariant) {
	if text.noBody && body.why != nil && !s.r.BodyHashHolds(&sign.Message{URL: s.m.URL, Body: body.b}) {
		return // neither the body nor its hash is part of this text, so changing it explains nothing
	}
	content := text.content(body.b)
	if !s.spend(len(content)) {
		return
	}
	s.tried++
	c := sign.Case{Key: &key.CaseKey, Digest: digest.Digest, KeyFirst: text.keyFirst, Before: text.pre, Body: content, After: text.post}
	if text.noBody {
		c.Body = nil
	}
	t := s.r.Try(&c)
	for i := range s.candidates {
		const verifyWork = 64 << 10 // what checking a public-key signature costs, in bytes of hashing
		if s.r.Public() && !s.spend(verifyWork) {
			return
		}
		c := &s.candidates[i]
		if c.wrong != nil && (digest.keyless || s.r.Public()) {
			continue // a plain hash of the body belongs into some headers, such as Content-Digest
		}
		if how, ok := c.fits(&t); ok {
			s.note(body.why, key.why, text.why, digest.why, how)
		}
	}
}

// note keeps a match. A match without a mistake means that the refusal has another reason.
func (s *search) note(parts ...*mistake) {
	var f found
	for _, p := range parts {
		if p != nil {
			f.parts = append(f.parts, *p)
		}
	}
	if len(f.parts) == 0 {
		f.parts = []mistake{s.intact()}
	}
	s.found = append(s.found, f)
}

// findings are the matches, fewest and likeliest mistakes first, each kind once.
func (s *search) findings() []Finding {
	slices.SortStableFunc(s.found, func(a, b found) int {
		return cmp.Or(cmp.Compare(len(a.parts), len(b.parts)), cmp.Compare(a.rank(), b.rank()))
	})
	out := []Finding{}
	for _, f := range s.found {
		same := func(o Finding) bool { return o.ID == f.id() }
		if !slices.ContainsFunc(out, same) && len(out) < maxFindings && len(f.parts) <= len(s.found[0].parts) {
			out = append(out, s.finding(f))
		}
	}
	return out
}

// id is what the match is: two with the same mistakes are one finding, whatever values they have.
func (f *found) id() string {
	ids := make([]string, len(f.parts))
	for i := range f.parts {
		ids[i] = f.parts[i].id
	}
	return strings.Join(ids, "+")
}

func (f *found) rank() rank {
	sum := rank(0)
	for _, p := range f.parts {
		sum += p.rank
	}
	return sum
}

// finding tells of one match.
func (s *search) finding(f found) Finding {
	var titles, evidence, fixes []string
	kind, foreign, seen := recipeNone, false, ""
	for _, p := range f.parts {
		title, fix := p.title, s.fix(&p)
		if p.body != "" && s.o.Source.fix(p.body) != p.fix {
			title, fix = s.o.Source.blame+title, s.o.Source.fix(p.body)
		}
		titles, evidence, seen = append(titles, title), append(evidence, p.evidence), cmp.Or(seen, p.seen)
		if !slices.Contains(fixes, fix) {
			fixes = append(fixes, fix)
		}
		kind, foreign = max(kind, p.recipes), foreign || p.foreign
	}
	if foreign && !s.custom() {
		fixes = append(fixes, "or the sender is not "+s.r.Scheme().Name+": whctl schemes list")
	}
	out := Finding{
		ID: f.id(), Title: strings.Join(titles, ", and "), Evidence: cmp.Or(seen, "it matches "+strings.Join(evidence, " and ")),
		Fix: strings.Join(fixes, "; "), Certain: true,
	}
	out.Recipes, out.RecipesLeft = s.recipes(kind)
	return out
}

// fix is what to do about one mistake. A scheme of the catalogue is right. One of the user's own may be wrong.
func (s *search) fix(a *mistake) string {
	if a.set == "" || !s.custom() {
		return a.fix
	}
	return "set " + a.set + " in " + s.schemeWords() + "; if the scheme is right, " + a.fix
}

// custom says whether the scheme is the user's own.
func (s *search) custom() bool { return !slices.Contains(scheme.BuiltinNames(), s.r.Scheme().Name) }

func (s *search) schemeWords() string {
	if s.r.Scheme().Name == "" {
		return "the scheme"
	}
	return "scheme " + s.r.Scheme().Name
}

// Sizes of the lists that pairs are built from, chosen so that a body of 10 KiB is searched through in well under
// 100 ms on one core. The lists are in order of likelihood.
const (
	pairBodies = 32
	pairKeys   = 14
	pairTexts  = 56
)

// singles changes one thing at a time: the likeliest of each kind first, then the others. The work does not last for a large
// body, and so the likeliest are tried at least.
func (s *search) singles(bodies *bodyList) {
	const likelyKeys, likelyTexts, likelyHashes, likelyBodies = 12, 12, 3, 20
	s.oneChange(bodies, [4][2]int{{0, likelyKeys}, {1, likelyTexts}, {1, likelyHashes}, {0, likelyBodies}})
	if !s.cutOff {
		s.done = "the common mistakes were tried, rarer ones were not"
	}
	const all = 1 << 30
	s.oneChange(bodies, [4][2]int{{likelyKeys, all}, {likelyTexts, all}, {likelyHashes, all}, {likelyBodies, all}})
}

// oneChange tries spans of keys, texts, digests and bodies, each by itself.
func (s *search) oneChange(bodies *bodyList, spans [4][2]int) {
	asis, text, digest := &bodies.asis, &s.texts[0], &s.hash[0]
	for i := spans[0][0]; i < min(spans[0][1], len(s.keys)); i++ {
		s.try(asis, &s.keys[i], text, digest)
	}
	for _, key := range s.baseKeys() {
		for i := spans[1][0]; i < min(spans[1][1], len(s.texts)); i++ {
			s.try(asis, key, &s.texts[i], digest)
		}
		for i := spans[2][0]; i < min(spans[2][1], len(s.hash)); i++ {
			s.try(asis, key, text, &s.hash[i])
		}
	}
	for body := range bodies.span(spans[3][0], spans[3][1]) {
		for _, key := range s.baseKeys() {
			s.try(body, key, text, digest)
		}
	}
}

// baseKeys are the keys as they were given.
func (s *search) baseKeys() []*keyVariant {
	var out []*keyVariant
	for i := range s.keys {
		if s.keys[i].why == nil {
			out = append(out, &s.keys[i])
		}
	}
	return out
}

// pairs changes two things at a time: what is cheap and likely first.
func (s *search) pairs(bodies *bodyList) {
	s.done = "every single mistake was tried, not every two of them together"
	asis, plain := &bodies.asis, &s.texts[0]
	texts := s.pairTexts()
	keys := s.keys[:min(len(s.keys), pairKeys)]
	base := s.baseKeys()
	s.bodyPairs(bodies, base)
	for i := range keys {
		if keys[i].why == nil {
			continue
		}
		for j := range texts {
			s.try(asis, &keys[i], &texts[j], &s.hash[0])
		}
		for j := range s.hash[1:] {
			s.try(asis, &keys[i], plain, &s.hash[j+1])
		}
	}
	for _, key := range base[:min(len(base), 2)] {
		for i := range texts {
			for j := range s.hash[1:] {
				s.try(asis, key, &texts[i], &s.hash[j+1])
			}
		}
	}
}

// pairTexts are the texts that pairs are built from. Those in UTF-16, which stand at the end, cost twice as much as others.
func (s *search) pairTexts() []textVariant {
	texts := s.texts[1:min(len(s.texts), pairTexts)]
	for len(texts) > 0 && texts[len(texts)-1].wide != nil {
		texts = texts[:len(texts)-1]
	}
	return texts
}

// bodyPairs combines a changed body with each of the others, and with a second change of the body.
func (s *search) bodyPairs(bodies *bodyList, base []*keyVariant) {
	texts := s.pairTexts()
	for body := range bodies.compounds() {
		for _, key := range base {
			s.try(body, key, &s.texts[0], &s.hash[0])
		}
	}
	for _, body := range bodies.likely(pairBodies) {
		for i := range s.keys[:min(len(s.keys), pairKeys)] {
			if s.keys[i].why != nil {
				s.try(body, &s.keys[i], &s.texts[0], &s.hash[0])
			}
		}
		for _, key := range base[:min(len(base), 2)] {
			for i := range texts {
				s.try(body, key, &texts[i], &s.hash[0])
			}
			for i := range s.hash[1:] {
				s.try(body, key, &s.texts[0], &s.hash[i+1])
			}
		}
	}
}
