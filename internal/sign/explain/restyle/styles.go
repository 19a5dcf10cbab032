package restyle

// The styles of JSON: white space, strings, numbers.

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
)

// layout is how white space is written.
type layout struct {
	id, words    string
	item, key    string   // what stands after an item, and between key and value
	indent       string   // for one level; "" writes everything on one line
	crlf         bool     // lines end in CR LF
	spacedArrays bool     // Jackson: arrays on one line, with blanks inside; empty objects too
	emptyLines   bool     // Ruby until json 2.8: line breaks in empty arrays and objects
	asis         bool     // white space as it stands
	rare         bool     // tried after the others
	spellings    []string // ids of those that occur with it; nil: all
}

func layouts() []layout {
	plain := []string{"", "unescaped", "ascii"}
	return []layout{
		{id: "compact", words: "compact JSON", item: ",", key: ":"},
		{id: "python", words: "JSON with a blank after commas and colons, as Python writes it", item: ", ", key: ": ", spellings: plain},
		{id: "indent2", words: "JSON indented by two blanks", item: ",", key: ": ", indent: "  "},
		{id: "indent4", words: "JSON indented by four blanks", item: ",", key: ": ", indent: "    "},
		{id: "tab", words: "JSON indented by tabs", item: ",", key: ": ", indent: "\t", spellings: []string{"", "unescaped", "ascii", "slashes", "html"}},
		{id: "jackson", words: "JSON indented as Java's Jackson does", item: ",", key: " : ", indent: "  ", spacedArrays: true, spellings: []string{"", "unescaped", "ascii.upper"}},
		{id: "escapes", words: "JSON with its own white space", asis: true},
		{id: "indent2.crlf", words: "JSON indented by two blanks with CR LF line ends, as .NET does on Windows", item: ",", key: ": ", indent: "  ", crlf: true, rare: true, spellings: []string{"", "unescaped", "dotnet", "ascii"}},
		{id: "colons", words: "JSON with a blank after colons, not after commas", item: ",", key: ": ", rare: true, spellings: plain},
		{id: "commas", words: "JSON with a blank after commas, not after colons", item: ", ", key: ":", rare: true, spellings: plain},
		{id: "ruby", words: "JSON indented as Ruby does, with line breaks in what is empty", item: ",", key: ": ", indent: "  ", emptyLines: true, rare: true, spellings: plain},
		{id: "jackson.crlf", words: "JSON indented as Java's Jackson does on Windows", item: ",", key: " : ", indent: "  ", crlf: true, spacedArrays: true, rare: true, spellings: []string{"", "unescaped", "ascii.upper"}},
	}
}

// spelling is how strings are written.
type spelling struct {
	id, words string
	asis      bool
	ascii     bool   // characters outside ASCII as \u escapes
	upper     bool   // with capital hex digits
	slash     bool   // / as \/
	also      string // further characters as \u escapes
}

func spellings() []spelling {
	return []spelling{
		{asis: true},
		{id: "unescaped", words: "characters written as they are"},
		{id: "ascii", words: "characters outside ASCII escaped", ascii: true},
		{id: "php", words: "slashes and characters outside ASCII escaped, as PHP does", ascii: true, slash: true},
		{id: "slashes", words: "slashes escaped", slash: true},
		{id: "html", words: "<, > and & escaped, as Go and Rails do", also: "<>&\u2028\u2029"},
		{id: "gson", words: "<, >, &, = and ' escaped, as Java's Gson does", also: "<>&='\u2028\u2029"},
		{id: "dotnet", words: "characters escaped as .NET does", ascii: true, upper: true, also: "<>&\"'+`\x7f"},
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
		{id: "numbers", words: "numbers rewritten, as JavaScript and Go do", write: jsNumber},
		{id: "numbers.python", words: "numbers rewritten, as Python does", write: pythonNumber},
		{id: "numbers.cents", words: "two digits after each decimal point, as money has", write: centsNumber},
	}
}

// Style is one way to write a JSON text.
type Style struct {
	lay   layout
	sp    spelling
	num   numbering
	order ordering
}

// Styles are those that can make a difference to this text, with the fewest peculiarities first.
func (w *Text) Styles() []Style {
	nums, sps, orders := numberings(), spellings(), orderings()
	nums = slices.DeleteFunc(nums, func(n numbering) bool { return n.id != "" && !w.numbers[n.id] })
	if !w.escapable {
		sps = sps[:1]
	}
	orders = slices.DeleteFunc(orders, func(o ordering) bool { return o.sorted && !w.objects || o.js && !w.oddNames })
	var out []Style
	for _, num := range nums {
		for _, sp := range sps {
			for _, order := range orders {
				for _, lay := range layouts() {
					out = append(out, Style{lay, sp, num, order})
				}
			}
		}
	}
	return byOddity(out)
}

// byOddity puts the styles with fewer peculiarities first, and leaves out those that do not occur.
func byOddity(all []Style) []Style {
	const most = 4
	out := make([]Style, 0, len(all))
	for odd := range most + 1 {
		for i := range all {
			if all[i].Oddity() == odd && all[i].occurs() {
				out = append(out, all[i])
			}
		}
	}
	return out
}

// occurs leaves out what no library writes, and what would change nothing.
func (st *Style) occurs() bool {
	switch {
	case st.lay.asis:
		return st.order.id == ""
	case (st.order.js || st.num.id == "numbers.cents") && !slices.Contains([]string{"", "unescaped", "ascii"}, st.sp.id):
		return false
	default:
		return st.lay.spellings == nil || slices.Contains(st.lay.spellings, st.sp.id)
	}
}

// Oddity counts a style's peculiarities.
func (st *Style) Oddity() int {
	n := 0
	for _, odd := range []bool{st.lay.rare, st.order.id != "", st.sp.id != "", st.num.id != ""} {
		if odd {
			n++
		}
	}
	return n
}

// Words name a style: an id of its peculiarities, joined by dots, and what they are, to go on after "as".
func (st *Style) Words() (id, words string) {
	id, words = st.lay.id, st.lay.words
	var extra []string
	for _, part := range [][2]string{{st.order.id, st.order.words}, {st.sp.id, st.sp.words}, {st.num.id, st.num.words}} {
		if part[0] != "" {
			id, extra = id+"."+part[0], append(extra, part[1])
		}
	}
	if len(extra) > 0 {
		words += ", with " + strings.Join(extra, " and ")
	}
	return id, words
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

// centsNumber writes a second digit after the decimal point where there is one.
func centsNumber(text []byte) string {
	if i := bytes.IndexByte(text, '.'); i == len(text)-2 && i > 0 {
		return string(text) + "0"
	}
	return string(text)
}
