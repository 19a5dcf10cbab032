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

	Optional bool    // {name:argument?}: nothing where it is absent
	Or       []Piece // {name:argument|name:argument}: where else the value may stand
	Group    int     // {[…]}: the number of the group that counts only where each of its placeholders is there; 0 is none
}

// Name is the placeholder with its argument, as it stands in a template.
func (p *Piece) Name() string {
	if p.Text == "" {
		return p.Kind
	}
	return strings.TrimSuffix(p.Kind, ":") + ":" + p.Text
}

// Must says whether a message without the value cannot be verified.
func (p *Piece) Must() bool { return !p.Optional && p.Group == 0 && len(p.Or) == 0 }

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
	PieceField  = "form:"  // a form's field; the form as a whole is PieceForm
	PieceQuery  = "query"  // a parameter of the URL
	PieceSorted = "url:"   // the URL with its parameters sorted, and a form's fields behind it; the URL as it is is PieceURL
	PieceCRC32  = "crc32"  // of the body, as a decimal number
	PieceSHA256 = "sha256" // of the body, in lower-case hex
	PieceSig    = "sig"
	PieceTS     = "ts"
	PieceAny    = "*"
)

// urlSorted is the one argument of {url:}.
const urlSorted = "sorted"

// ParseContent cuts the template of a scheme's content into pieces; false when it is none.
func ParseContent(text string) ([]Piece, bool) {
	pieces, err := parseTemplate(text, contentPieces())
	return pieces, err == nil
}

func contentPieces() []string {
	return []string{
		PieceID, PieceTime, PieceBody, PieceURL, PieceMethod, PieceForm, PieceSecret, PieceHeader + ":", PieceJSON + ":", PieceParam + ":",
		PieceField, PieceSorted, PieceQuery + ":", PieceCRC32 + ":", PieceSHA256 + ":",
	}
}

// templateError says what is wrong with a template, and the nearest placeholder.
type templateError struct{ problem, nearest string }

// cutter cuts a template into pieces.
type cutter struct {
	out     []Piece
	literal strings.Builder
	groups  int // that were opened
	open    int // number of the open one; 0 is none
}

// flush ends a literal.
func (c *cutter) flush() {
	if c.literal.Len() > 0 {
		c.out = append(c.out, Piece{Text: c.literal.String(), Group: c.open})
		c.literal.Reset()
	}
}

// group opens or closes a group.
func (c *cutter) group(opens bool) *templateError {
	c.flush()
	switch {
	case !opens:
		in := func(p Piece) bool { return p.Group == c.open && p.Kind != "" }
		if !slices.ContainsFunc(c.out, in) {
			return &templateError{problem: "a group {[…]} holds no placeholder, so it would always count"}
		}
		c.open = 0
	case c.open > 0:
		return &templateError{problem: "a group {[…]} stands in another one"}
	default:
		c.groups++
		c.open = c.groups
	}
	return nil
}

// parseTemplate cuts a template into pieces. Allowed lists the placeholders, a colon marking those with an argument.
func parseTemplate(s string, allowed []string) ([]Piece, *templateError) {
	var cut cutter
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case strings.HasPrefix(s[i:], "{["), cut.open > 0 && strings.HasPrefix(s[i:], "]}"):
			if err := cut.group(c == '{'); err != nil {
				return nil, err
			}
			i += 2
		case (c == '{' || c == '}') && i+1 < len(s) && s[i+1] == c:
			cut.literal.WriteByte(c)
			i += 2
		case c == '}':
			return nil, &templateError{problem: "a } stands without its { (write }} for a literal one)"}
		case c == '{':
			end := strings.IndexByte(s[i:], '}')
			if end < 0 || strings.IndexByte(s[i+1:i+end], '{') >= 0 {
				return nil, &templateError{problem: "a { is not closed (write {{ for a literal one)"}
			}
			cut.flush()
			tok, err := parsePieces(s[i+1:i+end], allowed)
			if err != nil {
				return nil, err
			}
			tok.Group = cut.open
			cut.out = append(cut.out, tok)
			i += end + 1
		default:
			cut.literal.WriteByte(c)
			i++
		}
	}
	if cut.open > 0 {
		return nil, &templateError{problem: "a group {[ is not closed with ]}"}
	}
	cut.flush()
	return cut.out, nil
}

// parsePieces reads a placeholder and the other places of its value.
func parsePieces(inner string, allowed []string) (Piece, *templateError) {
	isPiece := func(text string) bool {
		name, _, _ := strings.Cut(text, ":")
		return slices.Contains(allowed, name+":")
	}
	parts := strings.Split(inner, "|")
	if !slices.ContainsFunc(parts, isPiece) || len(parts) == 1 {
		return parsePiece(inner, allowed)
	}
	first, err := parsePiece(parts[0], allowed)
	if err != nil {
		return Piece{}, err
	}
	for _, part := range parts[1:] {
		other, err := parsePiece(part, allowed)
		if err != nil {
			return Piece{}, err
		}
		first.Or, first.Optional = append(first.Or, other), first.Optional || other.Optional
	}
	return first, nil
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
	if may := []string{PieceHeader, PieceJSON, PieceParam, PieceForm, PieceQuery}; slices.Contains(may, name) && len(arg) > 1 {
		tok.Text, tok.Optional = strings.CutSuffix(arg, "?")
		arg = tok.Text
	}
	switch name {
	case PieceForm:
		tok.Kind = PieceField
	case PieceURL:
		if arg != urlSorted {
			return Piece{}, &templateError{problem: "{url:…} is the URL with its parameters sorted", nearest: "{" + PieceSorted + urlSorted + "}"}
		}
		tok.Kind = PieceSorted
	case PieceCRC32, PieceSHA256:
		if arg != PieceBody {
			return Piece{}, &templateError{problem: "{" + name + ":…} is that of the body", nearest: "{" + name + ":body}"}
		}
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
