package render

// How a handshake looks.

import (
	"cmp"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

const typeHandshake = "handshake"

// handshakeObject is a line of the stream; docs/json.md lists it.
type handshakeObject struct {
	Type       string            `json:"type"`
	Time       string            `json:"time"`
	Seq        int64             `json:"seq,omitempty"`
	Scheme     string            `json:"scheme"`
	Provider   string            `json:"provider"`
	Field      string            `json:"field"`
	Method     string            `json:"method"`
	Path       string            `json:"path"`
	Answered   bool              `json:"answered"`
	Status     int               `json:"status"`
	Target     string            `json:"target,omitempty"`
	DurationMs float64           `json:"durationMs,omitempty"`
	Reason     sign.Withheld     `json:"reason,omitempty"`
	Key        record.KeyBrought `json:"key,omitempty"`
	KeyFile    string            `json:"keyFile,omitempty"`
}

func handshakeJSON(a record.Asked, at string) handshakeObject {
	return handshakeObject{
		Type: typeHandshake, Time: at, Scheme: a.Scheme, Provider: provider(a), Field: a.Field, Method: a.Method, Path: masking.RequestTarget(a.Path),
		Answered: a.Withheld == "" && a.Status < 300, Status: a.Status, Target: a.Target, DurationMs: Millis(a.Duration), Reason: a.Withheld, Key: a.Key, KeyFile: a.KeyFile,
	}
}

// provider is the provider without what stands in brackets behind its name.
func provider(a record.Asked) string {
	name, _, _ := strings.Cut(cmp.Or(a.Provider, a.Scheme), " (")
	return name
}

// handshake shows that a provider asked, and what it was told.
func (p *text) handshake(a record.Asked, at time.Time) error {
	p.last = ""
	st, width := p.t.Style(), p.t.Width()
	line := st.Dim(at.In(p.o.Location).Format(fullClock)) + gap + "handshake: " + term.Clean(provider(a)+", "+a.Field)
	outcome := arrow + status(st, a.Status)
	switch {
	case a.Target != "":
		outcome += " in " + Dur(a.Duration) + gap + ShortTarget(a.Target)
	case a.Withheld != "":
		outcome += ", not answered"
	}
	lines := []string{line + gap + outcome}
	if width > 0 && term.Width(lines[0]) > width {
		lines = []string{term.Cut(line, width), term.Cut(indentFor(width)+outcome, width)}
	}
	for _, words := range []string{withheldWords(a.Withheld), keyWords(a)} {
		if words != "" {
			lines = append(lines, below(words, width, st.Dim)...)
		}
	}
	return writeLines(p.t.Out, lines)
}

func withheldWords(why sign.Withheld) string {
	switch why {
	case sign.WithheldVerifyToken:
		return "its verify token is not that of --verify-token"
	case sign.WithheldUnknown:
		return "it carries a verify token: add --verify-token with the text that you chose at the provider"
	case sign.WithheldUnsigned:
		return "the provider signs this question, and its signature is missing or does not hold: the answer is made with the key, so nobody else gets one"
	case sign.WithheldToken:
		return "an answer to this text could be used as the signature of an event"
	case sign.WithheldText:
		return "the text to give back is too long, or holds what no provider sends"
	default:
		return ""
	}
}

func keyWords(a record.Asked) string {
	switch a.Key {
	case record.KeyLost:
		return "it brings the key of the events, which is not shown: --key-file FILE keeps it"
	case record.KeyKept:
		return "the key of the events is in " + term.Clean(a.KeyFile)
	default:
		return ""
	}
}
