//go:build unix

package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// nasty are texts that would change a terminal if they reached it as they are.
func nasty() map[string]string {
	return map[string]string{
		"clear screen":   "\x1b[2J\x1b[H owned",
		"title":          "\x1b]0;owned\x07",
		"link":           "\x1b]8;;https://evil.test\x1b\\click\x1b]8;;\x1b\\",
		"clipboard":      "\x1b]52;c;b3duZWQ=\x07",
		"colour":         "\x1b[31mred\x1b[0m",
		"8-bit CSI":      "a\u009b2Jb \u0090q\u009c \u0085next",
		"raw C1":         "a\x9b2Jb\x90\x9c",
		"bell and bs":    "\a\a\b\b\b\x7f",
		"return":         "visible\rhidden",
		"bidi":           "abc\u202edef\u202c \u2066x\u2069 \u200e\u200f\u061c",
		"line ends":      "a\nb\r\nc\u2028d\u2029e\v\f",
		"BOM and tags":   "\ufeffx\U000e0041\U000e007f",
		"invalid":        "\xff\xfe\xc3\x28\xed\xa0\x80",
		"NUL":            "a\x00b",
		"request status": "\x1b[6n\x1b[c\x1b]11;?\x07\x05",
		"very long":      strings.Repeat("A\x1b[1A", 20_000),
		"joined":         strings.Repeat("e\u0301\u0302\u0303", 2000) + strings.Repeat("\u200d", 500),
	}
}

// inJSON puts a text into a JSON string, once with its characters as they are and once escaped.
func inJSON(text string) []string {
	raw := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
	escaped, _ := json.Marshal(text)
	return []string{raw, string(escaped)}
}

// hostileRequests are deliveries with nasty texts in every place that a sender chooses.
func hostileRequests() [][]byte {
	var all [][]byte
	signed := func(header, target string, body []byte) {
		all = append(all, request("POST", target, header+signedHeader(testKey, time.Now(), body), body))
	}
	for _, text := range nasty() {
		signed("", "/", []byte(text))
		for _, s := range inJSON(text) {
			signed("Content-Type: application/json\r\n", "/", []byte(`{"event_type":`+s+`,"event_id":`+s+`,`+s+`:[`+s+`]}`))
		}
		line := strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(text)
		signed("X-Odd: "+line[:min(len(line), 4000)]+"\r\nContent-Type: "+line[:min(len(line), 4000)]+"\r\n", "/", []byte("{}"))
		signed("", "/%1b%5b2J"+url.PathEscape(text[:min(len(text), 2000)])+"?q="+url.QueryEscape(text[:min(len(text), 2000)]), []byte("{}"))
		signed("", "/"+strings.NewReplacer("\r", "", "\n", "", " ", "", "\x00", "").Replace(text[:min(len(text), 2000)]), []byte("{}"))
		all = append(all, request("POST", "/", "X-Signature: "+line[:min(len(line), 4000)]+"\r\nX-Timestamp: "+line[:min(len(line), 4000)]+"\r\n", []byte("{}")))
	}
	deep := strings.Repeat("[", 10_000)
	signed("Content-Type: application/json\r\n", "/", []byte(deep))
	signed("Content-Type: application/json\r\n", "/", []byte(deep+strings.Repeat("]", 10_000)))
	signed("Content-Type: application/json\r\n", "/", []byte(strings.Repeat(`{"event_type":`, 10_000)+`"\u001b[2J"`+strings.Repeat("}", 10_000)))
	signed("Content-Type: application/json\r\n", "/", []byte(`{"a":"`+strings.Repeat("x", 3<<20)+"\x1b[2J"+`"}`))
	return all
}

// TestHostileDeliveries shows what strangers may send on a terminal, in every form of output: nothing but text and
// colours arrives there.
func TestHostileDeliveries(t *testing.T) {
	t.Parallel()
	for _, mode := range [][]string{{"--body", "pretty"}, {"--body", "raw"}, {"-o", "json"}, {"--jq", ".headers, .body, .path, .eventType"}, {"--debug"}} {
		t.Run(strings.Join(mode, " "), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			showHostileDeliveries(t, w, mode)
			if mode[len(mode)-1] == "pretty" {
				showHostileJournal(t, w)
			}
		})
	}
}

func showHostileDeliveries(t *testing.T, w *world, mode []string) {
	t.Helper()
	requests := hostileRequests() // a test may wait for its turn longer than a signature holds
	ready := w.path("ready")
	args := append([]string{"listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "--ready-file", ready}, mode...)
	c := w.onTerminal(100, args...)
	addr := strings.TrimSpace(waitFile(t, ready))
	taken := 0
	for _, raw := range requests {
		if m := exchange(t, addr, raw); m.status == 200 || m.status == 401 {
			taken++
		} else if m.status != 400 {
			t.Errorf("answered %s", m.start)
		}
	}
	if taken < len(requests)*3/4 {
		t.Errorf("only %d of %d were taken", taken, len(requests))
	}
	// After an interrupt a filter has a moment for what it is at. Under the race detector the deepest bodies take longer.
	last := []byte(`{"event_type":"the.last.one"}`)
	exchange(t, addr, request("POST", "/", signedHeader(testKey, time.Now(), last), last))
	if !eventually(func() bool { return strings.Contains(c.out.String(), "the.last.one") }) {
		t.Error("the last delivery was not printed")
	}
	rss := memory(t, c.cmd.Process.Pid)
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := c.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	checkClean(t, "listen", c.out.String())
	if out := c.out.String(); !strings.Contains(out, `\x1b[2J`) && !strings.Contains(out, `\u001b[2J`) {
		t.Errorf("nothing of it can be seen in %d bytes", len(out))
	}
	if rss > 400<<20 {
		t.Errorf("%d MiB of memory", rss>>20)
	}
}

// showHostileJournal looks at what was recorded by every command that shows it.
func showHostileJournal(t *testing.T, w *world) {
	t.Helper()
	for _, format := range []string{"text", "json", "yaml"} {
		c := w.onTerminal(100, "journal", "list", "--limit", "0", "--bodies", "-o", format)
		if code := c.wait(); code != 0 {
			t.Errorf("journal list -o %s: exit code %d", format, code)
		}
		checkClean(t, "journal list -o "+format, c.out.String())
		for back := range 40 {
			c := w.onTerminal(60, "journal", "show", fmt.Sprintf("last~%d", back*2), "-o", format)
			if code := c.wait(); code != 0 {
				t.Errorf("journal show -o %s: exit code %d", format, code)
			}
			checkClean(t, "journal show -o "+format, c.out.String())
		}
	}
	for _, args := range [][]string{{"export"}, {"export", "--format", "har"}, {"export", "--format", "curl"}, {"diff", "last", "last~1"}} {
		c := w.onTerminal(100, append([]string{"journal"}, args...)...)
		if code := c.wait(); code != 0 && code != 3 {
			t.Errorf("journal %q: exit code %d", args, code)
		}
		checkClean(t, fmt.Sprintf("journal %q", args), c.out.String())
	}
	if r := w.run("journal", "list", "--search", "\x1b[2J", "-o", "json"); r.code != 0 {
		t.Errorf("a search for control characters: %d %s", r.code, r.err)
	}
}

// TestHostileAnswers has a receiver that answers send with nasty texts.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, text := range nasty() {
		line := strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(text)
		tg := newTarget(t, func(message) string {
			return fmt.Sprintf("HTTP/1.1 500 %s\r\nX-Odd: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
				line[:min(len(line), 1000)], line[:min(len(line), 1000)], line[:min(len(line), 1000)], len(text), text)
		})
		for _, format := range []string{"text", "json", "yaml"} {
			c := w.onTerminal(80, "send", "card.activated", "--to", tg.addr, "--secret-file", "key", "-o", format, "--debug")
			if code := c.wait(); code != 5 && code != 6 {
				t.Errorf("%s -o %s: exit code %d: %q", name, format, code, c.out)
			}
			checkClean(t, name+" -o "+format, c.out.String())
		}
	}
}

// TestHostileArguments passes nasty texts as what people, scripts and files may pass: errors quote them cleaned.
func TestHostileArguments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body", "{}")
	texts, all := nasty(), ""
	for name, text := range texts {
		if name != "NUL" && len(text) < 4000 { // which an argument can hold
			all += text
		}
	}
	for name, text := range map[string]string{"all": all, "clear screen": texts["clear screen"], "invalid": texts["invalid"], "bidi": texts["bidi"]} {
		headers := w.write("headers", "X-Signature: "+text+"\nX-Timestamp: "+text+"\n")
		saved := w.write("saved.http", "POST /"+text+" HTTP/1.1\r\nHost: "+text+"\r\nX-Signature: "+text+"\r\n\r\n"+text)
		config := w.write("config.yaml", "profile: "+text+"\n"+text+": "+text+"\n")
		for _, args := range [][]string{
			{text},
			{"journal", text},
			{"journal", "show", text},
			{"queue", "retry", text},
			{"queue", "pause", text},
			{"queue", "list", "--target", text},
			{"journal", "list", "--verdict", text, "--type", text},
			{"sign", text, "--secret-file", "key"},
			{"sign", "body", "--secret-file", text},
			{"sign", "body", "--secret-env", text},
			{"sign", "body", "--secret-file", "key", "--scheme", text},
			{"sign", "body", "--secret-file", "key", "--format", text},
			{"sign", "body", "--secret-file", "key", "--format", "curl", "--to", text},
			{"sign", "body", "--secret-file", "key", "--timestamp", text},
			{"sign", "body", "--secret-file", "key", "--scheme", "standard-webhooks", "--secret", "whsec_c2VjcmV0c2VjcmV0", "--id", text},
			{"verify", "body", "--secret-file", "key", "--headers-file", headers},
			{"verify", "body", "--secret-file", "key", "-H", "X-Signature: " + text, "-H", text + ": " + text},
			{"verify", "--request", saved, "--secret-file", "key"},
			{"send", text, "--to", "127.0.0.1:1", "--secret-file", "key"},
			{"send", "card.activated", "--to", text, "--secret-file", "key"},
			{"send", "card.activated", "--to", "127.0.0.1:1", "--secret-file", "key", "--set", text, "--set", text + "=" + text},
			{"listen", "--addr", text, "--secret-file", "key"},
			{"listen", "--addr", "127.0.0.1:0", "--forward", text, "--secret-file", "key", "--for", "1ms"},
			{"listen", "--addr", "127.0.0.1:0", "--events", text, "--secret-file", "key", "--for", "1ms"},
			{"version", "--profile", text},
			{"version", "--config", config},
			{"version", "-o", text},
			{"version", "--jq", text},
			{"version", "--" + text},
			{"completion", text},
			{"help", text},
			{"sandbox", "trigger", text, "--api-url", "http://127.0.0.1:1"},
			{"sandbox", "--chaos", text},
		} {
			c := w.onTerminal(80, args...)
			c.wait()
			checkClean(t, fmt.Sprintf("%s: whctl %q", name, args), c.out.String())
		}
	}
}
