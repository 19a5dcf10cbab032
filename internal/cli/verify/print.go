package verify

// What whctl verify prints: the verdict, and the findings.

import (
	"math"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/craft"
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
	Form  craft.Form `json:"form,omitempty"`  // how the request was written down
}

// listed is one of several results.
type listed struct {
	File  string `json:"file"`
	Entry int    `json:"entry,omitempty"` // which of a HAR, from 1
	Error string `json:"error,omitempty"` // it could not be verified; then there is no verdict
	result
}

func (c *checked) result() result {
	if c.err != nil {
		return result{explained: explainedOf(explain.Diagnosis{})}
	}
	return result{
		Verdict: render.VerdictJSON(c.jm.Verdict, c.jm.Key), Key: c.jm.Key, explained: explainedOf(c.found), Guess: guessOf(c.jm), Form: c.form,
	}
}

// explained is the result of the search for a mistake.
type explained struct {
	Findings []explain.Finding `json:"findings"`
	Tried    int               `json:"tried"`
	CutOff   bool              `json:"cutOff"`
	Next     string            `json:"next,omitempty"` // the steps on one line
	Steps    explain.Steps     `json:"steps,omitempty"`
}

func explainedOf(d explain.Diagnosis) explained {
	return explained{Findings: append([]explain.Finding{}, d.Findings...), Tried: d.Tried, CutOff: d.CutOff, Next: d.Next.String(), Steps: d.Next}
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

func (o *options) print(c checked) error {
	return o.show(c.result(), func() string { return o.text(c, "") })
}

// printAll prints a list, each with its name.
func (o *options) printAll(all []checked) error {
	results := make([]listed, len(all))
	for i, c := range all {
		results[i] = listed{File: c.file, Entry: c.entry, result: c.result()}
		if c.err != nil {
			results[i].Error = c.err.Error()
		}
	}
	return o.show(results, func() string {
		var b strings.Builder
		for _, c := range all {
			b.WriteString(o.text(c, term.Clean(c.name())+": "))
		}
		return b.String()
	})
}

func (o *options) show(value any, text func() string) error {
	format, jq, err := o.env.Format()
	if err != nil {
		return err
	}
	return render.Output{Format: format, JQ: jq}.Value(o.env.IO, value, func() error {
		_, err := o.env.IO.Out.Write([]byte(text()))
		return err
	})
}

// text is the verdict behind a name, and the findings.
func (o *options) text(c checked, name string) string {
	style, width := o.env.IO.Style(), o.env.IO.Width()
	if c.err != nil {
		return term.FoldWords(name+style.Bad("error:")+" "+term.Clean(c.err.Error())+"\n", width)
	}
	var b strings.Builder
	b.WriteString(term.FoldWords(name+verdictText(style, c.jm, o.then()), width))
	for _, line := range render.Findings(style, c.found, width) {
		b.WriteString(line + "\n")
	}
	b.WriteString(guessText(style, c.jm))
	return b.String()
}

func guessText(style term.Style, jm judge.Judgement) string {
	if guessOf(jm) == nil || jm.Verdict.OK { // one that verified is no guess any more
		return ""
	}
	return style.Dim(term.Clean("  guessed: "+jm.Guess.Words())) + "\n"
}

func validWords(jm judge.Judgement, then string) string {
	v := jm.Verdict
	words := []string{"scheme " + v.Scheme}
	if jm.Guess != nil && jm.Guess.Inferred {
		words[0] += ", worked out from this request"
	}
	if jm.Key != "" {
		words = append(words, "key "+jm.Key)
	}
	if !v.SignedAt.IsZero() {
		words = append(words, skewWords(v.Skew, then))
	}
	return strings.Join(words, ", ")
}

func invalidWords(v sign.Verdict, then string) string {
	switch {
	case v.Reason == sign.TooOld, v.Reason == sign.TooNew:
		return "the signature is right, but it was " + skewWords(v.Skew, then)
	case !v.Detail.IsZero():
		return v.Detail.String()
	default:
		return "scheme " + v.Scheme
	}
}

// skewWords say when a request was signed, seen from the time that it is verified as of; "" is now.
func skewWords(skew time.Duration, then string) string {
	switch {
	case skew == 0 && then == "":
		return "signed just now"
	case skew == 0:
		return "signed just then"
	case skew > 0 && then != "":
		return "signed " + render.Dur(skew) + " before " + then
	case skew > 0:
		return "signed " + render.Dur(skew) + " ago"
	case then != "":
		return "signed " + render.Dur(skew.Abs()) + " after " + then
	default:
		return "signed " + render.Dur(skew.Abs()) + " in the future"
	}
}
