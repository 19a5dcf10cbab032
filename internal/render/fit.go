package render

// How a table is made to fit. Where the room is short, ids and other texts that have a short form take it, then the columns of least worth
// are left out, and only then texts are cut.

import (
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/term"
)

// fitted is a table as it is shown.
type fitted struct {
	*Table
	width  int
	short  [][]string // by column: the short forms of its texts, where it shows those
	left   []bool     // by column: it is left out
	widths []int      // by column
}

func (tb *Table) fit(width int) *fitted {
	n := len(tb.columns)
	f := &fitted{Table: tb, width: width, short: make([][]string, n), left: make([]bool, n), widths: make([]int, n)}
	f.measure()
	if width <= 0 || f.fits(f.natural) {
		return f
	}
	shortened := f.shorten()
	f.leaveEmpty()
	if f.leaveOut(); f.fits(f.natural) {
		f.lengthen(shortened)
	}
	f.measure()
	f.squeeze()
	return f
}

// text is what a cell shows before it is cut.
func (f *fitted) text(row, column int) string {
	if f.short[column] != nil {
		return f.short[column][row]
	}
	return f.rows[row][column].Text
}

// cells is a row as it is shown.
func (f *fitted) cells(row int) []Cell {
	cells := slices.Clone(f.rows[row])
	for i := range cells {
		cells[i].Text = f.text(row, i)
	}
	return cells
}

// natural is the width that a column's texts need.
func (f *fitted) natural(column int) int {
	n := term.Width(f.columns[column].Title)
	for row := range f.rows {
		n = max(n, term.Width(f.text(row, column)))
	}
	return n
}

func (f *fitted) measure() {
	for i := range f.columns {
		f.widths[i] = f.natural(i)
	}
}

// least is the width that a column has while others can be left out.
func (f *fitted) least(column int) int {
	const usual = 12
	c, natural := f.columns[column], f.natural(column)
	switch {
	case c.Narrow == Uncut || c.Narrow == ID:
		return natural
	case c.Narrow == Flow:
		return min(natural, max(c.Least, f.longestWord(column)))
	case c.Least > 0:
		return min(natural, c.Least)
	default:
		return min(natural, usual)
	}
}

// longestWord is the width of the longest word of a column's texts that is not broken.
func (f *fitted) longestWord(column int) int {
	const most = 24
	n := 0
	for row := range f.rows {
		for word := range strings.FieldsSeq(f.text(row, column)) {
			n = max(n, term.Width(word))
		}
	}
	return min(n, most)
}

// fits says whether the table fits with columns of such widths.
func (f *fitted) fits(of func(column int) int) bool { return f.total(of) <= f.width }

// total is the width of the table with columns of such widths.
func (f *fitted) total(of func(column int) int) int {
	total := -columnGap
	for i := range f.columns {
		if !f.left[i] {
			total += columnGap + of(i)
		}
	}
	return total
}

// shorten shows the short forms of one column after the other until the table fits: those of ids first, then from right to left. It gives
// these columns.
func (f *fitted) shorten() (columns []int) {
	for i, c := range slices.Backward(f.columns) {
		if c.Narrow == ID {
			columns = slices.Insert(columns, 0, i)
		} else {
			columns = append(columns, i)
		}
	}
	for at, i := range columns {
		if f.fits(f.natural) {
			return columns[:at]
		}
		f.short[i] = f.shortForms(i)
	}
	return columns
}

// lengthen shows long forms again, as far as they fit after all.
func (f *fitted) lengthen(columns []int) {
	for _, i := range slices.Backward(columns) {
		short := f.short[i]
		if f.short[i] = nil; !f.fits(f.natural) {
			f.short[i] = short
		}
	}
}

// shortForms are the short forms of a column's texts.
func (f *fitted) shortForms(column int) []string {
	forms := make([]string, len(f.rows))
	for row := range f.rows {
		cell := f.rows[row][column]
		if forms[row] = cell.Text; cell.Short != "" {
			forms[row] = cell.Short
		}
	}
	if f.columns[column].Narrow == ID {
		return beginnings(forms)
	}
	return forms
}

// beginnings are the shortest beginnings of ids, from idWidth characters on, that belong to no other id.
func beginnings(ids []string) []string {
	sorted := slices.Compact(slices.Sorted(slices.Values(ids)))
	least := make(map[string]string, len(sorted))
	for i, id := range sorted {
		n := 0
		for _, other := range sorted[max(i-1, 0):min(i+2, len(sorted))] {
			if other != id {
				n = max(n, common(id, other)+1)
			}
		}
		least[id] = id
		if begin := []rune(id); len(begin) > max(n, idWidth) {
			least[id] = string(begin[:max(n, idWidth)])
		}
	}
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = least[id]
	}
	return out
}

// common is how many characters two texts have in common at their beginning.
func common(a, b string) int {
	x, y := []rune(a), []rune(b)
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}

// leaveEmpty leaves columns without any text out until the others fit as they are.
func (f *fitted) leaveEmpty() {
	for i, c := range f.columns {
		if c.Worth > 0 && !f.fits(f.natural) && f.empty(i) {
			f.left[i] = true
		}
	}
}

// leaveOut leaves columns out, that of least worth first, until the others fit with their least width.
func (f *fitted) leaveOut() {
	for !f.fits(f.least) {
		out := -1
		for i, c := range f.columns {
			if c.Worth == 0 || f.left[i] {
				continue
			}
			if out < 0 || c.Worth < f.columns[out].Worth {
				out = i
			}
		}
		if out < 0 {
			return
		}
		f.left[out] = true
	}
}

func (f *fitted) empty(column int) bool {
	for row := range f.rows {
		if f.text(row, column) != "" {
			return false
		}
	}
	return true
}

// squeeze narrows the widest column that may be cut until the table fits or nothing is left to take. No column goes below its least
// width while another is above, and none breaks a word while another has room.
func (f *fitted) squeeze() {
	const narrowest = 6
	least, words, none := make([]int, len(f.columns)), make([]int, len(f.columns)), make([]int, len(f.columns))
	for i, c := range f.columns {
		least[i], words[i], none[i] = f.least(i), narrowest, narrowest
		if c.Narrow == Flow {
			words[i] = f.longestWord(i)
		}
		if c.Narrow != Uncut && c.Narrow != ID {
			f.widths[i] = min(f.widths[i], max(f.width, narrowest))
		}
	}
	total := f.total(func(i int) int { return f.widths[i] })
	for _, floor := range [][]int{least, words, none} {
		for total > f.width {
			widest := f.widest(floor)
			if widest < 0 {
				break
			}
			f.widths[widest]--
			total--
		}
	}
}

// widest is the widest column that may be cut and is above its least width, or -1.
func (f *fitted) widest(least []int) int {
	widest := -1
	for i, c := range f.columns {
		if !f.left[i] && c.Narrow != Uncut && c.Narrow != ID && f.widths[i] > least[i] && (widest < 0 || f.widths[i] > f.widths[widest]) {
			widest = i
		}
	}
	return widest
}
