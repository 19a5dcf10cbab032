package verify

// What whctl verify prints: the verdict, and the findings.

import (
	"math"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/term"
)

// result is the output as JSON; docs/json.md lists it.
type result struct {
	Verdict any    `json:"verdict"`
	Key     string `json:"key,omitempty"` // which key matched, by name
	explained
	Guess *guessJSON `json:"guess,omitempty"` // with --scheme auto
}

// explained is the result of the search for a mistake.
type explained struct {
	Findings []explain.Finding `json:"findings"`
	Tried    int               `json:"tried"`
	CutOff   bool              `json:"cutOff"`
	Next     string            `json:"next,omitempty"`
}

func explainedOf(d explain.Diagnosis) explained {
	return explained{Findings: append([]explain.Finding{}, d.Findings...), Tried: d.Tried, CutOff: d.CutOff, Next: d.Next}
}

// guessJSON says how sure a guessed scheme is.
type guessJSON struct {
	Scheme     string  `json:"scheme"`
	Confidence float64 `json:"confidence"`
	Why        string  `json:"why"`
}

func guessOf(jm judge.Judgement) *guessJSON {
	g := jm.Guess
	if g == nil || g.Inferred {
		return nil
	}
	return &guessJSON{Scheme: g.Scheme, Confidence: math.Round(g.Confidence*100) / 100, Why: g.Why}
}

func (o *options) print(jm judge.Judgement, d explain.Diagnosis) error {
	format, jq, err := o.env.Format()
	if err != nil {
		return err
	}
	out := result{Verdict: render.VerdictJSON(jm.Verdict, jm.Key), Key: jm.Key, explained: explainedOf(d), Guess: guessOf(jm)}
	return render.Output{Format: format, JQ: jq}.Value(o.env.IO, out, func() error {
		var b strings.Builder
		style := o.env.IO.Style()
		b.WriteString(term.FoldWords(verdictText(style, jm), o.env.IO.Width()))
		for _, line := range render.Findings(style, d, o.env.IO.Width()) {
			b.WriteString(line + "\n")
		}
		b.WriteString(guessText(style, jm))
		_, err := o.env.IO.Out.Write([]byte(b.String()))
		return err
	})
}

func guessText(style term.Style, jm judge.Judgement) string {
	if guessOf(jm) == nil {
		return ""
	}
	return style.Dim(term.Clean("  guessed: "+jm.Guess.Words())) + "\n"
}

func validWords(jm judge.Judgement) string {
	v := jm.Verdict
	words := []string{"scheme " + v.Scheme}
	if jm.Guess != nil && jm.Guess.Inferred {
		words[0] += ", worked out from this request"
	}
	if jm.Key != "" {
		words = append(words, "key "+jm.Key)
	}
	if !v.SignedAt.IsZero() {
		words = append(words, skewWords(v.Skew))
	}
	return strings.Join(words, ", ")
}

func invalidWords(v sign.Verdict) string {
	switch {
	case v.Reason == sign.TooOld, v.Reason == sign.TooNew:
		return "the signature is right, but it was " + skewWords(v.Skew)
	case !v.Detail.IsZero():
		return v.Detail.String()
	default:
		return "scheme " + v.Scheme
	}
}

func skewWords(skew time.Duration) string {
	switch {
	case skew > 0:
		return "signed " + render.Dur(skew) + " ago"
	case skew < 0:
		return "signed " + render.Dur(skew.Abs()) + " in the future"
	default:
		return "signed just now"
	}
}
