package craft

// Many events of one kind, each with an id of its own.

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign"
)

const (
	// freshFor is how long the time and the made-up values of a sample are used.
	freshFor = time.Second
	// tellingID is the length from which an id is found by its text alone. A shorter one may be equal to something else.
	tellingID = 8
)

// Series makes events that differ in their ids. It is safe for concurrent use.
type Series struct {
	rules   *sign.Rules
	build   func() (Event, error)
	now     func() time.Time
	rand    io.Reader
	current atomic.Pointer[pattern]
}

// NewSeries makes a series of the events that build makes: a sample with a fresh id, or always the same body. An id that the scheme
// has in the body is replaced wherever it stands there; everything else stays byte for byte, until build is asked again after a second.
func NewSeries(rules *sign.Rules, now func() time.Time, rand io.Reader, build func() (Event, error)) (*Series, error) {
	s := &Series{rules: rules, build: build, now: now, rand: rand}
	_, err := s.renew()
	return s, err
}

// Next makes an event. The error is that of build or of randomness.
func (s *Series) Next() (Event, error) {
	p := s.current.Load()
	if s.now().Sub(p.made).Abs() >= freshFor {
		var err error
		if p, err = s.renew(); err != nil {
			return Event{}, err
		}
	}
	if !p.hasID {
		return p.event, nil
	}
	id, err := p.form.New(s.rand)
	if err != nil {
		return Event{}, err
	}
	return p.with(id), nil
}

// renew makes the pattern of the events to come.
func (s *Series) renew() (*pattern, error) {
	made := s.now()
	first, err := s.build()
	if err != nil {
		return nil, err
	}
	second, err := s.build()
	if err != nil {
		return nil, err
	}
	p := &pattern{event: first, made: made, hasID: first.ID != "", form: event.FormOfID(first.ID, second.ID)}
	p.escaped = jsonbytes.Quote(p.form.Prefix())
	p.escaped = p.escaped[1 : len(p.escaped)-1]
	if p.hasID {
		p.pieces = s.cut(first)
	}
	s.current.Store(p)
	return p, nil
}

// cut divides the body where the id stands. It is one piece when the id does not stand there.
func (s *Series) cut(e Event) [][]byte {
	if id := []byte(e.ID); len(id) >= tellingID && bytes.Contains(e.Body, id) {
		return bytes.Split(e.Body, id)
	}
	const mark = "739205168427316950" // a number, so that it may stand without quotes
	for _, place := range Spec(s.rules.Scheme()).ID {
		path, err := jsonbytes.ParsePath(place)
		if err != nil || event.Extract(event.Spec{ID: []string{place}}, nil, e.Body).ID != e.ID {
			continue
		}
		edit, err := jsonbytes.SetString(place, mark)
		if !jsonbytes.Find(e.Body, path)[0].Quoted() {
			edit, err = jsonbytes.ParseEdit(place + "=" + mark)
		}
		if err != nil {
			continue
		}
		if marked, err := jsonbytes.Apply(e.Body, []jsonbytes.Edit{edit}); err == nil {
			return bytes.Split(marked, []byte(mark))
		}
	}
	return [][]byte{e.Body}
}

// pattern is an event with places for an id.
type pattern struct {
	event   Event
	made    time.Time
	hasID   bool
	form    event.IDForm
	escaped []byte   // how ids begin inside a JSON string
	pieces  [][]byte // of the body; an id stands between two
}

// with is the event with an id.
func (p *pattern) with(id string) Event {
	e := p.event
	e.ID = id
	if len(p.pieces) > 1 {
		tail := id[len(p.form.Prefix()):]
		body := make([]byte, 0, len(p.event.Body)+len(p.pieces)*(len(p.escaped)+len(tail)))
		for i, piece := range p.pieces {
			if i > 0 {
				body = append(append(body, p.escaped...), tail...)
			}
			body = append(body, piece...)
		}
		e.Body = body
	}
	e.Fields = slices.Clone(e.Fields)
	for i, f := range e.Fields {
		e.Fields[i].Value = strings.ReplaceAll(f.Value, p.event.ID, id)
	}
	return e
}
