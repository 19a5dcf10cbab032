package verifier

// What is read from a message, the names of it, and what a verifier is given.

import "strings"

// parameters are what the verifier is given.
func (b *builder) parameters() []parameter {
	var out []parameter
	for _, kind := range []string{"body", "headers", "key", "url", "method"} {
		if b.uses[kind] {
			out = append(out, parameter{kind: kind})
		}
	}
	for _, name := range b.p.Needs().Params {
		out = append(out, parameter{kind: "setting", name: b.named("param", name, name)})
	}
	if b.uses["now"] {
		out = append(out, parameter{kind: "now"})
	}
	return out
}

// named makes the name of a variable of a text, for one value. Two values whose texts make the same name are told apart.
func (b *builder) named(kind, text, value string) variable {
	name := joined(kind, text)
	for {
		if b.free(name, value) {
			b.names[together(name)] = value
			return name
		}
		name += "x"
	}
}

// free says whether a name is that of no other value.
func (b *builder) free(name variable, value string) bool {
	of, taken := b.names[together(name)]
	return !taken || of == value
}

// together is a name without what divides its words: a language with capitals there has no other sign between a 1 and a1.
func together(name variable) string { return strings.ReplaceAll(string(name), " ", "") }

// joined is a text as the name of a variable.
func joined(kind, text string) variable {
	return variable(kind + " " + strings.ToLower(strings.Join(nameWords(parted(text)), " ")))
}

// parted is a text with a blank before each capital that follows a small letter.
func parted(text string) string {
	out, small := "", false
	for _, c := range text {
		if small && 'A' <= c && c <= 'Z' {
			out += " "
		}
		small = 'a' <= c && c <= 'z'
		out += string(c)
	}
	return out
}

func nameWords(name string) []string {
	return strings.FieldsFunc(name, func(c rune) bool { return !isWord(c) })
}

// isWord says whether a character may stand in a name of every language.
func isWord(c rune) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' }

// titled is a scheme's name as one word with capitals, such as StandardWebhooks.
func titled(name string) string {
	words := nameWords(name)
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	out := strings.Join(words, "")
	if out != "" && (out[0] < '0' || '9' < out[0]) {
		return out
	}
	return "Webhook" + out
}

// snaked is a scheme's name in small letters with lines between its words, such as standard_webhooks.
func snaked(name string) string { return strings.ToLower(strings.Join(nameWords(name), "_")) }

// root is what the paths of the scheme begin in.
func (b *builder) root() variable {
	if b.p.Items != nil {
		return "item"
	}
	return "event"
}

// path is a path as the names of members. Elements of lists have no words.
func (b *builder) path(field, text string) literals {
	path := strings.Split(text, ".")
	for _, one := range path {
		if one == "" || strings.ContainsAny(one, `[]\/~`) || strings.Trim(one, "0123456789") == "" {
			b.cannot(field)
		}
	}
	return path
}

// lookup reads a value in the body, at a path of JSON or in a field of a form.
func (b *builder) lookup(as variable, field, path, name string) {
	way, names := "member or field", literals(nil)
	switch {
	case path == "":
		way = "field"
	case name == "":
		way = "member"
	}
	if path != "" {
		names = b.path(field, path)
	}
	b.do(way, "as", as, "from", b.root(), "field", literal(name), "path", names)
}

// header reads a header, the first that is there of several.
func (b *builder) header(as variable, names []string) {
	way := "header of several"
	if len(names) == 1 {
		way = "header"
	}
	b.headers(way, as, names)
}

func (b *builder) headers(way string, as variable, names []string) {
	b.do(way, "as", as, "name", literal(names[0]), "names", literals(names), "each name", several(names))
}
