package craft

import (
	"io"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Event is what a request carries, and what is known about it.
type Event struct {
	Body   []byte
	Source string        // what was asked for: the type of a sample, a file; for people
	Type   string        // "" when it is not known
	ID     string        // "" when there is none; a scheme that needs one gets a fresh one
	Time   time.Time     // when it happened, for schemes that sign that; zero: the moment of signing
	Fields []event.Field // headers that the provider sends with it, besides those that signing adds
	Note   string        // what in it is made up; "" when nothing is
}

// Sample makes an event of a type that the scheme has a sample of, or makes one up, with a fresh id and the edits of o. The
// error is an *event.UnknownTypeError, an *jsonbytes.Error, or that of o.Rand.
func Sample(rules *sign.Rules, typ string, o event.BuildOptions) (Event, error) {
	scheme := rules.Scheme()
	s, err := event.Build(scheme.Name, Spec(scheme), typ, o)
	if err != nil {
		return Event{}, err
	}
	e := Event{Body: s.Body, Source: typ, Type: s.Type, ID: s.ID, Fields: s.Fields, Note: s.Note}
	err = e.Complete(rules, o.Rand)
	return e, err
}

// Given takes a body as it is, but for the edits. The error is an *jsonbytes.Error.
func Given(rules *sign.Rules, source string, body []byte, sets []jsonbytes.Edit) (Event, error) {
	body, err := jsonbytes.Apply(body, sets)
	if err != nil {
		return Event{}, err
	}
	info := event.Extract(Spec(rules.Scheme()), nil, body)
	return Event{Body: body, Source: source, Type: info.Type, ID: info.ID}, nil
}

// Complete fills in the members that the scheme signs and the body lacks. The error is an *jsonbytes.Error or that of rand.
func (e *Event) Complete(rules *sign.Rules, rand io.Reader) (err error) {
	e.Body, err = event.Complete(e.Body, rules.Needs().Members, rand)
	return err
}

// Announce adds the headers in which the scheme's provider sends type and id.
func (e *Event) Announce(rules *sign.Rules) {
	add := func(places []string, value string) {
		for _, place := range places {
			if name, ok := strings.CutPrefix(place, "header:"); ok && value != "" {
				e.Fields = append(e.Fields, event.Field{Name: name, Value: value})
			}
		}
	}
	spec := Spec(rules.Scheme())
	add(spec.Type, e.Type)
	add(spec.ID, e.ID)
}

// Spec says where a scheme's events have type, id and time.
func Spec(scheme *scheme.Scheme) event.Spec {
	return event.Spec{Type: scheme.Event.Type, ID: scheme.Event.ID, Time: scheme.Event.Time}
}

// Edits reads edits of the form PATH=VALUE. The error is an *jsonbytes.Error.
func Edits(texts []string) ([]jsonbytes.Edit, error) {
	sets := make([]jsonbytes.Edit, 0, len(texts))
	for _, text := range texts {
		set, err := jsonbytes.ParseEdit(text)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return sets, nil
}
