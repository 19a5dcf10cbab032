package hub

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/record"
)

// lines keeps what a Join gives away, in words.
type lines struct {
	got []string
	err error
}

func (l *lines) View(d *record.Delivery) string { return "view of " + d.ID }

func (l *lines) Whole(d *Joined[string]) error {
	parts := []string{"whole " + d.ID}
	for i, target := range d.Targets {
		if a := d.Outcomes[i]; a != nil {
			parts = append(parts, fmt.Sprintf("%s %d", target, a.Status))
		} else {
			parts = append(parts, target+" waits")
		}
	}
	l.got = append(l.got, strings.Join(parts, ", "))
	return l.err
}

func (l *lines) Later(s Stamped, d *Joined[string]) error {
	text := strings.TrimPrefix(fmt.Sprintf("%T", s.Event), "record.")
	switch e := s.Event.(type) {
	case record.Attempted:
		text += fmt.Sprintf(" %s %d", e.Attempt.Target, e.Attempt.Status)
	case record.Changed:
		text += " " + string(e.State) + " " + e.Target
	default:
	}
	if d != nil {
		text += " of " + d.ID
	}
	l.got = append(l.got, text)
	return l.err
}

func got(id string, targets ...string) record.Event {
	return record.Received{Delivery: &record.Delivery{ID: id, Targets: targets}}
}

// queued is the delivery a that was answered, whose jobs go through the queue.
func queued(targets ...string) record.Event {
	return record.Received{Delivery: &record.Delivery{ID: "a", Targets: targets, Answer: 200}}
}

func job(target string, waits bool) record.Event {
	return record.JobChanged{Job: &record.Job{DeliveryID: "a", Target: target, State: record.JobQueued}, Waits: waits}
}

func tried(id, target string, status int) record.Event {
	return record.Attempted{Attempt: &record.Attempt{DeliveryID: id, Target: target, Status: status}}
}

func waits(id, target string) record.Event {
	return record.Changed{State: record.Waiting, DeliveryID: id, Target: target}
}

func found(id string) record.Event {
	return record.Explained{Diagnosis: &record.Diagnosis{DeliveryID: id}}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		events []record.Event
		want   string
	}{
		"one target":              {[]record.Event{got("a", "x"), tried("a", "x", 200)}, "whole a, x 200"},
		"no target":               {[]record.Event{got("a")}, "whole a"},
		"refused":                 {[]record.Event{record.Received{Delivery: &record.Delivery{ID: "a", Answer: 503, Targets: []string{"x"}}}, found("a")}, "whole a; Explained of a"},
		"the name has changed":    {[]record.Event{got("a", "x"), tried("a", "y", 200)}, "whole a, x 200"},
		"two at once":             {[]record.Event{got("a", "x"), got("b", "x"), tried("b", "x", 201), tried("a", "x", 200)}, "whole b, x 201; whole a, x 200"},
		"fan-out":                 {[]record.Event{got("a", "x", "y"), tried("a", "y", 500), tried("a", "x", 200)}, "whole a, x 200, y 500"},
		"fan-out to another":      {[]record.Event{got("a", "x", "y"), tried("a", "z", 500), tried("a", "x", 200)}, "; whole a, x 200, y waits"},
		"fan-out, tried again":    {[]record.Event{got("a", "x", "y"), tried("a", "x", 500), tried("a", "x", 200), tried("a", "y", 201)}, "whole a, x 200, y 201"},
		"second try":              {[]record.Event{got("a", "x"), tried("a", "x", 500), tried("a", "x", 200)}, "whole a, x 500; Attempted x 200 of a"},
		"waiting":                 {[]record.Event{got("a", "x"), waits("a", "x"), waits("a", "x"), tried("a", "x", 200)}, "whole a, x waits; Attempted x 200 of a"},
		"one of two waits":        {[]record.Event{got("a", "x", "y"), tried("a", "x", 200), waits("a", "y"), waits("a", "y"), waits("a", "x")}, "whole a, x 200, y waits; Changed waiting x of a"},
		"the end":                 {[]record.Event{got("a", "x", "y"), tried("a", "y", 200), got("b", "x")}, "; whole a, x waits, y 200; whole b, x waits"},
		"attempt before delivery": {[]record.Event{tried("a", "x", 200), got("a", "x")}, "Attempted x 200; whole a, x waits"},
		"explained late":          {[]record.Event{got("a"), got("b"), found("a")}, "whole a; whole b; Explained of a"},
		"explained, unknown":      {[]record.Event{found("b")}, "Explained"},
		"delivery was missed":     {[]record.Event{record.Missed{Count: 1}, tried("a", "x", 200), waits("a", "x"), record.Failed{DeliveryID: "a"}}, "Missed; Attempted x 200; Changed waiting x; Failed"},
		"attempt was missed":      {[]record.Event{got("a", "x"), record.Missed{Count: 1}, tried("a", "x", 200)}, "Missed; whole a, x 200"},
		"the same delivery twice": {[]record.Event{got("a", "x"), got("a", "x"), tried("a", "x", 200)}, "whole a, x waits; whole a, x 200"},
		"what belongs to none":    {[]record.Event{got("a", "x"), record.Ready{}, record.Changed{State: record.Draining}, record.Raised{}}, "Ready; Changed draining ; Raised; whole a, x waits"},
		"queued":                  {[]record.Event{queued("x"), job("x", true), tried("a", "x", 200)}, "whole a, x waits; Attempted x 200 of a"},
		"sent at once":            {[]record.Event{queued("x"), job("x", false), tried("a", "x", 200)}, "whole a, x 200"},
		"one of two is queued":    {[]record.Event{queued("x", "y"), job("x", false), job("y", true), tried("a", "x", 200)}, "whole a, x waits, y waits; Attempted x 200 of a"},
		"target went down":        {[]record.Event{queued("x"), got("b", "x"), record.Changed{State: record.Lost, Target: "x"}, tried("b", "x", 200)}, "whole a, x waits; Changed lost x; whole b, x 200"},
		"job of another run":      {[]record.Event{job("x", true), tried("a", "x", 200)}, "Attempted x 200"},
		"what names a delivery":   {[]record.Event{got("a"), record.Changed{State: record.Hinted, DeliveryID: "a"}, record.Failed{DeliveryID: "a"}}, "whole a; Changed hint  of a; Failed of a"},
	} {
		l := &lines{}
		j := NewJoin[string](l)
		for _, e := range c.events {
			if err := j.Add(Stamped{Event: e}); err != nil {
				t.Fatal(err)
			}
		}
		before := len(l.got)
		if err := j.Flush(); err != nil {
			t.Fatal(err)
		}
		want, atEnd := strings.CutPrefix(c.want, "; ") // all of it comes at the end
		if text := strings.Join(l.got, "; "); text != want || atEnd && before > 0 {
			t.Errorf("%s: got %q, %d lines of it before the end; want %q", name, text, before, want)
		}
		if err := j.Flush(); err != nil || len(l.got) != strings.Count(want, ";")+1 || j.held != 0 {
			t.Errorf("%s: a second flush gave %q, %d are held", name, l.got, j.held)
		}
	}
}

// What is kept of a delivery has its newest outcome and what was found out, and no body.
func TestJoinedIsWhole(t *testing.T) {
	t.Parallel()
	l := &lines{}
	j := NewJoin[string](l)
	for _, e := range []record.Event{
		got("a", "x"), tried("a", "x", 500), found("a"),
		record.Attempted{Attempt: &record.Attempt{
			DeliveryID: "a", Target: "x", Status: 302, Body: make([]byte, 10), Header: http.Header{"Location": {"/"}, "Other": {"x"}},
		}},
	} {
		if err := j.Add(Stamped{Event: e}); err != nil {
			t.Fatal(err)
		}
	}
	d := j.known["a"]
	if a := d.Outcomes[0]; d.View != "view of a" || d.Diagnosis == nil || a.Status != 302 || a.Body != nil || len(a.Header) != 1 {
		t.Errorf("%+v, %+v", d, a)
	}
}

// Neither deliveries without an outcome nor those that are long past take any amount of memory.
func TestJoinIsBounded(t *testing.T) {
	t.Parallel()
	l := &lines{}
	j := NewJoin[string](l)
	const sent = 1000
	for i := range sent {
		if err := j.Add(Stamped{Event: got(fmt.Sprint("d", i), "x")}); err != nil {
			t.Fatal(err)
		}
	}
	if len(j.known) > mostKnown || len(j.order) > mostKnown || j.held != mostHeld || len(l.got) != sent-mostHeld {
		t.Errorf("%d known, %d in order, %d held, %d given away", len(j.known), len(j.order), j.held, len(l.got))
	}
	if err := j.Flush(); err != nil || j.held != 0 || len(l.got) != sent {
		t.Errorf("%d held, %d given away in the end, %v", j.held, len(l.got), err)
	}
}

// An error of the one who shows is the error of what was added.
func TestJoinGivesErrorsBack(t *testing.T) {
	t.Parallel()
	l := &lines{err: errors.New("closed")}
	for _, e := range []record.Event{got("a"), record.Ready{}, tried("a", "x", 200), found("a"), waits("b", "x"), record.Failed{}} {
		if err := NewJoin[string](l).Add(Stamped{Event: e}); !errors.Is(err, l.err) {
			t.Errorf("%T: %v", e, err)
		}
	}
	j := NewJoin[string](l)
	if err := j.Add(Stamped{Event: got("a", "x")}); err != nil {
		t.Error(err)
	}
	if err := j.Flush(); !errors.Is(err, l.err) {
		t.Errorf("flush: %v", err)
	}
}
