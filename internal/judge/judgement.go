package judge

// The judgement of one request, and why it was refused.

import (
	"context"
	"fmt"
	"slices"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
)

// Judgement is the verdict on one request, with what Explain needs.
type Judgement struct {
	Rules   *sign.Rules // nil: no scheme fits the request
	Verdict sign.Verdict
	Key     string // name of the key that signed; "": none did. A request that is too old or too new has one.
	Guess   *Guess // how the scheme was found; nil: it was named, or none fits

	judge       *Judge
	message     *sign.Message
	options     sign.VerifyOptions
	keys        []sign.Key
	first, last []explain.Finding  // of finding the scheme; they stand before and after those of the search
	barred      bool               // first says that a bare key may not be used with these rules, which do not hold with it either
	inference   *explain.Inference // what working out the rules of an unknown provider tried; nil: it was not done
}

// Guess tells how the scheme of a request was found.
type Guess struct {
	Scheme     string
	Confidence float64 // 0 to 1
	Why        string  // what speaks for it
	Inferred   bool    // the scheme is unknown, and its rules were worked out
}

// Words tell what was guessed and how sure that is.
func (g *Guess) Words() string {
	return fmt.Sprintf("scheme %s, %.0f %% sure: %s", g.Scheme, g.Confidence*100, g.Why)
}

// Refused says whether the request was verified and does not hold.
func (jm Judgement) Refused() bool { return !jm.Verdict.OK && jm.Verdict.Reason != sign.Unverified }

// NoVerify says whether the user wants no request verified.
func (jm Judgement) NoVerify() bool { return jm.judge.o.NoVerify }

// ProofHeaders are the headers that make a request a delivery: those with signature, time and id.
func (jm Judgement) ProofHeaders() []string {
	if jm.Rules != nil {
		return jm.Rules.ProofHeaders()
	}
	return jm.judge.headers((*sign.Rules).ProofHeaders)
}

func (jm *Judgement) scheme() string {
	if jm.Rules == nil {
		return ""
	}
	return jm.Rules.Scheme().Name
}

func (jm *Judgement) unverified(detail sign.Detail) sign.Verdict {
	return sign.Verdict{Scheme: jm.scheme(), Reason: sign.Unverified, KeyIndex: -1, Detail: detail}
}

func (jm *Judgement) timely() bool {
	return jm.Verdict.Reason == sign.TooOld || jm.Verdict.Reason == sign.TooNew
}

// settled says whether rules hold or fail only for the time, or finding them said already what there is to say.
func (jm *Judgement) settled() bool {
	return jm.Verdict.OK || jm.timely() || len(jm.first) > 0 && !jm.barred
}

// likely says whether the headers point to one scheme, so that the sender is hardly an unknown provider.
func (jm *Judgement) likely() bool {
	const likely = 0.5
	return jm.Guess != nil && !jm.Guess.Inferred && jm.Guess.Confidence > likely
}

// Look says whose a request looks like that does not hold and has nothing of the scheme in use. It is nil where that is nobody's, or nobody
// asks. ctx bounds its time.
func (jm *Judgement) Look(ctx context.Context) *Look {
	if jm.Verdict.OK || jm.Guess != nil || jm.message == nil {
		return nil
	}
	return jm.judge.Look(ctx, jm.message)
}

// Explain searches for the mistake behind a refusal. ctx bounds its time. from is where the body comes from. A valid or unverified request has no mistake; its only
// finding is how an unknown provider signs.
func Explain(ctx context.Context, jm Judgement, from explain.Source) explain.Diagnosis {
	if !jm.Refused() {
		return explain.Diagnosis{Findings: jm.first}
	}
	look := jm.Look(ctx)
	var d explain.Diagnosis
	if jm.Rules != nil && (len(jm.first) == 0 || jm.timely()) {
		o := explain.Options{VerifyOptions: jm.options, Source: from, Thorough: jm.judge.o.Patience.thorough, AsOf: jm.judge.o.AsOf}
		o.OtherKeys, o.Rotations = jm.judge.recall(ctx)
		d = explain.Diagnose(ctx, jm.Rules, jm.message, jm.keys, jm.Verdict, o)
	}
	certain := func(f explain.Finding) bool { return f.Certain }
	if jm.Guess != nil && len(jm.first) == 0 && len(d.Findings) > 0 && d.Findings[0].Certain {
		d.Findings[0].Evidence += byRules(jm.Rules)
		jm.last = nil // the key is that of the scheme
	}
	if !jm.settled() && !slices.ContainsFunc(d.Findings, certain) {
		switch f, ok := jm.judge.finder.infer(ctx, &jm); {
		case ok && f.Certain:
			jm.first = []explain.Finding{f}
		case ok && !jm.likely():
			jm.last = append(jm.last, f)
		}
	}
	if len(jm.first) > 0 && certain(jm.first[0]) {
		d.Next = nil
	}
	if look != nil && len(jm.first) == 0 && !slices.ContainsFunc(d.Findings, certain) {
		jm.first = []explain.Finding{look.finding()}
		renamed := func(f explain.Finding) bool { return look.Signed && f.ID == explain.HeaderNear }
		d.Findings = slices.DeleteFunc(d.Findings, renamed)
	}
	if d.Tried == 0 && jm.inference != nil {
		d.Tried, d.CutOff = jm.inference.Tried, jm.inference.CutOff
	}
	d.Findings = slices.Concat(jm.first, d.Findings, jm.last)
	return d
}
