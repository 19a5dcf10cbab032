package restyle

// Values that a library changes when it reads a text: numbers, empty objects and arrays, empty texts. What they were can be tried.

import (
	"iter"
	"slices"
	"strconv"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// Change is a text in which some values are written as they may have been.
type Change struct {
	ID    string // of what was changed
	Title string // what was changed, and who does that
	Words string // what the text has now, to go on after "with"
	where []int32
	was   func(*Text, int) (text, end string)
}

// valueKind is something that libraries do to values.
type valueKind struct {
	id, title, words string
	// was gives a token as it may have been, and the end of an object or array; "" where this was not done to it.
	was func(w *Text, i int) (text, end string)
}

func valueKinds() []valueKind {
	const zero, exponent = "a number lost its .0, as JavaScript and PHP do", "a number lost its exponent, or got another one"
	kinds := []valueKind{
		{"number.zero_lost", zero, ".0 after the number", number(func(text []byte, _ *decimal) string { return when(isWhole(text), string(text)+".0") })},
		{
			"empty.object_lost", "an empty object became an empty array, as PHP does with json_decode(…, true)", "{} for []",
			func(w *Text, i int) (text, end string) { return w.empty(i, '[', "{", "}") },
		},
		{
			"null.text_lost", "an empty text became null, as Laravel does", `"" for null`,
			func(w *Text, i int) (text, end string) {
				return when(w.lex[i].kind == jsonbytes.Word && string(w.text(i)) == "null", `""`), ""
			},
		},
		{
			"number.zero_added", "a whole number became a float, with a .0", "the number without what is zero after its point",
			number(func(text []byte, d *decimal) string { return when(hasPoint(text), d.plain()) }),
		},
		{
			"number.cents_lost", "zeros at the end of a number were lost, as JavaScript and PHP do", "two digits after the point of the number",
			number(func(text []byte, d *decimal) string {
				switch {
				case isWhole(text):
					return string(text) + ".00"
				case d.exp == -1 && text[len(text)-2] == '.':
					return string(text) + "0"
				}
				return ""
			}),
		},
		{
			"empty.array_lost", "an empty array became an empty object", "[] for {}",
			func(w *Text, i int) (text, end string) { return w.empty(i, '{', "[", "]") },
		},
		{
			"null.lost", "null became an empty text", `null for ""`,
			func(w *Text, i int) (text, end string) {
				return when(w.lex[i].kind == jsonbytes.String && string(w.text(i)) == `""` && !w.isName(i), "null"), ""
			},
		},
		{
			"number.exponent", exponent, "the number without an exponent",
			number(func(text []byte, d *decimal) string {
				return when(!isWhole(text) && !hasPoint(text) || hasExponent(text), d.plain())
			}),
		},
	}
	for _, point := range []bool{false, true} {
		for _, e := range []string{"e", "E"} {
			for _, plus := range []string{"+", ""} {
				example := decimal{digits: "1", exp: 20}
				kinds = append(kinds, valueKind{
					"number.exponent", exponent, "an exponent in the number, as in " + example.withExponent(point, e, plus),
					number(func(text []byte, d *decimal) string {
						return when(hasExponent(text) || d.isLong(), d.withExponent(point, e, plus))
					}),
				})
			}
		}
	}
	return append(kinds, dateKinds()...)
}

// isLong says whether a number is of a size that may have been written with an exponent.
func (d *decimal) isLong() bool {
	const zeros = 2
	return d.digits != "" && (d.exp >= zeros || d.exp+len(d.digits) <= -zeros)
}

func hasExponent(text []byte) bool {
	return slices.ContainsFunc(text, func(c byte) bool { return c == 'e' || c == 'E' })
}

func hasPoint(text []byte) bool { return slices.Contains(text, '.') && !hasExponent(text) }

func when(holds bool, text string) string {
	if holds {
		return text
	}
	return ""
}

// number is what may have been a number's text; "" or the same text where it was nothing else.
func number(was func(text []byte, d *decimal) string) func(*Text, int) (string, string) {
	return func(w *Text, i int) (string, string) {
		if w.lex[i].kind != jsonbytes.Number {
			return "", ""
		}
		text := w.text(i)
		d, ok := parseDecimal(text)
		if !ok {
			return "", ""
		}
		if d.digits == "" && hasExponent(text) {
			return "", ""
		}
		out := was(text, &d)
		return when(out != string(text), out), ""
	}
}

func (w *Text) empty(i int, kind byte, begin, end string) (string, string) {
	if l := w.lex[i]; l.kind != kind || int(l.pair) != i+1 {
		return "", ""
	}
	return begin, end
}

// isName says whether a string is the name of a member.
func (w *Text) isName(i int) bool { return i+1 < len(w.lex) && w.lex[i+1].kind == ':' }

// Changes are the texts that may have been before a library changed some values: those of one name, all, each alone. There are at
// most so many.
func (w *Text) Changes(most int) []Change {
	names := w.names()
	var out []Change
	for _, kind := range valueKinds() {
		var groups [][]int32
		place := map[string]int{}
		for i := range w.lex {
			if was, _ := kind.was(w, i); was == "" {
				continue
			}
			name := ""
			if names[i] >= 0 {
				name = string(w.text(int(names[i])))
			}
			n, ok := place[name]
			if !ok {
				n, place[name] = len(groups), len(groups)
				groups = append(groups, nil)
			}
			groups[n] = append(groups[n], int32(i))
		}
		out = kind.changes(out, groups, func(group []int32) string { return w.groupName(names, group) })
		if len(out) >= most {
			return out[:most]
		}
	}
	return out
}

// changes are those of a kind in groups of values: each group, all, some of few, each value alone.
func (k *valueKind) changes(out []Change, groups [][]int32, name func([]int32) string) []Change {
	const few, most = 6, 64
	add := func(words string, where []int32) {
		slices.Sort(where)
		out = append(out, Change{ID: k.id, Title: k.title, Words: k.words + words, where: where, was: k.was})
	}
	for _, group := range groups[:min(len(groups), most)] {
		add(name(group), slices.Clone(group))
	}
	all := slices.Concat(groups...)
	if len(groups) > 1 {
		add(" everywhere", slices.Clone(all))
	}
	if k.id == dateID { // who does it to one does it to all of that name, or to all there are
		return out
	}
	units := groups
	if len(all) <= few {
		units = slices.Collect(slices.Chunk(all, 1))
	}
	if len(units) <= few {
		for where := range someOf(units) {
			add(" in some places", where)
		}
	}
	for _, group := range groups {
		for n := range group[:min(len(group), most)] {
			if len(group) > 1 {
				add(name(group)+", in number "+strconv.Itoa(n+1)+" of "+strconv.Itoa(len(group)), slices.Clone(group[n:n+1]))
			}
		}
	}
	return out
}

// someOf gives the unions of more than one unit and fewer than all.
func someOf(units [][]int32) iter.Seq[[]int32] {
	return func(yield func([]int32) bool) {
		for set := uint(1); set < 1<<len(units)-1; set++ {
			var where []int32
			for i, unit := range units {
				if set>>i&1 == 1 {
					where = append(where, unit...)
				}
			}
			if set&(set-1) != 0 && !yield(where) {
				return
			}
		}
	}
}

// groupName says whose values a group's are; "" when they have no name.
func (w *Text) groupName(names []int32, group []int32) string {
	const longest = 40
	i := names[group[0]]
	if i < 0 || w.lex[i].end-w.lex[i].start > longest || !plainName(w.text(int(i))) {
		return ""
	}
	return " of " + string(w.text(int(i)))
}

// plainName says whether a name can be shown as it stands.
func plainName(quoted []byte) bool {
	return !slices.ContainsFunc(quoted[1:len(quoted)-1], func(c byte) bool {
		return c != '_' && c != '-' && c != '.' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	})
}

// names gives for each token the index of the name that its value has; values of an array have the array's. -1: none.
func (w *Text) names() []int32 {
	out := make([]int32, len(w.lex))
	var outer []int32
	name := int32(-1)
	for i, l := range w.lex {
		switch l.kind {
		case '{', '[':
			out[i] = name
			outer = append(outer, name)
			if l.kind == '{' {
				name = -1
			}
			continue
		case '}', ']':
			name, outer = outer[len(outer)-1], outer[:len(outer)-1]
		case jsonbytes.String:
			if w.isName(i) {
				name = int32(i)
			}
		}
		out[i] = name
	}
	return out
}

// Undo gives the text before a change, in a style.
func (w *Text) Undo(c *Change, st Style) []byte {
	b := *w
	b.changed = make(map[int32]string, 2*len(c.where))
	for _, i := range c.where {
		text, end := c.was(w, int(i))
		b.changed[i] = text
		if end != "" {
			b.changed[w.lex[i].pair] = end
		}
	}
	return b.Write(st)
}

// Usual are the styles in which senders write most, as far as they differ for this text: its own first.
func (w *Text) Usual() []Style {
	var out []Style
	var tried []string
	lays, sps := layouts(), spellings()
	for _, usual := range [][2]string{
		{"escapes", ""}, {"compact", ""}, {"compact", "unescaped"}, {"python", "ascii"}, {"compact", "ascii"}, {"compact", "html"}, {"compact", "php"}, {"indent2", "unescaped"},
	} {
		st := Style{
			lay: lays[slices.IndexFunc(lays, func(l layout) bool { return l.id == usual[0] })],
			sp:  sps[slices.IndexFunc(sps, func(s spelling) bool { return s.id == usual[1] })],
		}
		effect := usual[0] + " " + w.effect(&st.sp)
		if !slices.Contains(tried, effect) {
			tried, out = append(tried, effect), append(out, st)
		}
	}
	return out
}
