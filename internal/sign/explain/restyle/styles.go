package restyle

// The styles of JSON: white space with a way to write strings and numbers.

import (
	"slices"
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
	spellings    []string // ids of those that occur with it; nil: all but the rare ones
	events       string   // what stands behind the comma between the values of an array that is the whole text
	end          string   // what stands at the end
}

const ownSpace = "JSON with its own white space"

func layouts() []layout {
	plain := []string{"", "unescaped", "ascii"}
	return []layout{
		{id: "compact", words: "compact JSON", item: ",", key: ":"},
		{id: "python", words: "JSON with a blank after commas and colons, as Python writes it", item: ", ", key: ": ", spellings: plain},
		{id: "indent2", words: "JSON indented by two blanks", item: ",", key: ": ", indent: "  "},
		{id: "indent4", words: "JSON indented by four blanks", item: ",", key: ": ", indent: "    "},
		{id: "tab", words: "JSON indented by tabs", item: ",", key: ": ", indent: "\t", spellings: []string{"", "unescaped", "ascii", "slashes", "html"}},
		{id: "jackson", words: "JSON indented as Java's Jackson does", item: ",", key: " : ", indent: "  ", spacedArrays: true, spellings: []string{"", "unescaped", "ascii.upper"}},
		{id: "escapes", words: ownSpace, asis: true},
		{id: "indent2.crlf", words: "JSON indented by two blanks with CR LF line ends, as .NET does on Windows", item: ",", key: ": ", indent: "  ", crlf: true, rare: true, spellings: []string{"", "unescaped", "dotnet", "ascii"}},
		{id: "colons", words: "JSON with a blank after colons, not after commas", item: ",", key: ": ", rare: true, spellings: plain},
		{id: "commas", words: "JSON with a blank after commas, not after colons", item: ", ", key: ":", rare: true, spellings: plain},
		{id: "ruby", words: "JSON indented as Ruby does, with line breaks in what is empty", item: ",", key: ": ", indent: "  ", emptyLines: true, rare: true, spellings: plain},
		{id: "jackson.crlf", words: "JSON indented as Java's Jackson does on Windows", item: ",", key: " : ", indent: "  ", crlf: true, spacedArrays: true, rare: true, spellings: []string{"", "unescaped", "ascii.upper"}},
		// The body of https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event: each event on a line of its own.
		{id: "events.crlf", words: "compact JSON with CR LF after each event, as SendGrid sends it", item: ",", key: ":", events: "\r\n", end: "\r\n", rare: true, spellings: plain},
		{id: "events.crlf.inside", words: "compact JSON with CR LF between events", item: ",", key: ":", events: "\r\n", rare: true, spellings: plain},
		{id: "events.lf", words: "compact JSON with a line feed after each event", item: ",", key: ":", events: "\n", end: "\n", rare: true, spellings: plain},
		{id: "events.lf.inside", words: "compact JSON with a line feed between events", item: ",", key: ":", events: "\n", rare: true, spellings: plain},
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
	nums, sps, orders := w.numberings(), spellings(), orderings()
	effects := make([]string, len(sps))
	for i := range sps {
		effects[i] = w.effect(&sps[i])
	}
	orders = slices.DeleteFunc(orders, func(o ordering) bool { return o.sorted && !w.objects || o.js && !w.oddNames })
	lays := slices.DeleteFunc(layouts(), func(l layout) bool { return l.events != "" && !w.several() })
	var out []Style
	for _, num := range nums {
		for _, order := range orders {
			for _, lay := range lays {
				out = spelled(out, Style{lay: lay, num: num, order: order}, sps, effects)
			}
		}
	}
	return byOddity(out)
}

// spelled adds a style with each spelling that occurs with it and has an effect of its own.
func spelled(out []Style, st Style, sps []spelling, effects []string) []Style {
	var tried []string
	for i := range sps {
		st.sp = sps[i]
		if !slices.Contains(tried, effects[i]) && st.occurs() {
			tried, out = append(tried, effects[i]), append(out, st)
		}
	}
	return out
}

// OwnStyles are those of senders that escape characters in a way of their own. White space stays.
func (w *Text) OwnStyles() []Style {
	var out []Style
	var tried []string
	for _, sp := range w.own() {
		if effect := w.effect(&sp); !slices.Contains(tried, effect) {
			tried, out = append(tried, effect), append(out, Style{lay: layout{id: "escapes", words: ownSpace, asis: true}, sp: sp})
		}
	}
	return out
}

// several says whether the text is an array of more than one value.
func (w *Text) several() bool { return w.lex[0].kind == '[' && w.skip(1) < int(w.lex[0].pair) }

// byOddity puts the styles with fewer peculiarities first.
func byOddity(all []Style) []Style {
	const most = 4
	out := make([]Style, 0, len(all))
	for odd := range most + 1 {
		for i := range all {
			if all[i].Oddity() == odd {
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
	case st.sp.rare:
		return st.lay.id == "compact" && st.order.id == ""
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
