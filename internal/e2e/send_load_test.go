package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// sendLoad runs whctl send with the test key and gives its summary.
func (w *world) sendLoad(code int, what, to string, args ...string) object {
	w.t.Helper()
	args = append([]string{"send", what, "--to", to, "--secret-file", w.path("key"), "-q", "-o", "json"}, args...)
	return jsonOf[object](w.t, w.must(code, args...))
}

// ids gives how often each event id came, and checks that each request is signed with the test key, as of now.
func (tg *target) ids(t *testing.T) map[string]int {
	t.Helper()
	tg.mu.Lock()
	defer tg.mu.Unlock()
	found := map[string]int{}
	for _, m := range tg.got {
		stamp := m.value("X-Timestamp")
		if signed := hmacHex(testKey, []byte(stamp+"."), m.body); signed != m.value("X-Signature") {
			t.Fatalf("%s is not signed so: %q", m.body, m.head)
		}
		if at, err := strconv.ParseInt(stamp, 10, 64); err != nil || time.Since(time.Unix(at, 0)).Abs() > patience {
			t.Errorf("signed at %q", stamp)
		}
		var e struct {
			ID string `json:"event_id"`
		}
		if err := json.Unmarshal(m.body, &e); err != nil {
			t.Fatal(err)
		}
		found[e.ID]++
	}
	return found
}

// TestLoadSignsEachDelivery: each has an event id of its own, and a time and a signature of its own. With --same-id all have one id.
func TestLoadSignsEachDelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body.json", `{ "event_id":"order-1", "event_type":"card.activated", "n":1.0 }`)
	for _, c := range []struct {
		what string
		args []string
		ids  int
	}{
		{"card.activated", nil, 60},
		{"card.activated", []string{"--rate", "300"}, 60},
		{"card.activated", []string{"--same-id"}, 1},
		{"card.activated", []string{"--id", "mine"}, 1},
		{"./body.json", nil, 60},
		{"./body.json", []string{"--same-id"}, 1},
	} {
		tg := okTarget(t)
		s := w.sendLoad(0, c.what, tg.addr, append(c.args, "--count", "60", "--concurrency", "8")...)
		if ids := tg.ids(t); len(ids) != c.ids || tg.count() != 60 {
			t.Errorf("%s %q: %d ids in %d requests", c.what, c.args, len(ids), tg.count())
		}
		if s.num("sent") != 60 || s.num("accepted") != 60 || s.sub("statuses").num("200") != 60 || s.sub("latencyMs").num("count") != 60 {
			t.Errorf("%s %q: %v", c.what, c.args, s)
		}
		if body := string(tg.nth(t, 59).body); c.what == "./body.json" && (!strings.HasPrefix(body, `{ "event_id":"order-`) || !strings.HasSuffix(body, `", "event_type":"card.activated", "n":1.0 }`)) {
			t.Errorf("the file went out as %s", body)
		}
	}
}

// TestLoadOfOtherSchemes sends loads whose ids stand in headers and bodies. What is spoiled stays so.
func TestLoadOfOtherSchemes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for scheme, typ := range map[string]string{"standard-webhooks": "contact.created", "github": "push", "stripe": "invoice.paid", "mailgun": "delivered"} {
		tg := okTarget(t)
		key := testKey
		if scheme == "standard-webhooks" {
			key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
		}
		w.write("other", key)
		for _, args := range [][]string{{}, {"--tamper", "signature"}} {
			w.must(0, append([]string{"send", typ, "--scheme", scheme, "--to", tg.addr, "--secret-file", w.path("other"), "--count", "5", "-q"}, args...)...)
		}
		seen := map[string]bool{}
		for i := range 10 {
			m := tg.nth(t, i)
			if r := w.verifies(m, scheme, key); (r.code == 0) != (i < 5) {
				t.Errorf("%s, request %d: %s", scheme, i, r.out)
			}
			seen[m.value("Webhook-Id")+m.value("X-GitHub-Delivery")+string(m.body)] = true
		}
		if len(seen) != 10 {
			t.Errorf("%s: %d of 10 differ", scheme, len(seen))
		}
	}
}

// TestLoadKeepsItsSchedule: what is due in the time is sent, or counted as not sent.
func TestLoadKeepsItsSchedule(t *testing.T) {
	t.Parallel()
	w, tg := newWorld(t), okTarget(t)
	s := w.sendLoad(0, "card.activated", tg.addr, "--rate", "200/s", "--duration", "2s")
	if sent := s.num("sent"); sent+s.num("notSent") != 400 || sent < 300 || tg.count() != sent || s.num("askedRate") != 200 || s.num("rate") < 150 || s.num("rate") > 201 {
		t.Errorf("%v, and %d came", s, tg.count())
	}
	if s := w.sendLoad(0, "card.activated", tg.addr, "--rate", "6000/m", "--duration", "1h", "--count", "50"); s.num("sent") != 50 || s.num("tookMs") < 480 {
		t.Errorf("%v", s)
	}
}

// TestLoadOnBadReceivers: each kind of failure is counted under its name, and none holds the command up.
func TestLoadOnBadReceivers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	endless := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := rw.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	}))
	t.Cleanup(endless.Close)
	answers := func(raw string) string { return newTarget(t, func(message) string { return raw }).addr }
	for name, c := range map[string]struct {
		to, cause string
		code      int
		says      string
	}{
		"closed port":    {closedPort(t), "refused", 6, "connection refused"},
		"silent":         {answers(""), "timeout", 6, "no answer in 400ms"},
		"garbage":        {answers("SSH-2.0-OpenSSH_9.6\r\n"), "not_http", 6, "SSH-2.0"},
		"half an answer": {answers("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhalf"), "cut", 6, "before the answer was complete"},
		"endless":        {endless.URL, "cut", 6, " after 400ms, and no end"},
	} {
		began := time.Now()
		r := w.must(c.code, "send", "card.activated", "--to", c.to, "--secret-file", w.path("key"), "--count", "12", "--concurrency", "4", "--timeout", "400ms", "-o", "json")
		s := jsonOf[object](t, r)
		causes, _ := s["causes"].([]any)
		if len(causes) != 1 || s.num("errors") != 12 || s.num("sent") != 12 {
			t.Errorf("%s: %v", name, s)
			continue
		}
		cause, _ := causes[0].(map[string]any)
		if one := object(cause); one.str("cause") != c.cause || one.num("count") != 12 || !strings.Contains(one.str("error"), c.says) {
			t.Errorf("%s: %v", name, one)
		}
		if !strings.Contains(r.err, "12 of 12 deliveries had no answer") || !strings.Contains(r.err, c.says) {
			t.Errorf("%s says %q", name, r.err)
		}
		if took := time.Since(began); took > patience/2 {
			t.Errorf("%s took %s", name, took)
		}
	}
	moved := newTarget(t, func(message) string { return answerOf("301 Moved", "Location: /elsewhere\r\n", "") })
	if s := w.sendLoad(5, "card.activated", moved.addr, "--count", "12"); s.num("refused") != 12 || s.sub("statuses").num("301") != 12 || moved.count() != 12 {
		t.Errorf("a redirect: %v, and %d came", s, moved.count())
	}
}

// TestLoadOutlivesItsReceiver: a receiver that dies in the middle is told of.
func TestLoadOutlivesItsReceiver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var n atomic.Int64
	var made atomic.Pointer[target]
	tg := newTarget(t, func(message) string {
		if at := made.Load(); n.Add(1) >= 50 && at != nil {
			_ = at.ln.Close()
		}
		if n.Load() >= 50 {
			return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
		}
		return okAnswer
	})
	made.Store(tg)
	s := w.sendLoad(6, "card.activated", tg.addr, "--count", "200", "--concurrency", "4")
	if s.num("accepted") < 50 || s.num("errors") < 100 || s.num("accepted")+s.num("errors") != 200 || s.num("sent") != 200 {
		t.Errorf("%v", s)
	}
}

// TestLoadEnds: the worst of what came decides, a condition that holds ends with 3, and one about errors or refusals decides in their
// place.
func TestLoadEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var n atomic.Int64
	mixed := newTarget(t, func(message) string {
		if n.Add(1)%4 == 0 {
			return answering(http.StatusInternalServerError)
		}
		return okAnswer
	})
	ok := okTarget(t)
	for _, c := range []struct {
		to   string
		args []string
		code int
	}{
		{ok.addr, nil, 0},
		{ok.addr, []string{"--fail-if", "p99>1m", "--fail-if", "errors>0"}, 0},
		{ok.addr, []string{"--fail-if", "p50>0.001ms"}, 3},
		{ok.addr, []string{"--fail-if", "sent<1000"}, 3},
		{ok.addr, []string{"--expect", "refused"}, 3},
		{ok.addr, []string{"--expect", "200"}, 0},
		{mixed.addr, nil, 5},
		{mixed.addr, []string{"--fail-if", "p99>1m"}, 5},
		{mixed.addr, []string{"--fail-if", "refused>30%"}, 0},
		{mixed.addr, []string{"--fail-if", "refused>20%"}, 3},
		{mixed.addr, []string{"--expect", "2xx,500"}, 0},
		{mixed.addr, []string{"--expect", "2xx"}, 3},
		{closedPort(t), nil, 6},
		{closedPort(t), []string{"--fail-if", "p99>1m"}, 3},
		{closedPort(t), []string{"--fail-if", "errors>100%"}, 0},
		{closedPort(t), []string{"--expect", "2xx"}, 6},
	} {
		r := w.run(append([]string{"send", "card.activated", "--to", c.to, "--secret-file", w.path("key"), "--count", "40", "--concurrency", "4"}, c.args...)...)
		if r.code != c.code {
			t.Errorf("%q: exit code %d, want %d: %s%s", c.args, r.code, c.code, r.out, r.err)
		}
		if mark := "40 sent in "; !strings.Contains(r.out, mark) || c.code == 3 && !strings.Contains(r.err, "\nhint: ") {
			t.Errorf("%q: %s%s", c.args, r.out, r.err)
		}
	}
}

// TestLoadIsStopped: ^C prints the summary so far and ends with 130, also where nothing answers.
func TestLoadIsStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, answer := range map[string]string{"answering": okAnswer, "silent": ""} {
		tg := newTarget(t, func(message) string { return answer })
		p := w.spawn("send", "card.activated", "--to", tg.addr, "--secret-file", w.path("key"), "--duration", "1h", "--concurrency", "5", "-o", "json")
		if !eventually(func() bool { return tg.count() >= 5 }) {
			t.Fatalf("nothing came: %s", p.errs)
		}
		p.interrupt()
		if code := p.wait(); code != 130 {
			t.Errorf("%s: exit code %d", name, code)
		}
		s, ok := <-p.lines
		if !ok || s["stopped"] != true || s.num("sent") < 5 || s.num("sent") != s.num("accepted")+s.num("unfinished") || name == "silent" && s.num("unfinished") != 5 {
			t.Errorf("%s: %v", name, s)
		}
		if !strings.Contains(p.errs.String(), "stopped after ") {
			t.Errorf("%s: %s", name, p.errs)
		}
	}
}

// TestLoadRefuses says what is wrong before anything is sent.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	w, tg := newWorld(t), okTarget(t)
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--rate", "10"}, "--rate is of a load"},
		{[]string{"--concurrency", "10"}, "--concurrency is of a load"},
		{[]string{"--same-id"}, "--same-id is of a load"},
		{[]string{"--fail-if", "p99>1ms"}, "--fail-if is of a load"},
		{[]string{"--count", "0"}, "--count must be from 1"},
		{[]string{"--count", "-1"}, "--count must be from 1"},
		{[]string{"--count", "1000000000"}, "--count must be from 1"},
		{[]string{"--duration", "0s"}, "--duration must be more than 0"},
		{[]string{"--duration", "2d"}, "--duration must be more than 0, and at most"},
		{[]string{"--count", "1", "--concurrency", "0"}, "--concurrency must be from 1 to 1000"},
		{[]string{"--count", "1", "--concurrency", "1001"}, "--concurrency must be from 1 to 1000"},
		{[]string{"--count", "1", "--rate", "0"}, "is not a rate"},
		{[]string{"--count", "1", "--rate", "100001"}, "--rate must be at most 100000/s"},
		{[]string{"--count", "1", "--rate", "1e12"}, "--rate must be at most 100000/s"},
		{[]string{"--count", "1", "--timeout", "0"}, "a load needs a --timeout"},
		{[]string{"--count", "1", "--fail-if", "p98>1ms"}, "no figure of a load"},
		{[]string{"--count", "1", "--fail-if", "p99>250"}, "no duration"},
		{[]string{"--count", "1", "--fail-if", "rate<99%"}, "there is none"},
		{[]string{"--count", "1", "-o", "nonsense"}, "unknown --output"},
		{[]string{"--count", "1", "--set", "=1"}, "--set"},
	} {
		r := w.must(2, append([]string{"send", "card.activated", "--to", tg.addr, "--secret-file", w.path("key")}, c.args...)...)
		if !strings.Contains(r.err, c.says) || r.out != "" {
			t.Errorf("%q says %q", c.args, r.err)
		}
	}
	w.must(2, "send", "push", "--scheme", "gitlab", "--to", tg.addr, "--secret", "a-token", "--count", "5", "--tamper", "body")
	r := w.must(2, "send", "card.activated", "--to", "http://192.0.2.1/hooks", "--secret-file", w.path("key"), "--count", "5")
	if !strings.Contains(r.err, "confirmation") || !strings.Contains(r.err, "--yes") || r.out != "" {
		t.Errorf("%q", r.err)
	}
	if tg.count() != 0 {
		t.Errorf("%d were sent", tg.count())
	}
}

// TestLoadWaits for the port to open before its clock starts.
func TestLoadWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if r := w.run("send", "card.activated", "--to", closedPort(t), "--secret-file", w.path("key"), "--wait", "200ms", "--count", "3"); r.code != 6 || !strings.Contains(r.err, "3 of 3 deliveries had no answer") {
		t.Errorf("%d: %s", r.code, r.err)
	}
	tg := okTarget(t)
	if s := w.sendLoad(0, "card.activated", tg.addr, "--wait", "60s", "--count", "3"); s.num("accepted") != 3 || tg.count() != 3 {
		t.Errorf("%v, and %d came", s, tg.count())
	}
}

// TestLoadText: people see the answers, the errors, the latencies and what the limit was.
func TestLoadText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var n atomic.Int64
	slow := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		timer := time.NewTimer(50 * time.Millisecond)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		}
		if n.Add(1)%10 == 0 {
			rw.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(slow.Close)
	r := w.must(5, "send", "card.activated", "--to", slow.URL+"/hooks", "--secret-file", w.path("key"), "--count", "40", "--rate", "200", "--concurrency", "2")
	for _, words := range []string{
		"✗ 40 sent in ", "/s of 200/s asked  card.activated  393 B  " + slow.URL + "/hooks\n", fmt.Sprintf("%8d  200 OK\n", 36), fmt.Sprintf("%8d  401 Unauthorized\n", 4),
		"latency  p50 ", ", from when each was due\n", "limit    all 2 connections were busy: ", "--concurrency has more at once",
	} {
		if !strings.Contains(r.out, words) {
			t.Errorf("no %q in\n%s", words, r.out)
		}
	}
	s := w.sendLoad(5, "card.activated", slow.URL, "--count", "40", "--rate", "200", "--concurrency", "2")
	if s.str("limit") != "connections" || s.sub("late").num("count") < 20 || s.sub("latencyMs").num("p90") < 400 {
		t.Errorf("%v", s)
	}
}
