package verify

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

// result is the output as JSON; docs/json.md lists it.
type result struct {
	Verdict any    `json:"verdict"`
	Key     string `json:"key,omitempty"` // which key matched, by name
	explained
	Guess *guessJSON `json:"guess,omitempty"` // with --scheme auto
}

// explained is what the search for a mistake came to.
type explained struct {
	Findings []sign.Finding `json:"findings"`
	Tried    int            `json:"tried"`
	CutOff   bool           `json:"cutOff"`
	Next     string         `json:"next,omitempty"`
}

func explainedOf(d sign.Diagnosis) explained {
	e := explained{Findings: d.Findings, Tried: d.Tried, CutOff: d.CutOff, Next: d.Next}
	if e.Findings == nil {
		e.Findings = []sign.Finding{}
	}
	return e
}

// guessJSON says how sure a guessed scheme is.
type guessJSON struct {
	Scheme     string  `json:"scheme"`
	Confidence float64 `json:"confidence"`
	Why        string  `json:"why"`
}

func guessOf(c cmdkit.Choice) *guessJSON {
	if !c.Guessed {
		return nil
	}
	return &guessJSON{Scheme: c.Rules.Scheme().Name, Confidence: math.Round(c.Confidence*100) / 100, Why: c.Why}
}

func (o *options) print(v sign.Verdict, d sign.Diagnosis, c cmdkit.Choice) error {
	format, jq, err := o.env.Format()
	if err != nil {
		return err
	}
	out := result{Verdict: render.VerdictJSON(v), Key: c.Label(v), explained: explainedOf(d), Guess: guessOf(c)}
	return render.Output{Format: format, JQ: jq}.Value(o.env.IO, out, func() error {
		var b strings.Builder
		style := o.env.IO.Style()
		b.WriteString(term.FoldWords(verdictText(style, v, c), o.env.IO.Width()))
		for _, line := range render.Findings(style, d, o.env.IO.Width()) {
			b.WriteString(line + "\n")
		}
		b.WriteString(guessText(style, c))
		_, err := o.env.IO.Out.Write([]byte(b.String()))
		return err
	})
}

func guessText(style term.Style, c cmdkit.Choice) string {
	if !c.Guessed {
		return ""
	}
	return style.Dim(term.Clean("  guessed: "+c.Words())) + "\n"
}

func validWords(v sign.Verdict, c cmdkit.Choice) string {
	words := []string{"scheme " + v.Scheme}
	if label := c.Label(v); label != "" {
		words = append(words, "key "+label)
	}
	if !v.SignedAt.IsZero() {
		words = append(words, skewWords(v.Skew))
	}
	return strings.Join(words, ", ")
}

func invalidWords(v sign.Verdict, c cmdkit.Choice) string {
	timely := v.Reason == sign.TooOld || v.Reason == sign.TooNew
	if v.Detail != "" && !timely {
		return v.Detail
	}
	switch v.Reason {
	case sign.TooOld, sign.TooNew:
		return "the signature is right, but it was " + skewWords(v.Skew)
	case sign.Mismatch:
		return fmt.Sprintf("no signature in the request belongs to this body under scheme %s and %s", v.Scheme, cmdkit.Plural(len(c.Keys), "key"))
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
