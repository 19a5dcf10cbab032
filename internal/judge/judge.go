// Package judge verifies requests and explains refusals: it picks the rules and keys, says whether the signature holds, and if
// not, why. The listener, verify and why use it, so that the same verdict always has the same explanation.
package judge

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Options are what a Judge needs besides rules and keys.
type Options struct {
	Patience   Patience
	Params     map[string]string // settings that the scheme asks for
	Tolerance  *time.Duration    // nil: the scheme's
	IgnoreTime bool              // the message's time may be any
	AsOf       bool              // a user gives the time that requests are verified as of: no clock has it
	NoVerify   bool              // every verdict is Unverified
	KeysGone   bool              // without keys nothing is valid: there were some, and they were removed
	PublicURL  string            // origin by which the provider knows this machine; "": http:// and the request's host
	// Known asks the key store what it knows besides the keys that verify. It is called once, at the first refusal; nil: nothing.
	Known func(context.Context) Known
	// VerifyToken is the text that the user chose at the provider, which its handshakes carry; "": none is known.
	VerifyToken string
	// Others are the rules of schemes whose handshakes are known too; nil: there are none.
	Others func() []*sign.Rules
	// Rivals are the rules of the schemes that a request may be of where it has nothing of the one in use; nil: nobody asks whose it is.
	Rivals func() []*sign.Rules
	// Secret says whether a text holds one of the user's keys; nil: none does.
	Secret func(string) bool
	// Certificate fetches the certificate that a request names, from a host of its scheme; nil: none is fetched.
	Certificate func(ctx context.Context, url string) (text string, err error)
	Now         func() time.Time // measures the time that guessing takes; only NewAuto needs it
}

// Judge verifies and explains with one set of keys. What it verifies with does not change. It is safe for concurrent use.
type Judge struct {
	o      Options
	rules  *sign.Rules // of the named scheme, or the usual ones
	finder finder
	masked []string // headers with secret values
	once   sync.Once
	known  Known
	places func() map[*sign.Rules]*event.Places
}

// finder finds the rules of a request.
type finder interface {
	try(ctx context.Context, m *sign.Message, vo sign.VerifyOptions) Judgement
	// infer works out how an unknown provider signs. It is false where nothing was found or nothing is looked for.
	infer(ctx context.Context, jm *Judgement) (f explain.Finding, ok bool)
	candidates() []*sign.Rules
	open() bool // the scheme of a request is left open
	// signers are the keys that may have verified a request, as the rules take them, and whether each is called name.
	signers(rules *sign.Rules, name string) []signer
	others(k Known) ([]explain.KnownKey, []explain.Rotation)
	count() int
	number(i int) int // how a key is counted for people
}

// New makes a judge for one scheme.
func New(rules *sign.Rules, keys []Key, o Options) *Judge {
	n := &named{rules: rules, keys: keys}
	if rules.Certificate.Fetched() {
		n.fetch = o.Certificate
	}
	return newJudge(rules, n, o)
}

// NewAuto makes a judge that finds the scheme of each request among the candidates. The usual rules are those of requests that
// it does not verify.
func NewAuto(usual *sign.Rules, candidates []*sign.Rules, keys []OpenKey, o Options) *Judge {
	return newJudge(usual, &auto{rules: candidates, keys: keys, patience: o.Patience, clock: o.Now}, o)
}

func newJudge(rules *sign.Rules, f finder, o Options) *Judge {
	j := &Judge{o: o, rules: rules, finder: f}
	j.masked = slices.Concat(j.SecretHeaders(), scheme.MaskedHeaders())
	j.places = sync.OnceValue(func() map[*sign.Rules]*event.Places {
		all := map[*sign.Rules]*event.Places{}
		for _, r := range j.finder.candidates() {
			all[r] = placesOf(r)
		}
		return all
	})
	return j
}

// PublicURL is the origin by which the provider knows this machine; "": http:// and the request's host.
func (j *Judge) PublicURL() string { return strings.TrimSuffix(j.o.PublicURL, "/") }

// Params are the settings that requests are verified with, for the record: values that hold a key are masked.
func (j *Judge) Params() map[string]string {
	out := maps.Clone(j.o.Params)
	for name, value := range out {
		if j.o.Secret != nil && j.o.Secret(value) {
			out[name] = masking.Masked
		}
	}
	return out
}

// Judge verifies a request as of a time.
func (j *Judge) Judge(ctx context.Context, m *sign.Message, at time.Time) Judgement {
	message := *m
	message.Params = j.o.Params
	vo := sign.VerifyOptions{Now: at, Tolerance: j.o.Tolerance, IgnoreTime: j.o.IgnoreTime}
	jm := Judgement{Rules: j.rules}
	switch {
	case j.Empty() && j.o.KeysGone && !j.o.NoVerify:
		jm.Verdict = sign.Verdict{
			Scheme: jm.scheme(), Reason: sign.Mismatch, KeyIndex: -1,
			Detail: sign.Detail{Code: sign.KeysGone},
		}
	case j.Empty() && j.rules.Scheme().Algorithm == scheme.None:
		jm.Verdict = j.rules.Verify(&message, nil, vo)
	case j.Empty():
		jm.Verdict = jm.unverified(sign.Detail{})
	default:
		jm = j.finder.try(ctx, &message, vo)
		if i := jm.Verdict.KeyIndex; i >= 0 {
			jm.Verdict.KeyIndex = j.finder.number(i)
		}
		if j.o.NoVerify {
			jm.Key, jm.Verdict, jm.first, jm.last = "", jm.unverified(sign.Detail{}), nil, nil
		}
	}
	jm.judge, jm.message, jm.options = j, &message, vo
	return jm
}

// Unread is the judgement of a request whose body was not read whole. The detail says why.
func (j *Judge) Unread(detail sign.Detail) Judgement {
	jm := Judgement{judge: j, Rules: j.rules}
	jm.Verdict = jm.unverified(detail)
	return jm
}

// Message makes a message of a request. Its URL is the one that the provider knows. target is path and query.
func (j *Judge) Message(method, host, target string, header http.Header, body []byte) *sign.Message {
	m := &sign.Message{Method: method, URL: cmp.Or(j.PublicURL(), "http://"+host) + target, Target: target, Header: make(map[string][]string, len(header)+1), Body: body}
	maps.Copy(m.Header, header)
	if host != "" {
		m.Header["Host"] = []string{host}
	}
	return m
}

// Event reads the event of a request by some rules.
func (j *Judge) Event(rules *sign.Rules, header http.Header, body []byte) event.Info {
	places := j.places()[rules]
	if places == nil { // the rules were worked out from the request
		places = placesOf(rules)
	}
	return places.Read(header, body)
}

// placesOf are the places where the events of a scheme have what they are.
func placesOf(rules *sign.Rules) *event.Places {
	s := rules.Scheme().Event
	return event.Spec{Type: s.Type, ID: s.ID, Time: s.Time, Object: s.Object}.Places()
}

// Rules are those of the named scheme, or the usual ones.
func (j *Judge) Rules() *sign.Rules { return j.rules }

// RulesOf are the rules of a scheme that requests are verified with, nil if there is none of that name.
func (j *Judge) RulesOf(name string) *sign.Rules {
	for _, r := range j.finder.candidates() {
		if r.Scheme().Name == name {
			return r
		}
	}
	return nil
}

// signer is a key with which a request may be signed again.
type signer struct {
	key   sign.Key
	named bool // as the key that verified the request was called
}

// Signer returns the key that verified a recorded request of a scheme, if it is there still. It may be one that only verifies. After a
// rotation another key has that label, so the request is verified again. A record has no tokens: the label alone decides about these.
func (j *Judge) Signer(schemeName, label string, m *sign.Message) (sign.Key, bool) {
	rules := j.RulesOf(schemeName)
	if rules == nil {
		return sign.Key{}, false
	}
	for _, s := range j.finder.signers(rules, label) {
		if len(rules.SecretHeaders()) > 0 {
			if s.named {
				return s.key, true
			}
			continue
		}
		if rules.Verify(m, []sign.Key{s.key}, sign.VerifyOptions{IgnoreTime: true}).OK {
			return s.key, true
		}
	}
	return sign.Key{}, false
}

// Count is how many keys verify.
func (j *Judge) Count() int { return j.finder.count() }

// Empty says whether there is no key.
func (j *Judge) Empty() bool { return j.Count() == 0 }

// SecretHeaders are the headers whose values are secret under any scheme in question.
func (j *Judge) SecretHeaders() []string { return j.headers((*sign.Rules).SecretHeaders) }

// SignatureHeaders are the headers with a signature under any scheme in question.
func (j *Judge) SignatureHeaders() []string { return j.headers((*sign.Rules).SignatureHeaders) }

func (j *Judge) headers(names func(*sign.Rules) []string) []string {
	var out []string
	for _, r := range j.finder.candidates() {
		out = append(out, names(r)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// isSignature says whether a header holds one signature of the scheme that was named, and nothing that could be a secret.
func (j *Judge) isSignature(name string, values []string) bool {
	return !j.finder.open() && len(values) == 1 && !slices.Contains(j.rules.SecretHeaders(), name) && j.rules.IsSignature(name, values[0])
}

// Mask makes headers ready for the record, as a copy where it changes something. It masks a value that is secret or holds one of the user's
// keys. In Authorization it leaves what is wholly a signature of the scheme that was named and says so itself, as that of Microsoft Teams:
// without it the delivery could not be verified again.
func (j *Judge) Mask(h http.Header) http.Header {
	var out http.Header
	for name, values := range h {
		if !j.secret(name, values) {
			continue
		}
		if out == nil {
			out = maps.Clone(h)
		}
		out[name] = slices.Repeat([]string{masking.Masked}, len(values))
	}
	if out == nil {
		return h
	}
	return out
}

// secret says whether the values of a header are masked.
func (j *Judge) secret(name string, values []string) bool {
	return slices.Contains(j.masked, name) && !j.isSignature(name, values) || j.o.Secret != nil && slices.ContainsFunc(values, j.o.Secret)
}
