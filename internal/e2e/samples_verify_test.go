package e2e

import (
	"slices"
	"strings"
	"testing"

	samples "github.com/whctl/whctl/internal/event"
)

// schemeKeys gives a key in the form that each scheme of the main job hands out.
func schemeKeys() map[string]string {
	return map[string]string{
		"baanx": testKey, "kyc": "kyc-secret", "kyc.body": "kyc-secret", "kyc.ts-body": "kyc-secret", "kyc.id-ts-body": "kyc-secret",
		"verification": "verification-secret", "fern": "fern-secret", "standard-webhooks": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"stripe": "whsec_stripe", "github": "github-secret", "slack": "slack-secret",
	}
}

// TestEverySampleVerifies sends every sample of every scheme of the main job to a listener of that scheme: each verifies,
// its type and id are read, a changed body is refused, and no two samples share an id.
func TestEverySampleVerifies(t *testing.T) {
	t.Parallel()
	for scheme, key := range schemeKeys() {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.write("key", key+"\n")
			l := w.listen("--scheme", scheme, "--handshake", "off") // the sample of a handshake verifies too
			types := samples.SampleTypes(strings.Replace(scheme, "kyc.body", "kyc", 1))
			if scheme == "slack" {
				types = append(types, slackForms()...)
			}
			if len(types) == 0 {
				types = []string{"./file.json"}
				w.write("file.json", `{"type":"x"}`)
			}
			ids := map[string]bool{}
			const spoiled = 8 // how many types are sent with a change too
			for i, typ := range types {
				args := []string{"send", typ, "--to", l.addr, "--scheme", scheme, "--secret-file", "key"}
				checkSample(t, w, l, args, ids)
				if i < spoiled {
					refusesChanged(t, w, l, args)
				}
			}
			l.stop()
		})
	}
}

func checkSample(t *testing.T, w *world, l *process, args []string, ids map[string]bool) {
	t.Helper()
	typ := args[1]
	w.must(0, args...)
	d := l.await("delivery")
	if d.sub("verdict").str("reason") != "valid" || !strings.HasPrefix(typ, "./") && d.str("eventType") != typ && !slices.Contains(slackForms(), typ) {
		t.Errorf("%s: %v %q", typ, d["verdict"], d.str("eventType"))
	}
	if id := d.str("eventId"); id != "" && ids[id] {
		t.Errorf("%s: the id %q was there before", typ, id)
	} else {
		ids[id] = true
	}
	if at := l.ready.str("scheme"); at != d.sub("verdict").str("scheme") {
		t.Errorf("%s: ready says scheme %s, the verdict %v", typ, at, d["verdict"])
	}
}

// slackForms are events whose type stands in no place where whctl looks for it.
func slackForms() []string {
	return []string{"command", "block_actions", "view_submission", "view_closed", "shortcut", "message_action"}
}

func refusesChanged(t *testing.T, w *world, l *process, args []string) {
	t.Helper()
	for _, part := range []string{"body", "key"} {
		w.must(5, append(args, "--tamper", part)...)
		if d := l.await("delivery"); d.sub("verdict").str("reason") != "mismatch" {
			t.Errorf("%s with another %s: %v", args[1], part, d["verdict"])
		}
	}
}
