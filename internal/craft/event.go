package craft

// The event that a request carries: a sample, or a body that was given.

import (
	"io"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Event is the event that a request carries.
type Event struct {
	Body   []byte
	Source string        // the sample type or file that it was made from, for people
	Type   string        // "" when it is not known
	ID     string        // "" for none; a scheme that needs an id gets a fresh one
	Time   time.Time     // when it happened, for schemes that sign this time; zero is the time of signing
	Fields []event.Field // headers of the provider, except those that signing adds
	Note   string        // what in it is made up; "" for nothing
}

// Sample makes an event from the scheme's sample of a type, with a fresh id and the edits of o. Without a sample it makes one
// up. The error is an *event.UnknownTypeError, a *jsonbytes.Error, or that of o.Rand.
func Sample(rules *sign.Rules, typ string, o event.BuildOptions) (Event, error) {
	from := rules.Scheme()
	s, err := event.Build(from.Name, Spec(from), typ, o)
	if err != nil {
		return Event{}, err
	}
	e := Event{Body: s.Body, Source: typ, Type: s.Type, ID: s.ID, Fields: s.Fields, Note: s.Note}
	err = e.Complete(rules, o.Rand)
	return e, err
}

// Given makes an event of a body. Edits are the only change to it. The error is a *jsonbytes.Error.
func Given(rules *sign.Rules, source string, body []byte, sets []jsonbytes.Edit) (Event, error) {
	body, err := jsonbytes.Apply(body, sets)
	if err != nil {
		return Event{}, err
	}
	info := event.Extract(Spec(rules.Scheme()), nil, body)
	return Event{Body: body, Source: source, Type: info.Type, ID: info.ID}, nil
}

// Complete adds the members that the scheme signs and the body lacks. The error is a *jsonbytes.Error or that of rand.
func (e *Event) Complete(rules *sign.Rules, rand io.Reader) (err error) {
	e.Body, err = event.Complete(e.Body, rules.Needs().Members, rand)
	return err
}

// Announce adds the headers that carry type and id for the scheme.
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

// Spec returns where a scheme's events have type, id and time.
func Spec(s *scheme.Scheme) event.Spec {
	return event.Spec{Type: s.Event.Type, ID: s.Event.ID, Time: s.Event.Time, Object: s.Event.Object}
}

// Edits reads edits of the form PATH=VALUE. The error is a *jsonbytes.Error.
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
