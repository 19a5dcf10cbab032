package e2e

// whctl check on a receiver that accepts no right event: that is said once, with what it probably comes from.

import (
	"bytes"
	"strings"
	"testing"
)

// TestCheckSaysOnceWhatIsInTheWay counts failures and skipped cases as before, and explains one.
func TestCheckSaysOnceWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	rc := &receiver{wiring: wirings()[0]}
	url := rc.serve(t)
	w := newWorld(t)
	w.setenv("WRONG=another key than that of the receiver")
	for name, c := range map[string]struct {
		args  string
		code  int
		words []string
	}{
		"key":     {url + "/hooks --secret-env WRONG", 3, []string{"✗ the receiver accepts no right event: it answers 401 Unauthorized to a plain one\n", "why   its key or its scheme is probably another one", "for that alone"}},
		"scheme":  {url + "/hooks --scheme github --secret-file " + w.path("key"), 3, []string{"its key or its scheme", "again whctl send ping --to "}},
		"path":    {url + "/hook --secret-file " + w.path("key"), 3, []string{"it answers 404 Not Found", "there is probably no POST at this URL"}},
		"port":    {closedPort(t) + " --secret-file " + w.path("key"), 6, []string{"the receiver gives no answer: connection refused", "fix   start the program that should listen on"}},
		"nothing": {url + "/hooks --only signature --secret-env WRONG", 3, []string{"accepts no right event", "skipped; "}},
		"one":     {url + "/hooks --only headers-lower --secret-env WRONG", 3, []string{"accepts no right event", "1 failed\n"}},
	} {
		r := w.must(c.code, append([]string{"check", "--skip", "load,repeat,transport,input,time"}, strings.Fields(c.args)...)...)
		for _, words := range c.words {
			if !strings.Contains(r.out, words) {
				t.Errorf("%s: %q is not in\n%s", name, words, r.out)
			}
		}
		if strings.Count(r.out, "✗") != 1 || strings.Count(r.out, "fix ") != 1 || strings.Contains(r.out, "answer 2xx once the event is stored") {
			t.Errorf("%s: it is not said once:\n%s", name, r.out)
		}
	}
	v := jsonOf[object](t, w.must(3, "check", url+"/hooks", "--secret-env", "WRONG", "--skip", "load,repeat,transport,input,time", "--format", "json"))
	follow, skipped := 0, 0
	for _, c := range v.list("cases") {
		if c["follows"] == true {
			follow++
		}
		if strings.Contains(c.str("detail"), "which proves nothing: the receiver refuses right events too") {
			skipped++
		}
	}
	if o := v.sub("summary").sub("obstacle"); o.str("why") == "" || !strings.HasPrefix(o.sub("repeat").str("send"), "whctl send ") || follow < 15 || skipped < 10 {
		t.Errorf("%d follow, %d skipped, %v", follow, skipped, o)
	}
}

// TestCheckOfOneRefusedType: a receiver that accepts some right event has no obstacle.
func TestCheckOfOneRefusedType(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := newTarget(t, func(m message) string {
		if bytes.Contains(m.body, []byte(`"card.activated"`)) {
			return okAnswer
		}
		return "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
	})
	r := w.must(3, "check", to.addr, "--secret-file", w.path("key"), "--only", "accept")
	if strings.Contains(r.out, "no right event") || !strings.Contains(r.out, "✗ fail  valid.kyc.status.changed") || !strings.Contains(r.out, "✓ pass  valid.card.activated") {
		t.Error(r.out)
	}
}

// TestCheckListsTheNamesOfItsReport: those of the scheme's own events.
func TestCheckListsTheNamesOfItsReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := okTarget(t)
	for _, flags := range []string{"", "--scheme github", "--type card.activated"} {
		more := strings.Fields(flags)
		var listed, ran []string
		for _, c := range jsonOf[[]object](t, w.must(0, append([]string{"check", "--list", "-o", "json"}, more...)...)) {
			listed = append(listed, c.str("id"))
		}
		for _, c := range jsonOf[object](t, w.must(3, append([]string{"check", to.addr, "--secret-file", w.path("key"), "--skip", "load,repeat,transport,input,time", "-o", "json"}, more...)...)).list("cases") {
			ran = append(ran, c.str("id"))
		}
		if a, b := strings.Join(listed, " "), strings.Join(ran, " "); a != b || !strings.Contains(a, " body-spaces ") {
			t.Errorf("%s: listed\n%s\nand ran\n%s", flags, a, b)
		}
	}
	if r := w.must(0, "check", "--list", "--scheme", "auto"); !strings.Contains(r.out, "valid.whctl.check") {
		t.Error(r.out)
	}
}
