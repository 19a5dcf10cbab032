package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// fields of each type of line: what docs/json.md promises, with the kind of their values.
func promised() map[string]map[string]string {
	return map[string]map[string]string{
		"ready": {"type": "string", "time": "time", "addr": "string", "url": "string", "targets": "array", "scheme": "string", "keys": "number", "journal": "string"},
		"delivery": {
			"type": "string", "time": "time", "id": "string", "verdict": "object", "eventType": "string", "eventId": "string", "duplicate": "bool",
			"method": "string", "path": "string", "headers": "object", "body|bodyBase64": "string", "size": "number",
		},
		"verdict":   {"ok": "bool", "reason": "string", "scheme": "string", "keyIndex": "number|null", "signedAt": "time|null", "skewMs": "number|null"},
		"attempt":   {"type": "string", "time": "time", "deliveryId": "string", "target": "string", "status": "number", "durationMs": "number", "error": "string"},
		"diagnosis": {"type": "string", "time": "time", "deliveryId": "string", "findings": "array"},
		"state":     {"type": "string", "time": "time", "state": "string", "message": "string"},
		"error":     {"type": "string", "time": "time", "message": "string"},
	}
}

func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "bool"
	case float64:
		return "number"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case string:
		if t, err := time.Parse("2006-01-02T15:04:05.000Z", v); err == nil && t.Location() == time.UTC {
			return "time"
		}
		return "string"
	default:
		return "?"
	}
}

// checkFields says what a line lacks of what is promised for its type.
func checkFields(t *testing.T, typ string, o object) {
	t.Helper()
	want, known := promised()[typ]
	if !known {
		t.Errorf("a line of unknown type: %v", o)
	}
	for name, kind := range want {
		got := ""
		for one := range strings.SplitSeq(name, "|") {
			if v, has := o[one]; has {
				got = kindOf(v)
			}
		}
		if !slices.Contains(strings.Split(kind, "|"), got) {
			t.Errorf("%s: field %s is %q, want %s: %v", typ, name, got, kind, o)
		}
	}
	for name := range o {
		if strings.ContainsAny(name, "_-") || name == "" || name[0] < 'a' || name[0] > 'z' {
			t.Errorf("%s: field %s is not camelCase", typ, name)
		}
	}
}

// TestJSONStream makes a listener say everything it can, and holds each line to what is documented.
func TestJSONStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := newTarget(t, func(m message) string {
		if strings.Contains(m.start, "/silent") {
			return ""
		}
		return okAnswer
	})
	l := w.listen("--forward", tg.addr, "--timeout", "1200ms")
	checkFields(t, "ready", l.ready)
	if first, _, _ := strings.Cut(l.out.String(), "\n"); !strings.HasPrefix(first, `{"type":"ready"`) {
		t.Errorf("the first line is %q", first)
	}
	body := event("same")
	exchange(t, l.addr, delivery(body))
	l.await("attempt")                  // the sender has its answer a moment before this is recorded
	exchange(t, l.addr, delivery(body)) // a duplicate
	exchange(t, l.addr, delivery([]byte("\xff\xfe")))
	exchange(t, l.addr, request("POST", "/a?b=c", "X-Signature: 00\r\n", body))
	exchange(t, l.addr, request("GET", "/", "Authorization: Bearer not-to-be-shown\r\nCookie: c=not-to-be-shown\r\n", nil))
	exchange(t, l.addr, request("POST", "/silent", signedHeader(testKey, time.Now(), body), body)) // waiting, lost
	exchange(t, l.addr, delivery(body))                                                            // recovered
	conn := dial(t, l.addr)
	_, _ = conn.Write([]byte("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf"))
	_ = conn.Close()
	l.await("error")
	l.interrupt()
	if code := l.wait(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	seen := map[string]int{}
	var deliveries []object
	for line := range strings.Lines(l.out.String()) {
		o := jsonOf[object](t, result{out: line})
		typ := o.str("type")
		seen[typ+" "+o.str("state")]++
		checkFields(t, typ, o)
		if typ == "delivery" {
			checkFields(t, "verdict", o.sub("verdict"))
			deliveries = append(deliveries, o)
		}
	}
	for _, typ := range []string{"ready ", "delivery ", "attempt ", "diagnosis ", "error ", "state waiting", "state lost", "state recovered"} {
		if seen[typ] == 0 {
			t.Errorf("no %q line among %v", typ, seen)
		}
	}
	if strings.Contains(l.out.String(), "not-to-be-shown") {
		t.Error("a header that is a secret was shown")
	}
	if len(deliveries) != 7 {
		t.Fatalf("%d deliveries", len(deliveries))
	}
	if d := deliveries[1]; d["duplicate"] != true || d["duplicateOf"] != deliveries[0]["id"] || d["duplicateAnswered"] != true {
		t.Errorf("the duplicate says %v of %v, answered %v", d["duplicate"], d["duplicateOf"], d["duplicateAnswered"])
	}
	if d := deliveries[2]; d["bodyBase64"] != "//4=" || d["eventType"] != "" || d["eventId"] != "" {
		t.Errorf("bytes that are not UTF-8: %v", d)
	}
	if d := deliveries[3]; d["path"] != "/a?b=c" || d.sub("verdict")["ok"] != false || d["eventType"] != "card.activated" {
		t.Errorf("the refused one: %v", d)
	}
}
