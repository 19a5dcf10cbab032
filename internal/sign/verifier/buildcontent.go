package verifier

// The steps that put together what is signed, and compare.

import (
	"slices"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// values reads what the content takes from elsewhere in the message.
func (b *builder) values() {
	if b.p.Uses[scheme.PieceID] {
		b.header("id", b.s.ID.Header)
	}
	seen := map[string]bool{}
	for i := range b.p.Content {
		p := &b.p.Content[i]
		if name := p.Name(); !seen[name] {
			seen[name] = true
			b.value(p)
		}
	}
}

// value reads what a piece of the content stands for.
func (b *builder) value(p *scheme.Piece) {
	as, field := b.of(p), ""
	for i := range p.Or {
		if field = p.Or[i].Text; p.Kind != scheme.PieceJSON || p.Or[i].Kind != scheme.PieceField || len(p.Or) > 1 {
			b.cannot("content")
		}
	}
	switch p.Kind {
	case scheme.PieceHeader:
		if as != "timestamp" {
			b.header(as, []string{p.Text})
		}
	case scheme.PieceJSON:
		b.lookup(as, "content", p.Text, field)
	case scheme.PieceField:
		b.lookup(as, "content", "", p.Text)
	case scheme.PieceQuery:
		b.do("query", "as", as, "name", literal(p.Text))
	case scheme.PieceForm, scheme.PieceCRC32, scheme.PieceSHA256:
		b.do(string(as))
	}
}

// of is the variable for a piece of the content.
func (b *builder) of(p *scheme.Piece) variable {
	switch p.Kind {
	case scheme.PieceTime:
		return "timestamp"
	case scheme.PieceSecret:
		return "key"
	case scheme.PieceURL:
		if b.uses["url"] = true; len(b.s.URLMatch) > 0 {
			return "address"
		}
	case scheme.PieceMethod:
		b.uses["method"] = true
	case scheme.PieceHeader:
		if t := b.p.TimeHeaders; len(t) == 1 && t[0] == p.Text {
			return "timestamp"
		}
		return b.named("header", p.Text, p.Text)
	case scheme.PieceParam, scheme.PieceQuery:
		return b.named(p.Kind, p.Text, p.Text)
	case scheme.PieceField:
		return b.named("form", p.Text, p.Text)
	case scheme.PieceForm:
		return "form text"
	case scheme.PieceCRC32, scheme.PieceSHA256:
		return variable("body " + p.Kind)
	case scheme.PieceJSON:
		return b.member(p.Text)
	case "", scheme.PieceID, scheme.PieceBody:
	default:
		b.cannot("content")
	}
	return variable(p.Kind)
}

// member is the variable of a member of the body. Its last name says enough, where no other member has it.
func (b *builder) member(path string) variable {
	words := nameWords(path)
	if len(words) == 0 {
		return b.named("json", path, path)
	}
	last := words[len(words)-1]
	if b.free(joined("json", last), path) {
		return b.named("json", last, path)
	}
	return b.named("json", path, path)
}

// piece is a piece of the content as a part of a template.
func (b *builder) piece(p *scheme.Piece) part {
	if p.Kind == "" {
		return part{text: p.Text}
	}
	return part{value: b.of(p)}
}

// content is what is signed.
func (b *builder) content() chunks {
	var out chunks
	var text template
	flush := func(next phrase) {
		if text != nil {
			out, text = append(out, text), nil
		}
		if next != "" {
			out = append(out, next)
		}
	}
	group := 0
	for i := range b.p.Content {
		p := &b.p.Content[i]
		whole := phrase("")
		switch {
		case p.Kind == scheme.PieceBody:
			whole, b.uses["body"] = "body bytes", true
		case p.Kind == scheme.PieceSecret && b.s.Key.Encoding != scheme.UTF8:
			whole = "secret bytes"
		}
		switch {
		case whole != "" && p.Group > 0:
			b.cannot("content")
		case whole != "":
			flush(whole)
		case p.Group == 0:
			text = append(text, b.piece(p))
		case p.Group == group: // it goes on
			last := &text[len(text)-1]
			last.group = append(last.group, b.piece(p))
		default:
			group = p.Group
			text = append(text, part{group: template{b.piece(p)}})
		}
	}
	flush("")
	return out
}

// check compares a signature with what the key makes of the content.
func (b *builder) check() {
	name := "check one"
	if b.p.Listed() || b.p.SigAny || b.s.Signature.Repeated {
		name = "check many"
	}
	urls := b.urls()
	inSet := b.s.Signature.Sets != ""
	switch {
	case urls != "" && inSet, urls != "" && b.p.Items != nil:
		b.cannot("url_match")
	case urls != "":
		b.loop("each url", func() { b.compare(name + " any") }, "urls", phrase(urls))
		return
	case inSet:
		name += " any"
	case b.p.Items != nil:
		name += " all"
	}
	b.compare(name)
}

func (b *builder) compare(name string) {
	if b.s.Algorithm == scheme.Token {
		b.do(name)
		return
	}
	content := b.content()
	whole, _ := content[0].(phrase)
	if len(content) > 1 || whole == "" {
		b.do("content", "bytes", content)
		whole = "content bytes"
	}
	if !b.p.Public() {
		b.do("expected", "content", whole)
	}
	b.do(name, "content", whole)
}

// urls is the phrase for the forms of the URL that may be signed; "" where it is the URL as it is.
func (b *builder) urls() string {
	switch match := b.s.URLMatch; {
	case len(match) == 0:
		return ""
	case len(match) > 1:
		b.cannot("url_match")
		return ""
	case slices.Contains(match, scheme.URLPort):
		return "urls port"
	default:
		return "urls decoded"
	}
}
