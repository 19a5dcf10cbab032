package explain

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/sign/explain/restyle"
	"github.com/whctl/whctl/internal/sign/scheme"
)

const (
	rawFix        = "verify the raw bytes, before a JSON parser runs"
	bytesFix      = "hand the body on as bytes, without touching it"
	maxInflate    = 16 << 20
	maxFormFields = 10_000
)

func bodyMistake(id string, rank int, title, evidence, fix string) *assumption {
	return &assumption{id: "body." + id, rank: rank, title: title, evidence: evidence, fix: fix, kind: recipeBody}
}

// generate hands out changed bodies, likely ones first, until keep says no.
func (l *bodyList) generate(keep func(*assumption, []byte) bool) {
	body := l.s.m.Body
	for _, step := range []func([]byte, func(*assumption, []byte) bool) bool{
		ends, stand, lineEnds, restyled, encodings, wideBodies, wrappers, codings,
	} {
		if !step(body, keep) {
			return
		}
	}
}

// ends: line breaks, blanks and marks at the ends of the body.
func ends(b []byte, keep func(*assumption, []byte) bool) bool {
	if one, ok := bytes.CutSuffix(b, []byte("\n")); ok {
		one = bytes.TrimSuffix(one, []byte("\r"))
		if !keep(bodyMistake("newline.added", 2, "a line break was added at the end", "without the line break at the end", bytesFix), one) {
			return false
		}
	}
	for _, e := range edges(b) {
		if !keep(e.a, e.write(nil, b)) {
			return false
		}
	}
	if cut, ok := bytes.CutPrefix(b, []byte("\xef\xbb\xbf")); ok && !keep(bodyMistake("bom.added", 4, "a byte order mark was added", "without the byte order mark", bytesFix), cut) {
		return false
	}
	return keep(bodyMistake("trimmed", 5, "blanks were added at the ends", "with the body trimmed", bytesFix), bytes.TrimSpace(b))
}

// lineEnds: CR LF against LF throughout.
func lineEnds(b []byte, keep func(*assumption, []byte) bool) bool {
	lf := bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return keep(bodyMistake("line_ends.lf", 4, "line ends were changed", "with LF at the line ends", bytesFix), lf) &&
		keep(bodyMistake("line_ends.crlf", 4, "line ends were changed", "with CR LF at the line ends", bytesFix), appendCRLF(nil, b))
}

// encodings: mix-ups of character sets.
func encodings(b []byte, keep func(*assumption, []byte) bool) bool {
	const title, fix = "the body's character set was changed", bytesFix
	twice, ok := toSingleBytes(b, false)
	if ok && !keep(bodyMistake("charset.double", 10, "the body was encoded as UTF-8 twice", "with one UTF-8 encoding undone (read as Latin-1)", fix), twice) {
		return false
	}
	if w, ok := toSingleBytes(b, true); ok && !keep(bodyMistake("charset.double.cp1252", 10, "the body was encoded as UTF-8 twice", "with one UTF-8 encoding undone (read as Windows-1252)", fix), w) {
		return false
	}
	if ascii(b) {
		return true
	}
	up := func(cp1252 bool) []byte {
		out := make([]byte, 0, len(b)*3/2)
		for _, c := range b {
			out = utf8.AppendRune(out, singleByte(c, cp1252))
		}
		return out
	}
	return keep(bodyMistake("charset.latin1", 10, title, "with the body's bytes taken as Latin-1 and written as UTF-8", fix), up(false)) &&
		keep(bodyMistake("charset.cp1252", 10, title, "with the body's bytes taken as Windows-1252 and written as UTF-8", fix), up(true)) &&
		keep(bodyMistake("charset.replaced", 17, title, "with bytes that are not UTF-8 replaced by U+FFFD", fix), bytes.ToValidUTF8(b, []byte("\uFFFD"))) &&
		keep(bodyMistake("charset.question", 17, title, "with every character outside ASCII as a question mark", fix), questionMarks(b))
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func questionMarks(b []byte) []byte {
	return bytes.Map(func(c rune) rune {
		if c >= utf8.RuneSelf {
			return '?'
		}
		return c
	}, b)
}

// cp1252 is what the bytes 0x80 to 0x9f mean in Windows-1252; a question mark where they mean nothing.
const cp1252 = "€?‚ƒ„…†‡ˆ‰Š‹Œ?Ž??‘’“”•–—˜™š›œ?žŸ"

func singleByte(c byte, windows bool) rune {
	if windows && c >= 0x80 && c < 0xa0 {
		if r := []rune(cp1252)[c-0x80]; r != '?' {
			return r
		}
	}
	return rune(c)
}

// toSingleBytes writes each character as one byte; false when one has none, or when nothing would change.
func toSingleBytes(b []byte, windows bool) ([]byte, bool) {
	if ascii(b) || !utf8.Valid(b) {
		return nil, false
	}
	table := []rune(cp1252)
	out := make([]byte, 0, len(b))
	for _, c := range string(b) {
		if windows {
			if i := indexRune(table, c); i >= 0 && c != '?' {
				out = append(out, byte(0x80+i)) //nolint:gosec // i is below 32
				continue
			}
		}
		if c > 0xff {
			return nil, false
		}
		out = append(out, byte(c)) //nolint:gosec // not above 0xff
	}
	return out, true
}

func indexRune(list []rune, c rune) int {
	if c < 0x100 {
		return -1
	}
	for i, r := range list {
		if r == c {
			return i
		}
	}
	return -1
}

// wrappers: the body as text of some language, or inside something else.
func wrappers(b []byte, keep func(*assumption, []byte) bool) bool {
	const title = "the body was turned into text before it was signed"
	if inner, ok := restyle.Unpython(b); ok && !keep(bodyMistake("python_bytes", 8, "the body was turned into text of Python bytes", "without the b'…' around the body", bytesFix), inner) {
		return false
	}
	if len(b) <= restyle.MaxBody {
		if !keep(bodyMistake("python_bytes.signed", 8, title, "as the text b'…' that Python shows for bytes", "build the signed text from bytes, not with an f-string"), restyle.PythonBytes(b)) {
			return false
		}
		quoted := strconv.Quote(string(b))
		if !keep(bodyMistake("json_string.signed", 11, title, "as a JSON text inside a JSON string", rawFix), []byte(quoted)) {
			return false
		}
	}
	if repr := restyle.PythonRepr(b); repr != nil && !keep(bodyMistake("python_repr", 11, "the body was turned into text of a Python dict", "as the text Python shows for a dict", rawFix), repr) {
		return false
	}
	if len(b) <= maxKept/64 && !keep(bodyMistake("buffer_json.signed", 19, title, "as the JSON that Node.js writes for a Buffer", rawFix), bufferJSON(b)) {
		return false
	}
	if inner, ok := scheme.Lookup(b, nil); ok && len(b) > 2 && b[0] == '"' && !keep(bodyMistake("json_string", 11, "the body was encoded as JSON twice", "with the JSON string unpacked", rawFix), []byte(inner)) {
		return false
	}
	return formBodies(b, keep)
}

// bufferJSON is what JSON.stringify makes of a Node.js Buffer.
func bufferJSON(b []byte) []byte {
	out := []byte(`{"type":"Buffer","data":[`)
	for i, c := range b {
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendUint(out, uint64(c), 10)
	}
	return append(out, "]}"...)
}

// formBodies: URL-encoded against decoded.
func formBodies(b []byte, keep func(*assumption, []byte) bool) bool {
	const fix = "verify the raw form text, before a form parser runs"
	text := string(b)
	try := func(id, title, evidence, changed string) bool {
		return keep(bodyMistake("form."+id, 11, title, evidence, fix), []byte(changed))
	}
	un, err := url.QueryUnescape(text)
	if err == nil && un != text && !try("encoded", "the form was decoded before it was signed", "with the body URL-decoded", un) {
		return false
	}
	if !try("decoded", "the form was decoded before it was verified", "with each field URL-encoded", encodeFields(text)) || !formFields(text, try) {
		return false
	}
	const title = "the form was decoded before it was verified"
	plus := url.QueryEscape(text)
	percent := strings.ReplaceAll(plus, "+", "%20")
	return try("decoded", title, "with the body URL-encoded as form field payload", "payload="+plus) &&
		try("decoded", title, "with the body URL-encoded", plus) &&
		try("decoded", title, "with the body URL-encoded as form field payload", "payload="+percent) &&
		try("decoded", title, "with the body URL-encoded", percent)
}

// formFields: one field of a form, or the form written anew.
func formFields(text string, try func(id, title, evidence, changed string) bool) bool {
	values, err := url.ParseQuery(text)
	if err != nil || len(values) > maxFormFields {
		return true
	}
	for _, name := range []string{"payload", "data", "body", "json"} {
		if v := values.Get(name); v != "" && !try("field", "a field of the form was signed, not the form", "with the form's field "+name+" alone", v) {
			return false
		}
	}
	const title = "the form was written anew"
	return try("sorted", title, "with the form's fields sorted", values.Encode()) &&
		try("percent20", title, "with blanks as %20", strings.ReplaceAll(text, "+", "%20"))
}

// encodeFields escapes the values of a form that was decoded whole.
func encodeFields(text string) string {
	parts := strings.Split(text, "&")
	for i, p := range parts {
		if name, value, ok := strings.Cut(p, "="); ok {
			parts[i] = url.QueryEscape(name) + "=" + url.QueryEscape(value)
		}
	}
	return strings.Join(parts, "&")
}

// codings: compression, framing and transport encodings left in or taken off.
func codings(b []byte, keep func(*assumption, []byte) bool) bool {
	for _, c := range []struct {
		id, what string
		open     func(io.Reader) (io.Reader, error)
	}{
		{"gzip", "gzip", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
		{"deflate", "zlib", func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }},
		{"deflate.raw", "deflate", func(r io.Reader) (io.Reader, error) { return flate.NewReader(r), nil }},
		{"chunked", "chunk framing", unchunk},
	} {
		r, err := c.open(bytes.NewReader(b))
		if err != nil {
			continue
		}
		out, err := io.ReadAll(io.LimitReader(r, maxInflate))
		if err != nil || len(out) == 0 {
			continue
		}
		if !keep(bodyMistake("coding."+c.id, 9, "the body still has its "+c.what, "with the "+c.what+" taken off", "undo the transfer and content encodings before verifying"), out) {
			return false
		}
	}
	if out, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(b))); err == nil && len(out) > 0 &&
		!keep(bodyMistake("coding.base64", 11, "the body is still base64", "with the body decoded from base64", "decode the body first: gateways mark it with isBase64Encoded"), out) {
		return false
	}
	return keep(bodyMistake("coding.base64.signed", 23, "the body was base64-encoded before it was signed", "with the body in base64", bytesFix), []byte(base64.StdEncoding.EncodeToString(b))) &&
		keep(bodyMistake("coding.hex.signed", 23, "the body was hex-encoded before it was signed", "with the body in hex", bytesFix), []byte(hex.EncodeToString(b)))
}

// unchunk takes chunked framing off a body.
func unchunk(r io.Reader) (io.Reader, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var out []byte
	for {
		line, rest, ok := bytes.Cut(b, []byte("\r\n"))
		size, _, _ := strings.Cut(string(line[:min(len(line), 64)]), ";")
		n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 31)
		switch {
		case !ok || err != nil:
			return nil, io.ErrUnexpectedEOF
		case n == 0:
			return bytes.NewReader(out), nil
		case int(n) > len(rest):
			return nil, io.ErrUnexpectedEOF
		}
		out = append(out, rest[:n]...)
		b = bytes.TrimPrefix(rest[n:], []byte("\r\n"))
	}
}

// stand: texts that stand in for a body which was lost.
func stand(b []byte, keep func(*assumption, []byte) bool) bool {
	const title = "the body was lost before it was signed"
	for _, s := range []struct{ id, text, words string }{
		{"empty", "", "with an empty body"},
		{"object_object", "[object Object]", "as the text [object Object]"},
		{"undefined", "undefined", "as the text undefined"},
		{"empty_object", "{}", "as an empty JSON object"},
		{"null", "null", "as the text null"},
		{"none", "None", "as the text None"},
		{"false", "false", "as the text false"},
		{"empty_array", "[]", "as an empty JSON array"},
		{"array", "Array", "as the text Array"},
	} {
		fix := "sign and verify the raw bytes: something handed on an object, or a stream that was read before"
		if len(b) <= maxClueText && string(bytes.Join(bytes.Fields(b), nil)) == s.text {
			continue // the body is that, but for blanks
		}
		if !keep(bodyMistake("lost."+s.id, 8, title, s.words, fix), []byte(s.text)) {
			return false
		}
	}
	return true
}

// restyled: the body's JSON written as the usual libraries write it.
func restyled(b []byte, keep func(*assumption, []byte) bool) bool {
	w, ok := restyle.Parse(b)
	if !ok {
		return true
	}
	for _, st := range w.Styles() {
		id, words := st.Words()
		if !keep(bodyMistake("reserialised."+id, 6+3*st.Oddity(), "body was re-serialised", "as "+words, rawFix), w.Write(st)) {
			return false
		}
	}
	return true
}
