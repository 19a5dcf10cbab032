package render

// How two bodies and their headers differ.

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/term"
)

const (
	mostShown  = 72 // columns of a value
	mostBefore = 16 // bytes shown before the first that differs
	mostAfter  = 48 // bytes shown from there on
)

type differenceObject struct {
	Equal       bool               `json:"equal"`
	At          *int               `json:"firstDifference"` // byte, from 0; null when they are equal
	OldSize     int                `json:"oldSize"`
	NewSize     int                `json:"newSize"`
	JSON        jsonbytes.Compared `json:"comparedAs"`
	SameJSON    bool               `json:"sameJson"`
	Written     []jsonbytes.Way    `json:"written"`
	Changes     []changeObject     `json:"changes"`
	MoreChanges int                `json:"moreChanges"`
}

type changeObject struct {
	Path string               `json:"path"`
	Kind jsonbytes.ChangeKind `json:"kind"`
	Old  json.RawMessage      `json:"old,omitempty"`
	New  json.RawMessage      `json:"new,omitempty"`
}

type headerChangeObject struct {
	Name string   `json:"name"`
	Old  []string `json:"old"` // null where it is not there
	New  []string `json:"new"`
}

// DifferenceJSON is the object of a comparison of two bodies in every JSON output.
func DifferenceJSON(c jsonbytes.Comparison) any {
	o := differenceObject{
		Equal: c.Equal, OldSize: c.Sizes[0], NewSize: c.Sizes[1], JSON: c.JSON, SameJSON: c.SameJSON(), Written: list(c.Written),
		Changes: []changeObject{}, MoreChanges: c.More,
	}
	if !c.Equal {
		o.At = &c.At
	}
	for _, ch := range c.Changes {
		o.Changes = append(o.Changes, changeObject{Path: ch.Path.String(), Kind: ch.Kind, Old: ch.Old, New: ch.New})
	}
	return o
}

// HeaderChangesJSON is the array of headers that differ in every JSON output.
func HeaderChangesJSON(changes []record.HeaderChange) any {
	out := []headerChangeObject{}
	for _, ch := range changes {
		out = append(out, headerChangeObject(ch))
	}
	return out
}

// DifferenceWords say in one line how two bodies differ.
func DifferenceWords(c jsonbytes.Comparison) string {
	if c.Equal {
		return fmt.Sprintf("the same %s, byte for byte", Size(int64(c.Sizes[0])))
	}
	words := fmt.Sprintf("differ from byte %d on, of %s and %s", c.At, Size(int64(c.Sizes[0])), Size(int64(c.Sizes[1])))
	switch {
	case c.JSON == jsonbytes.TooLarge:
		words += "; too many values to compare them as JSON"
	case c.JSON == jsonbytes.NotJSON:
	case c.SameJSON():
		words += "; the same JSON, written differently: " + waysWords(c.Written)
	case len(c.Written) > 0:
		words += fmt.Sprintf("; %s, and written differently: %s", changesWords(c), waysWords(c.Written))
	default:
		words += "; " + changesWords(c)
	}
	return words
}

func changesWords(c jsonbytes.Comparison) string {
	return fault.Plural(len(c.Changes)+c.More, "change") + " of JSON"
}

func waysWords(ways []jsonbytes.Way) string {
	words := make([]string, len(ways))
	for i, w := range ways {
		words[i] = wayWords(w)
	}
	return strings.Join(words, ", ")
}

func wayWords(w jsonbytes.Way) string {
	switch w {
	case jsonbytes.KeyOrder:
		return "key order"
	case jsonbytes.WhiteSpace:
		return "white space"
	case jsonbytes.Escapes:
		return "escapes in strings"
	case jsonbytes.ByteOrderMark:
		return "byte order mark"
	}
	return string(w)
}

// Difference shows what two bodies do not have in common: a line for each change of JSON, or where that says nothing the bytes
// around the first that differs.
func Difference(st term.Style, c jsonbytes.Comparison, before, after []byte) []string {
	if c.Equal {
		return nil
	}
	if c.JSON != jsonbytes.AsJSON || len(c.Changes) == 0 {
		return []string{st.Bad("- " + around(before, c.At)), st.Good("+ " + around(after, c.At))}
	}
	rows := make([]changed, len(c.Changes))
	for i, ch := range c.Changes {
		rows[i] = changed{name: ch.Path.String(), old: ch.Old, now: ch.New, had: ch.Old != nil, has: ch.New != nil}
		if len(ch.Path) == 0 {
			rows[i].name = "(all of it)"
		}
	}
	lines := changedLines(st, rows)
	if c.More > 0 {
		lines = append(lines, st.Dim(fmt.Sprintf("… %d more", c.More)))
	}
	return lines
}

// HeaderChanges shows the headers that differ. Of the signatures only the beginning is shown.
func HeaderChanges(st term.Style, changes []record.HeaderChange, signatures []string) []string {
	rows := make([]changed, len(changes))
	for i, ch := range changes {
		shown := func(values []string) []byte {
			text := strings.Join(values, ", ")
			if slices.Contains(signatures, ch.Name) {
				text = masking.Signature(text)
			}
			return []byte(text)
		}
		rows[i] = changed{name: ch.Name, old: shown(ch.Old), now: shown(ch.New), had: ch.Old != nil, has: ch.New != nil}
	}
	return changedLines(st, rows)
}

// changed is one named value of two texts.
type changed struct {
	name     string
	old, now []byte
	had, has bool // it is there in the old text, in the new one
}

// changedLines are a line for each value, its sign first: - for what is gone, + for what is new, ~ for the rest.
func changedLines(st term.Style, rows []changed) []string {
	const widest = 40
	width := 0
	for _, r := range rows {
		width = max(width, min(term.Width(term.Clean(r.name)), widest))
	}
	lines := make([]string, len(rows))
	for i, r := range rows {
		name := term.Pad(term.Cut(term.Clean(r.name), mostShown), width)
		switch {
		case !r.has:
			lines[i] = st.Bad("- " + name + gap + shown(r.old))
		case !r.had:
			lines[i] = st.Good("+ " + name + gap + shown(r.now))
		default:
			lines[i] = "~ " + name + gap + st.Bad(shown(r.old)) + " → " + st.Good(shown(r.now))
		}
	}
	return lines
}

// shown is the beginning of a value, on one line.
func shown(value []byte) string {
	const enough = 4 * mostShown // bytes
	return term.Cut(term.Clean(string(value[:min(len(value), enough)])), mostShown)
}

// around is the text around a place, on one line.
func around(text []byte, at int) string {
	from, to := max(at-mostBefore, 0), min(at+mostAfter, len(text))
	for from < at && !utf8.RuneStart(text[from]) {
		from++
	}
	for to > at && to < len(text) && !utf8.RuneStart(text[to]) {
		to--
	}
	out := term.Clean(string(text[from:to]))
	if from > 0 {
		out = "…" + out
	}
	if to < len(text) {
		out += "…"
	}
	if at >= len(text) {
		out += " (end)"
	}
	return out
}
