package sign

// Handshakes: a provider's question whether a URL is the user's, and the answer to it. An answer must never be a signature that
// somebody else could use: a keyed one is given only to a question that verifies, and only for a token that no event could be.

import (
	"crypto/subtle"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// The bounds of a handshake.
const (
	maxQuestion   = 64 << 10 // bytes of its body
	maxEcho       = 2 << 10  // bytes of a text that is given back
	maxHeaderEcho = 512
	maxKeyed      = 128 // characters of a token that is answered with a keyed hash
)

// keyedAlphabet is what a token may be made of to get a keyed answer. No JSON and no separator of a signed text can be written with it.
const keyedAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_=+/.-"

// Question is a handshake that a request asks.
type Question struct {
	rules *Rules
	shake *scheme.Handshake
	m     *Message
	query url.Values
}

// Withheld is why a handshake gets no answer.
type Withheld string

// The reasons.
const (
	WithheldVerifyToken Withheld = "verify_token"    // it carries another verify token than the user's, or none
	WithheldUnknown     Withheld = "no_verify_token" // it carries a verify token, and none was given to compare with
	WithheldUnsigned    Withheld = "unsigned"        // the answer is keyed, and the provider's signature does not hold or is missing
	WithheldToken       Withheld = "token"           // a keyed answer to this text could be the signature of an event
	WithheldText        Withheld = "text"            // the text to give back is too long, or holds what no provider sends
)

// Answer is the right answer to a handshake.
type Answer struct {
	Status      int    // 200 where any 2xx is right
	AnyOK       bool   // any 2xx is right
	ContentType string // "" without a body
	Fields      []Field
	Body        []byte
	// Members are those of a JSON answer, and Or those of the one that is right in its place.
	Members, Or map[string]string
}

// Question is the handshake that a request asks by these rules; false where it is none. Whether it is signed is for the caller to find
// out, with Signed.
func (r *Rules) Question(m *Message) (*Question, bool) {
	h := r.Handshake
	if h == nil || m.Method != h.Method || len(m.Body) > maxQuestion {
		return nil, false
	}
	q := &Question{rules: r, shake: h, m: m}
	if _, raw, has := strings.Cut(m.Target, "?"); has {
		var err error
		if q.query, err = url.ParseQuery(raw); err != nil {
			return nil, false
		}
	}
	for i := range h.When {
		f := &h.When[i]
		if text, ok := q.text(f); !ok || text == "" || f.Value != "" && text != f.Value {
			return nil, false
		}
	}
	return q, h.Verified && h.Content == nil || q.bare()
}

// bare says whether the body holds nothing but the handshake, so that no event passes for one.
func (q *Question) bare() bool {
	body := q.m.Body
	if len(body) == 0 {
		return true
	}
	if q.shake.Safe() {
		return false
	}
	var list []json.RawMessage
	listed := len(q.shake.Only) > 0 && json.Unmarshal(body, &list) == nil && len(list) == 1
	if listed {
		body = list[0]
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil || members == nil || !q.named(body, members) {
		return false
	}
	for _, value := range members {
		if !listed && (value[0] == '{' || value[0] == '[') {
			return false
		}
	}
	return true
}

// named says whether an object has no other members than those of the handshake, and each once: of two a receiver may read the one that
// is not looked at here.
func (q *Question) named(body []byte, members map[string]json.RawMessage) bool {
	paths := make([]jsonbytes.Path, 0, len(members))
	for name := range members {
		if !slices.Contains(q.shake.Only, name) {
			return false
		}
		paths = append(paths, jsonbytes.Key(name))
	}
	return jsonbytes.Twice(body, paths) == ""
}

// text is what stands in a field. It is false where the field is missing or there twice.
func (q *Question) text(f *scheme.Field) (string, bool) {
	switch f.Kind {
	case scheme.FieldQuery:
		values := q.query[f.Name]
		if len(values) != 1 {
			return "", false
		}
		return values[0], true
	case scheme.FieldHeader:
		values := q.m.Header[f.Name]
		if len(values) != 1 {
			return "", false
		}
		return values[0], true
	default:
		return scheme.Lookup(q.m.Body, f.Path)
	}
}

// Scheme is the scheme whose provider asks.
func (q *Question) Scheme() *scheme.Scheme { return q.rules.Scheme() }

// Asks names what asks: a field such as hub.challenge, or the method.
func (q *Question) Asks() string {
	if q.shake.Asks == nil {
		return q.shake.Method
	}
	return q.shake.Asks.Name
}

// Detailed is how many fields make it the handshake. Of two schemes whose handshake a request is, the one with more is the likelier.
func (q *Question) Detailed() int { return len(q.shake.When) }

// Safe says whether no event comes with its method.
func (q *Question) Safe() bool { return q.shake.Safe() }

// MustVerify says whether the provider signs the handshake.
func (q *Question) MustVerify() bool { return q.shake.Verified }

// OwnText says whether the handshake is signed over another text than an event.
func (q *Question) OwnText() bool { return q.shake.Content != nil }

// Signed is the message whose signature is that of the handshake: the request, or one with the text in place of the body.
func (q *Question) Signed() *Message {
	if q.shake.Content == nil {
		return q.m
	}
	m := *q.m
	text, _ := q.fill(q.shake.Content, nil)
	m.Body = []byte(text)
	return &m
}

// Key is the key of the events that the handshake brings; "" where it brings none.
func (q *Question) Key() string {
	if q.shake.Key == nil {
		return ""
	}
	text, _ := q.text(q.shake.Key)
	return text
}

// Secrets are the texts of the request that nobody else should see.
func (q *Question) Secrets() []string {
	var out []string
	for _, f := range []*scheme.Field{q.shake.VerifyToken, q.shake.Key} {
		if f == nil {
			continue
		}
		if text, _ := q.text(f); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// Answer is the right answer, or why there is none. v is the verdict on Signed with keys; verifyToken is the text that the user chose
// at the provider, "" where that is not known.
func (q *Question) Answer(keys []Key, v Verdict, verifyToken string) (Answer, Withheld) {
	h := q.shake
	if why := q.vouched(verifyToken); why != "" {
		return Answer{}, why
	}
	var key *keyData
	if h.Keyed() {
		if !v.OK || v.KeyIndex < 0 || v.KeyIndex >= len(keys) {
			return Answer{}, WithheldUnsigned
		}
		key = keys[v.KeyIndex].k
	}
	a := Answer{Status: h.Status, AnyOK: h.Status == 0}
	if a.AnyOK {
		a.Status = 200
	}
	var why Withheld
	write := func(pieces []scheme.AnswerPiece, most int) string {
		text, bad := q.fill(pieces, key)
		switch {
		case why != "":
		case bad != "":
			why = bad
		case len(text) > most || !printable(text):
			why = WithheldText
		}
		return text
	}
	if len(h.Text) > 0 {
		a.ContentType, a.Body = "text/plain; charset=utf-8", []byte(write(h.Text, maxEcho))
	}
	a.Members = filled(h.JSON, func(p []scheme.AnswerPiece) string { return write(p, maxEcho) })
	a.Or = filled(h.OrJSON, func(p []scheme.AnswerPiece) string { return write(p, maxEcho) })
	if len(a.Members) > 0 {
		a.ContentType = "application/json"
		a.Body, _ = json.Marshal(a.Members) //nolint:errchkjson // texts always can be written
	}
	for _, name := range slices.Sorted(maps.Keys(h.Header)) {
		value := write(h.Header[name], maxHeaderEcho)
		if strings.ContainsFunc(value, func(c rune) bool { return c >= utf8.RuneSelf }) {
			why = WithheldText
		}
		a.Fields = append(a.Fields, Field{name, value})
	}
	if why != "" {
		return Answer{}, why
	}
	return a, ""
}

func filled(members map[string][]scheme.AnswerPiece, write func([]scheme.AnswerPiece) string) map[string]string {
	if len(members) == 0 {
		return nil
	}
	out := make(map[string]string, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		out[name] = write(members[name])
	}
	return out
}

// vouched says why the verify token is not the one that the user chose; "" where it is. A question that could carry one and does not is
// none of the user's where they chose one.
func (q *Question) vouched(chosen string) Withheld {
	if q.shake.VerifyToken == nil {
		return ""
	}
	carried, has := q.text(q.shake.VerifyToken)
	switch {
	case chosen == "" && has:
		return WithheldUnknown
	case chosen == "" || subtle.ConstantTimeCompare([]byte(carried), []byte(chosen)) == 1:
		return ""
	default:
		return WithheldVerifyToken
	}
}

// fill puts a text together.
func (q *Question) fill(pieces []scheme.AnswerPiece, key *keyData) (string, Withheld) {
	var b strings.Builder
	for _, p := range pieces {
		if p.Field == nil {
			b.WriteString(p.Text)
			continue
		}
		text, _ := q.text(p.Field)
		if p.Keyed {
			if !q.rules.mayHash(text) {
				return "", WithheldToken
			}
			m := key.mac()
			_, _ = m.h.Write([]byte(text))
			text = encodeSignature(m.h.Sum(m.sum[:0]), q.rules.Scheme().Signature.Encoding)
			key.release(m)
		}
		b.WriteString(text)
	}
	return b.String(), ""
}

// printable says whether a text holds nothing but what is seen, and blanks.
func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(c rune) bool { return c != ' ' && !unicode.IsPrint(c) || c == utf8.RuneError })
}

// mayHash says whether the keyed hash of a text is of no use to forge an event: the text is short, of harmless characters, and not in
// the form of what the scheme signs.
func (r *Rules) mayHash(text string) bool {
	return text != "" && len(text) <= maxKeyed && strings.Trim(text, keyedAlphabet) == "" && !r.couldBeSigned(text)
}

// couldBeSigned says whether a text is in the form of the scheme's signed text.
func (r *Rules) couldBeSigned(text string) bool {
	if len(r.Content) == 1 && r.Content[0].Kind == scheme.PieceBody {
		return couldBeBody(text)
	}
	return r.fits(r.Content, text)
}

// fits says whether a text could be made of a template. Literals are exact and a time must be readable; any text will do for the rest.
func (r *Rules) fits(pieces []scheme.Piece, text string) bool {
	reached := make([]bool, len(text)+1) // by a part of the template that ends there
	reached[0] = true
	for _, p := range pieces {
		next := make([]bool, len(reached))
		for from, is := range reached {
			if !is {
				continue
			}
			for to := from; to <= len(text); to++ {
				next[to] = next[to] || r.mayBe(p, text[from:to])
			}
		}
		reached = next
	}
	return reached[len(text)]
}

// mayBe says whether a text could stand for a piece of a template.
func (r *Rules) mayBe(p scheme.Piece, text string) bool {
	switch p.Kind {
	case "":
		return text == p.Text
	case scheme.PieceTime:
		_, err := r.Clock.Parse(text)
		return err == nil
	default:
		return true
	}
}

// couldBeBody says whether a text could be the body of an event: JSON, or a form.
func couldBeBody(text string) bool {
	_, value, form := strings.Cut(text, "=")
	return json.Valid([]byte(text)) || form && strings.Trim(value, "=") != ""
}
