package render

// What marks a delivery, in words.

import (
	"fmt"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/term"
)

// Marks are the marks of a delivery besides that of a duplicate, in the words of every text output: whom it contradicts, that it came
// late or after a newer event, and that what is recorded of it is not all that came.
func Marks(d *record.Delivery) (marks []string) {
	if d.Conflict != "" {
		marks = append(marks, "conflict with "+term.Cut(term.Clean(d.Conflict), mostID))
	}
	if d.Late > 0 {
		marks = append(marks, "late "+oneUnit(d.Late))
	}
	if d.OutOfOrder {
		marks = append(marks, "out of order")
	}
	switch {
	case d.Scrubbed == 1:
		marks = append(marks, "scrubbed in 1 place")
	case d.Scrubbed > 1:
		marks = append(marks, fmt.Sprintf("scrubbed in %d places", d.Scrubbed))
	}
	return marks
}

// mostID is the most of an id that a mark shows, in columns.
const mostID = 40
