package restyle

// The fields of a form that were put in another order, left out or renamed.

import (
	"bytes"
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Alteration is what happened to a form's fields, besides their escapes.
type Alteration int

// The alterations.
const (
	Anew      Alteration = iota // nothing: its fields were escaped in another way
	Sorted                      // its fields are sorted
	Reordered                   // its fields are in another order
	Refielded                   // some of its fields were left out, joined or renamed
	Recoded                     // its text is in another character set
)

// Writing is a form as some libraries write it.
type Writing struct {
	Text    []byte
	Altered Alteration
	Writers []Writer // the commonest first; nothing when its escapes are as they came
	Words   string   // what is done to the fields, going on after "the form"; "" when nothing is
}

// shape is a form's fields, changed.
type shape struct {
	altered Alteration
	words   string
	pairs   []pair
}

// Writings are the form as its writers write it, without the text that came. Some may be there twice.
func (f *Form) Writings() iter.Seq[Writing] {
	return func(yield func(Writing) bool) {
		for _, sh := range f.shapes() {
			if !f.each(&sh, f.groups, yield) {
				return
			}
		}
		f.reordered(yield)
	}
}

// each gives one shape as it was escaped, and as the writers of some groups escape it.
func (f *Form) each(sh *shape, groups []group, yield func(Writing) bool) bool {
	if f.text != nil && sh.altered != Anew {
		if w := (Writing{Text: asCame(sh.pairs), Altered: sh.altered, Words: sh.words}); !yield(w) {
			return false
		}
	}
	orders := f.orders(sh.pairs)
	for i := range groups {
		g := &groups[i]
		w := Writing{Text: g.write(sh.pairs), Altered: sh.altered, Words: sh.words, Writers: g.names(orders)}
		if natural := g.names(slices.DeleteFunc(slices.Clone(orders), func(o formOrder) bool { return o == inOrder })); sh.altered != Anew && len(natural) > 0 {
			w.Writers = natural
		}
		if !bytes.Equal(w.Text, f.text) && !yield(w) {
			return false
		}
	}
	return true
}

// asCame joins fields that are escaped as they came.
func asCame(pairs []pair) []byte {
	var out []byte
	for i := range pairs {
		if i > 0 {
			out = append(out, '&')
		}
		out = append(out, pairs[i].raw...)
	}
	return out
}

// orders are those that leave fields as they are.
func (f *Form) orders(pairs []pair) []formOrder {
	out := []formOrder{inOrder}
	for order, put := range map[formOrder]func([]pair) []pair{byNames: sorted, byTexts: sortedTexts, asPHP: readByPHP, asSymfony: readBySymfony} {
		if slices.EqualFunc(put(pairs), pairs, samePair) {
			out = append(out, order)
		}
	}
	return out
}

func samePair(a, b pair) bool { return a.name == b.name && a.value == b.value && a.bare == b.bare }

func byName(a, b pair) int { return cmp.Compare(a.name, b.name) }

func sorted(pairs []pair) []pair {
	out := slices.Clone(pairs)
	slices.SortStableFunc(out, byName)
	return out
}

// sortedTexts sorts name and value together, as Rails and hand-written code do: a1=… stands before a=….
func sortedTexts(pairs []pair) []pair {
	out := slices.Clone(pairs)
	slices.SortStableFunc(out, func(a, b pair) int { return cmp.Compare(a.name+"="+a.value, b.name+"="+b.value) })
	return out
}

// shapes are what is done to the fields, the likeliest first; those that change nothing are left out.
func (f *Form) shapes() []shape {
	out := []shape{{pairs: f.pairs}}
	add := func(altered Alteration, words string, pairs []pair) {
		same := func(o shape) bool { return slices.EqualFunc(o.pairs, pairs, samePair) }
		if len(pairs) > 0 && !slices.ContainsFunc(out, same) {
			out = append(out, shape{altered, words, pairs})
		}
	}
	add(Anew, "with a = behind each name", changed(f.pairs, func(p *pair) { p.bare = false }))
	add(Sorted, "its fields sorted", sorted(f.pairs))
	add(Sorted, "its fields sorted with their values", sortedTexts(f.pairs))
	filled := slices.DeleteFunc(slices.Clone(f.pairs), func(p pair) bool { return p.value == "" })
	add(Refielded, "without its empty fields", filled)
	add(Refielded, "without its empty fields, sorted", sorted(filled))
	add(Anew, "without the = of its empty fields", changed(f.pairs, func(p *pair) { p.bare = p.value == "" && p.name != "" }))
	if f.repeated {
		add(Reordered, "its repeated fields together", together(f.pairs, whole))
		add(Refielded, "the last of its repeated fields alone", once(f.pairs, true))
		add(Refielded, "the first of its repeated fields alone", once(f.pairs, false))
	}
	if f.has.brackets {
		add(Refielded, "its repeated fields numbered", numbered(f.pairs))
		add(Refielded, "its repeated fields together and numbered", numbered(together(f.pairs, whole)))
		add(Refielded, "its repeated fields with []", changed(f.pairs, func(p *pair) { p.name = unnumbered(p.name, "[]") }))
		add(Refielded, "its repeated fields without []", changed(f.pairs, func(p *pair) { p.name = unnumbered(p.name, "") }))
	}
	add(Refielded, "as PHP reads it", readByPHP(f.pairs))
	add(Refielded, "as Symfony reads it, sorted", readBySymfony(f.pairs))
	if f.has.other {
		add(Recoded, "its text in Latin-1", changed(f.pairs, func(p *pair) { p.name, p.value = latin1(p.name), latin1(p.value) }))
		add(Recoded, "its Latin-1 text in UTF-8", changed(f.pairs, func(p *pair) { p.name, p.value = fromLatin1(p.name), fromLatin1(p.value) }))
	}
	add(Refielded, "its values trimmed", changed(f.pairs, func(p *pair) { p.value = strings.TrimSpace(p.value) }))
	return out
}

// latin1 writes each character of UTF-8 as one byte; the same text where one has none.
func latin1(s string) string {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return s
		}
		out = append(out, byte(r)) //nolint:gosec // not above 0xff
	}
	return string(out)
}

// fromLatin1 takes each byte of what is not UTF-8 for a character.
func fromLatin1(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var out []byte
	for i := range len(s) {
		out = utf8.AppendRune(out, rune(s[i]))
	}
	return string(out)
}

// Without gives the form without fields of another one, as where parameters of query and form were read together; false when it
// has none of them, or no others.
func (f *Form) Without(o *Form) (*Form, bool) {
	rest := slices.DeleteFunc(slices.Clone(f.pairs), func(p pair) bool {
		return slices.ContainsFunc(o.pairs, func(q pair) bool { return p.name == q.name && p.value == q.value })
	})
	if len(rest) == 0 || len(rest) == len(f.pairs) {
		return nil, false
	}
	return newForm(nil, rest), true
}

// changed gives the fields with each of them changed.
func changed(pairs []pair, change func(*pair)) []pair {
	out := slices.Clone(pairs)
	for i := range out {
		was := out[i]
		if change(&out[i]); !samePair(was, out[i]) {
			e := escapes{}
			out[i].raw = string(e.write(out[i : i+1]))
		}
	}
	return out
}

// together puts fields with the same key beside each other, where the first one stands.
func together(pairs []pair, key func(string) string) []pair {
	first := make(map[string]int, len(pairs))
	for i := range pairs {
		if _, ok := first[key(pairs[i].name)]; !ok {
			first[key(pairs[i].name)] = i
		}
	}
	out := slices.Clone(pairs)
	slices.SortStableFunc(out, func(a, b pair) int { return cmp.Compare(first[key(a.name)], first[key(b.name)]) })
	return out
}

func whole(name string) string { return name }

// once leaves one of several fields of a name: the last or the first value, where the first stands.
func once(pairs []pair, last bool) []pair {
	at := make(map[string]int, len(pairs))
	var out []pair
	for _, p := range pairs {
		i, again := at[p.name]
		switch {
		case !again:
			at[p.name] = len(out)
			out = append(out, p)
		case last:
			out[i] = p
		}
	}
	return out
}

// numbered gives repeated fields an index, as qs and PHP write lists.
func numbered(pairs []pair) []pair {
	count, next := map[string]int{}, map[string]int{}
	for i := range pairs {
		count[pairs[i].name]++
	}
	return changed(pairs, func(p *pair) {
		base, list := strings.CutSuffix(p.name, "[]")
		if list || count[p.name] > 1 {
			p.name = base + "[" + strconv.Itoa(next[base]) + "]"
			next[base]++
		}
	})
}

// unnumbered puts an ending in place of a name's [] or index.
func unnumbered(name, end string) string {
	i := strings.LastIndexByte(name, '[')
	if i < 0 || name[len(name)-1] != ']' || strings.Trim(name[i+1:len(name)-1], "0123456789") != "" {
		return name
	}
	return name[:i] + end
}

// readByPHP gives the fields as PHP has them in $_POST: marks in names as underscores, lists numbered, what belongs together in one
// place, and the last of those with the same name (https://www.php.net/manual/en/language.variables.external.php).
func readByPHP(pairs []pair) []pair {
	out := changed(pairs, func(p *pair) {
		base, index, list := strings.Cut(p.name, "[")
		p.bare, p.name = false, strings.NewReplacer(".", "_", " ", "_").Replace(base)+when(list, "["+index)
	})
	return inLists(out)
}

// readBySymfony gives the fields of a query as Symfony and Laravel write them: marks in names stay
// (https://github.com/symfony/symfony/blob/7.3/src/Symfony/Component/HttpFoundation/Request.php, normalizeQueryString).
func readBySymfony(pairs []pair) []pair {
	return sorted(inLists(changed(pairs, func(p *pair) { p.bare = false })))
}

// inLists numbers lists, and leaves the last of fields with the same name.
func inLists(pairs []pair) []pair {
	next := map[string]int{}
	out := changed(pairs, func(p *pair) {
		if base, ok := strings.CutSuffix(p.name, "[]"); ok {
			p.name = base + "[" + strconv.Itoa(next[base]) + "]"
			next[base]++
		}
	})
	return together(once(out, true), func(name string) string { base, _, _ := strings.Cut(name, "["); return base })
}

// How many fields may stand in any order, and how many where one of them may have been moved: all orders of more are too many.
const (
	anyOrder = 5
	oneMoved = 10
)

// reordered gives the form with its fields in other orders, as fewer of the writers do the more orders there are.
func (f *Form) reordered(yield func(Writing) bool) {
	most := map[int]int{2: len(f.groups), 3: len(f.groups), 4: 3}[len(f.pairs)]
	if most == 0 && f.text == nil {
		most = 1
	}
	groups := f.groups[:min(len(f.groups), most)]
	lists := [][]pair{f.pairs}
	if f.has.brackets && len(f.pairs) < anyOrder {
		lists = append(lists, changed(f.pairs, func(p *pair) { p.name = unnumbered(p.name, "") }))
	}
	for _, list := range lists {
		for pairs := range otherOrders(list) {
			if !f.each(&shape{Reordered, "its fields in another order", pairs}, groups, yield) {
				return
			}
		}
	}
}

// Orders gives a sorted form of some fields in every other order, as it was escaped or, where it did not come as a form, as its
// writers escape it. Nothing, where the fields are not sorted, or are more, or are so few that all of them are among the writings.
func (f *Form) Orders(most int) iter.Seq[Writing] {
	return func(yield func(Writing) bool) {
		if len(f.pairs) > most || !f.Sorted(anyOrder) {
			return
		}
		groups := f.groups
		if f.text != nil {
			groups = nil
		}
		permute(slices.Clone(f.pairs), 0, func(pairs []pair) bool {
			return f.each(&shape{Reordered, "its fields in another order", pairs}, groups, yield)
		})
	}
}

// Sorted says whether more fields than some are sorted.
func (f *Form) Sorted(than int) bool {
	return len(f.pairs) > than && slices.IsSortedFunc(f.pairs, byName)
}

// otherOrders gives all other orders of a few fields, and those of more with one of them moved.
func otherOrders(pairs []pair) iter.Seq[[]pair] {
	return func(yield func([]pair) bool) {
		switch n := len(pairs); {
		case n <= anyOrder:
			permute(slices.Clone(pairs), 0, yield)
		case n <= oneMoved:
			moved(pairs, yield)
		}
	}
}

// permute gives each order of the fields from one of them on, that which they have too.
func permute(pairs []pair, from int, yield func([]pair) bool) bool {
	if from == len(pairs) {
		return yield(pairs)
	}
	for i := from; i < len(pairs); i++ {
		pairs[from], pairs[i] = pairs[i], pairs[from]
		more := permute(pairs, from+1, yield)
		if pairs[from], pairs[i] = pairs[i], pairs[from]; !more {
			return false
		}
	}
	return true
}

// moved gives the fields with one of them in another place.
func moved(pairs []pair, yield func([]pair) bool) {
	for from := range pairs {
		rest := slices.Delete(slices.Clone(pairs), from, from+1)
		for to := range pairs {
			if to != from && !yield(slices.Insert(slices.Clone(rest), to, pairs[from])) {
				return
			}
		}
	}
}
