package explain

// The mistakes that are made with a body, as tables. A mistake is added by adding a row.

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"io"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/sign/explain/restyle"
	"github.com/whctl/whctl/internal/sign/scheme"
)

const (
	rawFix        cure = "verify the raw bytes, before a JSON parser runs"
	bytesFix      cure = "hand the body on as bytes, without touching it"
	lostFix       cure = "sign and verify the raw bytes: something handed on an object, or a stream that was read before"
	codingFix     cure = "undo the transfer and content encodings before verifying"
	breaksFix     cure = "send the bytes of the file as they are: with curl --data-binary @FILE, not -d @FILE"
	base64Fix     cure = "decode the body first: gateways mark it with isBase64Encoded"
	senderFix          = "have the sender sign exactly the bytes that it sends, or find what rewrites them on the way: the receiving program cannot mend it"
	byteOrderMark      = "\xef\xbb\xbf"
	maxInflate         = 16 << 20 // bytes of a body whose coding is undone
	maxFormFields      = 10_000
)

// bodyRow is a mistake and the edit that gives the body as it was signed.
type bodyRow struct {
	id       string // of the finding, after body.
	rank     rank
	title    string
	evidence string // goes on after "it matches"
	fix      cure
	edit     func(*received) ([]byte, bool) // false: this cannot have been done with the body
}

func (r *bodyRow) mistake() *mistake {
	m := &mistake{id: "body." + r.id, rank: r.rank, title: r.title, evidence: r.evidence, fix: string(r.fix), body: r.fix, recipes: recipeBody}
	if r.fix == wrappedFix || r.fix == breaksFix { // the raw bytes, which recipes give, are those that do not match
		m.recipes = recipeNone
	}
	return m
}

// received is a body as it came, with what several rows ask of it.
type received struct {
	b      []byte
	parsed bool
	fields url.Values // of a form
	lexed  bool
	text   *restyle.Text // of JSON

	declared  bool   // its Content-Type is that of a form
	canonical bool   // a form's values are signed, however they are written
	query     string // of the URL
	named     bool
	libraries []restyle.Writer // that write the JSON as it is
}

// json is the body read as a JSON object or array; false when it is none.
func (in *received) json() (*restyle.Text, bool) {
	if !in.lexed {
		in.lexed = true
		in.text, _ = restyle.Parse(in.b)
	}
	return in.text, in.text != nil
}

// form is the body read as a form; nil when it is none.
func (in *received) form() url.Values {
	if !in.parsed {
		in.parsed = true
		if v, err := url.ParseQuery(string(in.b)); err == nil && len(v) <= maxFormFields {
			in.fields = v
		}
	}
	return in.fields
}

// rows are all mistakes, those of likely kinds first.
func (in *received) rows() iter.Seq[bodyRow] {
	return func(yield func(bodyRow) bool) {
		for _, table := range []iter.Seq[bodyRow]{
			in.table(endRows), in.table(standIns), in.table(lineEndRows), in.formTexts(), in.table(styleRows), in.table(shownRows), in.table(charsetRows),
			in.table(wideRows), in.table(textRows), in.table(entityRows), in.table(formRows), in.table(codingRows), in.table(envelopeRows),
			in.table(ownStyleRows), in.table(valueRows),
		} {
			for row := range table {
				if !yield(row) {
					return
				}
			}
		}
	}
}

// table gives the rows of a table, which is made when the first of them is needed.
func (in *received) table(rows func(*received) []bodyRow) iter.Seq[bodyRow] {
	return func(yield func(bodyRow) bool) {
		for _, row := range rows(in) {
			if !yield(row) {
				return
			}
		}
	}
}

// edgeRow is a change at a body's ends, or of all line ends. It is tried by itself, and after each other change of the body.
type edgeRow struct {
	bodyRow
	can   func(b []byte) bool
	write func(out, b []byte) []byte // appends the changed body
}

func edgeRows() []edgeRow {
	each := func([]byte) bool { return true }
	lost := func(id, what, end string) edgeRow {
		return edgeRow{
			bodyRow{id: id, rank: rankEdge, title: "the line break at the end was lost", evidence: "with " + what + " at the end", fix: bytesFix},
			each,
			func(out, b []byte) []byte { return append(append(slices.Grow(out, len(b)+len(end)), b...), end...) },
		}
	}
	return []edgeRow{
		lost("newline.lost", "a line feed", "\n"),
		lost("newline.lost.crlf", "CR LF", "\r\n"),
		{
			bodyRow{id: "newline.added", rank: rankEdge, title: "a line break was added at the end", evidence: "without the line break at the end", fix: bytesFix},
			func(b []byte) bool { return bytes.HasSuffix(b, []byte("\n")) || bytes.HasSuffix(b, []byte("\r")) },
			func(out, b []byte) []byte { return append(out, bytes.TrimRight(b, "\r\n")...) },
		},
		{
			bodyRow{id: "line_ends.crlf", rank: rankLineEnds, title: "line ends were changed", evidence: "with CR LF at the line ends", fix: bytesFix},
			func(b []byte) bool { return bytes.Count(b, []byte("\n")) > bytes.Count(b, []byte("\r\n")) }, appendCRLF,
		},
		{
			bodyRow{id: "bom.lost", rank: rankMark, title: "a byte order mark was lost", evidence: "with a byte order mark in front", fix: bytesFix},
			func(b []byte) bool { return !bytes.HasPrefix(b, []byte(byteOrderMark)) },
			func(out, b []byte) []byte {
				return append(append(slices.Grow(out, len(b)+len(byteOrderMark)), byteOrderMark...), b...)
			},
		},
	}
}

// endRows are the edge rows, and more line breaks, blanks and marks at the ends of the body.
func endRows(*received) []bodyRow {
	out := []bodyRow{{"newline.added", rankLineBreak, "a line break was added at the end", "without the line break at the end", bytesFix, func(in *received) ([]byte, bool) {
		one, ok := bytes.CutSuffix(in.b, []byte("\n"))
		return bytes.TrimSuffix(one, []byte("\r")), ok
	}}}
	for _, e := range edgeRows() {
		e.edit = func(in *received) ([]byte, bool) {
			if !e.can(in.b) {
				return nil, false
			}
			return e.write(nil, in.b), true
		}
		out = append(out, e.bodyRow)
	}
	return append(
		out,
		bodyRow{"bom.added", rankMark, "a byte order mark was added", "without the byte order mark", bytesFix, func(in *received) ([]byte, bool) {
			return bytes.CutPrefix(in.b, []byte(byteOrderMark))
		}},
		bodyRow{"trimmed", rankTrimmed, "blanks were added at the ends", "with the body trimmed", bytesFix, always(bytes.TrimSpace)},
	)
}

// always is an edit that any body can have.
func always(edit func([]byte) []byte) func(*received) ([]byte, bool) {
	return func(in *received) ([]byte, bool) { return edit(in.b), true }
}

// standIns are texts that stand in for a body which was lost.
func standIns(*received) []bodyRow {
	const title = "the body was lost before it was signed"
	const longest = 256 // bytes of a body that is one of them with blanks
	in := func(text string) func(*received) ([]byte, bool) {
		return func(in *received) ([]byte, bool) { // unless the body is that, but for blanks
			return []byte(text), len(in.b) > longest || string(bytes.Join(bytes.Fields(in.b), nil)) != text
		}
	}
	return []bodyRow{
		{"lost.empty", rankLostBody, title, "with an empty body", lostFix, in("")},
		{"lost.object_object", rankLostBody, title, "as the text [object Object]", lostFix, in("[object Object]")},
		{"lost.undefined", rankLostBody, title, "as the text undefined", lostFix, in("undefined")},
		{"lost.empty_object", rankLostBody, title, "as an empty JSON object", lostFix, in("{}")},
		{"lost.null", rankLostBody, title, "as the text null", lostFix, in("null")},
		{"lost.none", rankLostBody, title, "as the text None", lostFix, in("None")},
		{"lost.false", rankLostBody, title, "as the text false", lostFix, in("false")},
		{"lost.empty_array", rankLostBody, title, "as an empty JSON array", lostFix, in("[]")},
		{"lost.array", rankLostBody, title, "as the text Array", lostFix, in("Array")},
	}
}

func lineEndRows(*received) []bodyRow {
	inForm := func(edit func(string) string) func(*received) ([]byte, bool) {
		return func(in *received) ([]byte, bool) {
			text := string(in.b)
			return []byte(edit(text)), in.declared && strings.Contains(strings.ToUpper(text), "%0A")
		}
	}
	short := strings.NewReplacer("%0D%0A", "%0A", "%0d%0a", "%0a")
	return []bodyRow{
		{"line_ends.form.crlf", rankLineEnds, "line ends in the form were changed", "with %0D%0A at the line ends of its fields", formFix, inForm(func(s string) string {
			return strings.NewReplacer("%0A", "%0D%0A", "%0a", "%0d%0a").Replace(short.Replace(s))
		})},
		{"line_ends.form.lf", rankLineEnds, "line ends in the form were changed", "with %0A at the line ends of its fields", formFix, inForm(short.Replace)},
		{"line_ends.lf", rankLineEnds, "line ends were changed", "with LF at the line ends", bytesFix, always(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")) })},
	}
}

// appendCRLF appends a text with CR LF where a line feed stands alone.
func appendCRLF(out, b []byte) []byte {
	for out = slices.Grow(out, len(b)+bytes.Count(b, []byte("\n"))); ; {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return append(out, b...)
		}
		out = append(out, b[:i]...)
		if i == 0 || b[i-1] != '\r' {
			out = append(out, '\r')
		}
		out = append(out, '\n')
		b = b[i+1:]
	}
}

// styleRows are the body's JSON written as the usual libraries write it.
func styleRows(in *received) []bodyRow {
	text, ok := in.json()
	if !ok {
		return nil
	}
	var out []bodyRow
	for _, style := range text.Styles() {
		id, words := style.Words()
		if text.Unbroken(style) {
			out = append(out, bodyRow{
				"line_breaks.lost", rankLineEnds, "the line breaks inside the body were lost, as curl -d loses those of a file", "with the line breaks of " + words, breaksFix,
				func(*received) ([]byte, bool) { return text.Write(style), true },
			})
			continue
		}
		out = append(out, bodyRow{
			"reserialised." + id, rankRestyled + rankOddity*rank(style.Oddity()), "body was re-serialised", "as " + words, rawFix,
			func(*received) ([]byte, bool) { return text.Write(style), true },
		})
	}
	return out
}

// charsetRows are mix-ups of character sets.
func charsetRows(*received) []bodyRow {
	const changed, twice = "the body's character set was changed", "the body was encoded as UTF-8 twice"
	odd := func(edit func([]byte) []byte) func(*received) ([]byte, bool) {
		return func(in *received) ([]byte, bool) {
			if ascii(in.b) {
				return nil, false
			}
			return edit(in.b), true
		}
	}
	return []bodyRow{
		{"charset.double", rankCharset, twice, "with one UTF-8 encoding undone (read as Latin-1)", bytesFix, func(in *received) ([]byte, bool) { return latin1.bytes(in.b) }},
		{"charset.double.cp1252", rankCharset, twice, "with one UTF-8 encoding undone (read as Windows-1252)", bytesFix, func(in *received) ([]byte, bool) { return cp1252.bytes(in.b) }},
		{"charset.latin1", rankCharset, changed, "with the body's bytes taken as Latin-1 and written as UTF-8", bytesFix, odd(latin1.utf8)},
		{"charset.cp1252", rankCharset, changed, "with the body's bytes taken as Windows-1252 and written as UTF-8", bytesFix, odd(cp1252.utf8)},
		{"charset.replaced", rankLossy, changed, "with bytes that are not UTF-8 replaced by U+FFFD", bytesFix, odd(func(b []byte) []byte { return bytes.ToValidUTF8(b, []byte("\uFFFD")) })},
		{"charset.question", rankLossy, changed, "with every character outside ASCII as a question mark", bytesFix, odd(questionMarks)},
	}
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

// singleByte is a character set of one byte a character: what the bytes 0x80 to 0x9f stand for. The others are as in Latin-1.
type singleByte string

const (
	latin1 singleByte = "\u0080\u0081\u0082\u0083\u0084\u0085\u0086\u0087\u0088\u0089\u008a\u008b\u008c\u008d\u008e\u008f" +
		"\u0090\u0091\u0092\u0093\u0094\u0095\u0096\u0097\u0098\u0099\u009a\u009b\u009c\u009d\u009e\u009f"
	// Windows-1252, with the five bytes that it leaves open as browsers read them: https://encoding.spec.whatwg.org/index-windows-1252.txt
	cp1252 singleByte = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"
)

// utf8 takes each byte for a character.
func (s singleByte) utf8(b []byte) []byte {
	table := []rune(s)
	out := make([]byte, 0, len(b)*3/2)
	for _, c := range b {
		r := rune(c)
		if c >= 0x80 && c < 0xa0 {
			r = table[c-0x80]
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// bytes writes each character as one byte; false when one has none, or when nothing would change.
func (s singleByte) bytes(b []byte) ([]byte, bool) {
	if ascii(b) || !utf8.Valid(b) {
		return nil, false
	}
	table := []rune(s)
	out := make([]byte, 0, len(b))
	for _, c := range string(b) {
		if c > 0xff {
			i := slices.Index(table, c)
			if i < 0 {
				return nil, false
			}
			c = rune(0x80 + i) //nolint:gosec // i is below 32
		}
		out = append(out, byte(c)) //nolint:gosec // not above 0xff
	}
	return out, true
}

// textRows are the body as text of some language, or inside something else.
func textRows(*received) []bodyRow {
	const title = "the body was turned into text before it was signed"
	small := func(most int, edit func([]byte) []byte) func(*received) ([]byte, bool) {
		return func(in *received) ([]byte, bool) {
			if len(in.b) > most {
				return nil, false
			}
			b := edit(in.b)
			return b, b != nil
		}
	}
	return []bodyRow{
		{"python_bytes", rankPythonBytes, "the body was turned into text of Python bytes", "without the b'…' around the body", bytesFix, func(in *received) ([]byte, bool) { return restyle.Unpython(in.b) }},
		{"python_bytes.signed", rankPythonBytes, title, "as the text b'…' that Python shows for bytes", "build the signed text from bytes, not with an f-string", small(restyle.MaxBody, restyle.PythonBytes)},
		{"json_string.signed", rankText, title, "as a JSON text inside a JSON string", rawFix, small(restyle.MaxBody, func(b []byte) []byte { return []byte(strconv.Quote(string(b))) })},
		{"python_repr", rankText, "the body was turned into text of a Python dict", "as the text Python shows for a dict", rawFix, small(restyle.MaxBody, restyle.PythonRepr)},
		{"buffer_json.signed", rankBuffer, title, "as the JSON that Node.js writes for a Buffer", rawFix, small(maxHeld/64, bufferJSON)},
		{"json_string", rankText, "the body was encoded as JSON twice", "with the JSON string unpacked", rawFix, func(in *received) ([]byte, bool) {
			inner, ok := scheme.Lookup(in.b, nil)
			return []byte(inner), ok && len(in.b) > 2 && in.b[0] == '"'
		}},
	}
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

// codingRows are compression, framing and transport encodings that were left in or taken off.
func codingRows(*received) []bodyRow {
	row := func(id, what string, open func(io.Reader) (io.Reader, error)) bodyRow {
		return bodyRow{"coding." + id, rankCoding, "the body still has its " + what, "with the " + what + " taken off", codingFix, func(in *received) ([]byte, bool) {
			r, err := open(bytes.NewReader(in.b))
			if err != nil {
				return nil, false
			}
			out, err := io.ReadAll(io.LimitReader(r, maxInflate))
			return out, err == nil && len(out) > 0
		}}
	}
	return []bodyRow{
		row("gzip", "gzip", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }),
		row("deflate", "zlib", func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }),
		row("deflate.raw", "deflate", func(r io.Reader) (io.Reader, error) { return flate.NewReader(r), nil }),
		row("chunked", "chunk framing", unchunk),
		{"coding.base64", rankText, "the body is still base64", "with the body decoded from base64", base64Fix, func(in *received) ([]byte, bool) {
			out, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(in.b)))
			return out, err == nil && len(out) > 0
		}},
		{"coding.base64.signed", rankBodyCoded, "the body was base64-encoded before it was signed", "with the body in base64", bytesFix, always(func(b []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(b)) })},
		{"coding.hex.signed", rankBodyCoded, "the body was hex-encoded before it was signed", "with the body in hex", bytesFix, always(func(b []byte) []byte { return []byte(hex.EncodeToString(b)) })},
	}
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
