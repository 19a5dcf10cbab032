// Package event knows what is inside a delivery's body: its type, id and time, sample payloads, and edits of one field.
package event

import (
	"io"
	"time"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// Spec says where an event's type, id and time stand, and the id of the object that it is about: JSON paths (event_type, metadata.eventId, [0].event) or
// header:Name. In each list the first one that is there wins.
type Spec struct {
	Type []string
	ID   []string
	Time []string
	// Object is the object whose events come in order. Of some providers it is not known.
	Object []string
}

// Info is what Extract found; what is missing is "".
type Info struct {
	Type string
	ID   string
	Time string
	// Object is the id of what the event is about.
	Object string
}

// Field is one header.
type Field struct {
	Name  string
	Value string
}

// BuildOptions fill in a sample's template.
type BuildOptions struct {
	Now  time.Time        // the event's time; zero: the wall clock
	Rand io.Reader        // where fresh ids come from; nil: the system's randomness
	ID   string           // the event's id; "": a fresh one in the provider's form
	Sets []jsonbytes.Edit // made last
	// Own holds samples of the user's own, which come before those that are built in.
	Own Own
	// Names holds what the names in placeholders stand for, for samples that are about the same things; nil: each its own.
	Names map[string]string
}

// Sample is an event of a provider, ready to be signed and sent.
type Sample struct {
	Body   []byte  // JSON as the provider lays it out, keys in the documented order, or a form where it sends one; the caller's own
	Type   string  // as the body or Fields carry it after the edits
	ID     string  // likewise; "" when such an event has none
	Note   string  // what in it is made up because the provider does not document it; "" when nothing is
	Fields []Field // headers the provider sends with such an event, besides those that signing adds; a signing header wins over one of the same name

	form     bool   // Body becomes a form after the edits
	indented bool   // Body is laid out after the edits
	tricky   bool   // likewise, as nobody does who writes JSON or a form anew
	end      string // comes after the body
}
