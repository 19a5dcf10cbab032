package e2e

import (
	"database/sql"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// sound says that a command ended as commands do: with a code of its own, no trace of Go, no number from nowhere.
func (r result) sound(t *testing.T, what string, codes ...int) {
	t.Helper()
	right := false
	for _, code := range codes {
		right = right || r.code == code
	}
	for _, bad := range []string{"goroutine", "whctl has a bug", "stack exceeds", "panic", "NaN", "Inf", "%!"} {
		right = right && !strings.Contains(r.out+r.err, bad)
	}
	if !right {
		t.Errorf("%s: exit code %d, want one of %v\n%.2000s%.2000s", what, r.code, codes, r.out, r.err)
	}
}

// TestExtremeSignedTimes verifies, explains and records requests whose right signature covers a time of any year.
func TestExtremeSignedTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen()
	for _, ts := range []string{
		"253402300799", "253402300800", "0", "1", "-1", "-62135596800", "99999999999999999", "999999999999999999", "9223372036854775807",
		"-9223372036854775808", "18446744073709551616", "1e300", "nan", "-0", "00000000000000001",
	} {
		body := []byte("{}")
		raw := request("POST", "/", "X-Timestamp: "+ts+"\r\nX-Signature: "+hmacHex(testKey, []byte(ts), []byte("."), body)+"\r\n", body)
		if m := exchange(t, l.addr, raw); m.status != 401 {
			t.Errorf("a delivery signed at %s is answered %d", ts, m.status)
		}
		l.await("delivery")
		file := w.write("r.http", string(raw))
		stripe := w.write("s.http", "POST / HTTP/1.1\r\nHost: x\r\nStripe-Signature: t="+ts+",v1="+hmacHex(testKey, []byte(ts), []byte("."), body)+"\r\n\r\n{}")
		for _, line := range []string{
			"verify --request " + file, "verify --ignore-time --request " + file, "verify -o yaml --request " + file, "verify --at 9999-12-31T23:59:59Z --request " + file,
			"verify --at 0 --request " + file, "verify --tolerance 2562047h --request " + file, "verify --scheme stripe --request " + stripe,
			"verify --scheme stripe --ignore-time --request " + stripe, "verify --scheme auto --request " + stripe,
		} {
			r := w.run(append(strings.Fields(line), "--secret-file", "key")...)
			r.sound(t, ts+": "+line, 0, 3)
			if strings.Contains(r.out, "--tolerance -") || strings.Contains(r.out, "106751 d in") && !strings.Contains(r.out, "more than") {
				t.Errorf("%s: whctl %s says\n%s", ts, line, r.out)
			}
		}
		w.run("journal", "show", "last").sound(t, ts+": journal show", 0)
		w.run("why", "--secret-file", "key").sound(t, ts+": why", 0, 3)
	}
	l.stop()
}

// TestZonesBeyondTheYears has times in RFC 3339 whose zone moves them out of the years that there are.
func TestZonesBeyondTheYears(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("own.yaml", "schemes:\n  own:\n    content: '{timestamp}.{body}'\n    signature: {header: X-Sig}\n    timestamp: {header: X-Time, unit: rfc3339}\n")
	l := w.listen("--config", w.path("own.yaml"), "--scheme", "own")
	for _, ts := range []string{
		"9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59", "0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
		"10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z",
	} {
		body := []byte("{}")
		m := exchange(t, l.addr, request("POST", "/", "X-Time: "+ts+"\r\nX-Sig: "+hmacHex(testKey, []byte(ts), []byte("."), body)+"\r\n", body))
		if m.status != 401 {
			t.Errorf("%s is answered %d", ts, m.status)
		}
		d := l.await("delivery")
		for _, format := range []string{"text", "json", "yaml"} {
			w.run("journal", "show", d.str("id"), "-o", format).sound(t, ts, 0)
			w.run("journal", "list", "-o", format).sound(t, ts, 0)
		}
	}
	l.stop()
}

// TestExtremeJournal reads a journal into which another program wrote any number.
func TestExtremeJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	l := w.listen("--forward", tg.addr)
	exchange(t, l.addr, delivery(event("1")))
	l.await("attempt")
	l.stop()
	db, err := sql.Open("sqlite", w.path("data/journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, n := range []string{"-9223372036854775808", "9223372036854775807", "0", "-1", "253402300800"} {
		for _, change := range []string{
			"UPDATE attempts SET duration = N", "UPDATE attempts SET status = N, answer = N", "UPDATE attempts SET body_size = N", "UPDATE attempts SET number = N",
			"UPDATE attempts SET started_at = N", "UPDATE deliveries SET size = N", "UPDATE deliveries SET skew = N", "UPDATE deliveries SET answer = N",
			"UPDATE deliveries SET key_index = N", "UPDATE deliveries SET signed_at = 'N.0'", "UPDATE deliveries SET received_at = N",
		} {
			change = strings.NewReplacer("= N", "= "+n, "'N", "'"+n).Replace(change)
			if _, err := db.ExecContext(t.Context(), change); err != nil {
				t.Fatalf("%s: %v", change, err)
			}
		}
		for _, format := range []string{"text", "json", "yaml"} {
			for _, line := range []string{"journal show last", "journal list", "journal list --bodies", "why last --secret-file key"} {
				w.run(append(strings.Fields(line), "-o", format)...).sound(t, n+": "+line+" -o "+format, 0, 3)
			}
		}
	}
}

// TestExtremeAnswers asks APIs and sandboxes that lie about every number.
func TestExtremeAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var now atomic.Pointer[extreme]
	now.Store(&extreme{number: "0"})
	w.use(newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
		sendJSON(rw, 200, strings.NewReplacer("NUM", now.Load().number, "TIME", now.Load().at).Replace(extremeAnswer(r)))
	}))
	for _, n := range []string{"144115188075855872", "-9223372036854775808", "9223372036854775807", "1e300", "-0", "-1", "0.5", "1e-300"} {
		for _, when := range []string{"0001-01-01T00:00:01.000Z", "9999-12-31T23:59:59.999-23:59", "0000-01-01T00:00:00+23:59", "2026-03-04T09:15:00.000Z", "10000-01-01T00:00:00Z", ""} {
			now.Store(&extreme{n, when})
			for _, line := range []string{
				"webhooks logs " + webhookID, "events logs " + eventID, "events list", "events get " + eventID, "webhooks get " + webhookID, "webhooks list",
				"sandbox advance 1s", "sandbox status", "sandbox advance 1s -o json", "sandbox status -o yaml", "webhooks logs " + webhookID + " -o yaml",
			} {
				w.run(strings.Fields(line)...).sound(t, n+" "+when+": "+line, 0, 5)
			}
		}
	}
}

// extreme is what an API says of every number and every time.
type extreme struct{ number, at string }

func extremeAnswer(r *http.Request) string {
	hook := `{"id":"` + webhookID + `","name":"n","url":"http://x/","apiKey":"whk_****","eventTypes":["*"],"isActive":true,"metadata":{"n":NUM},"createdAt":"TIME","updatedAt":"TIME"}`
	event := `{"id":"e","eventId":"` + eventID + `","eventType":"card.activated","status":"failed","payload":{"n":NUM},"createdAt":"TIME","processedAt":"TIME","queuedAt":"TIME"}`
	log := `{"id":"l","eventId":"e","webhookId":"w","attemptNumber":NUM,"requestUrl":"u","responseStatus":NUM,"deliveryStatus":"success","durationMs":NUM,"createdAt":"TIME","nextRetryAt":"TIME"}`
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/_sandbox/advance"):
		return `{"now":"TIME","attempts":NUM,"completed":NUM,"failed":NUM,"queued":NUM,"nextAt":"2026-03-04T09:15:00.000Z"}`
	case strings.Contains(path, "/_sandbox/"):
		return `{"now":"TIME","offsetMs":NUM,"scheme":"baanx","scheduleSeconds":[NUM,1e300,-1e300,-0,1e-300],"webhooks":[],"events":{"failed":NUM},
			"queue":[{"eventId":"e","attempt":NUM,"dueAt":"2026-03-04T09:15:00.000Z"}],"queued":NUM,"chaos":"drop=1","seed":1}`
	case strings.HasSuffix(path, "/logs") && strings.Contains(path, "/events/"):
		return `{"event":` + event + `,"logs":[` + log + `,` + log + `]}`
	case strings.HasSuffix(path, "/logs"):
		return `{"count":NUM,"logs":[` + log + `]}`
	case strings.HasSuffix(path, "/events"):
		return `{"total":NUM,"events":[` + event + `]}`
	case path == "/v1/webhooks":
		return "[" + hook + "]"
	default:
		return hook
	}
}

// TestExtremeSettings gives schemes and settings numbers that no duration can hold: each is refused, or taken as it is.
func TestExtremeSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body", "{}")
	for _, n := range []string{".nan", ".inf", "-.inf", "1e300", "-1", "-0", "9223372036854775807", "1e9", "0", "0x7fffffffffffffff", "1e-300"} {
		for _, field := range []string{"answer_timeout: N", "retry: [N, N]", "timestamp: {header: X-Time, tolerance: N}"} {
			w.write("own.yaml", "schemes:\n  own:\n    content: '{body}'\n    signature: {header: X-Sig}\n    "+strings.ReplaceAll(field, "N", n)+"\n")
			for _, line := range []string{"schemes show own", "schemes show own -o json", "sign body --scheme own --secret-file key", "sandbox --addr 127.0.0.1:0 --for 1ms --scheme own"} {
				r := w.run(append(strings.Fields(line), "--config", "own.yaml")...)
				if strings.Contains(n, "nan") || strings.Contains(n, "inf") { // which the answer may quote
					r.out, r.err = strings.NewReplacer("Inf", "", "NaN", "").Replace(r.out), strings.NewReplacer("Inf", "", "NaN", "").Replace(r.err)
				}
				r.sound(t, field+" "+n+": "+line, 0, 2)
			}
		}
		for _, field := range []string{"timeout: N", "tolerance: N", "max_body: N"} {
			w.write("listen.yaml", "listen:\n  "+strings.ReplaceAll(field, "N", n)+"\n")
			r := w.run("listen", "--addr", "127.0.0.1:0", "--for", "1ms", "--secret-file", "key", "--config", "listen.yaml")
			r.err = strings.NewReplacer("Inf", "", "NaN", "").Replace(r.err)
			r.sound(t, field+" "+n, 0, 2)
		}
	}
}

// TestSandboxClockStaysInReach moves a sandbox's clock as often as it will go.
func TestSandboxClockStaysInReach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	for i := 1; ; i++ {
		r := w.run("sandbox", "advance", "8784h", "-o", "json")
		if r.code != 0 {
			if r.code != 5 || !strings.Contains(r.err, "whctl sandbox reset") || i < 100 {
				t.Errorf("advance %d: %d %s", i, r.code, r.err)
			}
			break
		}
		now, err := time.Parse(time.RFC3339Nano, jsonOf[object](t, r).str("now"))
		if err != nil || time.Until(now) < time.Duration(i)*8783*time.Hour || i > 100 {
			t.Fatalf("advance %d: the clock says %s", i, r.out)
		}
	}
	if r := w.must(0, "sandbox", "status"); !strings.Contains(r.out, "36600 d ahead") {
		t.Error(r.out)
	}
	w.must(0, "sandbox", "reset")
	w.must(0, "sandbox", "advance", "1h")
	for _, clock := range []int64{-1 << 63, 1<<63 - 1, 1 << 57, 3_162_240_000_001} {
		w.write("state", `{"head":{"whctlSandbox":1,"scheme":"baanx","nextSeq":0,"nextOrd":0}}`+"\n{\"clock\":"+strconv.FormatInt(clock, 10)+"}\n")
		r := w.run("sandbox", "--addr", "127.0.0.1:0", "--for", "1ms", "--data", "state")
		if r.sound(t, fmt.Sprint(clock), 7); !strings.Contains(r.err, "more than a hundred years off") {
			t.Errorf("%d: %s", clock, r.err)
		}
	}
}
