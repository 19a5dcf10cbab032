package sign

import (
	"slices"
	"strings"
)

// token is one piece of a template: a literal, or a placeholder with its argument.
type token struct {
	kind string // "" for a literal, otherwise the placeholder's name: id, body, header, sig, *, …
	text string // the literal, or the argument (for header: the canonical name)
	path []string
}

// Placeholder names. Those with an argument are written {name:argument}.
const (
	tokID     = "id"
	tokTime   = "timestamp"
	tokBody   = "body"
	tokURL    = "url"
	tokMethod = "method"
	tokForm   = "form"
	tokSecret = "secret"
	tokHeader = "header"
	tokJSON   = "json"
	tokParam  = "param"
	tokSig    = "sig"
	tokTS     = "ts"
	tokAny    = "*"
)

func contentTokens() []string {
	return []string{tokID, tokTime, tokBody, tokURL, tokMethod, tokForm, tokSecret, tokHeader + ":", tokJSON + ":", tokParam + ":"}
}

// templateError is what is wrong with a template, and what was probably meant.
type templateError struct{ problem, nearest string }

// parseTemplate cuts a template into tokens. Allowed lists the placeholders, a colon marking those with an argument.
func parseTemplate(s string, allowed []string) ([]token, *templateError) {
	var out []token
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			out = append(out, token{text: lit.String()})
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
			tok, err := parseToken(s[i+1:i+end], allowed)
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

func parseToken(inner string, allowed []string) (token, *templateError) {
	name, arg, hasArg := strings.Cut(inner, ":")
	key := name
	if hasArg {
		key += ":"
	}
	if !slices.Contains(allowed, key) {
		return token{}, unknownToken(inner, name, hasArg, allowed)
	}
	if !hasArg {
		return token{kind: name}, nil
	}
	if arg == "" {
		return token{}, &templateError{problem: "{" + key + "} needs a name after the colon"}
	}
	tok := token{kind: name, text: arg}
	switch name {
	case tokHeader:
		if !validHeaderName(arg) {
			return token{}, &templateError{problem: "{header:…} needs a header's name, " + quote(arg) + " is none"}
		}
		tok.text = canonical(arg)
	case tokJSON:
		path, problem := parsePath(arg)
		if problem != "" {
			return token{}, &templateError{problem: "{json:…}: " + problem}
		}
		tok.path = path
	}
	return tok, nil
}

func unknownToken(inner, name string, hasArg bool, allowed []string) *templateError {
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
	e := &templateError{problem: "unknown placeholder " + quote("{"+inner+"}")}
	if n := meant(name, names); n != "" {
		e.nearest = "{" + n + "}"
		if slices.Contains(allowed, n+":") {
			e.nearest = "{" + n + ":…}"
		}
	}
	return e
}

// pattern matches one item of a header: literals with one wanted part and any number of wildcards between them.
type pattern struct {
	lits []string // one more than caps
	caps []string // tokSig, tokTS or tokAny
	want string
}

// parsePattern reads an item pattern that must hold {want} exactly once.
func parsePattern(s, want string) (pattern, *templateError) {
	tokens, err := parseTemplate(s, []string{want, tokAny})
	if err != nil {
		return pattern{}, err
	}
	p := pattern{lits: []string{""}, want: want}
	count := 0
	for i, t := range tokens {
		if t.kind == "" {
			p.lits[len(p.lits)-1] = t.text
			continue
		}
		if i > 0 && tokens[i-1].kind != "" {
			return pattern{}, &templateError{problem: "two placeholders need text between them"}
		}
		if t.kind == want {
			count++
		}
		p.caps = append(p.caps, t.kind)
		p.lits = append(p.lits, "")
	}
	if len(p.caps) > maxWildcards+1 {
		return pattern{}, &templateError{problem: "may hold " + itoa(maxWildcards) + " {*} at most"}
	}
	if count != 1 {
		return pattern{}, &templateError{problem: "must hold {" + want + "} once"}
	}
	return p, nil
}

// match returns what stands in the wanted place. Wildcards take as little as they can, the last one all that is left.
func (p *pattern) match(s string) (string, bool) {
	if !strings.HasPrefix(s, p.lits[0]) {
		return "", false
	}
	s = s[len(p.lits[0]):]
	got := ""
	for i, c := range p.caps {
		lit := p.lits[i+1]
		cut := strings.Index(s, lit)
		if i == len(p.caps)-1 {
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

// fill writes an item with the wanted part in its place and rest for each wildcard.
func (p *pattern) fill(value, rest string) string {
	var b strings.Builder
	b.WriteString(p.lits[0])
	for i, c := range p.caps {
		if c == p.want {
			b.WriteString(value)
		} else {
			b.WriteString(rest)
		}
		b.WriteString(p.lits[i+1])
	}
	return b.String()
}
