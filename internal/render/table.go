package render

// Tables that fit the terminal. How a column becomes narrower and what it is worth stand beside it.

import (
	"strings"

	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/term"
)

// Narrow says how the texts of a column become narrower.
type Narrow int

// The ways to become narrower.
const (
	CutEnd    Narrow = iota // their beginning and an ellipsis
	CutMiddle               // their beginning and their end: of URLs and event types both tell something
	Uncut                   // they do not
	ID                      // where the room is short, to a beginning that no other row has; commands take it for the id
	Flow                    // they go on in the lines below: prose
)

// Column describes one column of a Table.
type Column struct {
	Title  string
	Right  bool // right-aligned, for numbers
	Narrow Narrow
	Worth  int // the column of least worth is left out first; 0: none is worth more, and it stays
	Least  int // width that it has while others can be left out; 0: 12, or what its texts need
}

// URLCell is a URL without its secrets. Where the room is short it leaves out the scheme.
func URLCell(address string) Cell {
	address = masking.URL(address)
	c := Cell{Text: address}
	if _, rest, found := strings.Cut(address, "://"); found {
		c.Short = rest
	}
	return c
}

// LeastType is the Least of a column of event types, which has room for most of them.
const LeastType = 48

// Cell is one field of a Table. Text is cleaned. Short is shown in its place where the room is short; "": there is no short form. Paint
// colours it and may be nil.
type Cell struct {
	Text  string
	Short string
	Paint func(string) string
}

// Table is text in aligned columns.
type Table struct {
	columns []Column
	rows    [][]Cell
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
		row[i].Text, row[i].Short = term.Clean(row[i].Text), term.Clean(row[i].Short)
	}
	tb.rows = append(tb.rows, row)
}

// Len is the number of rows.
func (tb *Table) Len() int { return len(tb.rows) }

// Lines gives the titles and the rows, no line wider than width (0: as wide as needed).
func (tb *Table) Lines(st term.Style, width int) []string {
	f := tb.fit(width)
	head := make([]Cell, len(tb.columns))
	for i, c := range tb.columns {
		head[i] = Cell{Text: c.Title, Paint: st.Dim}
	}
	lines := f.row(nil, head, width)
	for i := range tb.rows {
		lines = f.row(lines, f.cells(i), width)
	}
	return lines
}

// Print writes the table to Out, in the terminal's width.
func (tb *Table) Print(t *term.IO) error {
	return writeLines(t.Out, tb.Lines(t.Style(), t.Width()))
}

const columnGap = 2

// row appends the lines of a row: more than one where a text flows.
func (f *fitted) row(lines []string, cells []Cell, width int) []string {
	parts, high := make([][]string, len(cells)), 1
	for i, cell := range cells {
		switch room := max(f.widths[i], 1); f.columns[i].Narrow {
		case CutEnd, Uncut, ID:
			parts[i] = []string{term.Cut(cell.Text, room)}
		case CutMiddle:
			parts[i] = []string{term.CutMiddle(cell.Text, room)}
		case Flow:
			parts[i] = term.Wrap(cell.Text, room)
		}
		if !f.left[i] {
			high = max(high, len(parts[i]))
		}
	}
	for line := range high {
		lines = append(lines, f.line(cells, func(i int) string {
			if line < len(parts[i]) {
				return parts[i][line]
			}
			return ""
		}, width))
	}
	return lines
}

func (f *fitted) line(cells []Cell, part func(column int) string, width int) string {
	var b strings.Builder
	gap := 0 // spaces before the next text; none are written at the end of a line
	for i, cell := range cells {
		if f.left[i] {
			continue
		}
		text := part(i)
		space := f.widths[i] - term.Width(text)
		if f.columns[i].Right {
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
