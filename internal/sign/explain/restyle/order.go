package restyle

// The order of an object's members.

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
)

// ordering is how the members of an object are put.
type ordering struct {
	id, words string
	sorted    bool // by name
	js        bool // names that are numbers first, in their order, as JavaScript has them
}

func orderings() []ordering {
	return []ordering{
		{},
		{id: "sorted", words: "keys sorted", sorted: true},
		{id: "js_order", words: "repeated keys once and keys that are numbers first, as JavaScript has them", js: true},
	}
}

// members returns the indexes of an object's keys in the order of the style. A parser that reorders members keeps the last
// of those that are there twice, in the place of the first.
func (w *Text) members(i, end int) []int {
	keys := w.asReceived(i, end)
	if w.oddNames && (w.order.sorted || w.order.js) {
		keys = w.unique(keys)
	}
	switch {
	case w.order.sorted:
		slices.SortStableFunc(keys, func(a, b int) int { return bytes.Compare(w.text(a), w.text(b)) })
	case w.order.js:
		slices.SortStableFunc(keys, func(a, b int) int { return cmp.Compare(w.index(a), w.index(b)) })
	}
	return keys
}

func (w *Text) asReceived(i, end int) []int {
	var keys []int
	for i+1 < end {
		keys = append(keys, i)
		if i = w.skip(i + 2); i < end && w.lex[i].kind == ',' {
			i++
		}
	}
	return keys
}

// unique leaves one of several members with the same key.
func (w *Text) unique(keys []int) []int {
	at := make(map[string]int, len(keys))
	out := keys[:0]
	for _, k := range keys {
		if first, again := at[string(w.text(k))]; again {
			out[first] = k
			continue
		}
		at[string(w.text(k))] = len(out)
		out = append(out, k)
	}
	return out
}

// reordered says whether JavaScript would write the members of the object at token i in another order, or fewer of them.
func (w *Text) reordered(i int) bool {
	const few = 8 // for which comparing each with each is cheaper than a map
	end := int(w.lex[i].pair)
	var keys []int
	last := int64(-1)
	for at := i + 1; at+1 < end; {
		n := w.index(at)
		if n < last {
			return true
		}
		last = n
		keys = append(keys, at)
		if at = w.skip(at + 2); at < end && w.lex[at].kind == ',' {
			at++
		}
	}
	if len(keys) > few {
		return len(w.unique(slices.Clone(keys))) < len(keys)
	}
	for n, k := range keys {
		if slices.ContainsFunc(keys[:n], func(o int) bool { return bytes.Equal(w.text(o), w.text(k)) }) {
			return true
		}
	}
	return false
}

// index is the number that a key is to JavaScript; those that are none stand behind all that are.
func (w *Text) index(k int) int64 {
	const none = 1<<32 - 1 // array indexes are below it
	text := bytes.Trim(w.text(k), `"`)
	if len(text) == 0 || len(text) > 10 || text[0] < '0' || text[0] > '9' || text[0] == '0' && len(text) > 1 {
		return none
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || n > none {
		return none
	}
	return n
}
