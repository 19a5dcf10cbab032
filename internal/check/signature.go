package check

// Requests whose signature does not hold.

import (
	"context"
	"strings"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/sign"
)

const (
	forgedWhy   = "whoever knows the URL can send events that never happened: approve a customer, mark an order as paid"
	forgedFix   = "verify the signature over the raw body before anything else, and answer 401 when it does not hold"
	crashedWhy  = "an answer of 5xx makes senders try again, and a stack trace in it tells attackers what runs there"
	malformFix  = "check that header and length are right before comparing, compare in constant time, and answer 401"
	missingWhy  = "many handlers verify only when a signature is there; then an attacker leaves it out"
	comparedWhy = "comparing texts of different length throws in some languages (crypto.timingSafeEqual), and comparing a part accepts what is cut off"
)

func signatureCases() []Case {
	refused := func(id, title, why, fix string, run func(context.Context, *trial)) Case {
		return Case{ID: id, Group: groupSignature, Title: title, Severity: Failure, Expects: "401, or another 4xx", Why: why, Fix: fix, run: run}
	}
	tampered := func(part craft.Tamper) func(context.Context, *trial) {
		return func(ctx context.Context, t *trial) { t.tampered(ctx, part) }
	}
	malformed := func(change func(value string, form form) (string, bool)) func(context.Context, *trial) {
		return func(ctx context.Context, t *trial) {
			t.malformed(change, func(s *shot, _ string) { t.refuse(ctx, s) })
		}
	}
	extended := func(change func(value string, form form) (string, bool)) func(context.Context, *trial) {
		return func(ctx context.Context, t *trial) {
			t.malformed(change, func(s *shot, sig string) { t.refuseMore(ctx, s, sig) })
		}
	}
	return []Case{
		refused("body-changed", "one byte of the body changed", forgedWhy, forgedFix, tampered(craft.TamperBody)),
		refused("signature-changed", "one character of the signature changed", forgedWhy, forgedFix, tampered(craft.TamperSignature)),
		refused("other-key", "signed with another key", forgedWhy, forgedFix, tampered(craft.TamperKey)),
		refused("signature-missing", "no signature", missingWhy, "refuse a request without a signature", signatureMissing),
		refused("signature-empty", "an empty signature", missingWhy, malformFix, malformed(func(_ string, f form) (string, bool) { return f.with(""), true })),
		refused("signature-header-empty", "an empty signature header", missingWhy, malformFix, malformed(func(string, form) (string, bool) { return "", true })),
		refused("signature-short", "the first half of a right signature", comparedWhy, malformFix, malformed(func(sig string, f form) (string, bool) { return f.with(sig[:len(sig)/4*2]), len(sig) > 8 })),
		refused("signature-long", "a right signature and more", comparedWhy, malformFix, extended(func(sig string, f form) (string, bool) { return f.with(sig + sig[:len(sig)/4*2]), len(sig) > 8 })),
		refused("signature-no-code", "a signature that is not encoded rightly", crashedWhy, malformFix, malformed(func(sig string, f form) (string, bool) {
			return f.with("zz!!" + strings.Repeat("z", max(len(sig)-4, 0))), true
		})),
		refused("signature-doubled", "a right signature twice in a row", comparedWhy, malformFix, extended(func(sig string, f form) (string, bool) { return f.with(sig + sig), sig != "" })),
		refused("signature-no-prefix", "a right signature without what stands before it", "a receiver that takes any form takes a weaker one as well", "check the prefix or label as well as the signature", malformed(withoutPrefix)),
		refused("signature-other-label", "a right signature under another label", "a label names the algorithm; a receiver that ignores it accepts whatever a later, weaker or withdrawn version signs", "use only the versions that you know, and refuse the others", malformed(otherLabel)),
		refused("signature-of-other-event", "the signature of another event", forgedWhy, forgedFix, signatureOfOther),
		refused("timestamp-missing", "no timestamp", missingWhy, "refuse a request without a timestamp", timestampMissing),
		refused("id-missing", "no message id", "the id is signed; a receiver that takes none takes it from somewhere that is not", "refuse a request without an id", idMissing),
		refused("required-header-changed", "another value of a header that must have one", "the value says which version or kind of message this is, and rules differ by it", "refuse a value that you do not know", requiredChanged),
		refused("signed-without-time", "signed without the timestamp", "a request that was recorded once can then be sent again with a fresh time for ever", "sign over the timestamp and the body, as the provider says", signedWithoutTime),
	}
}

// tampered spoils a part.
func (t *trial) tampered(ctx context.Context, part craft.Tamper) {
	e, ok := t.sample()
	if !ok {
		return
	}
	s, ok := t.make(craft.Request{Rules: t.r.Rules, Event: e, At: t.r.Now(), Tamper: part})
	if ok {
		t.refuse(ctx, s)
	}
}

func signatureMissing(ctx context.Context, t *trial) {
	s, ok := t.now()
	if !ok {
		return
	}
	if t.r.Rules.SignsInBody() {
		t.skip("the signature stands in the body")
		return
	}
	for _, name := range t.r.Rules.SignatureHeaders() {
		s.setHeader(name)
	}
	t.refuse(ctx, s)
}

// form is what stands around a signature in its header.
type form struct{ before, after string }

func (f form) with(sig string) string { return f.before + sig + f.after }

// refuseMore expects that more than the right signature is refused. Node's Buffer and others decode base64 up to its padding, so what comes
// after it is no sign of a wrong comparison; LINE's own library accepts it.
func (t *trial) refuseMore(ctx context.Context, s *shot, sig string) {
	if strings.HasSuffix(sig, "=") {
		t.preferRefusal(ctx, s)
		return
	}
	t.refuse(ctx, s)
}

// malformed gives the signature's header another value. expect gets the request and the right signature.
func (t *trial) malformed(change func(sig string, f form) (string, bool), expect func(s *shot, sig string)) {
	s, ok := t.now()
	if !ok {
		return
	}
	name := t.signatureHeader()
	if name == "" {
		t.skip("the signature stands in the body")
		return
	}
	value := s.value(name)
	sig, f := t.cut(s, value)
	changed, ok := change(sig, f)
	if !ok || changed == value {
		t.skip("%s has no such form", t.r.Rules.Scheme().Name)
		return
	}
	s.setHeader(name, changed)
	expect(s, sig)
}

// cut finds the signature in the value of its header: the longest piece, which is not the time.
func (t *trial) cut(_ *shot, value string) (string, form) {
	from, to := 0, 0
	for at := 0; at < len(value); {
		end := at
		for end < len(value) && !strings.ContainsRune(",; =:", rune(value[end])) {
			end++
		}
		for end < len(value) && value[end] == '=' && (end+1 == len(value) || strings.ContainsRune(",; =", rune(value[end+1]))) { // of base64
			end++
		}
		if end-at > to-from {
			from, to = at, end
		}
		at = end + 1
	}
	return value[from:to], form{value[:from], value[to:]}
}

func withoutPrefix(sig string, f form) (string, bool) {
	i := strings.LastIndexAny(f.before, ",; ")
	label := f.before[i+1:]
	return f.before[:i+1] + sig + f.after, label != ""
}

func otherLabel(sig string, f form) (string, bool) {
	i := strings.LastIndexAny(f.before, "; ")
	if j := strings.LastIndexByte(f.before, ','); j > i && j < len(f.before)-1 {
		i = j
	}
	label := f.before[i+1:]
	if len(label) < 2 {
		return "", false
	}
	mark := label[len(label)-1:]
	return f.before[:i+1] + "whctl9" + mark + sig + f.after, true
}

func signatureOfOther(ctx context.Context, t *trial) {
	one, ok := t.now()
	if !ok {
		return
	}
	other, ok := t.now()
	if !ok {
		return
	}
	if t.r.Rules.SignsInBody() {
		t.skip("the signature stands in the body")
		return
	}
	for _, name := range t.r.Rules.ProofHeaders() {
		if values := other.Header.Values(name); len(values) > 0 {
			one.setHeader(name, values...)
		}
	}
	t.refuse(ctx, one)
}

func timestampMissing(ctx context.Context, t *trial) {
	s, ok := t.now()
	if !ok {
		return
	}
	name := t.timeHeader()
	if name == "" {
		t.skip("%s has no timestamp of its own", t.r.Rules.Scheme().Name)
		return
	}
	for _, alias := range t.r.Rules.TimeHeaders {
		s.setHeader(alias)
	}
	t.refuse(ctx, s)
}

func idMissing(ctx context.Context, t *trial) {
	s, ok := t.now()
	if !ok {
		return
	}
	if len(t.r.Rules.IDHeaders) == 0 {
		t.skip("%s has no id of its own", t.r.Rules.Scheme().Name)
		return
	}
	for _, name := range t.r.Rules.IDHeaders {
		s.setHeader(name)
	}
	t.refuse(ctx, s)
}

func requiredChanged(ctx context.Context, t *trial) {
	s, ok := t.now()
	if !ok {
		return
	}
	if len(t.r.Rules.Require) == 0 {
		t.skip("%s requires no such header", t.r.Rules.Scheme().Name)
		return
	}
	s.setHeader(t.r.Rules.Require[0].Header, "whctl")
	t.refuse(ctx, s)
}

// signedWithoutTime signs the body alone, and sends the timestamp nonetheless.
func signedWithoutTime(ctx context.Context, t *trial) {
	if !t.r.Rules.HasTime || !t.covers("timestamp") || !t.covers("body") {
		t.skip("%s does not sign a timestamp", t.r.Rules.Scheme().Name)
		return
	}
	weak := *t.r.Rules.Scheme()
	weak.Content = "{body}"
	rules, err := sign.Compile(&weak)
	if err != nil {
		t.skip("the scheme cannot be signed so: %s", err)
		return
	}
	e, ok := t.sample()
	if !ok {
		return
	}
	s, ok := t.make(craft.Request{Rules: rules, Event: e, At: t.r.Now()})
	if !ok {
		return
	}
	pure, ok := t.sign(e, t.r.Now())
	if !ok {
		return
	}
	s.pure = pure.Header
	t.refuse(ctx, s)
}

// statusIn is whether an answer is among some.
func statusIn(codes ...int) func(int) bool {
	return func(status int) bool {
		for _, code := range codes {
			if status == code || code < 10 && status/100 == code {
				return true
			}
		}
		return false
	}
}

const (
	class2 = 2
	class4 = 4
)
