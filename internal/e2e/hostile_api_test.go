//go:build unix

package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// everyForm are the ways to look at what a command gives.
func everyForm() [][]string {
	return [][]string{nil, {"-o", "json"}, {"-o", "yaml"}, {"--jq", "."}, {"--jq", ".. | scalars"}, {"--jq", "tojson, tostring"}, {"--debug", "-o", "json"}}
}

// allNasty is every nasty text in one, with towers of what terminals join.
func allNasty() string {
	all := ""
	for name, text := range nasty() {
		if name != "NUL" && len(text) < 4000 {
			all += text
		}
	}
	for _, unit := range []string{"\u1100", "\u0915\u094d", "\u0600", "\u0bbe", "\ufe0f", "\u0301", "\uff9e", "\U0001f3fd", "\u034f", "\u3164"} {
		all += "a" + strings.Repeat(unit, 40)
	}
	return all
}

// TestHostileAPI has an API choose every text of its answers, errors and headers, and looks at each command that asks it in
// every form, on a terminal.
func TestHostileAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	said := inJSON(allNasty())[1]
	lines := []string{
		"webhooks list", "webhooks get " + webhookID, "webhooks update " + webhookID + " --name x", "webhooks delete " + webhookID + " --yes", "webhooks logs " + webhookID,
		"events list", "events get " + eventID, "events logs " + eventID, "events retry " + eventID, "events retry --all-failed --yes", "whoami", "sandbox status", "sandbox advance 1s",
		"sandbox trigger card.activated", "sandbox reset", "webhooks get nobody", "webhooks rotate " + webhookID + " --yes --no-save",
	}
	shown := 0
	for status, forms := range map[int][][]string{200: everyForm(), 400: {nil}, 404: {{"--debug"}}} {
		w := w.in(t)
		w.use(newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
			text := `{"message":` + said + `}`
			if status == 200 {
				text = strings.ReplaceAll(forgingAnswer(r), `"TEXT"`, said)
			}
			sendJSON(rw, status, text)
		}))
		for _, line := range lines {
			for _, form := range forms {
				if lookAt(t, w, append(strings.Fields(line), form...)...) == 0 {
					shown++
				}
			}
		}
	}
	if shown < len(lines)*len(everyForm())*3/4 {
		t.Errorf("only %d commands gave what there is", shown)
	}
}

func lookAt(t *testing.T, w *world, args ...string) int {
	t.Helper()
	c := w.onTerminal(90, args...)
	code := c.wait()
	checkClean(t, strings.Join(args, " "), c.out.String())
	checkTowers(t, strings.Join(args, " "), c.out.String())
	return code
}

// checkTowers says that no more than a handful of marks stand on one character.
func checkTowers(t *testing.T, what, out string) {
	t.Helper()
	for _, unit := range []string{"\u1100", "\u0915\u094d", "\u0600", "\u0bbe", "\u0301", "\uff9e", "\U0001f3fd"} {
		if strings.Contains(out, strings.Repeat(unit, 18)) {
			t.Errorf("%s: a tower of %+q reached the terminal", what, unit)
		}
	}
}

// TestHostileFiles has requests, schemes, settings and names hold nasty texts, and looks at each command that shows them in
// every form.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	said := allNasty()
	line := strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(said)
	quoted := inJSON(said)[1]
	w.write("r.http", "POST /"+strings.ReplaceAll(line, " ", "")+" HTTP/1.1\r\nHost: x\r\nX-Timestamp: "+line+"\r\nX-Signature: "+line+"\r\nX-Odd: "+line+"\r\n\r\n"+`{"event_type":`+quoted+`}`)
	w.write("body", `{"event_type":`+quoted+`,"event_id":`+quoted+`}`)
	w.write("own.yaml", "schemes:\n  own:\n    description: "+quoted+"\n    content: '{body}'\n    signature: {header: X-Sig, prefix: "+quoted+"}\nprofiles:\n  mine: {scheme: own}\n")
	w.write("bad.yaml", quoted+": "+quoted+"\n")
	l := w.listen()
	exchange(t, l.addr, delivery([]byte(`{"event_type":`+quoted+`,"event_id":`+quoted+`}`)))
	l.await("delivery")
	l.stop()
	answer := newTarget(t, func(message) string {
		return "HTTP/1.1 500 " + line + "\r\nX-Odd: " + line + "\r\nConnection: close\r\n\r\n" + said
	})
	for _, command := range []string{
		"verify --request r.http --secret-file key", "verify body --secret-file key -H X-Signature:00 -H X-Timestamp:1", "why last --secret-file key", "journal show last", "journal list", "journal list --bodies",
		"sign body --secret-file key --config own.yaml --scheme own", "schemes show own --config own.yaml", "schemes list --config own.yaml", "config list --config own.yaml", "config list --config bad.yaml",
		"profile list --config own.yaml", "send body --to " + answer.addr + " --secret-file key", "keys list", "version --config bad.yaml",
	} {
		for _, form := range everyForm() {
			lookAt(t, w, append(strings.Fields(command), form...)...)
		}
	}
	for _, args := range [][]string{{"keys", "add", line, "--secret-file", "key"}, {"keys", "remove", line}, {"profile", "use", line}, {"config", "set", line, line}, {"config", "set", "scheme", line}, {"webhooks", "get", line}} {
		lookAt(t, w, args...)
	}
	lookAt(t, w, "keys", "list")
	lookAt(t, w, "keys", "list", "-o", "yaml")
}
