package verify

import (
	"fmt"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
)

// result is the output as JSON; docs/json.md lists it.
type result struct {
	Verdict  any            `json:"verdict"`
	Key      string         `json:"key,omitempty"` // which key matched, by name
	Findings []sign.Finding `json:"findings"`
	Tried    int            `json:"tried"`
}

func (o *options) print(v sign.Verdict, d sign.Diagnosis, keys *cmdkit.KeySet) error {
	format, jq, err := o.env.Format()
	if err != nil {
		return err
	}
	out := result{Verdict: render.VerdictJSON(v), Key: keys.Label(v), Findings: d.Findings, Tried: d.Tried}
	if out.Findings == nil {
		out.Findings = []sign.Finding{}
	}
	return render.Output{Format: format, JQ: jq}.Value(o.env.IO, out, func() error {
		var b strings.Builder
		style := o.env.IO.Style()
		b.WriteString(verdictText(style, v, keys))
		for _, line := range render.Findings(style, d, o.env.IO.Width()) {
			b.WriteString(line + "\n")
		}
		_, err := o.env.IO.Out.Write([]byte(b.String()))
		return err
	})
}

func validWords(v sign.Verdict, keys *cmdkit.KeySet) string {
	words := []string{"scheme " + v.Scheme, "key " + keys.Label(v)}
	if !v.SignedAt.IsZero() {
		words = append(words, skewWords(v.Skew))
	}
	return strings.Join(words, ", ")
}

func invalidWords(v sign.Verdict, keys *cmdkit.KeySet) string {
	if v.Detail != "" {
		return v.Detail
	}
	switch v.Reason {
	case sign.TooOld, sign.TooNew:
		return "the signature is right, but it is " + skewWords(v.Skew)
	case sign.Mismatch:
		return fmt.Sprintf("no signature in the request belongs to this body under scheme %s and %s", v.Scheme, cmdkit.Plural(len(keys.Keys), "key"))
	default:
		return "scheme " + v.Scheme
	}
}

func skewWords(skew time.Duration) string {
	switch {
	case skew > 0:
		return "signed " + render.Dur(skew) + " ago"
	case skew < 0:
		return "signed " + render.Dur(-skew) + " in the future"
	default:
		return "signed just now"
	}
}
