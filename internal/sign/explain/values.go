package explain

// The mistakes of libraries that change the values of a JSON body, and of texts that only show it, as tables.

import (
	"bytes"
	"strings"

	"github.com/whctl/whctl/internal/sign/explain/restyle"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Bounds of what is tried for one body.
const (
	valueBytes   = 160 << 10 // in bytes that are written, for bodies that are not small
	fewestValues = 16
	mostValues   = 400
)

// ownStyleRows are the JSON of senders that escape characters in a way of their own.
func ownStyleRows(in *received) []bodyRow {
	text, ok := in.json()
	if !ok {
		return nil
	}
	var out []bodyRow
	for _, style := range text.OwnStyles() {
		_, words := style.Words()
		out = append(out, bodyRow{
			"reserialised.own", rankValue, "body was re-serialised", "as " + words, rawFix,
			func(*received) ([]byte, bool) { return text.Write(style), true },
		})
	}
	return out
}

// valueRows are the body with values as they may have been before a library read them. The text's own style comes first.
func valueRows(in *received) []bodyRow {
	text, ok := in.json()
	if !ok {
		return nil
	}
	most := min(max(valueBytes/(len(in.b)+1), fewestValues), mostValues)
	changes := text.Changes(most)
	if len(changes) == 0 {
		return nil
	}
	var out []bodyRow
	for n, style := range text.Usual() {
		_, words := style.Words()
		for _, c := range changes {
			if len(out) >= most {
				return out
			}
			out = append(out, bodyRow{
				c.ID, rankValue, c.Title, "with " + c.Words + when(n > 0, ", as "+words), rawFix,
				func(*received) ([]byte, bool) { return text.Undo(&c, style), true },
			})
		}
	}
	return out
}

// shownRows are bodies that are not what was sent but show it: a hash of Ruby, parameters of Rails, the inside of a JSON string.
func shownRows(in *received) []bodyRow {
	var out []bodyRow
	add := func(id, title, evidence string, b []byte, ok bool) {
		if !ok {
			return
		}
		out = append(out, bodyRow{id, rankText, title, evidence, rawFix, func(*received) ([]byte, bool) { return b, true }})
		text, ok := restyle.Parse(b)
		if !ok {
			return
		}
		for _, style := range text.Usual() {
			_, words := style.Words()
			out = append(out, bodyRow{id, rankText, title, evidence + ", as " + words, rawFix, func(*received) ([]byte, bool) { return text.Write(style), true }})
		}
	}
	listed, ok := restyle.FromBuffer(in.b)
	add("buffer", "the body is a Buffer of Node.js, written as JSON", "with the bytes that it lists", listed, ok)
	bare, ok := restyle.FromBytes(in.b)
	add("python_bytes", "the body is what Python shows for bytes, as str() makes it", "without b'…' around it", bare, ok)
	value, ok := restyle.Value(in.b)
	title, line := surrounded(in.b, value)
	add("json.surrounded", title, "with the JSON value alone", value, ok)
	if ok && line != nil {
		out = append(out, bodyRow{"json.surrounded", rankText, title, "without it", rawFix, func(*received) ([]byte, bool) { return line, true }})
	}
	inside, ok := insideOfString(in.b)
	add("json_string.inside", "the body is the inside of a JSON string: its quotes are still escaped", "with the escapes of a JSON string undone", inside, ok)
	hash, params := restyle.RailsText(in.b)
	if !params {
		hash = in.b
	}
	shown, ok := restyle.FromLiteral(hash)
	add("literal", "the body is not JSON but what Ruby, Python or JavaScript shows for it", "written as JSON again", shown, ok && !params)
	if !ok {
		shown = in.b
	}
	rails, ok := restyle.Unrails(shown)
	add("rails_params", "the body is made of Rails' params, which have more than the body", "without controller, action and what Rails copies", rails, ok)
	return out
}

// surrounded says where a body has more than its JSON value, and what is left without that: the value with the line break behind it, nil
// where none follows.
func surrounded(body, value []byte) (title string, line []byte) {
	before, after, _ := bytes.Cut(body, value)
	for _, end := range []string{"\r\n", "\n"} {
		if bytes.HasPrefix(after, []byte(end)) {
			line = body[len(before) : len(before)+len(value)+len(end)]
			break
		}
	}
	switch rest := bytes.TrimSpace(after); {
	case bytes.Equal(rest, value) && len(bytes.TrimSpace(before)) == 0:
		return "the body stands there twice", line
	case len(bytes.TrimSpace(before)) == 0:
		return "something follows the body's JSON", line
	case len(rest) == 0:
		return "something stands before the body's JSON", line
	default:
		return "something stands before and after the body's JSON", line
	}
}

// insideOfString is the text that a body stands for which lacks only the quotes of a JSON string.
func insideOfString(b []byte) ([]byte, bool) {
	text := strings.TrimSpace(string(b))
	if len(text) > restyle.MaxBody || !strings.Contains(text, `\"`) || !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return nil, false
	}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return nil, false // it is JSON, or nothing that was escaped whole
		}
	}
	inner, ok := scheme.Lookup([]byte(`"`+text+`"`), nil)
	return []byte(inner), ok
}
