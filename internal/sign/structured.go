package sign

// Structured field values (RFC 8941): the dictionaries in which message signatures and digests stand. They are read strictly and
// written in the one form that the RFC has for each.

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// The bounds of a structured field. No signature needs more.
const (
	maxField   = 16 << 10 // bytes of a field
	maxMembers = 64       // of a dictionary or a list, or parameters of an item
	maxDigits  = 15       // of a number
)

// fieldKind is the type of an item.
type fieldKind int

const (
	fieldToken fieldKind = iota
	fieldString
	fieldBytes
	fieldInteger
	fieldDecimal
	fieldBoolean
)

// fieldItem is one item with its parameters. Text is the string, the token, or the digits; "1" and "0" of a boolean.
type fieldItem struct {
	kind   fieldKind
	text   string
	params []fieldParam
}

// fieldParam is one parameter.
type fieldParam struct {
	key   string
	value fieldItem // has no parameters
}

// fieldMember is one member of a dictionary: an item, or an inner list of items with parameters of its own.
type fieldMember struct {
	key   string
	item  fieldItem // of a list: only its parameters
	list  []fieldItem
	inner bool
}

// fieldReader reads one field value.
type fieldReader struct {
	s string
	i int
}

// readDictionary reads a dictionary. A key that comes again takes the place of the first (RFC 8941, section 3.2), which a signature
// must not depend on, so that is refused.
func readDictionary(s string) ([]fieldMember, bool) {
	if len(s) > maxField {
		return nil, false
	}
	r := &fieldReader{s: s}
	var out []fieldMember
	seen := map[string]bool{}
	r.blanks(" ")
	for r.i < len(r.s) {
		m, ok := r.member()
		if !ok || seen[m.key] || len(out) == maxMembers {
			return nil, false
		}
		seen[m.key] = true
		out = append(out, m)
		r.blanks(" \t")
		if r.i == len(r.s) {
			return out, true
		}
		if !r.take(',') {
			return nil, false
		}
		if r.blanks(" \t"); r.i == len(r.s) {
			return nil, false // a comma at the end
		}
	}
	return out, true
}

func (r *fieldReader) blanks(set string) {
	for r.i < len(r.s) && strings.IndexByte(set, r.s[r.i]) >= 0 {
		r.i++
	}
}

func (r *fieldReader) take(c byte) bool {
	if r.i < len(r.s) && r.s[r.i] == c {
		r.i++
		return true
	}
	return false
}

func (r *fieldReader) peek() byte {
	if r.i < len(r.s) {
		return r.s[r.i]
	}
	return 0
}

func (r *fieldReader) member() (m fieldMember, ok bool) {
	if m.key, ok = r.key(); !ok {
		return m, false
	}
	if !r.take('=') {
		m.item = fieldItem{kind: fieldBoolean, text: "1"}
		m.item.params, ok = r.params()
		return m, ok
	}
	if r.peek() != '(' {
		m.item, ok = r.item()
		return m, ok
	}
	m.inner = true
	if m.list, ok = r.innerList(); !ok {
		return m, false
	}
	m.item.params, ok = r.params()
	return m, ok
}

func (r *fieldReader) innerList() (list []fieldItem, ok bool) {
	r.take('(')
	for {
		r.blanks(" ")
		if r.take(')') {
			return list, true
		}
		it, ok := r.item()
		if !ok || len(list) == maxMembers {
			return nil, false
		}
		list = append(list, it)
		if c := r.peek(); c != ' ' && c != ')' {
			return nil, false
		}
	}
}

func isKeyByte(c byte, first bool) bool {
	return c >= 'a' && c <= 'z' || c == '*' || !first && (c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.')
}

func (r *fieldReader) key() (string, bool) {
	start := r.i
	for r.i < len(r.s) && isKeyByte(r.s[r.i], r.i == start) {
		r.i++
	}
	return r.s[start:r.i], r.i > start
}

func (r *fieldReader) item() (it fieldItem, ok bool) {
	if it, ok = r.bare(); ok {
		it.params, ok = r.params()
	}
	return it, ok
}

func (r *fieldReader) params() (out []fieldParam, ok bool) {
	for r.take(';') {
		r.blanks(" ")
		p := fieldParam{value: fieldItem{kind: fieldBoolean, text: "1"}}
		if p.key, ok = r.key(); !ok || len(out) == maxMembers {
			return nil, false
		}
		if r.take('=') {
			if p.value, ok = r.bare(); !ok {
				return nil, false
			}
		}
		for _, q := range out {
			if q.key == p.key {
				return nil, false // as with the members of a dictionary
			}
		}
		out = append(out, p)
	}
	return out, true
}

func (r *fieldReader) bare() (fieldItem, bool) {
	switch c := r.peek(); {
	case c == '"':
		return r.str()
	case c == ':':
		return r.bytes()
	case c == '?':
		r.i++
		b := r.peek()
		r.i++
		return fieldItem{kind: fieldBoolean, text: string(b)}, b == '0' || b == '1'
	case c == '-' || c >= '0' && c <= '9':
		return r.number()
	case c == '*' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		start := r.i
		for r.i < len(r.s) && strings.IndexByte("\"(),;=<>@[]?{}\\ \t", r.s[r.i]) < 0 && r.s[r.i] > ' ' && r.s[r.i] < 0x7f {
			r.i++
		}
		return fieldItem{kind: fieldToken, text: r.s[start:r.i]}, true
	default:
		return fieldItem{}, false
	}
}

func (r *fieldReader) str() (fieldItem, bool) {
	var b strings.Builder
	for r.i++; r.i < len(r.s); r.i++ {
		switch c := r.s[r.i]; {
		case c == '"':
			r.i++
			return fieldItem{kind: fieldString, text: b.String()}, true
		case c == '\\':
			r.i++
			if e := r.peek(); e != '"' && e != '\\' {
				return fieldItem{}, false
			}
			b.WriteByte(r.s[r.i])
		case c < ' ' || c > '~':
			return fieldItem{}, false
		default:
			b.WriteByte(c)
		}
	}
	return fieldItem{}, false
}

// bytes reads base64 between colons. Its text is the bytes.
func (r *fieldReader) bytes() (fieldItem, bool) {
	end := strings.IndexByte(r.s[r.i+1:], ':')
	if end < 0 {
		return fieldItem{}, false
	}
	text := r.s[r.i+1 : r.i+1+end]
	r.i += end + 2
	if strings.ContainsAny(text, "\r\n") { // encoding/base64 would skip them
		return fieldItem{}, false
	}
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	return fieldItem{kind: fieldBytes, text: string(b)}, err == nil
}

// number reads an integer of up to 15 digits, or a decimal of up to 12 and 3. Its text is in the form that the RFC writes.
func (r *fieldReader) number() (fieldItem, bool) {
	start := r.i
	r.take('-')
	first := r.i
	for r.i < len(r.s) && (r.s[r.i] >= '0' && r.s[r.i] <= '9' || r.s[r.i] == '.') {
		r.i++
	}
	whole, frac, decimal := strings.Cut(r.s[first:r.i], ".")
	sign := r.s[start:first]
	if !decimal {
		n, err := strconv.ParseInt(sign+whole, 10, 64)
		return fieldItem{kind: fieldInteger, text: strconv.FormatInt(n, 10)}, err == nil && len(whole) <= maxDigits
	}
	if whole == "" || len(whole) > maxDigits-3 || frac == "" || len(frac) > 3 || strings.Contains(frac, ".") {
		return fieldItem{}, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if frac = strings.TrimRight(frac, "0"); frac == "" {
		frac = "0"
	}
	return fieldItem{kind: fieldDecimal, text: sign + strconv.FormatInt(n, 10) + "." + frac}, err == nil
}

// write is the item as the RFC writes it, without parameters.
func (it *fieldItem) write() string {
	switch it.kind {
	case fieldString:
		return quoteField(it.text)
	case fieldBytes:
		return ":" + base64.StdEncoding.EncodeToString([]byte(it.text)) + ":"
	case fieldBoolean:
		return "?" + it.text
	default:
		return it.text
	}
}

// quoteField writes a string of ASCII characters.
func quoteField(s string) string {
	out := make([]byte, 0, len(s)+2)
	out = append(out, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			out = append(out, '\\')
		}
		out = append(out, s[i])
	}
	return string(append(out, '"'))
}

func writeParams(params []fieldParam) string {
	var b strings.Builder
	for i := range params {
		p := &params[i]
		b.WriteString(";" + p.key)
		if p.value.kind != fieldBoolean || p.value.text != "1" {
			b.WriteString("=" + p.value.write())
		}
	}
	return b.String()
}

// whole is the item with its parameters.
func (it *fieldItem) whole() string { return it.write() + writeParams(it.params) }

// value is a member's value.
func (m *fieldMember) value() string {
	if !m.inner {
		return m.item.whole()
	}
	items := make([]string, len(m.list))
	for i := range m.list {
		items[i] = m.list[i].whole()
	}
	return "(" + strings.Join(items, " ") + ")" + writeParams(m.item.params)
}

// member finds a member by its key; nil when there is none.
func memberOf(dict []fieldMember, key string) *fieldMember {
	for i := range dict {
		if dict[i].key == key {
			return &dict[i]
		}
	}
	return nil
}

// param finds a parameter; nil when there is none.
func (it *fieldItem) param(key string) *fieldItem {
	for i := range it.params {
		if it.params[i].key == key {
			return &it.params[i].value
		}
	}
	return nil
}
