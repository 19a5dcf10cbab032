// Package judge says what a request is worth: under which rules it is verified and with which keys, whether its signature
// holds, and if not, why. The listener, verify and why all ask here, so the same verdict comes with the same explanation.
package judge

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Options are what a Judge goes by besides its rules and keys.
type Options struct {
	Patience   Patience
	Params     map[string]string
	Tolerance  *time.Duration // nil: the scheme's own
	IgnoreTime bool
	Waived     bool   // nothing is verified: every verdict is Unverified
	Emptied    bool   // there were keys once and all are gone: nothing holds any more
	PublicURL  string // origin by which the provider knows this machine; "": the one that the request names
	// Known is asked once, at the first refusal, for what the key store knows besides the keys that verify; nil: nothing.
	Known func(context.Context) Known
	// Secret says whether a text holds one of the user's keys; nil: none does.
	Secret func(string) bool
	Now    func() time.Time // measures what guessing costs
}

// Judge verifies and explains with one set of keys, which never changes. It is safe for concurrent use.
type Judge struct {
	o      Options
	rules  *sign.Rules // the scheme named, or the usual one where schemes are guessed
	court  court
	masked []string // headers whose values no record has
	once   sync.Once
	known  Known
}

// court is a way to come from a request to its rules.
type court interface {
	try(ctx context.Context, m *sign.Message, vo sign.VerifyOptions) Judgement
	// infer works out how an unknown provider signs; ok is false where that is not to be done.
	infer(ctx context.Context, jm *Judgement) (f explain.Finding, ok bool)
	candidates() []*sign.Rules
	others(k Known) ([]explain.KnownKey, []explain.Rotation)
	count() int
}

// New makes a judge for one scheme.
func New(rules *sign.Rules, keys []Key, o Options) *Judge {
	return newJudge(rules, &named{rules: rules, keys: keys}, o)
}

// NewAuto makes a judge that finds the scheme of each request among the candidates. The usual rules tell of the events of
// requests that are not verified.
func NewAuto(usual *sign.Rules, candidates []*sign.Rules, keys []OpenKey, o Options) *Judge {
	return newJudge(usual, &auto{rules: candidates, keys: keys, patience: o.Patience, clock: o.Now}, o)
}

func newJudge(rules *sign.Rules, c court, o Options) *Judge {
	j := &Judge{o: o, rules: rules, court: c}
	j.masked = slices.Concat([]string{"Authorization", "Proxy-Authorization", "Cookie"}, j.SecretHeaders(), scheme.TokenHeaders())
	return j
}

// PublicURL is the origin by which the provider knows this machine; "" for the one that each request names.
func (j *Judge) PublicURL() string { return strings.TrimSuffix(j.o.PublicURL, "/") }

// Params are what requests are verified with besides their bytes, as a record may hold them: without the user's keys.
func (j *Judge) Params() map[string]string {
	out := maps.Clone(j.o.Params)
	for name, value := range out {
		if j.o.Secret != nil && j.o.Secret(value) {
			out[name] = record.Masked
		}
	}
	return out
}

// Judge verifies a request as of a moment.
func (j *Judge) Judge(ctx context.Context, m *sign.Message, at time.Time) Judgement {
	message := *m
	message.Params = j.o.Params
	vo := sign.VerifyOptions{Now: at, Tolerance: j.o.Tolerance, IgnoreTime: j.o.IgnoreTime}
	jm := Judgement{Rules: j.rules}
	switch {
	case j.Empty() && j.o.Emptied && !j.o.Waived:
		jm.Verdict = sign.Verdict{
			Scheme: jm.scheme(), Reason: sign.Mismatch, KeyIndex: -1,
			Detail: sign.Detail{Code: sign.KeysGone},
		}
	case j.Empty():
		jm.Verdict = jm.unverified(sign.Detail{})
	default:
		jm = j.court.try(ctx, &message, vo)
		if j.o.Waived {
			jm.Key, jm.Verdict, jm.first, jm.last = "", jm.unverified(sign.Detail{}), nil, nil
		}
	}
	jm.judge, jm.message, jm.options = j, &message, vo
	return jm
}

// Unread is the judgement of a request that was not read whole. The detail says why not.
func (j *Judge) Unread(detail sign.Detail) Judgement {
	jm := Judgement{judge: j, Rules: j.rules}
	jm.Verdict = jm.unverified(detail)
	return jm
}

// Message is a request as its scheme sees it: the headers as they came, the URL as the provider knows it. The target is its
// path and query.
func (j *Judge) Message(method, host, target string, header http.Header, body []byte) *sign.Message {
	origin := strings.TrimSuffix(j.o.PublicURL, "/")
	if origin == "" {
		origin = "http://" + host
	}
	m := &sign.Message{Method: method, URL: origin + target, Target: target, Header: make(map[string][]string, len(header)+1), Body: body}
	maps.Copy(m.Header, header)
	if host != "" {
		m.Header["Host"] = []string{host}
	}
	return m
}

// Rules are those of the scheme that was named, or the usual ones where schemes are guessed.
func (j *Judge) Rules() *sign.Rules { return j.rules }

// Count is how many keys verify.
func (j *Judge) Count() int { return j.court.count() }

// Empty says whether there is no key to verify with.
func (j *Judge) Empty() bool { return j.Count() == 0 }

// SecretHeaders are the headers that any scheme in question holds for secret.
func (j *Judge) SecretHeaders() []string { return j.headers((*sign.Rules).SecretHeaders) }

// SignatureHeaders are the headers that a signature stands in with any scheme in question.
func (j *Judge) SignatureHeaders() []string { return j.headers((*sign.Rules).SignatureHeaders) }

func (j *Judge) headers(names func(*sign.Rules) []string) []string {
	var out []string
	for _, r := range j.court.candidates() {
		out = append(out, names(r)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Mask copies headers for the record. One that is itself a secret, or holds one of the user's keys, keeps its name only.
func (j *Judge) Mask(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		if slices.Contains(j.masked, name) || j.o.Secret != nil && slices.ContainsFunc(values, j.o.Secret) {
			values = slices.Repeat([]string{record.Masked}, len(values))
		}
		out[name] = values
	}
	return out
}
