package e2e

import (
	"testing"

	samples "github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// TestReplayEveryScheme: under every scheme a delivery that was captured two days ago is accepted by a correct receiver when it is replayed.
// As captured it is refused wherever the scheme has a window, or signs the URL, which is another one now.
func TestReplayEveryScheme(t *testing.T) {
	t.Parallel()
	for _, name := range schemesTried() {
		r := signtest.Rules(t, name)
		if r.Scheme().Algorithm == "none" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			replayLater(t, r)
		})
	}
}

func replayLater(t *testing.T, r *sign.Rules) {
	t.Helper()
	w, name := newWorld(t), r.Scheme().Name
	signing, verifying := catalogueKey(t, r.Scheme())
	w.write("signing", signing)
	w.write("verifying", verifying)
	w.must(0, "keys", "add", "shop", "--scheme", name, "--secret-file", "verifying")
	var params []string
	for _, p := range r.Needs().Params {
		params = append(params, "--param", p+"=app-1")
	}
	typ := "test.event"
	if types := samples.SampleTypes(name); len(types) > 0 {
		typ = types[0]
	}
	common := append([]string{"--scheme", name, "--webhook", "shop"}, params...)
	then := w.listen(append(common, "--tolerance", "100h")...)
	w.must(0, append([]string{"send", typ, "--to", "http://" + then.addr + "/hooks?a=1", "--scheme", name, "--secret-file", "signing", "--age", "48h"}, params...)...)
	captured := then.await("delivery")
	then.stop()
	now := w.listen(common...)
	window := r.HasTime && !r.Scheme().Timestamp.Tolerance.Off
	asCaptured := []string{"replay", captured.str("id"), "--to", now.addr, "--as-captured", "-o", "json"}
	if r.Public() && len(r.SecretHeaders()) > 0 { // a token is not recorded, and only its private half makes it again
		if refused := w.must(2, asCaptured...); refused.out != "" {
			t.Errorf("a public key makes a token: %s", refused.out)
		}
		asCaptured = append(asCaptured, "--secret-file", "signing")
	}
	late := w.run(asCaptured...)
	if refused := window || r.Uses[scheme.PieceURL] || r.Scheme().BodyHash != nil; (late.code == 5) != refused || (late.code == 0) == refused {
		t.Errorf("as captured it ends with %d: %s", late.code, late.out)
	}
	now.await("delivery")
	args := []string{"replay", captured.str("id"), "--to", now.addr, "-o", "json"}
	if r.Public() { // what was saved is the half that verifies
		if refused := w.must(2, args...); refused.out != "" {
			t.Errorf("a public key signs: %s", refused.out)
		}
		args = append(args, "--secret-file", "signing")
	}
	sent := jsonOf[object](t, w.must(0, args...))
	got := now.await("delivery")
	if v := got.sub("verdict"); v.str("reason") != "valid" || v.str("scheme") != name {
		t.Errorf("replayed it is %v, sent as %v", v, sent)
	}
	if got.str("eventId") != captured.str("eventId") || got.str("eventType") != captured.str("eventType") || got.str("path") != captured.str("path") {
		t.Errorf("replayed is %v of %v", got, captured)
	}
	inBody := r.TimePath != nil || r.CopyPath != nil || r.SigPath != nil
	if got.str("bodySha256") != captured.str("bodySha256") && !inBody {
		t.Errorf("other bytes: %s, captured %s", got.str("body"), captured.str("body"))
	}
	now.stop()
}
