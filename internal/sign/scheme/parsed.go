package scheme

// A scheme ready for use.

import (
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// Parsed is a scheme that was checked, with its defaults filled in and its templates cut into pieces. Nobody changes it.
type Parsed struct {
	scheme Scheme
	needs  Needs
	looks  bool
	bare   bool
	leaves leaving

	Content []Piece
	Uses    map[string]bool // the placeholders of Content
	Require []Requirement   // of headers
	Members []Requirement   // of members of the body

	Certificate *Certificate // nil: certificates are keys like others

	SigHeaders []string       // canonical, like all names of headers here
	SigPath    jsonbytes.Path // the signature stands in the body, which is JSON
	SigForm    string         // the signature is this field of the body, which is a form
	SigAny     bool           // every listed header is a candidate
	Item       Pattern
	NextItem   *Pattern // of the second and later signatures; nil: as the first

	HasTime     bool
	TimeHeaders []string
	TimePath    jsonbytes.Path
	TimeForm    string
	TimeItem    *Pattern
	CopyPath    jsonbytes.Path // of the time's copy in the body
	Clock       Clock

	Items       jsonbytes.Path   // a pattern of the body's parts that are signed one by one; nil: the body is signed as one
	Covered     []jsonbytes.Path // members of the body that are signed, where the rest of it is not
	TokenClaims []TokenClaim     // that a token must have
	Components  []string         // headers that a message signature must cover

	IDHeaders    []string
	EventHeaders []string   // those that name the event
	Handshake    *Handshake // nil: the provider asks nothing
	Single       []string   // those that may come once only
	HeaderSet    bool       // signature, time and id headers are parallel lists: one complete set is used
}

// Needs says what a scheme signs besides headers and body, so that a caller can ask for it.
type Needs struct {
	ID        bool     // a message id in a header
	Timestamp bool     // a time, in a header, in the signature header or in the body
	URL       bool     // the URL as the provider knows it
	Method    bool     // the request method
	Params    []string // settings for {param:name}, sorted
	Members   []string // JSON paths of members that the body must have; not those that signing sets
}

// Requirement is a header, or a member of the body, that must have a value.
type Requirement struct {
	Header string // canonical; "" for a member
	Path   jsonbytes.Path
	Name   string // as the scheme writes it; of a member its path
	Value  []Piece
}

// Scheme returns the scheme with its defaults filled in. It must not be changed.
func (r *Parsed) Scheme() *Scheme { return &r.scheme }

// Needs says what the scheme signs besides headers and body. The result must not be changed.
func (r *Parsed) Needs() Needs { return r.needs }

func (r *Parsed) findNeeds() Needs {
	n := Needs{
		ID:        len(r.IDHeaders) > 0 || r.scheme.JWT != nil && r.scheme.JWT.Jti,
		Timestamp: r.HasTime,
		URL:       r.Uses[PieceURL] || r.Uses[PieceQuery] || r.scheme.BodyHash != nil || r.scheme.JWT != nil && r.scheme.JWT.URLClaim != "",
		Method:    r.Uses[PieceMethod],
	}
	add := func(pieces []Piece) {
		for _, t := range pieces {
			if t.Kind == PieceParam && t.Must() && !slices.Contains(n.Params, t.Text) {
				n.Params = append(n.Params, t.Text)
			}
		}
	}
	add(r.Content)
	for _, t := range r.Content {
		set := r.scheme.Timestamp != nil && r.scheme.Timestamp.JSON == t.Text || r.scheme.Signature.JSON == t.Text
		switch {
		case set || t.Optional || t.Group > 0 || r.Items != nil:
		case t.Kind == PieceJSON:
			n.Members = append(n.Members, t.Text)
		}
	}
	for _, q := range slices.Concat(r.Require, r.Members) {
		add(q.Value)
	}
	for _, claim := range r.TokenClaims {
		add(claim.Value)
	}
	slices.Sort(n.Params)
	return n
}

// SignsInBody says whether the signature stands in the body.
func (r *Parsed) SignsInBody() bool { return r.SigPath != nil || r.SigForm != "" }

// TimeInBody says whether the time stands in the body.
func (r *Parsed) TimeInBody() bool { return r.TimePath != nil || r.TimeForm != "" }

// Looks says whether parts of the content are looked up in the message: they may be absent, or stand in one of several places.
func (r *Parsed) Looks() bool { return r.looks }

// Headers returns the canonical names of all headers that the scheme reads: those of signature, time and id, those it
// covers or requires, and those that tell of the event.
func (r *Parsed) Headers() []string {
	return slices.Compact(slices.Sorted(slices.Values(append(r.allHeaders(), r.Components...))))
}

func (r *Parsed) allHeaders() []string {
	names := r.ProofHeaders()
	for i := range r.Require {
		names = append(names, r.Require[i].Header)
	}
	for _, t := range r.Content {
		if t.Kind == PieceHeader {
			names = append(names, t.Text)
		}
	}
	return append(names, r.EventHeaders...)
}

// FreeHeaders returns the canonical names of signed headers that signing does not set, such as a nonce, sorted.
func (r *Parsed) FreeHeaders() (out []string) {
	set := r.ProofHeaders()
	for i := range r.Require {
		set = append(set, r.Require[i].Header)
	}
	for _, t := range r.Content {
		if t.Kind == PieceHeader && !slices.Contains(set, t.Text) {
			out = append(out, t.Text)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ProofHeaders returns the canonical names of the headers that carry signature, time and id.
func (r *Parsed) ProofHeaders() []string {
	names := slices.Concat(r.SigHeaders, r.TimeHeaders, r.IDHeaders)
	if r.scheme.MessageSignature != nil && r.HashesBody() {
		names = append(names, ContentDigest)
	}
	return names
}

// SignatureHeaders returns the canonical names of headers that carry the signature.
func (r *Parsed) SignatureHeaders() []string { return slices.Clone(r.SigHeaders) }

// Aliases returns the canonical names under which a header of the scheme may stand, the given one among them.
func (r *Parsed) Aliases(header string) []string {
	lists := [][]string{r.TimeHeaders, r.IDHeaders}
	if !r.SigAny && r.scheme.MessageSignature == nil { // each of those has a signature of its own
		lists = append(lists, r.SigHeaders)
	}
	name := CanonicalHeader(header)
	for _, list := range lists {
		if slices.Contains(list, name) {
			return list
		}
	}
	return []string{name}
}

// Marks returns the canonical names of the headers by which a twin is told apart from the scheme that it signs like: those of the event
// that carry no proof. Of a scheme that is no twin there are none.
func (r *Parsed) Marks() []string {
	if !r.scheme.Twin() {
		return nil
	}
	proof := r.ProofHeaders()
	return slices.DeleteFunc(slices.Clone(r.EventHeaders), func(h string) bool { return slices.Contains(proof, h) })
}

// SecretHeaders returns the canonical names of headers whose value is itself the secret, or cannot be told from one. A JSON web token is a
// secret where it does not cover the body, because it goes with any body.
func (r *Parsed) SecretHeaders() []string {
	if r.scheme.Algorithm == Token || r.scheme.JWT != nil && !r.HashesBody() {
		return slices.Clone(r.SigHeaders)
	}
	var out []string
	for _, name := range r.SigHeaders {
		if slices.Contains(MaskedHeaders(), name) && (name != authorization || !r.tellsItself()) {
			out = append(out, name)
		}
	}
	return out
}

// tellsItself says whether a signature of the scheme is told from a password or token in the same header: words of its own lead it, as in
// HMAC SIGNATURE. Basic (RFC 7617) and Bearer (RFC 6750) lead a password or token.
func (r *Parsed) tellsItself() bool {
	if r.Proves() {
		return false
	}
	_, lead := r.Item.Literal()
	word, _, _ := strings.Cut(TrimBlanks(r.scheme.Signature.Prefix+lead), " ")
	return word != "" && !strings.EqualFold(word, "basic") && !strings.EqualFold(word, "bearer")
}

// authorization is the header of passwords and tokens, in which some providers send a signature.
const authorization = "Authorization"

// MaskedHeaders are the headers that carry passwords and tokens, whatever scheme is in use.
func MaskedHeaders() []string {
	return append([]string{"Cookie", "Proxy-Authorization"}, TokenHeaders()...)
}

// TokenHeaders are the headers in which providers of the catalogue send a shared secret as it is. Whoever keeps or shows
// requests must mask them whatever scheme is in use: the first request of a new provider comes before it is known.
// A test holds the list against the catalogue.
func TokenHeaders() []string {
	return []string{authorization, "X-Buildkite-Token", "X-Gitlab-Token", "X-Telegram-Bot-Api-Secret-Token"}
}

// Public says whether the scheme signs with a private key and verifies with a public one.
func (r *Parsed) Public() bool { return r.scheme.KeyAlgorithm().Public() }

// Listed says whether one message can carry several signatures in its format.
func (r *Parsed) Listed() bool { return r.scheme.Signature.Separator != "" }

// ItemAt is the form of the i-th signature of a list.
func (r *Parsed) ItemAt(i int) *Pattern {
	if i > 0 && r.NextItem != nil {
		return r.NextItem
	}
	return &r.Item
}

// Form is the signature header as the scheme writes it, with SIGNATURE and TIME in their places.
func (r *Parsed) Form() string {
	switch {
	case r.scheme.JWT != nil:
		return r.scheme.JWT.Prefix + "HEADER.CLAIMS.SIGNATURE"
	case r.scheme.MessageSignature != nil:
		return r.scheme.MessageSignature.Label + "=:SIGNATURE:"
	}
	out := r.scheme.Signature.Prefix + r.Item.Fill("SIGNATURE", "…")
	if r.TimeItem != nil {
		out = r.TimeItem.Fill("TIME", "…") + r.scheme.Signature.Separator + out
	}
	return out
}

// NeedsBody says whether the body plays a part in the signature.
func (r *Parsed) NeedsBody() bool {
	return r.BodyWhole() || r.Uses[PieceForm] || r.Uses[PieceSorted] || r.HashesBody()
}

// BodyWhole says whether the content has the bytes of the body, or a digest of them.
func (r *Parsed) BodyWhole() bool {
	return r.Uses[PieceBody] || r.Uses[PieceCRC32] || r.Uses[PieceSHA256]
}

// SignatureSize is how many bytes a signature has; 0 when that is not fixed.
func (r *Parsed) SignatureSize() int { return r.scheme.Algorithm.size() }

// Bare says whether what is signed is made of body, time, id, headers and literals that a message must have, so that nothing of it has to
// be worked out before a key is tried.
func (r *Parsed) Bare() bool { return r.bare }

func (r *Parsed) isBare() bool {
	worked := []string{PieceURL, PieceMethod, PieceForm, PieceSorted}
	return !r.looks && r.scheme.BodyHash == nil && len(r.Covered) == 0 && !slices.ContainsFunc(worked, func(piece string) bool { return r.Uses[piece] })
}

// leaving says whose body a scheme leaves out.
type leaving int

const (
	leavesNothing leaving = iota
	leavesJSON            // it signs the fields of forms
	leavesAll
)

// LeavesOut says whether nothing of the event in a body is signed. A token signs nothing at all, which its scheme says.
func (r *Parsed) LeavesOut(header map[string][]string, body []byte) bool {
	return r.leaves != leavesNothing && len(body) > 0 && (r.leaves == leavesAll || !HasFields(header, body))
}

func (r *Parsed) findLeaves() leaving {
	signed := func(p Piece) bool { return p.Kind == PieceField || p.Kind == PieceJSON && !r.besideSignature(p.Path) }
	switch {
	case r.Uses[PieceSorted] && !r.BodyWhole():
		return leavesJSON
	case r.scheme.Algorithm == Token, r.Proves(), r.NeedsBody(), slices.ContainsFunc(r.Content, signed):
		return leavesNothing
	default:
		return leavesAll
	}
}

// besideSignature says whether a member stands in an object that the signature has for itself, so that it tells nothing of the event.
func (r *Parsed) besideSignature(path jsonbytes.Path) bool {
	own := len(r.SigPath) - 1
	return own > 0 && len(path) == own+1 && slices.Equal(path[:own], r.SigPath[:own])
}

// covered are the members of the body that are signed, where the body is not signed whole.
func (r *Parsed) covered() (paths []jsonbytes.Path) {
	if r.BodyWhole() || r.HashesBody() {
		return nil
	}
	for i := range r.Content {
		for _, p := range append([]Piece{r.Content[i]}, r.Content[i].Or...) {
			if p.Kind == PieceJSON {
				paths = append(paths, p.Path)
			}
		}
	}
	if r.Uses[PieceTime] && r.TimePath != nil {
		paths = append(paths, r.TimePath)
	}
	return paths
}
