package scheme

// Templates: what is signed, and how a header's items are written.

import (
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// Piece is one part of a template: a literal, or a placeholder with its argument.
type Piece struct {
	Kind string         // "" for a literal, otherwise the placeholder's name: id, body, header, sig, *, …
	Text string         // the literal, or the argument (for header: the canonical name)
	Path jsonbytes.Path // of {json:}
}

// Placeholder names. Those with an argument are written {name:argument}.
const (
	PieceID     = "id"
	PieceTime   = "timestamp"
	PieceBody   = "body"
	PieceURL    = "url"
	PieceMethod = "method"
	PieceForm   = "form"
	PieceSecret = "secret"
	PieceHeader = "header"
	PieceJSON   = "json"
	PieceParam  = "param"
	PieceSig    = "sig"
	PieceTS     = "ts"
	PieceAny    = "*"
)

// ParseContent cuts the template of a scheme's content into pieces; false when it is none.
func ParseContent(text string) ([]Piece, bool) {
	pieces, err := parseTemplate(text, contentPieces())
	return pieces, err == nil
}

func contentPieces() []string {
	return []string{PieceID, PieceTime, PieceBody, PieceURL, PieceMethod, PieceForm, PieceSecret, PieceHeader + ":", PieceJSON + ":", PieceParam + ":"}
}

// templateError says what is wrong with a template, and the nearest placeholder.
type templateError struct{ problem, nearest string }

// parseTemplate cuts a template into pieces. Allowed lists the placeholders, a colon marking those with an argument.
func parseTemplate(s string, allowed []string) ([]Piece, *templateError) {
	var out []Piece
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			out = append(out, Piece{Text: lit.String()})
			lit.Reset()
		}
	}
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case (c == '{' || c == '}') && i+1 < len(s) && s[i+1] == c:
			lit.WriteByte(c)
			i += 2
		case c == '}':
			return nil, &templateError{problem: "a } stands without its { (write }} for a literal one)"}
		case c == '{':
			end := strings.IndexByte(s[i:], '}')
			if end < 0 || strings.IndexByte(s[i+1:i+end], '{') >= 0 {
				return nil, &templateError{problem: "a { is not closed (write {{ for a literal one)"}
			}
			flush()
			tok, err := parsePiece(s[i+1:i+end], allowed)
			if err != nil {
				return nil, err
			}
			out = append(out, tok)
			i += end + 1
		default:
			lit.WriteByte(c)
			i++
		}
	}
	flush()
	return out, nil
}

func parsePiece(inner string, allowed []string) (Piece, *templateError) {
	name, arg, hasArg := strings.Cut(inner, ":")
	key := name
	if hasArg {
		key += ":"
	}
	if !slices.Contains(allowed, key) {
		return Piece{}, unknownPiece(inner, allowed)
	}
	if !hasArg {
		return Piece{Kind: name}, nil
	}
	if arg == "" {
		return Piece{}, &templateError{problem: "{" + key + "} needs a name after the colon"}
	}
	tok := Piece{Kind: name, Text: arg}
	switch name {
	case PieceHeader:
		if !ValidHeaderName(arg) {
			return Piece{}, &templateError{problem: "{header:…} needs a header's name, " + Quote(arg) + " is not one"}
		}
		tok.Text = CanonicalHeader(arg)
	case PieceJSON:
		path, problem := parsePath(arg)
		if problem != "" {
			return Piece{}, &templateError{problem: "{json:…}: " + problem}
		}
		tok.Path = path
	}
	return tok, nil
}

func unknownPiece(inner string, allowed []string) *templateError {
	name, _, hasArg := strings.Cut(inner, ":")
	switch {
	case hasArg && slices.Contains(allowed, name):
		return &templateError{problem: "{" + name + "} takes no argument", nearest: "{" + name + "}"}
	case !hasArg && slices.Contains(allowed, name+":"):
		return &templateError{problem: "{" + name + "} needs a name after a colon, like {" + name + ":Name}"}
	}
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = strings.TrimSuffix(a, ":")
	}
	e := &templateError{problem: "unknown placeholder " + Quote("{"+inner+"}")}
	if n := likeliest(name, names); n != "" {
		e.nearest = "{" + n + "}"
		if slices.Contains(allowed, n+":") {
			e.nearest = "{" + n + ":…}"
		}
	}
	return e
}

// Pattern matches one item of a header: literals with one wanted part and any number of wildcards between them.
type Pattern struct {
	literals []string // one more than kinds
	kinds    []string // PieceSig, PieceTS or PieceAny
	want     string
}

// parsePattern reads an item pattern that must hold {want} exactly once.
func parsePattern(s, want string) (Pattern, *templateError) {
	pieces, err := parseTemplate(s, []string{want, PieceAny})
	if err != nil {
		return Pattern{}, err
	}
	p := Pattern{literals: []string{""}, want: want}
	count := 0
	for i, t := range pieces {
		if t.Kind == "" {
			p.literals[len(p.literals)-1] = t.Text
			continue
		}
		if i > 0 && pieces[i-1].Kind != "" {
			return Pattern{}, &templateError{problem: "two placeholders need text between them"}
		}
		if t.Kind == want {
			count++
		}
		p.kinds = append(p.kinds, t.Kind)
		p.literals = append(p.literals, "")
	}
	if len(p.kinds) > maxWildcards+1 {
		return Pattern{}, &templateError{problem: "may hold " + strconv.Itoa(maxWildcards) + " {*} at most"}
	}
	if count != 1 {
		return Pattern{}, &templateError{problem: "must hold {" + want + "} once"}
	}
	return p, nil
}

// Literal is the text of a pattern without its placeholders; lead is what stands before the first.
func (p *Pattern) Literal() (whole, lead string) { return strings.Join(p.literals, ""), p.literals[0] }

// Match returns what stands in the wanted place. Wildcards take as little as they can, the last one all that is left.
func (p *Pattern) Match(s string) (string, bool) {
	if !strings.HasPrefix(s, p.literals[0]) {
		return "", false
	}
	s = s[len(p.literals[0]):]
	got := ""
	for i, c := range p.kinds {
		lit := p.literals[i+1]
		cut := strings.Index(s, lit)
		if i == len(p.kinds)-1 {
			cut = len(s) - len(lit)
			if !strings.HasSuffix(s, lit) {
				return "", false
			}
		}
		if cut < 0 {
			return "", false
		}
		if c == p.want {
			got = s[:cut]
		}
		s = s[cut+len(lit):]
	}
	return got, true
}

// Fill writes an item with the wanted part in its place and rest for each wildcard.
func (p *Pattern) Fill(value, rest string) string {
	if len(p.kinds) == 1 && p.kinds[0] == p.want && p.literals[0] == "" && p.literals[1] == "" {
		return value // as most schemes write a signature
	}
	var b strings.Builder
	b.WriteString(p.literals[0])
	for i, c := range p.kinds {
		if c == p.want {
			b.WriteString(value)
		} else {
			b.WriteString(rest)
		}
		b.WriteString(p.literals[i+1])
	}
	return b.String()
}
