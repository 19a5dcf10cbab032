package check

// Bodies that only a receiver accepts which verifies the very bytes that came.

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

const (
	rawWhy = "a receiver that parses the body and re-encodes it before it verifies works until a provider sends such a byte; then events are lost"
	rawFix = "verify the bytes as they came, before a JSON or form parser runs; whctl verify names the way to get at them in most frameworks"
)

func bodyCases() []Case {
	var all []Case
	for _, b := range []struct {
		id, title string
		make      func(body []byte) ([]byte, bool)
	}{
		{"body-spaces", "blanks, tabs and line breaks between the parts of the JSON", spaced},
		{"body-crlf", "lines that end with CR LF", func(body []byte) ([]byte, bool) {
			out, ok := spaced(body)
			return bytes.ReplaceAll(out, []byte("\n"), []byte("\r\n")), ok
		}},
		{"body-key-order", "keys in another order", reversed},
		{"body-duplicate-keys", "a key twice", member(`"whctl_twice":1,"whctl_twice":2`)},
		{"body-numbers", "numbers that are not written as parsers write them", member(`"whctl_numbers":[1.0,1.50,1e2,-0,12345678901234567890]`)},
		{"body-unicode", "letters beyond ASCII", member(`"whctl_text":"Zoë Ångström 東京 🎉"`)},
		{"body-escapes", "escapes that need not be", member(`"whctl_escapes":"\u0041\u00e9\/\u003c"`)},
		{"body-surrogates", "an escaped pair of surrogates", member(`"whctl_pair":"\ud83c\udf89"`)},
		{"body-newline-end", "a line break at the end", func(body []byte) ([]byte, bool) { return append(bytes.Clone(body), '\n'), isJSON(body) }},
		{"form-plus", "a form with its blanks as + and others as %20", formed(strings.NewReplacer("%20", "+"), "whctl=a%20b+c")},
		{"form-case", "a form with escapes in small letters", formed(strings.NewReplacer(), "whctl=%c3%a9%2f%7E*")},
	} {
		all = append(all, Case{
			ID: b.id, Group: groupBody, Title: b.title, Severity: Failure, Expects: "2xx", Why: rawWhy, Fix: rawFix,
			run: func(ctx context.Context, t *trial) { t.oddBody(ctx, b.make) },
		})
	}
	return append(all, Case{
		ID: "body-bom", Group: groupBody, Title: "a byte order mark before the JSON", Severity: Warning, Expects: "2xx or 400", Why: rawWhy, Fix: rawFix,
		run: byteOrderMark,
	})
}

func byteOrderMark(ctx context.Context, t *trial) {
	t.written(func(body []byte) ([]byte, bool) { return append([]byte("\xef\xbb\xbf"), body...), isJSON(body) }, func(s *shot) {
		t.survive(ctx, s, "2xx or 400", statusIn(class2, http.StatusBadRequest, http.StatusUnprocessableEntity))
	})
}

// oddBody expects that a body which is written differently is accepted.
func (t *trial) oddBody(ctx context.Context, change func([]byte) ([]byte, bool)) {
	t.written(change, func(s *shot) { t.acceptOdd(ctx, s) })
}

// written makes a request whose body is written differently.
func (t *trial) written(change func([]byte) ([]byte, bool), send func(*shot)) {
	if !t.r.Rules.NeedsBody() {
		t.skip("%s does not sign the body", t.r.Rules.Scheme().Name)
		return
	}
	e, ok := t.sample()
	if !ok {
		return
	}
	body, ok := change(e.Body)
	if !ok {
		t.skip("the body is of another kind")
		return
	}
	s, ok := t.sign(t.with(e, body), t.r.Now())
	if !ok {
		return
	}
	if !t.r.verdict(s).OK { // a signature inside the body is not found in every form
		t.skip("%s cannot sign it so", t.r.Rules.Scheme().Name)
		return
	}
	send(s)
}

// spaced writes JSON with blanks between all parts.
func spaced(body []byte) ([]byte, bool) {
	var b bytes.Buffer
	if !isJSON(body) || json.Indent(&b, body, " ", "\t") != nil {
		return nil, false
	}
	return bytes.ReplaceAll(b.Bytes(), []byte(`": `), []byte(`"  :   `)), json.Valid(bytes.ReplaceAll(b.Bytes(), []byte(`": `), []byte(`"  :   `)))
}

// reversed writes the members of an object in the opposite order, each as it was.
func reversed(body []byte) ([]byte, bool) {
	names, values, ok := members(body)
	if !ok || len(names) < 2 {
		return nil, false
	}
	var parts []string
	for i := range names {
		parts = append(parts, names[i]+":"+values[i])
	}
	slices.Reverse(parts)
	return []byte("{" + strings.Join(parts, ",") + "}"), true
}

// members are the names and values of an object, as they are written.
func members(body []byte) (names, values []string, ok bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, nil, false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, nil, false
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, nil, false
		}
		text, isText := name.(string)
		quoted, err := json.Marshal(text)
		if !isText || err != nil {
			return nil, nil, false
		}
		names, values = append(names, string(quoted)), append(values, string(value))
	}
	return names, values, true
}

// member puts text into an object as its first members.
func member(text string) func([]byte) ([]byte, bool) {
	return func(body []byte) ([]byte, bool) {
		if !isJSON(body) {
			return nil, false
		}
		open := bytes.IndexByte(body, '{')
		rest := body[open+1:]
		comma := ","
		if bytes.HasPrefix(bytes.TrimSpace(rest), []byte("}")) {
			comma = ""
		}
		return slices.Concat(body[:open+1], []byte(text+comma), rest), true
	}
}

// formed writes a form otherwise and adds a field to it.
func formed(r *strings.Replacer, more string) func([]byte) ([]byte, bool) {
	return func(body []byte) ([]byte, bool) {
		if isJSON(body) || !bytes.ContainsRune(body, '=') {
			return nil, false
		}
		return []byte(r.Replace(string(body)) + "&" + more), true
	}
}
