package e2e

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// plantedValues are what no file and no output may have.
func plantedValues() []string {
	return []string{
		"4111111111111111", "4111-1111-1111-1111", "5500 0000 0000 0004", "378282246310005", "6011000990139424", "jane.doe@example.com", "jane.doe%40example.com", "target@example.org",
		"mF_9.B5f-4.1JqM", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "Johanna Doe", base64.StdEncoding.EncodeToString([]byte("jane.doe@example.com")),
	}
}

// plantedBody holds them in a body.
func plantedBody() []byte {
	return []byte(`{"event_id":"evt_6011000990139424","event_type":"card.jane.doe@example.com","card":"4111-1111-1111-1111","n":4111111111111111,"amex":378282246310005,` +
		`"holder":{"name":"Johanna Doe"},"mail":"jane.doe\u0040example.com","token":"ghp_16C7e42F292c6912E7710c838347Ae178B4a","list":["5500 0000 0000 0004"],` +
		`"data":"` + base64.StdEncoding.EncodeToString([]byte("jane.doe@example.com")) + `"}`)
}

// plantedRequest holds them in headers and path too.
func plantedRequest(body []byte, signature string) []byte {
	return request("POST", "/hooks?mail="+url.QueryEscape("jane.doe@example.com")+"&card=4111111111111111", "Content-Type: application/json\r\nX-Holder: Johanna Doe\r\nX-Mail: jane.doe@example.com\r\n"+
		"X-Token: Bearer mF_9.B5f-4.1JqM\r\n"+signature, body)
}

// leaks are the planted values that stand in the files of a folder or in some outputs.
func leaks(t *testing.T, dir string, outputs ...string) (found []string) {
	t.Helper()
	look := func(where string, b []byte) {
		for _, value := range plantedValues() {
			if bytes.Contains(b, []byte(value)) {
				found = append(found, value+" in "+where)
			}
		}
	}
	size := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		size += len(b)
		look(path, b)
		return err
	})
	if err != nil || size == 0 {
		t.Fatalf("%d bytes of files, %v", size, err)
	}
	for _, out := range outputs {
		look("an output", []byte(out))
	}
	return found
}

// TestScrubLeavesNothing plants values in deliveries that are taken, refused and answered with them, kills the listener, and looks
// through every file and output. The target has been given what came.
func TestScrubLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	data := t.TempDir()
	w.setenv("WHCTL_DATA_DIR=" + data)
	tg := newTarget(t, func(message) string {
		return answerOf("400 Bad Request", "X-Echo: Johanna Doe, 4111111111111111\r\nLocation: /?mail=jane.doe@example.com\r\n", "no such holder: Johanna Doe, target@example.org, 378282246310005")
	})
	p := w.listen("--scrub", "all", "--scrub", "json:holder.name", "--forward", tg.addr, "--debug")
	body := plantedBody()
	first := exchange(t, p.addr, plantedRequest(body, signedHeader(testKey, time.Now(), body)))
	again := exchange(t, p.addr, plantedRequest(body, signedHeader(testKey, time.Now(), body)))
	refused := exchange(t, p.addr, plantedRequest(body, signedHeader("another key", time.Now(), body)))
	if first.status != 400 || again.status != 400 || refused.status != 401 || !strings.Contains(string(first.body), "Johanna Doe") {
		t.Fatalf("answered %d with %q, %d, %d", first.status, first.body, again.status, refused.status)
	}
	if got := tg.nth(t, 0); !bytes.Equal(got.body, body) || !strings.Contains(got.start, "jane.doe%40example.com") || got.value("X-Holder") != "Johanna Doe" {
		t.Errorf("the target got %s %q %s", got.start, got.head, got.body)
	}
	attempts := 0
	for attempts < 2 {
		p.await("attempt")
		attempts++
	}
	p.await("diagnosis")
	if errs := p.errs.String(); !strings.Contains(errs, "debug: < X-Mail: ") || strings.Contains(errs, "jane") || strings.Contains(errs, "4111") {
		t.Errorf("--debug shows %s", errs)
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.done
	list := jsonOf[[]object](t, w.must(0, "journal", "list", "--bodies", "-o", "json"))
	if len(list) != 3 || list[1]["duplicate"] != true || list[1].str("eventId") != list[2].str("eventId") || list[2].num("scrubbed") < 10 {
		t.Errorf("recorded %v", list)
	}
	for _, d := range list {
		if d.str("bodySha256") == "" || d["bodyDamaged"] == true || d["truncated"] != false {
			t.Errorf("damaged %v, truncated %v, hash %v", d["bodyDamaged"], d["truncated"], d["bodySha256"])
		}
	}
	id := list[2].str("id")
	verify := w.must(5, "verify", "--delivery", id, "--secret-file", w.path("key"))
	if !strings.Contains(verify.err, "was scrubbed when it was recorded") {
		t.Errorf("verify says %s", verify.err)
	}
	why := w.must(0, "why", list[0].str("id"))
	show := w.must(0, "journal", "show", id, "-o", "json")
	raw := w.must(0, "journal", "show", id, "--raw")
	if found := leaks(t, data, p.out.String(), verify.out+verify.err, why.out+why.err, show.out, raw.out); len(found) > 0 {
		t.Errorf("%q", found)
	}
}

// TestScrubLeavesNothingInText looks through what people are shown.
func TestScrubLeavesNothingInText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	data := t.TempDir()
	w.setenv("WHCTL_DATA_DIR=" + data)
	ready := w.path("ready")
	p := w.spawn("listen", "--addr", "127.0.0.1:0", "--secret-file", w.path("key"), "--scrub", "cards,email,bearer", "--scrub", "json:holder.name", "--ready-file", ready, "--exit-after", "1")
	body := plantedBody()
	exchange(t, strings.TrimSpace(waitFile(t, ready)), plantedRequest(body, signedHeader(testKey, time.Now(), body)))
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if out := p.out.String(); len(leaks(t, data, out, p.errs.String())) > 0 || !strings.Contains(out, "scrubbed in ") {
		t.Errorf("%q in %s", leaks(t, data, out), out)
	}
}

// TestScrubRefusesTheQueue wants a clear refusal where the journal would be sent from.
func TestScrubRefusesTheQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, args := range [][]string{
		{"--ack", "now", "--forward", "localhost:1"},
		{"--forward", "localhost:1", "--forward", "localhost:2"},
		{"--route", "a.*=localhost:1", "--route", "a.*=localhost:2"},
	} {
		if r := w.must(2, append([]string{"listen", "--scrub", "cards"}, args...)...); !strings.Contains(r.err, "the queue sends what the journal has") || !strings.Contains(r.err, "hint: ") {
			t.Errorf("%q: %s", args, r.err)
		}
	}
	for _, rule := range []string{"card", "json:", "json:a..b", ""} {
		if r := w.must(2, "listen", "--scrub", rule); !strings.Contains(r.err, "hint: ") {
			t.Errorf("%q: %s", rule, r.err)
		}
	}
}

// TestScrubbedJobsAreNotSent has a job tried again whose delivery was scrubbed: it ends, and its target gets nothing that never came.
func TestScrubbedJobsAreNotSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg, answers := handlerOf(t, answering(500))
	p := w.listen("--scrub", "all", "--forward", "app="+tg.addr)
	body := plantedBody()
	exchange(t, p.addr, request("POST", "/", signedHeader(testKey, time.Now(), body), body))
	p.await("attempt")
	p.stop()
	answers(answering(200))
	w.must(0, "queue", "retry", "last")
	p = w.listen("--forward", "app="+tg.addr)
	if job := p.await("job"); job.str("state") != "dead" || job.str("reason") != "damaged" {
		t.Errorf("the job is %v", job)
	}
	p.stop()
	if n := tg.count(); n != 1 {
		t.Errorf("the target got %d requests", n)
	}
	if r := w.must(5, "replay", "last", "--to", "http://"+tg.addr, "--secret-file", w.path("key")); !strings.Contains(r.err, "was scrubbed when it was recorded") {
		t.Errorf("replay says %s", r.err)
	}
}

// TestScrubbedExport exports deliveries that were recorded as they came, in every form.
func TestScrubbedExport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := newTarget(t, func(message) string {
		return answerOf("400 Bad Request", "X-Echo: Johanna Doe, 4111111111111111\r\n", "no such holder: Johanna Doe, target@example.org, 378282246310005")
	})
	p := w.listen("--forward", tg.addr)
	body := plantedBody()
	exchange(t, p.addr, plantedRequest(body, signedHeader(testKey, time.Now(), body)))
	p.await("attempt")
	exchange(t, p.addr, plantedRequest(body, signedHeader("another key", time.Now(), body)))
	p.await("diagnosis")
	p.stop()
	for _, format := range []string{"json", "curl", "har", "http", "files"} {
		export := func(rules ...string) (leaked []string) {
			dir := t.TempDir()
			r := w.must(0, append([]string{"journal", "export", "--all", "--format", format, "--out", dir + "/out"}, rules...)...)
			return leaks(t, dir, r.out, r.err)
		}
		if plain, found := export(), export("--scrub", "all", "--scrub", "json:holder.name"); len(plain) < 5 || len(found) > 0 {
			t.Errorf("%s: %q; unscrubbed %q", format, found, plain)
		}
	}
}
