// Package targettest is the suite that every sender passes. Only tests import it.
package targettest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/target"
)

// Behaviour is what the other end of a sender does with a message.
type Behaviour int

// The behaviours.
const (
	Takes Behaviour = iota
	Refuses
	Fails
	Hangs
	IsAway
)

// Kind is a kind of senders.
type Kind struct {
	// Open gives a sender to an end that behaves so, and what that end got: the body of each message, and of its headers those that the
	// delivery had. The sender waits for as long as timeout says.
	Open func(t *testing.T, b Behaviour, timeout time.Duration) (s target.Sender, got func() []target.Message)
	// Header is what arrives of a message's headers: all of them in a request, and in a broker's message with secrets masked.
	Header func(m target.Message) http.Header
	// Tells says whether an end that does not take a message tells the reason in the outcome's error, and gives no answer.
	Tells bool
}

// Run tests the senders of a kind.
func Run(t *testing.T, k Kind) {
	t.Helper()
	for what, test := range map[string]func(t *testing.T, k Kind){
		"bytes": testBytes, "outcomes": testOutcomes, "stop": testStop, "many": testMany, "secrets": testSecrets, "close": testClose,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			test(t, k)
		})
	}
}

const secret = "Bearer s3cr3t-of-the-sender"

// message is one whose delivery has the secret masked, as the journal has it. Those of two numbers are of two events.
func message(number int) target.Message {
	body := make([]byte, 0, 512)
	for i := range 512 {
		body = append(body, byte(i))
	}
	m := target.Message{
		Method: http.MethodPost, Request: "/in?a=%2F&b", Body: body,
		Header: http.Header{"Content-Type": {"application/json"}, "X-Two": {"a", "", "b"}, "Authorization": {secret}},
	}
	d := &record.Delivery{
		ID: "abc", ReceivedAt: time.Unix(1_700_000_000, 0), Method: m.Method, Path: m.Request, Header: m.Header.Clone(),
		Verdict: sign.Verdict{OK: true, Reason: sign.Valid, Scheme: "stripe"}, EventID: fmt.Sprintf("evt_%d", number), EventType: "charge.succeeded",
	}
	d.Header.Set("Authorization", masking.Value("Authorization", secret))
	m.Delivery = d
	return m
}

// A message arrives as it is, every byte and every value, and is not changed.
func testBytes(t *testing.T, k Kind) {
	t.Helper()
	s, got := k.Open(t, Takes, time.Minute)
	for i, body := range [][]byte{message(0).Body, nil, make([]byte, 1<<20)} {
		m := message(i)
		m.Body = body
		sent, delivery := m, *m.Delivery
		sent.Header, sent.Delivery = m.Header.Clone(), &delivery
		delivery.Header = m.Delivery.Header.Clone()
		o := s.Send(t.Context(), m)
		if o.Kind != record.OutcomeDelivered || o.Err != nil || o.Took <= 0 {
			t.Fatalf("%d bytes: %+v", len(body), o)
		}
		if !reflect.DeepEqual(m, sent) {
			t.Errorf("the message was changed: %+v", m)
		}
		all := got()
		last := all[len(all)-1]
		if string(last.Body) != string(body) {
			t.Errorf("%d bytes arrived as %d", len(body), len(last.Body))
		}
		for name, values := range k.Header(m) {
			if !reflect.DeepEqual(last.Header[name], values) {
				t.Errorf("%s arrived as %q", name, last.Header[name])
			}
		}
	}
}

func testOutcomes(t *testing.T, k Kind) {
	t.Helper()
	for does, want := range map[Behaviour]record.OutcomeKind{
		Takes: record.OutcomeDelivered, Refuses: record.OutcomeRefused, Fails: record.OutcomeFailed,
		Hangs: record.OutcomeTimeout, IsAway: record.OutcomeUnreachable,
	} {
		s, _ := k.Open(t, does, time.Second)
		o := s.Send(t.Context(), message(0))
		told := does == Hangs || does == IsAway || k.Tells && does != Takes
		if o.Kind != want || (o.Err != nil) != told || told && o.Err.Error() == "" {
			t.Errorf("%d: %s, want %s: %+v", does, o.Kind, want, o)
		}
		if does == Hangs && o.Took > 10*time.Second {
			t.Errorf("it waited for %s", o.Took)
		}
	}
}

// Whoever sends can give up at any time.
func testStop(t *testing.T, k Kind) {
	t.Helper()
	s, got := k.Open(t, Hangs, 0)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan target.Outcome, 1)
	go func() { done <- s.Send(ctx, message(0)) }()
	for len(got()) == 0 && ctx.Err() == nil {
		select {
		case o := <-done:
			t.Fatalf("it did not wait: %+v", o)
		case <-time.After(time.Millisecond):
		}
	}
	cancel()
	select {
	case o := <-done:
		if o.Kind != record.OutcomeCancelled || o.Err == nil {
			t.Errorf("%+v", o)
		}
	case <-time.After(30 * time.Second):
		t.Error("it waits on")
	}
}

// Messages at the same time arrive once each.
func testMany(t *testing.T, k Kind) {
	t.Helper()
	const n = 50
	s, got := k.Open(t, Takes, time.Minute)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			m := message(i)
			m.Body = fmt.Appendf(nil, "message %d", i)
			if o := s.Send(t.Context(), m); o.Kind != record.OutcomeDelivered {
				t.Errorf("%d: %+v", i, o)
			}
		})
	}
	all.Wait()
	seen := map[string]int{}
	for _, m := range got() {
		seen[string(m.Body)]++
	}
	for i := range n {
		if seen[fmt.Sprintf("message %d", i)] != 1 {
			t.Errorf("message %d came %d times", i, seen[fmt.Sprintf("message %d", i)])
		}
	}
}

// What is said of a failure names nothing of the message.
func testSecrets(t *testing.T, k Kind) {
	t.Helper()
	for _, does := range []Behaviour{Hangs, IsAway} {
		s, _ := k.Open(t, does, 100*time.Millisecond)
		o := s.Send(t.Context(), message(0))
		said := o.Err.Error() + o.Hint.String()
		if o.Probe != nil {
			said += o.Probe(t.Context()).String()
		}
		if strings.Contains(said, "s3cr3t") || strings.Contains(said, "/in") {
			t.Errorf("said %q", said)
		}
	}
}

func testClose(t *testing.T, k Kind) {
	t.Helper()
	s, _ := k.Open(t, Takes, time.Minute)
	_ = s.Send(t.Context(), message(0))
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
}
