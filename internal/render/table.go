package render

// Tables.

import (
	"strings"

	"github.com/whctl/whctl/internal/term"
)

// Column describes one column of a Table.
type Column struct {
	Title string
	Right bool // right-aligned, for numbers
	Fixed bool // never shortened: ids and other things to copy
	Drop  int  // left out when the others need the room, the lowest number first; 0: never
	Least int  // width that it keeps while others can be left out; 0: 12, or what its texts need
}

// Cell is one field of a Table. Text is cleaned. Paint colours it and may be nil.
type Cell struct {
	Text  string
	Paint func(string) string
}

// Table is text in aligned columns.
type Table struct {
	columns []Column
	rows    [][]Cell
	left    []bool // by column: it is left out
}

// NewTable makes an empty table.
func NewTable(columns ...Column) *Table { return &Table{columns: columns} }

// Add appends a row of plain cells. Missing ones are empty, surplus ones are dropped.
func (tb *Table) Add(texts ...string) {
	cells := make([]Cell, len(texts))
	for i, text := range texts {
		cells[i].Text = text
	}
	tb.AddCells(cells...)
}

// AddCells appends a row. Missing cells are empty, surplus ones are dropped.
func (tb *Table) AddCells(cells ...Cell) {
	row := make([]Cell, len(tb.columns))
	copy(row, cells)
	for i := range row {
		row[i].Text = term.Clean(row[i].Text)
	}
	tb.rows = append(tb.rows, row)
}

// Len is the number of rows.
func (tb *Table) Len() int { return len(tb.rows) }

// Lines gives the titles and the rows, no line wider than width (0: as wide as needed).
func (tb *Table) Lines(st term.Style, width int) []string {
	tb = tb.readable(width)
	widths := tb.fit(width)
	head := make([]Cell, len(tb.columns))
	for i, c := range tb.columns {
		head[i] = Cell{Text: c.Title, Paint: st.Dim}
	}
	lines := make([]string, 0, len(tb.rows)+1)
	lines = append(lines, tb.line(head, widths, width))
	for _, row := range tb.rows {
		lines = append(lines, tb.line(row, widths, width))
	}
	return lines
}

// Print writes the table to Out, in the terminal's width.
func (tb *Table) Print(t *term.IO) error {
	return writeLines(t.Out, tb.Lines(t.Style(), t.Width()))
}

const columnGap = 2

// readable leaves columns out until the others fit with their least width.
func (tb *Table) readable(width int) *Table {
	out := *tb
	out.left = make([]bool, len(tb.columns))
	for width > 0 {
		least, drop := -columnGap, -1
		for i, c := range tb.columns {
			if out.left[i] {
				continue
			}
			least += columnGap + tb.least(i)
			if c.Drop > 0 && (drop < 0 || c.Drop < tb.columns[drop].Drop) {
				drop = i
			}
		}
		if least <= width || drop < 0 {
			break
		}
		out.left[drop] = true
	}
	return &out
}

// least is the width that a column keeps while others can be left out.
func (tb *Table) least(column int) int {
	const usual = 12
	c, natural := tb.columns[column], tb.natural(column)
	switch {
	case c.Fixed:
		return natural
	case c.Least > 0:
		return min(natural, c.Least)
	default:
		return min(natural, usual)
	}
}

// natural is the width that a column's texts need.
func (tb *Table) natural(column int) int {
	n := term.Width(tb.columns[column].Title)
	for _, row := range tb.rows {
		n = max(n, term.Width(row[column].Text))
	}
	return n
}

// fit gives the widths. It narrows the widest column that may be shortened until the table fits or nothing is left to take. No
// column goes below its least width while another is above.
func (tb *Table) fit(width int) []int {
	const narrowest = 6
	widths, least, total := make([]int, len(tb.columns)), make([]int, len(tb.columns)), -columnGap
	for i, c := range tb.columns {
		if tb.left[i] {
			continue
		}
		widths[i], least[i] = tb.natural(i), tb.least(i)
		if width > 0 && !c.Fixed {
			widths[i] = min(widths[i], max(width, narrowest))
		}
		total += widths[i] + columnGap
	}
	for squeezed := false; width > 0 && total > width; {
		widest := tb.widest(widths, least)
		switch {
		case widest >= 0:
			widths[widest]--
			total--
		case squeezed:
			return widths
		default:
			squeezed = true
			for i := range least {
				least[i] = narrowest
			}
		}
	}
	return widths
}

// widest is the widest column that may be shortened and is above its least width, or -1.
func (tb *Table) widest(widths, least []int) int {
	widest := -1
	for i, c := range tb.columns {
		if !c.Fixed && widths[i] > least[i] && (widest < 0 || widths[i] > widths[widest]) {
			widest = i
		}
	}
	return widest
}

func (tb *Table) line(cells []Cell, widths []int, width int) string {
	var b strings.Builder
	gap := 0 // spaces before the next text; none are written at the end of a line
	for i, cell := range cells {
		if tb.left[i] {
			continue
		}
		text := term.Cut(cell.Text, max(widths[i], 1))
		space := widths[i] - term.Width(text)
		if tb.columns[i].Right {
			gap, space = gap+space, 0
		}
		if text != "" {
			b.WriteString(strings.Repeat(" ", max(gap, 0)))
			gap = 0
			if cell.Paint != nil {
				text = cell.Paint(text)
			}
			b.WriteString(text)
		}
		gap += max(space, 0) + columnGap
	}
	return term.Cut(b.String(), width)
}
