package listen_test

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
)

// messages are a source that has some, and tells what became of each.
type messages struct {
	all     []*record.Message
	settled chan record.Settlement
}

func (m *messages) Run(ctx context.Context, take func(*record.Message) record.Settlement, _ func(record.Changed)) {
	for _, message := range m.all {
		m.settled <- take(message)
	}
	<-ctx.Done()
}

// message is one of an event.
func message(id string) *record.Message {
	return &record.Message{
		Method: http.MethodPut, Path: "/hooks?a=1", Host: "hooks.example", Header: http.Header{"X-Kept": {"1"}, "Authorization": {masking.Masked}},
		Body: []byte(`{"event_id":"` + id + `","event_type":"card.activated"}`), CheckedAt: time.Now().Add(-time.Hour), Times: 3,
	}
}

// from is a listener that takes messages.
func from(t *testing.T, change func(*listen.Options), all ...*record.Message) (*rig, *messages) {
	t.Helper()
	m := &messages{all: all, settled: make(chan record.Settlement, len(all))}
	return startOn(t, change, func(l *listen.Listener) listen.Way { return l.Source(m) }), m
}

// TestMessageIsARequest: a message goes the way of a request, without what is masked in it.
func TestMessageIsARequest(t *testing.T) {
	t.Parallel()
	a := newApp(t, func(_ int, _ string, w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) })
	r, m := from(t, func(o *listen.Options) { o.Targets = append(o.Targets, to("app", a.URL)) }, message("1"))
	if got := <-m.settled; got != (record.Settlement{}) {
		t.Errorf("it is not acknowledged: %+v", got)
	}
	d := next[record.Received](t, r).Delivery
	if h := a.head(0); a.sent()[0] != string(m.all[0].Body) || h.Get("X-Kept") != "1" || h.Get("Authorization") != "" {
		t.Errorf("the program got %s %v", a.sent(), h)
	}
	if d.Method != http.MethodPut || d.Path != "/hooks?a=1" || d.Host != "hooks.example" || time.Since(d.ReceivedAt) > time.Minute {
		t.Errorf("recorded as %+v", d)
	}
}

// TestWhatBecomesOfMessages: a message is acknowledged where no later try ends otherwise, and given again where one may.
func TestWhatBecomesOfMessages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		header http.Header
		want   record.Settlement
	}{
		"taken":       {200, nil, record.Settlement{}},
		"refused":     {400, nil, record.Settlement{}},
		"moved":       {302, nil, record.Settlement{}},
		"failed":      {500, nil, record.Settlement{Again: true, After: 8 * time.Second}},
		"unavailable": {503, nil, record.Settlement{Again: true, After: 4 * time.Second}},
		"later":       {503, http.Header{"Retry-After": {"70"}}, record.Settlement{Again: true, After: 70 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApp(t, func(_ int, _ string, w http.ResponseWriter) {
				maps.Copy(w.Header(), c.header)
				w.WriteHeader(c.status)
			})
			r, m := from(t, func(o *listen.Options) { o.Targets = append(o.Targets, to("app", a.URL)) }, message("1"))
			if got := <-m.settled; got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if tried := next[record.Attempted](t, r).Attempt; tried.Status != c.status || (tried.Answer == 0) != c.want.Again {
				t.Errorf("%+v", tried)
			}
			if c.status == http.StatusBadRequest {
				r.end(t)
				wantJobs(t, r.journal, record.JobFailed)
			}
		})
	}
}

// unwritable is a journal that takes nothing.
type unwritable struct{ listen.Recorder }

func (unwritable) AppendDelivery(context.Context, *record.Delivery) error { return errBroken }

// mended is a journal that takes nothing at first.
type mended struct {
	listen.Recorder
	tries *atomic.Int32
}

func (m mended) AppendDelivery(ctx context.Context, d *record.Delivery) error {
	if m.tries.Add(1) == 1 {
		return errBroken
	}
	return m.Recorder.AppendDelivery(ctx, d)
}

// TestMessageComesAgain: once the journal can be written, a message that is given again is taken, and people are told.
func TestMessageComesAgain(t *testing.T) {
	t.Parallel()
	r, m := from(t, func(o *listen.Options) { o.Recorder = mended{o.Recorder, new(atomic.Int32)} }, message("1"), message("1"))
	if first, second := <-m.settled, <-m.settled; !first.Again || second.Again {
		t.Errorf("%+v, %+v", first, second)
	}
	if c := nextState(t, r, record.StorageRecovered); c.Message != "deliveries are recorded again" {
		t.Errorf("%s", c.Message)
	}
}

// TestMessagesThatWait: what cannot be recorded, or has no room, stays with the broker. So does what comes after the last delivery.
func TestMessagesThatWait(t *testing.T) {
	t.Parallel()
	r, m := from(t, func(o *listen.Options) { o.Recorder = unwritable{o.Recorder} }, message("1"), message("2"))
	for range 2 {
		if got := <-m.settled; !got.Again || got.After <= 0 || got.Over {
			t.Errorf("not recorded: %+v", got)
		}
	}
	if c := nextState(t, r, record.StorageLost); !strings.Contains(c.Message, "messages stay with their broker until they can be recorded") {
		t.Errorf("%s", c.Message)
	}
	a := newApp(t, func(_ int, _ string, w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) })
	_, m = from(t, func(o *listen.Options) {
		ackNow(to("app", a.URL))(o)
		o.Queue.MaxJobs = 1
	}, message("1"), message("2"))
	if first, second := <-m.settled, <-m.settled; first.Again || !second.Again || second.After <= 0 {
		t.Errorf("a full queue: %+v, %+v", first, second)
	}
	_, m = from(t, func(o *listen.Options) { o.ExitAfter = 1 }, message("1"), message("2"))
	if first, second := <-m.settled, <-m.settled; first.Again || second != (record.Settlement{Again: true, Over: true}) {
		t.Errorf("after the last: %+v, %+v", first, second)
	}
	large := message("1")
	large.Body = append(large.Body, make([]byte, 2000)...)
	r, m = from(t, nil, large)
	if got := <-m.settled; got.Again {
		t.Errorf("one that is too large comes again: %+v", got)
	}
	if d := next[record.Received](t, r).Delivery; d.Answer != http.StatusRequestEntityTooLarge {
		t.Errorf("it is recorded as %d", d.Answer)
	}
}
