package e2e

// whctl check: its report, its options, and receivers that behave badly.

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// broken is a receiver that says what a function writes.
func broken(t *testing.T, answer func(c net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the test
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					answer(c)
				}
			}()
		}
	}()
	return l.Addr().String()
}

// A receiver that does not answer as HTTP asks for ends in a clear report, in bounded time.
func TestCheckBoundsBadReceivers(t *testing.T) {
	t.Parallel()
	until := make(chan struct{})
	t.Cleanup(func() { close(until) })
	for name, answer := range map[string]func(net.Conn){
		"dies":    func(net.Conn) {},
		"garbage": func(c net.Conn) { _, _ = c.Write([]byte("\x00\xff\x1b[2Jhello\n")) },
		"silent":  func(net.Conn) { <-until },
		"endless": func(c net.Conn) {
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
			for {
				if _, err := c.Write(make([]byte, 1<<10)); err != nil {
					return
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			began := time.Now()
			r := w.must(6, "check", broken(t, answer), "--secret-file", w.path("key"), "--timeout", "300ms")
			if took := time.Since(began); took > patience/3 {
				t.Errorf("it took %s", took)
			}
			if !strings.Contains(r.out, "no answer") || !strings.Contains(r.out, "3 failed") || strings.Contains(r.out, "\x1b[2J") || !strings.Contains(r.err, "hint: ") {
				t.Errorf("%s%s", r.out, r.err)
			}
		})
	}
	t.Run("redirect", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		s := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/", http.StatusFound))
		t.Cleanup(s.Close)
		r := w.must(3, "check", s.URL, "--secret-file", w.path("key"), "--skip", "time,load")
		if !strings.Contains(r.out, "it answers 302 Found to a plain one") {
			t.Error(r.out)
		}
	})
}

// TestCheckReports compares what is printed in each form with what was found.
func TestCheckReports(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rc := &receiver{wiring: wirings()[0], fault: "500 on bad JSON"}
	url := rc.serve(t) + "/hooks"
	args := []string{"check", url, "--secret-file", w.path("key"), "--only", "input,body-changed,https"}
	if r := w.must(3, args...); !strings.Contains(r.out, "✗ fail  json-invalid") || !strings.Contains(r.out, "again printf %s") || !strings.Contains(r.out, "6 passed, 5 failed, 1 skipped") {
		t.Error(r.out)
	}
	v := jsonOf[object](t, w.must(3, append(args, "--format", "json")...))
	if s := v.sub("summary"); s.num("pass") != 6 || s.num("fail") != 5 || s.num("skip") != 1 || s.str("scheme") != "baanx" {
		t.Errorf("%v", s)
	}
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
	}
	if err := xml.Unmarshal([]byte(w.must(3, append(args, "--format", "junit")...).out), &suites); err != nil || suites.Tests != 12 || suites.Failures != 5 {
		t.Errorf("%v, %v", suites, err)
	}
	var log struct {
		Runs []struct {
			Results []struct {
				RuleID string `json:"ruleId"`
			} `json:"results"`
		} `json:"runs"`
	}
	if err := json.Unmarshal([]byte(w.must(3, append(args, "--format", "sarif")...).out), &log); err != nil || len(log.Runs) != 1 || len(log.Runs[0].Results) != 5 || log.Runs[0].Results[0].RuleID != "json-invalid" {
		t.Errorf("%v, %v", log, err)
	}
	w.setenv("GITHUB_STEP_SUMMARY=" + w.path("step.md"))
	r := w.must(3, append(args, "--format", "markdown")...)
	if step, err := os.ReadFile(w.path("step.md")); err != nil || string(step) != r.out || !strings.Contains(r.out, "whctl_check-5_failed-red") || !strings.Contains(r.out, "| fail | `json-invalid` |") {
		t.Errorf("%v: %s", err, r.out)
	}
}

// Known failures do not count, and new ones do.
func TestCheckBaseline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rc := &receiver{wiring: wirings()[0], fault: "500 on bad JSON"}
	url := rc.serve(t) + "/hooks"
	args := []string{"check", url, "--secret-file", w.path("key"), "--only", "input", "--baseline", w.path("known.json")}
	if r := w.must(2, args...); !strings.Contains(r.err, "--baseline-update") {
		t.Error(r.err)
	}
	w.must(3, append(args, "--baseline-update")...)
	text, err := os.ReadFile(w.path("known.json"))
	if want := `"json-invalid"`; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("%s, %v", text, err)
	}
	if r := w.must(0, args...); !strings.Contains(r.out, "known json-invalid") || !strings.Contains(r.out, "known to fail") {
		t.Error(r.out)
	}
	w.write("known.json", strings.ReplaceAll(string(text), `"json-invalid",`, ""))
	if r := w.must(3, args...); !strings.Contains(r.out, "1 failed") {
		t.Error(r.out)
	}
	w.write("known.json", "no")
	w.must(2, args...)
}

// TestCheckRefusesBadOptions before anything is sent.
func TestCheckRefusesBadOptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := okTarget(t)
	for line, words := range map[string]string{
		"check":            "whctl check localhost:3000/hooks",
		"check " + to.addr: "no key",
		"check " + to.addr + " --only signatures":   "did you mean signature?",
		"check " + to.addr + " --type odd.type":     "there are kyc.status.changed, card.activated, transaction.cleared",
		"check " + to.addr + " --skip nope":         "whctl check --list",
		"check " + to.addr + " --format pdf":        "there are text, json",
		"check " + to.addr + " --fail-on never":     "there are fail and warn",
		"check " + to.addr + " --baseline-update":   "--baseline FILE",
		"check " + to.addr + " --probe nosuchthing": "--probe",
		"check " + to.addr + " --probe false":       "--probe fails before anything is sent: exit status 1\n",
		"check " + to.addr + " --scheme nosuch":     "whctl schemes list",
		"check https://198.51.100.7/hooks":          "--yes",
		"check ftp://localhost/":                    "http",
	} {
		args := strings.Fields(line)
		if !strings.Contains(words, "key") && len(args) > 1 {
			args = append(args, "--secret-file", w.path("key"))
		}
		if r := w.must(2, args...); !strings.Contains(r.err, words) {
			t.Errorf("%s: %s", line, r.err)
		}
	}
	if to.count() != 0 {
		t.Errorf("%d requests were sent", to.count())
	}
}

// --skip sends nothing for a case, and --seed makes the same ids.
func TestCheckSendsWhatWasAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bodies := func(more ...string) (ids []string) {
		to := okTarget(t)
		w.run(append([]string{"check", to.addr, "--secret-file", w.path("key"), "--only", "accept", "--skip", "unknown-type,valid.card.activated"}, more...)...)
		for i := range to.count() {
			var v struct {
				ID string `json:"event_id"`
			}
			if err := json.Unmarshal(to.nth(t, i).body, &v); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, v.ID)
		}
		return ids
	}
	first := bodies("--seed", "7")
	if len(first) != 3 || !slices.Equal(first, bodies("--seed", "7")) || slices.Equal(first, bodies("--seed", "8")) || slices.Equal(bodies(), bodies()) {
		t.Errorf("%q", first)
	}
}

// The answers of a receiver may hold anything.
func TestCheckShowsNoRawAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(http.StatusUnauthorized)
		_, _ = rw.Write([]byte("\x1b[2Jkey is " + testKey))
	}))
	t.Cleanup(s.Close)
	r := w.must(3, "check", s.URL, "--secret-file", w.path("key"), "--skip", "time,load")
	if !strings.Contains(r.out, "it answers 401 Unauthorized to a plain one") || !strings.Contains(r.out, "✗ fail  key-disclosed") || strings.Contains(r.out+r.err, testKey) || strings.Contains(r.out, "\x1b") {
		t.Error(r.out)
	}
}
