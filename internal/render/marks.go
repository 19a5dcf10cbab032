package render

// What marks a delivery, in words.

import (
	"cmp"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/term"
)

// Marks are the marks of a delivery besides that of a duplicate, in the words of every text output: whom it contradicts, that it came
// late or after a newer event, and that what is recorded of it is not all that came.
func Marks(d *record.Delivery) (marks []string) {
	if d.Conflict != "" {
		text := "conflict with " + term.Cut(term.Clean(d.Conflict), mostID)
		if d.Earlier != nil {
			text += ": the bodies " + DifferenceWords(jsonbytes.Compare(d.Earlier, d.Body))
		}
		marks = append(marks, text)
	}
	if d.Late > 0 {
		marks = append(marks, "late "+oneUnit(d.Late))
	}
	if d.OutOfOrder {
		marks = append(marks, "out of order")
	}
	if d.Scrubbed > 0 {
		marks = append(marks, scrubbed(d))
	}
	return marks
}

// lookWords say whose an unverified delivery looks like, and what to do.
func lookWords(l *record.Look) string {
	text := "looks like " + term.Clean(cmp.Or(l.Provider, l.Scheme))
	if !l.Signed {
		return text + ", not signed: set a secret there, and use --scheme " + term.Clean(l.Scheme)
	}
	return text + ": --scheme " + term.Clean(l.Scheme)
}

// scrubbed says in how many places a delivery was scrubbed. It was in one or more.
func scrubbed(d *record.Delivery) string {
	return "scrubbed in " + fault.Plural(d.Scrubbed, "place")
}

// mostID is the most of an id that a mark shows, in columns.
const mostID = 40

// mostChanges is how many changes the line of a delivery shows.
const mostChanges = 3

// contradicted are the first changes of what a delivery contradicts.
func contradicted(st term.Style, d *record.Delivery) []string {
	if d.Conflict == "" || d.Earlier == nil {
		return nil
	}
	lines := Difference(st, jsonbytes.Compare(d.Earlier, d.Body), d.Earlier, d.Body)
	return lines[:min(len(lines), mostChanges)]
}
