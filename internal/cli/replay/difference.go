package replay

// --diff: the recorded answer beside the new one.

import (
	"fmt"
	"strconv"

	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/term"
)

// difference is how the new answer differs from the recorded one.
type difference struct {
	before *record.Attempt // nil: there is none
	after  *record.Attempt
	body   jsonbytes.Comparison
}

// differenceJSON is the same as JSON; docs/json.md lists it.
type differenceJSON struct {
	OldStatus *int   `json:"oldStatus"` // null: there was no answer
	NewStatus int    `json:"newStatus"`
	SameBody  bool   `json:"sameBody"`
	At        *int   `json:"at"` // the first byte that differs
	Path      string `json:"path,omitempty"`
}

// compare compares an attempt with the last one before it that was answered: at the same target, or at any.
func compare(before []record.Attempt, after *record.Attempt) *difference {
	d := &difference{after: after}
	for i := range before {
		a := &before[i]
		if a.Status != 0 && (d.before == nil || a.Target == after.Target || d.before.Target != after.Target) {
			d.before = a
		}
	}
	if d.before != nil {
		d.body = jsonbytes.Compare(d.before.Body, after.Body)
	}
	return d
}

// words are "500 → 200, body differs at byte 12 (error.code)".
func (d *difference) words() string {
	now := "no answer"
	if d.after.Status != 0 {
		now = strconv.Itoa(d.after.Status)
	}
	switch {
	case d.before == nil:
		return now + " now; the journal has no earlier answer to compare with"
	case d.after.Status == 0:
		return fmt.Sprintf("%d → %s", d.before.Status, now)
	case d.body.Equal:
		return fmt.Sprintf("%d → %s, same body", d.before.Status, now)
	default:
		words := fmt.Sprintf("%d → %s, body differs at byte %d", d.before.Status, now, d.body.At)
		if path := d.path(); path != "" {
			words += " (" + path + ")"
		}
		return term.Clean(words)
	}
}

// path is where the values of two bodies in JSON differ first, "" where they do not or are none.
func (d *difference) path() string {
	if len(d.body.Changes) == 0 {
		return ""
	}
	return d.body.Changes[0].Path.String()
}

func (d *difference) json() *differenceJSON {
	v := &differenceJSON{NewStatus: d.after.Status, Path: d.path()}
	if d.before == nil {
		return v
	}
	v.OldStatus, v.SameBody = &d.before.Status, d.body.Equal
	if !d.body.Equal {
		v.At = &d.body.At
	}
	return v
}
