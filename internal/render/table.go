package render

import (
	"strings"

	"github.com/whctl/whctl/internal/term"
)

// Column describes one column of a Table.
type Column struct {
	Title string
	Right bool // right-aligned, for numbers
	Fixed bool // never shortened: ids and other things to copy
}

// Cell is one field of a Table. Text may be remote; it is cleaned. Paint colours it and may be nil.
type Cell struct {
	Text  string
	Paint func(string) string
}

// Table is aligned columns that fit a width.
type Table struct {
	columns []Column
	rows    [][]Cell
}

// NewTable makes an empty table.
func NewTable(columns ...Column) *Table { return &Table{columns: columns} }

// Add appends a row of plain cells; missing ones are empty, surplus ones are dropped.
func (tb *Table) Add(texts ...string) {
	cells := make([]Cell, len(texts))
	for i, text := range texts {
		cells[i].Text = text
	}
	tb.AddCells(cells...)
}

// AddCells appends a row; missing cells are empty, surplus ones are dropped.
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

// Lines is the table as text, headers first, no line wider than width (0: as wide as needed).
func (tb *Table) Lines(st term.Style, width int) []string {
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

// Print writes the table to Out in the terminal's width.
func (tb *Table) Print(t *term.IO) error {
	return writeLines(t.Out, tb.Lines(t.Style(), t.Width()))
}

const columnGap = 2

// fit takes columns from the widest one that may be shortened until the table fits, or nothing can be taken.
func (tb *Table) fit(width int) []int {
	const least = 6
	widths, total := make([]int, len(tb.columns)), max(len(tb.columns)-1, 0)*columnGap
	for i, c := range tb.columns {
		widths[i] = term.Width(c.Title)
		for _, row := range tb.rows {
			widths[i] = max(widths[i], term.Width(row[i].Text))
		}
		if width > 0 && !c.Fixed {
			widths[i] = min(widths[i], max(width, least))
		}
		total += widths[i]
	}
	for width > 0 && total > width {
		widest := -1
		for i, c := range tb.columns {
			if !c.Fixed && widths[i] > least && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
		total--
	}
	return widths
}

func (tb *Table) line(cells []Cell, widths []int, width int) string {
	var b strings.Builder
	gap := 0 // spaces due before the next text; those at the end of a line are never written
	for i, cell := range cells {
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
