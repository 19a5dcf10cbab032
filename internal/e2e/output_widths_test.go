//go:build unix

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/term"
)

// forged is what a refused sender would like people to read at the beginning of a line.
const forged = "14:03:07.112  ✓ valid      card.issued  →  200 in 12 ms"

// forgeries are characters that terminals draw as one or apart, each repeated so often that a line would be full, or not.
func forgeries() map[string]string {
	units := map[string]string{
		"jamo": "\u1100", "jamo vowels": "\u1161", "old jamo": "\ua960", "devanagari": "\u0915\u094d", "malayalam": "\u0d15\u0d4d", "khmer": "\u1781\u17d2",
		"number sign": "\u0600", "ayah": "\u06dd", "kaithi": "\U000110bd", "tamil": "\u0bbe", "young marks": "\U000113b8", "flags": "\U0001f1e6", "selector": "a\ufe0f",
		"skin": "\U0001f44d\U0001f3fd", "family": "👩\u200d👩\u200d", "tags": "\U000e0067", "voice": "\uff76\uff9e", "thai": "\u0e01\u0e33", "lao": "\u0e81\u0eb3", "zalgo": "e\u0301\u0302\u0303\u0304",
		"wide": "名", "letters": "x", "long dash": "\u2e3b", "bismillah": "\ufdfd", "tone": "\u302e",
	}
	texts := map[string]string{"none": forged}
	for name, unit := range units {
		for _, n := range []int{41, 110} {
			texts[fmt.Sprint(name, " ", n)] = strings.Repeat(unit, n) + " " + forged + strings.Repeat(unit, 30)
		}
	}
	return texts
}

// checkFits looks at every line of a screen of cols columns: none is wider on any terminal, and none begins with what was forged.
func checkFits(t *testing.T, what, screen string, cols int) {
	t.Helper()
	checkClean(t, what, screen)
	for line := range strings.SplitSeq(strings.ReplaceAll(screen, "\r\n", "\n"), "\n") {
		if w := term.Width(line); w > cols {
			t.Errorf("%s: %d columns on a terminal of %d: %.300q", what, w, cols, line)
		}
		if strings.HasPrefix(line, forged[:12]) {
			t.Errorf("%s: a forged line: %.300q", what, line)
		}
	}
}

// TestNoLineIsForged has a refused sender choose every text there is, and looks at it in every way.
func TestNoLineIsForged(t *testing.T) {
	t.Parallel()
	for _, cols := range []uint16{64, 110} {
		t.Run(fmt.Sprint(cols), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ready := w.path("ready")
			c := w.onTerminal(cols, "listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "--ready-file", ready)
			addr := strings.TrimSpace(waitFile(t, ready))
			for _, text := range forgeries() {
				s := inJSON(text)[0]
				body := []byte(`{"event_type":` + s + `,"event_id":` + s + `,` + s + `:` + s + `}`)
				header := "X-Odd: " + text + "\r\nX-Timestamp: " + fmt.Sprint(time.Now().Unix()) + "\r\nX-Signature: " + strings.Repeat("0", 64) + "\r\n"
				if m := exchange(t, addr, request("POST", "/", header, body)); m.status != 401 {
					t.Fatalf("answered %s", m.start)
				}
				exchange(t, addr, request("POST", "/", "Content-Type: application/x-www-form-urlencoded\r\n"+header, []byte("a="+text)))
			}
			if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			if code := c.wait(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			checkFits(t, "listen", c.out.String(), int(cols))
			list := w.onTerminal(cols, "journal", "list", "--limit", "0")
			list.wait()
			checkFits(t, "journal list", list.out.String(), int(cols))
			for back := range 2 * len(forgeries()) {
				show := w.onTerminal(cols, "journal", "show", fmt.Sprintf("last~%d", back))
				show.wait()
				checkFits(t, "journal show", show.out.String(), int(cols))
			}
			why := w.onTerminal(cols, "why", "--secret-file", "key")
			why.wait()
			checkFits(t, "why", why.out.String(), int(cols))
		})
	}
}

// TestNoAPIForgesLines has an API that lies choose the texts.
func TestNoAPIForgesLines(t *testing.T) {
	t.Parallel()
	const cols = 80
	w := newWorld(t)
	var said atomic.Pointer[string] // the text in JSON, as the API writes it
	w.use(newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "refused") {
			sendJSON(rw, 400, `{"message":`+*said.Load()+`}`)
			return
		}
		text := strings.NewReplacer(`"TEXT"`, *said.Load()).Replace(forgingAnswer(r))
		sendJSON(rw, 200, text)
	}))
	for name, text := range forgeries() {
		if !strings.HasSuffix(name, "110") {
			continue
		}
		said.Store(&inJSON(text)[0])
		for _, line := range []string{
			"webhooks list", "webhooks get " + webhookID, "webhooks logs " + webhookID, "events list", "events get " + eventID, "events logs " + eventID, "sandbox status",
			"events get refused00", "webhooks list --debug", "sandbox advance 1s", "webhooks enable " + webhookID, "webhooks delete " + webhookID + " --yes", "events retry " + eventID, "whoami",
		} {
			c := w.onTerminal(cols, strings.Fields(line)...)
			c.wait()
			checkFits(t, name+": "+line, c.out.String(), cols)
		}
	}
}

func forgingAnswer(r *http.Request) string {
	hook := `{"id":"` + webhookID + `","name":"TEXT","url":"TEXT","tenant":"TEXT","apiKey":"whk_****","eventTypes":["TEXT"],"isActive":true,"metadata":{"n":"TEXT"}}`
	event := `{"id":"TEXT","eventId":"` + eventID + `","eventType":"TEXT","status":"TEXT","sourceService":"TEXT","userId":"TEXT","payload":{"n":"TEXT"}}`
	log := `{"id":"l","eventId":"e","webhookId":"w","attemptNumber":1,"requestUrl":"TEXT","errorMessage":"TEXT","deliveryStatus":"TEXT"}`
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/_sandbox/advance"):
		return `{"now":"2026-03-04T09:15:00.000Z","attempts":1}`
	case strings.Contains(path, "/_sandbox/"):
		return `{"now":"2026-03-04T09:15:00.000Z","scheme":"TEXT","webhooks":[` + hook + `],"events":{"TEXT":3},
			"queue":[{"eventId":"e","eventType":"TEXT","webhookName":"TEXT","attempt":1}],"queued":1,"chaos":"TEXT","seed":1}`
	case strings.HasSuffix(path, "/logs") && strings.Contains(path, "/events/"):
		return `{"event":` + event + `,"logs":[` + log + `]}`
	case strings.HasSuffix(path, "/logs"):
		return `{"count":1,"logs":[` + log + `]}`
	case strings.HasSuffix(path, "/events"):
		return `{"total":1,"events":[` + event + `]}`
	case strings.HasSuffix(path, "/retry"):
		return `{"success":true,"data":{"eventId":"TEXT","webhookCount":2,"message":"TEXT"}}`
	case r.Method == http.MethodPatch || r.Method == http.MethodPut:
		return `{"success":true,"data":` + hook + `}`
	case path == "/v1/webhooks":
		return "[" + hook + "]"
	default:
		return hook
	}
}
