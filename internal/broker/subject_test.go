package broker

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/target"
)

// delivery is one that verified.
func delivery(scheme, eventType, id string) *record.Delivery {
	return &record.Delivery{
		ID: "abc", ReceivedAt: time.Unix(1e9, 0), Method: "POST", Path: "/a%2Fb", Header: http.Header{"X-Sig": {"a", "b"}},
		Verdict: sign.Verdict{OK: true, Reason: sign.Valid, Scheme: scheme}, EventType: eventType, EventID: id,
	}
}

// No value makes another subject, no two values make one, and a header holds one line.
func TestSubjects(t *testing.T) {
	t.Parallel()
	to := target.Target{Subject: "wh.{scheme}.{type}.{id}"}
	seen := map[string]string{}
	for _, value := range []string{
		"", "_x", "a", "a.b", "a_b", "a%2Eb", "a b", "*", ">", "a.*.>", "$JS", "é", "\x00", "\r\nNats-Rollup: all", "{id}", "{scheme}",
		strings.Repeat("x", 150), strings.Repeat("x", 151), strings.Repeat("x", 152), strings.Repeat(".", 1<<20), "sha256-", "%sha256-",
	} {
		d := delivery("stripe", value, "evt"+value)
		subject := subject(to, d)
		parts := strings.Split(subject, ".")
		if len(parts) != 4 || strings.ContainsAny(subject, " *>\r\n\x00{}") || len(subject) > 500 {
			t.Errorf("%.40q: %q", value, subject)
		}
		if old, has := seen[parts[2]]; has {
			t.Errorf("%.40q and %.40q are one", value, old)
		}
		seen[parts[2]] = value
		if id := messageID(d); strings.ContainsAny(id, "\r\n \x00") || len(id) > 400 {
			t.Errorf("%.40q: id %q", value, id)
		}
		for name, values := range natsBinding().header(target.Message{Delivery: d}) {
			if strings.HasPrefix(name, "ce-") && strings.ContainsAny(values[0], "\r\n \x00\"") {
				t.Errorf("%s is %.60q", name, values)
			}
		}
	}
}

// What no signature vouches for has no event's id, so a forged event keeps no other out of a stream. Every delivery of it is told apart.
func TestIdentity(t *testing.T) {
	t.Parallel()
	right, forged := delivery("stripe", "a", "evt_1"), delivery("stripe", "a", "evt_1")
	forged.Verdict.OK, forged.Verdict.Reason = false, sign.Mismatch
	again := *forged
	again.ReceivedAt = again.ReceivedAt.Add(time.Millisecond)
	if messageID(right) != "stripe:evt_1" || messageID(forged) == messageID(right) || messageID(forged) == messageID(&again) {
		t.Errorf("%s, %s, %s", messageID(right), messageID(forged), messageID(&again))
	}
	if h := natsBinding().header(target.Message{Delivery: forged}); h["wh-verdict"][0] != string(sign.Mismatch) || h["ce-id"][0] != "evt_1" || len(h["wh-h-x-sig"]) != 2 || h["wh-path"][0] != "/a%2Fb" {
		t.Errorf("%v", h)
	}
	for _, d := range []*record.Delivery{right, forged} {
		if first, second := messageID(d), messageID(d); first != second {
			t.Errorf("a later try is another: %s, %s", first, second)
		}
	}
}

// An event is in the stream once the stream names its message. One that is on its way may be lost with the server that has it, so its job is tried
// again, and nothing overtakes it where events share a subject.
func TestAnswered(t *testing.T) {
	t.Parallel()
	each := target.Target{Subject: "wh.{scheme}.{id}", Dedupe: target.DedupeSubject}
	shared := target.Target{Subject: "wh.{scheme}.{type}", Dedupe: target.DedupeWindow}
	for name, c := range map[string]struct {
		to      target.Target
		e       *streamError
		kind    record.OutcomeKind
		inDoubt bool
	}{
		"acknowledged":              {each, nil, record.OutcomeDelivered, false},
		"there":                     {each, &streamError{Code: 400, Number: streamWrongLast, Description: "wrong last sequence: 17"}, record.OutcomeDelivered, false},
		"there, as nobody can read": {each, &streamError{Code: 400, Number: streamWrongLast, Description: "wrong last sequence: 0"}, record.OutcomeFailed, false},
		"on its way":                {each, &streamError{Code: 400, Number: streamWrongLastInWork, Description: "wrong last sequence"}, record.OutcomeFailed, false},
		"its id is on its way":      {shared, &streamError{Code: 409, Number: streamIDInWork, Description: "duplicate message id is in process"}, record.OutcomeFailed, true},
		"full, by id":               {each, &streamError{Code: 503, Number: streamStoreFailed, Description: "maximum messages exceeded"}, record.OutcomeFailed, false},
		"full, by type":             {shared, &streamError{Code: 503, Number: streamStoreFailed, Description: "maximum messages exceeded"}, record.OutcomeFailed, true},
		"no quorum":                 {each, &streamError{Code: 503, Number: 10008, Description: "JetStream system temporarily unavailable"}, record.OutcomeUnreachable, false},
	} {
		n := NewNATS(c.to)
		if o := n.answered(acknowledgement{Stream: "S", Error: c.e}); o.Kind != c.kind || o.InDoubt != c.inDoubt || o.Final {
			t.Errorf("%s: %s, in doubt %v: %v", name, o.Kind, o.InDoubt, o.Err)
		}
	}
}

// A token in the query is for the handler, and not for everybody who reads the stream. Where the signature covers the URL, nobody could verify
// without it.
func TestPathWithoutTokens(t *testing.T) {
	t.Parallel()
	d := delivery("stripe", "a", "evt_1")
	d.Path = "/hooks?token=t0psecret&a=1"
	if path := natsBinding().header(target.Message{Delivery: d})["wh-path"][0]; path != "/hooks?token=(masked)&a=1" {
		t.Errorf("wh-path is %s", path)
	}
	if path := natsBinding().header(target.Message{Delivery: d, URLSigned: true})["wh-path"][0]; path != d.Path {
		t.Errorf("wh-path of a signed URL is %s", path)
	}
}
