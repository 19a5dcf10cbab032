package scheme

// Handshakes: how a provider asks whether a URL is the user's, and the right answer.

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// HandshakeSpec says how a provider asks whether a URL is the user's, and what it wants to hear. A field of a request is written
// query:NAME, header:NAME or json:PATH.
type HandshakeSpec struct {
	Method string `json:"method,omitempty"` // default POST
	// When lists the fields that a request must have to be the handshake, each with =VALUE where only that value counts. What asks is the
	// last one without a value, else the first.
	When Names `json:"when,omitempty"`
	// Only lists the members that the body of an unsigned handshake may have. A body with any other is no handshake, so that no event
	// passes for one.
	Only Names `json:"only,omitempty"`
	// Verified says that the provider signs the handshake as it signs an event.
	Verified bool `json:"verified,omitempty"`
	// Content is what is signed in place of the body, as literals and {query:NAME} {header:NAME} {json:PATH}.
	Content     string     `json:"content,omitempty"`
	VerifyToken string     `json:"verify_token,omitempty"` // the field with the text that the user chose at the provider
	KeyFrom     string     `json:"key_from,omitempty"`     // the field that brings the key of the events; "key" in a config file is a secret
	Sample      string     `json:"sample,omitempty"`       // the body that the provider documents; its fields are set afresh each time
	Answer      AnswerSpec `json:"answer,omitzero"`
}

// AnswerSpec is the right answer to a handshake, of literals and {query:NAME} {header:NAME} {json:PATH}, or {hmac:FIELD} for a field's
// HMAC with the key of the scheme, written as its signatures are.
type AnswerSpec struct {
	Status int               `json:"status,omitempty"` // the one status that is right; 0: any 2xx
	Text   string            `json:"text,omitempty"`   // the body, as text/plain
	JSON   map[string]string `json:"json,omitempty"`   // members of the body, as JSON texts
	Header map[string]string `json:"header,omitempty"`
	// OrJSON lists the members of a JSON body that the provider takes in place of Text or Header.
	OrJSON map[string]string `json:"or_json,omitempty"`
}

// IsZero says whether any 2xx is the right answer.
func (a AnswerSpec) IsZero() bool {
	return a.Status == 0 && a.Text == "" && len(a.JSON) == 0 && len(a.Header) == 0 && len(a.OrJSON) == 0
}

// The kinds of a Field, and of a piece of an answer that is a keyed hash.
const (
	FieldQuery  = "query"
	FieldHeader = "header"
	FieldJSON   = "json"
	PieceHMAC   = "hmac"
)

// The methods of handshakes.
const (
	post    = "POST"
	get     = "GET"
	head    = "HEAD"
	options = "OPTIONS"
)

// Field is a place in a request.
type Field struct {
	Kind  string         // FieldQuery, FieldHeader or FieldJSON
	Name  string         // of the parameter, the canonical one of the header, or the JSON path
	Path  jsonbytes.Path // of FieldJSON
	Value string         // the one that it must have; "": any but the empty one
}

// AnswerPiece is one part of an answer: a literal, a field, or the field's keyed hash.
type AnswerPiece struct {
	Text  string // the literal, where Field is nil
	Field *Field
	Keyed bool // the field's keyed hash
}

// Handshake is a HandshakeSpec ready for use.
type Handshake struct {
	Method      string
	When        []Field
	Asks        *Field   // what asks; nil: the method alone
	Only        []string // nil: the body must be empty or an object without members
	Verified    bool
	Content     []AnswerPiece // nil: the body is signed
	VerifyToken *Field        // nil: none is asked for
	Key         *Field        // nil: it brings none
	Sample      string
	Status      int // 0: any 2xx
	Text        []AnswerPiece
	JSON        map[string][]AnswerPiece
	Header      map[string][]AnswerPiece // canonical names
	OrJSON      map[string][]AnswerPiece
}

// Keyed says whether the answer is made with the key.
func (h *Handshake) Keyed() bool {
	keyed := func(pieces []AnswerPiece) bool {
		return slices.ContainsFunc(pieces, func(p AnswerPiece) bool { return p.Keyed })
	}
	if keyed(h.Text) {
		return true
	}
	for _, members := range []map[string][]AnswerPiece{h.JSON, h.Header, h.OrJSON} {
		for _, pieces := range members {
			if keyed(pieces) {
				return true
			}
		}
	}
	return false
}

// Safe says whether no event can be sent with the handshake's method (RFC 9110, 9.2.1).
func (h *Handshake) Safe() bool { return h.Method != post }

func decodeHandshake(b *branch) *HandshakeSpec {
	h := &HandshakeSpec{
		Method: b.text("method"), When: b.names("when"), Only: b.names("only"), Verified: b.flag("verified"), Content: b.text("content"),
		VerifyToken: b.text("verify_token"), KeyFrom: b.text("key_from"), Sample: b.text("sample"),
	}
	if a := b.sub("answer"); a != nil {
		status := a.number("status")
		h.Answer = AnswerSpec{Status: int(status), Text: a.text("text"), JSON: a.texts("json"), Header: a.texts("header"), OrJSON: a.texts("or_json")}
		if status != float64(h.Answer.Status) || status != 0 && (status < 200 || status > 299) {
			a.fail("status", "must be a status from 200 to 299", "")
		}
		a.done()
	}
	return h
}

// handshakeLimits refuses what is too large before anything is made of it.
func (c *parser) handshakeLimits(h *HandshakeSpec) {
	c.list("handshake.when", h.When)
	c.list("handshake.only", h.Only)
	c.longest("handshake.content", maxTemplate, h.Content)
	c.longest("handshake.verify_token", maxTemplate, h.VerifyToken)
	c.longest("handshake.key_from", maxTemplate, h.KeyFrom)
	c.longest("handshake.sample", maxSchemeText, h.Sample)
	c.longest("handshake.answer.text", maxTemplate, h.Answer.Text)
	c.table("handshake.answer.json", h.Answer.JSON)
	c.table("handshake.answer.header", h.Answer.Header)
	c.table("handshake.answer.or_json", h.Answer.OrJSON)
}

func (c *parser) handshake() {
	s := c.p.scheme.Handshake
	if s == nil {
		return
	}
	method := s.Method
	c.oneOf("handshake.method", &method, post, get, head, options)
	h := &Handshake{Method: method, Only: s.Only, Verified: s.Verified, Sample: s.Sample, Status: s.Answer.Status}
	for _, text := range s.When {
		h.When = append(h.When, c.field("handshake.when", text, true))
	}
	for i := range h.When {
		if h.When[i].Value == "" || h.Asks == nil {
			h.Asks = &h.When[i]
		}
	}
	h.VerifyToken = c.optional("handshake.verify_token", s.VerifyToken)
	h.Key = c.optional("handshake.key_from", s.KeyFrom)
	h.Content = c.answer("handshake.content", s.Content)
	h.Text = c.answer("handshake.answer.text", s.Answer.Text)
	h.JSON = c.answers("handshake.answer.json", s.Answer.JSON)
	h.OrJSON = c.answers("handshake.answer.or_json", s.Answer.OrJSON)
	h.Header = map[string][]AnswerPiece{}
	for name, pieces := range c.answers("handshake.answer.header", s.Answer.Header) {
		if !ValidHeaderName(name) {
			c.fail("handshake.answer.header", Quote(name)+" is not a header name", "")
			return
		}
		h.Header[CanonicalHeader(name)] = pieces
	}
	c.sound(h)
	c.p.Handshake = h
}

// sound refuses a handshake that would make a signing oracle or let an event pass for a question.
func (c *parser) sound(h *Handshake) {
	posts := h.Method == post
	switch {
	case len(h.When) == 0 && h.Method != head:
		c.fail("handshake.when", "is missing: say which field makes a request the handshake", "")
	case h.Keyed() && !h.Verified:
		c.fail("handshake.answer", "a keyed hash needs verified: true, or anybody could have texts signed", "")
	case h.Keyed() && !c.p.hmac():
		c.fail("handshake.answer", "{hmac:…} needs an hmac algorithm, and "+string(c.p.scheme.Algorithm)+" is none", "")
	case h.Content != nil && !h.Verified:
		c.fail("handshake.content", "needs verified: true", "")
	case h.Content != nil && c.p.scheme.Content != "{"+PieceBody+"}":
		c.fail("handshake.content", "needs content: \"{body}\", whose place it takes", "")
	case len(h.Only) > 0 && (h.Verified || !posts):
		c.fail("handshake.only", "is for the body of an unsigned POST", "")
	case len(h.Text) > 0 && len(h.JSON) > 0:
		c.fail("handshake.answer.text", "cannot stand beside handshake.answer.json: there is one body", "")
	case len(h.OrJSON) > 0 && len(h.JSON) > 0:
		c.fail("handshake.answer.or_json", "is what is right in place of text or header", "")
	case !posts && slices.ContainsFunc(h.When, func(f Field) bool { return f.Kind == FieldJSON }):
		c.fail("handshake.when", "a "+h.Method+" has no body with a JSON path", "")
	case posts && !h.Verified && len(h.Only) == 0 && slices.ContainsFunc(h.When, func(f Field) bool { return f.Kind == FieldJSON }):
		c.fail("handshake.only", "is missing: list the members that the body of this unsigned handshake has", "")
	}
}

// hmac says whether the scheme's algorithm is a keyed hash.
func (r *Parsed) hmac() bool { return strings.HasPrefix(string(r.scheme.Algorithm), "hmac-") }

// optional reads a field that need not be given.
func (c *parser) optional(where, text string) *Field {
	if text == "" {
		return nil
	}
	f := c.field(where, text, false)
	return &f
}

// field reads query:NAME, header:NAME or json:PATH, and =VALUE where that may follow.
func (c *parser) field(where, text string, valued bool) Field {
	place, value, has := strings.Cut(text, "=")
	kind, name, _ := strings.Cut(place, ":")
	f := Field{Kind: kind, Name: name, Value: value}
	switch {
	case has && (!valued || value == ""):
		c.fail(where, Quote(text)+" has a value where none can stand", "")
	case name == "":
		c.fail(where, Quote(text)+" is not a field: write query:NAME, header:NAME or json:PATH", "")
	case kind == FieldQuery:
	case kind == FieldHeader && ValidHeaderName(name):
		f.Name = CanonicalHeader(name)
	case kind == FieldHeader:
		c.fail(where, Quote(name)+" is not a header name", "")
	case kind == FieldJSON:
		f.Path = c.path(where, name)
	default:
		c.fail(where, Quote(text)+" is not a field: write query:NAME, header:NAME or json:PATH", likeliest(kind, []string{FieldQuery, FieldHeader, FieldJSON}))
	}
	return f
}

func (c *parser) answers(where string, texts map[string]string) map[string][]AnswerPiece {
	if len(texts) == 0 {
		return nil
	}
	out := make(map[string][]AnswerPiece, len(texts))
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		out[name] = c.answer(where, texts[name])
	}
	return out
}

// answer cuts the template of an answer into pieces.
func (c *parser) answer(where, text string) []AnswerPiece {
	pieces, bad := parseTemplate(text, []string{FieldQuery + ":", FieldHeader + ":", FieldJSON + ":", PieceHMAC + ":"})
	if bad != nil {
		c.fail(where, bad.problem, bad.nearest)
		return nil
	}
	if len(pieces) > maxPieces {
		c.fail(where, "has more than "+strconv.Itoa(maxPieces)+" parts", "")
		return nil
	}
	var out []AnswerPiece
	for _, p := range pieces {
		switch p.Kind {
		case "":
			out = append(out, AnswerPiece{Text: p.Text})
		case PieceHMAC:
			f := c.field(where, p.Text, false)
			out = append(out, AnswerPiece{Field: &f, Keyed: true})
		default:
			f := c.field(where, p.Kind+":"+p.Text, false)
			out = append(out, AnswerPiece{Field: &f})
		}
	}
	return out
}
