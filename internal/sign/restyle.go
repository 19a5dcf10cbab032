package sign

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxNesting bounds the depth of a JSON text that is written anew.
const maxNesting = 512

// lexeme is one token of a JSON text: a bracket, comma or colon by its own byte, s for a string, n for a number, l for a word.
type lexeme struct {
	kind       byte
	start, end int32
	pair       int32 // for an opening bracket: the index of its closing one
}

// lex cuts a JSON text into tokens; false when it is none, or nested too deeply.
func lex(b []byte) ([]lexeme, bool) {
	scan := jsonScan{b: b}
	var out []lexeme
	var open []int32
	for {
		c := scan.next()
		if c == 0 {
			break
		}
		start := scan.i
		kind := c
		switch {
		case c == '"':
			if kind = 's'; !scan.skipString() {
				return nil, false
			}
		case strings.IndexByte("{}[],:", c) >= 0:
			scan.i++
		default:
			kind = wordKind(c)
			for scan.i < len(b) && strings.IndexByte(" \t\r\n{}[],:\"", b[scan.i]) < 0 {
				scan.i++
			}
		}
		switch kind {
		case '{', '[':
			if open = append(open, int32(len(out))); len(open) > maxNesting { //nolint:gosec // bodies are far below 2 GiB
				return nil, false
			}
		case '}', ']':
			if len(open) == 0 || out[open[len(open)-1]].kind+2 != kind {
				return nil, false
			}
			out[open[len(open)-1]].pair = int32(len(out)) //nolint:gosec // bodies are far below 2 GiB
			open = open[:len(open)-1]
		}
		out = append(out, lexeme{kind: kind, start: int32(start), end: int32(scan.i)}) //nolint:gosec // bodies are far below 2 GiB
	}
	return out, len(open) == 0 && len(out) > 1
}

func wordKind(c byte) byte {
	if c == '-' || '0' <= c && c <= '9' {
		return 'n'
	}
	return 'l'
}

// layout is how white space is written.
type layout struct {
	id, words       string
	item, key       string // what stands after an item, and between key and value
	indent          string // for one level; "" writes everything on one line
	spacedArrays    bool   // Jackson: arrays on one line, with blanks inside
	asis            bool   // white space as it stands
	emptyWithBlanks bool
}

func layouts() []layout {
	return []layout{
		{id: "compact", words: "compact JSON", item: ",", key: ":"},
		{id: "python", words: "JSON with a blank after commas and colons, as Python writes it", item: ", ", key: ": "},
		{id: "indent2", words: "JSON indented by two blanks", item: ",", key: ": ", indent: "  "},
		{id: "indent4", words: "JSON indented by four blanks", item: ",", key: ": ", indent: "    "},
		{id: "tab", words: "JSON indented by tabs", item: ",", key: ": ", indent: "\t"},
		{id: "jackson", words: "JSON indented as Java's Jackson does", item: ",", key: " : ", indent: "  ", spacedArrays: true, emptyWithBlanks: true},
		{id: "escapes", words: "JSON with its own white space", asis: true},
	}
}

// spelling is how strings are written.
type spelling struct {
	id, words string
	asis      bool
	ascii     bool // characters outside ASCII as \u escapes
	upper     bool // with capital hex digits
	slash     bool // / as \/
	html      bool // < > & as \u escapes, as Go and Rails do
	dotnet    bool // and ' " + ` too, as .NET does
}

func spellings() []spelling {
	return []spelling{
		{asis: true},
		{id: "unescaped", words: "characters written as they are"},
		{id: "ascii", words: "characters outside ASCII escaped", ascii: true},
		{id: "php", words: "slashes and characters outside ASCII escaped, as PHP does", ascii: true, slash: true},
		{id: "slashes", words: "slashes escaped", slash: true},
		{id: "html", words: "<, > and & escaped, as Go and Rails do", html: true},
		{id: "dotnet", words: "characters escaped as .NET does", ascii: true, upper: true, html: true, dotnet: true},
		{id: "ascii.upper", words: "characters outside ASCII escaped with capital hex digits", ascii: true, upper: true},
	}
}

// numbering is how numbers are written.
type numbering struct {
	id, words string
	write     func(text []byte) string // nil: as they stand
}

func numberings() []numbering {
	return []numbering{
		{},
		{id: "numbers", words: "numbers written anew, as JavaScript and Go do", write: jsNumber},
		{id: "numbers.python", words: "numbers written anew, as Python does", write: pythonNumber},
	}
}

// restyled: the body's JSON written as the usual libraries write it.
func restyled(b []byte, keep func(*assumption, []byte) bool) bool {
	if len(b) > maxRestyle {
		return true
	}
	lexemes, ok := lex(b)
	if !ok {
		return true
	}
	w := restyler{b: b, lex: lexemes}
	w.survey()
	for _, num := range numberings() {
		if num.write != nil && !w.oddNumbers {
			continue
		}
		for _, sp := range spellings() {
			if !sp.asis && !w.escapable {
				continue
			}
			for _, sorted := range []bool{false, true} {
				if sorted && !w.objects {
					continue
				}
				for _, lay := range layouts() {
					if lay.asis && sorted {
						continue
					}
					if !keep(restyleMistake(lay, sp, num, sorted), w.write(lay, sp, num, sorted)) {
						return false
					}
				}
			}
		}
	}
	return true
}

func restyleMistake(lay layout, sp spelling, num numbering, sorted bool) *assumption {
	id, rank := "reserialised."+lay.id, 6
	var extra []string
	if sorted {
		id, extra = id+".sorted", append(extra, "keys sorted")
	}
	for _, part := range [][2]string{{sp.id, sp.words}, {num.id, num.words}} {
		if part[0] != "" {
			id, extra = id+"."+part[0], append(extra, part[1])
		}
	}
	evidence := "as " + lay.words
	if len(extra) > 0 {
		evidence += ", with " + strings.Join(extra, " and ")
	}
	return bodyMistake(id, rank+3*len(extra), "body was re-serialised", evidence, rawFix)
}

// restyler writes one JSON text in many styles.
type restyler struct {
	b          []byte
	lex        []lexeme
	out        []byte
	lay        layout
	sp         spelling
	num        numbering
	sorted     bool
	objects    bool // there is an object with more than one member
	escapable  bool // there is a character that some library escapes
	oddNumbers bool // there is a number that some library writes otherwise
}

func (w *restyler) survey() {
	depth := 0
	for _, l := range w.lex {
		text := w.b[l.start:l.end]
		switch l.kind {
		case 's':
			w.escapable = w.escapable || !ascii(text) || bytes.ContainsAny(text, "\\/<>&'+`\x7f")
		case 'n':
			w.oddNumbers = w.oddNumbers || jsNumber(text) != string(text) || pythonNumber(text) != string(text)
		case '{':
			depth++
		case ',':
			w.objects = w.objects || depth > 0
		}
	}
}

func (w *restyler) write(lay layout, sp spelling, num numbering, sorted bool) []byte {
	w.lay, w.sp, w.num, w.sorted = lay, sp, num, sorted
	w.out = make([]byte, 0, len(w.b)+len(w.b)/4)
	if lay.asis {
		at := int32(0)
		for i := range w.lex {
			w.out = append(w.out, w.b[at:w.lex[i].start]...)
			w.scalar(i)
			at = w.lex[i].end
		}
		return append(w.out, w.b[at:]...)
	}
	w.value(0, 0)
	return w.out
}

// scalar writes a token by itself.
func (w *restyler) scalar(i int) {
	l := w.lex[i]
	text := w.b[l.start:l.end]
	switch {
	case l.kind == 's' && !w.sp.asis:
		w.out = w.sp.append(w.out, text)
	case l.kind == 'n' && w.num.write != nil:
		w.out = append(w.out, w.num.write(text)...)
	default:
		w.out = append(w.out, text...)
	}
}

// value writes the value that begins at token i and returns the index after it.
func (w *restyler) value(i, depth int) int {
	if i >= len(w.lex) {
		return i
	}
	switch w.lex[i].kind {
	case '{':
		return w.object(i, depth)
	case '[':
		return w.array(i, depth)
	default:
		w.scalar(i)
		return i + 1
	}
}

func (w *restyler) line(depth int) {
	if w.lay.indent != "" {
		w.out = append(w.out, '\n')
		for range depth {
			w.out = append(w.out, w.lay.indent...)
		}
	}
}

func (w *restyler) object(i, depth int) int {
	end := int(w.lex[i].pair)
	members := w.members(i+1, end)
	w.out = append(w.out, '{')
	for n, m := range members {
		if n > 0 {
			w.out = append(w.out, w.lay.item...)
		}
		w.line(depth + 1)
		w.scalar(m)
		w.out = append(w.out, w.lay.key...)
		w.value(m+2, depth+1)
	}
	if len(members) > 0 {
		w.line(depth)
	} else if w.lay.emptyWithBlanks {
		w.out = append(w.out, ' ')
	}
	w.out = append(w.out, '}')
	return end + 1
}

// members returns the indexes of an object's keys, sorted if that is the style.
func (w *restyler) members(i, end int) []int {
	var keys []int
	for i+1 < end {
		keys = append(keys, i)
		if i = w.skip(i + 2); i < end && w.lex[i].kind == ',' {
			i++
		}
	}
	if w.sorted {
		slices.SortStableFunc(keys, func(a, b int) int { return bytes.Compare(w.text(a), w.text(b)) })
	}
	return keys
}

func (w *restyler) text(i int) []byte { return w.b[w.lex[i].start:w.lex[i].end] }

// skip returns the index after the value that begins at token i.
func (w *restyler) skip(i int) int {
	if i < len(w.lex) && (w.lex[i].kind == '{' || w.lex[i].kind == '[') {
		return int(w.lex[i].pair) + 1
	}
	return i + 1
}

func (w *restyler) array(i, depth int) int {
	end := int(w.lex[i].pair)
	w.out = append(w.out, '[')
	for n, at := 0, i+1; at < end; n++ {
		if n > 0 {
			w.out = append(w.out, w.lay.item...)
		}
		switch {
		case !w.lay.spacedArrays:
			w.line(depth + 1)
		default:
			w.out = append(w.out, ' ')
		}
		if at = w.value(at, depth+1); at < end && w.lex[at].kind == ',' {
			at++
		}
	}
	switch {
	case w.lay.spacedArrays:
		w.out = append(w.out, ' ')
	case end > i+1:
		w.line(depth)
	}
	w.out = append(w.out, ']')
	return end + 1
}

// append writes a JSON string in a spelling.
func (sp *spelling) append(out, text []byte) []byte {
	out = append(out, '"')
	text = text[1 : len(text)-1]
	for len(text) > 0 {
		r, n, raw := nextChar(text)
		if raw {
			out = append(out, text[:n]...) // a lone surrogate or a byte that is not UTF-8: nobody agrees on those
		} else {
			out = sp.rune(out, r)
		}
		text = text[n:]
	}
	return append(out, '"')
}

// nextChar decodes one character of a JSON string's inside; raw when it cannot be written otherwise.
func nextChar(b []byte) (r rune, n int, raw bool) {
	if b[0] != '\\' {
		r, n = utf8.DecodeRune(b)
		return r, n, r == utf8.RuneError && n == 1
	}
	if len(b) < 2 {
		return 0, 1, true
	}
	if b[1] != 'u' {
		i := strings.IndexByte(`bfnrt"\/`, b[1])
		if i < 0 {
			return 0, 2, true
		}
		return rune("\b\f\n\r\t\"\\/"[i]), 2, false
	}
	r, ok := hex4(b)
	if !ok {
		return 0, 2, true
	}
	if !utf16.IsSurrogate(r) {
		return r, 6, false
	}
	if low, ok := hex4(b[6:]); ok {
		if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
			return both, 12, false
		}
	}
	return 0, 6, true
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(n), err == nil //nolint:gosec // 16 bits
}

// rune writes one character.
func (sp *spelling) rune(out []byte, r rune) []byte {
	switch {
	case sp.dotnet && strings.ContainsRune("\"'+`\x7f", r):
		return sp.escape(out, r)
	case r == '"' || r == '\\':
		return append(out, '\\', byte(r))
	case r < ' ':
		if i := strings.IndexRune("\b\f\n\r\t", r); i >= 0 {
			return append(out, '\\', "bfnrt"[i])
		}
		return sp.escape(out, r)
	case r == '/' && sp.slash:
		return append(out, '\\', '/')
	case sp.html && (r == '<' || r == '>' || r == '&' || r == 0x2028 || r == 0x2029), sp.ascii && r >= utf8.RuneSelf:
		return sp.escape(out, r)
	default:
		return utf8.AppendRune(out, r)
	}
}

func (sp *spelling) escape(out []byte, r rune) []byte {
	units := []rune{r}
	if r > 0xffff {
		hi, lo := utf16.EncodeRune(r)
		units = []rune{hi, lo}
	}
	for _, u := range units {
		h := strconv.FormatUint(uint64(u), 16) //nolint:gosec // runes are not negative
		if sp.upper {
			h = strings.ToUpper(h)
		}
		out = append(append(out, `\u0000`[:6-len(h)]...), h...)
	}
	return out
}

// jsNumber writes a number as JavaScript and Go do after reading it as a float.
func jsNumber(text []byte) string {
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(f, 0) {
		return string(text)
	}
	if f == 0 {
		return "0"
	}
	if a := math.Abs(f); a >= 1e21 || a < 1e-6 {
		s := strconv.FormatFloat(f, 'e', -1, 64)
		s = strings.Replace(s, "e-0", "e-", 1)
		return strings.Replace(s, "e+0", "e+", 1)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// pythonNumber writes a number as Python does: integers stay, the others are shown as floats.
func pythonNumber(text []byte) string {
	if !bytes.ContainsAny(text, ".eE") {
		return string(text)
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(f, 0) {
		return string(text)
	}
	if a := math.Abs(f); f != 0 && (a >= 1e16 || a < 1e-4) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
