package cmdkit_test

import (
	"context"
	"crypto/rand"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

func TestHeaderFileNamesTheLine(t *testing.T) {
	t.Parallel()
	for content, place := range map[string]string{
		"A: 1\n\nno colon\n":              "sent.txt:3: ",
		"HTTP/2 200\r\nB C: 1\r\n":        "sent.txt:2: ",
		"A: 1\nHTTP/1.1 200 OK\n":         "sent.txt:2: ", // only the first line is a status line
		"POST /hooks HTTP/1.1\nA: 1\n":    "sent.txt:1: ",
		"A: 1\nX: \x01\n":                 "sent.txt:2: ",
		"\n\nHTTP/1.1 twohundred\nA: 1\n": "sent.txt:3: ",
	} {
		h, err := cmdkit.HeaderFile("sent.txt", []byte(content))
		if err == nil || fault.KindOf(err) != fault.Usage {
			t.Errorf("%q: %v, %v", content, h, err)
			continue
		}
		if !strings.Contains(err.Error(), place) || !strings.Contains(fault.HintOf(err).String(), "Name: value") {
			t.Errorf("%q: error %q, hint %q; want the place %s", content, err, fault.HintOf(err).String(), place)
		}
	}
	for _, status := range []string{"HTTP/1.1 200 OK", "HTTP/2 204", "HTTP/2 200 ", "HTTP/1.0 404 Not Found"} {
		h, err := cmdkit.HeaderFile("f", []byte(status+"\r\nX-Signature: abc\r\n\r\n"))
		if err != nil || len(h) != 1 || h.Get("X-Signature") != "abc" {
			t.Errorf("%s: %v, %v", status, h, err)
		}
	}
}

// What comes together with the deadline has come.
func TestFollowCountsWhatCameWithTheDeadline(t *testing.T) {
	t.Parallel()
	streams, _, _ := term.Fake(term.FakeOptions{})
	e := &cmdkit.Env{IO: streams}
	ctx, cancel := context.WithCancel(t.Context())
	err := e.Follow(ctx, cmdkit.Pace{Interval: time.Hour}, func(context.Context) (bool, error) {
		cancel()
		return true, nil
	})
	if err != nil {
		t.Errorf("done, and yet %v", err)
	}
}

// env is an environment with a home of its own, and what is said in it.
func env(t *testing.T, vars map[string]string) (e *cmdkit.Env, said func() string) {
	t.Helper()
	dir := t.TempDir()
	streams, _, errs := term.Fake(term.FakeOptions{})
	all := map[string]string{"HOME": dir, "WHCTL_DATA_DIR": filepath.Join(dir, "data"), "WHCTL_KEYRING": "file"}
	maps.Copy(all, vars)
	e = &cmdkit.Env{
		IO: streams, Getenv: func(name string) string { return all[name] }, Now: time.Now, Rand: rand.Reader, Dir: dir, UID: os.Getuid(),
	}
	return e, errs.String
}

func TestSigningNamesTheSavedKey(t *testing.T) {
	t.Parallel()
	e, said := env(t, nil)
	store, err := e.Store()
	if err != nil {
		t.Fatal(err)
	}
	save := func(name, scheme string) {
		key := secret.SavedKey{Name: name, Scheme: scheme, Key: "whk_exampleonly000000000000000000000000" + name}
		if _, err := store.SaveKey(t.Context(), "baanx", key); err != nil {
			t.Fatal(err)
		}
	}
	sign := func(f cmdkit.SignFlags) string {
		set, err := f.Signing(t.Context(), e, false)
		if err != nil || len(set.Keys) != 1 {
			t.Fatalf("%v, %v", set, err)
		}
		return set.Labels[0]
	}
	save("01", "baanx")
	save("02", "stripe") // of another scheme, so no choice
	one := sign(cmdkit.SignFlags{})
	if want := "signing as baanx with the saved key of " + one + "\n"; said() != want {
		t.Errorf("one key fits, and it says %q, want %q", said(), want)
	}
	before := said()
	save("03", "baanx")
	label := sign(cmdkit.SignFlags{})
	if want := before + "signing as baanx with the saved key of " + label + "; name one with --webhook\n"; said() != want {
		t.Errorf("it says %q, want %q", said(), want)
	}
	before = said()
	sign(cmdkit.SignFlags{Sources: []secret.Source{{Kind: secret.Webhook, Arg: "01"}}})
	if said() != before {
		t.Errorf("the key was named, and it says %q", said())
	}
}

func TestSigningDecodesTheFirstKeyOnly(t *testing.T) {
	t.Parallel()
	e, _ := env(t, map[string]string{"WHCTL_SCHEME": "standard-webhooks"})
	good := secret.Source{Kind: secret.Value, Arg: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
	bad := secret.Source{Kind: secret.Value, Arg: "whsec_no base64!"}
	set, err := (&cmdkit.SignFlags{Sources: []secret.Source{good, bad}}).Signing(t.Context(), e, false)
	if err != nil || len(set.Keys) != 1 {
		t.Errorf("the first key signs: %v", err)
	}
	if _, err := (&cmdkit.SignFlags{Sources: []secret.Source{bad, good}}).Signing(t.Context(), e, false); fault.KindOf(err) != fault.Usage || err == nil {
		t.Errorf("the first key cannot sign: %v", err)
	}
	if _, err := (&cmdkit.SignFlags{Sources: []secret.Source{good, bad}}).Verifying(t.Context(), e, false); err == nil {
		t.Error("all keys verify, and the second cannot")
	}
}

func TestSayWhoseARequestIsAndWhoNamedTheScheme(t *testing.T) {
	t.Parallel()
	e, _ := env(t, nil)
	set, err := (&cmdkit.SignFlags{}).Verifying(t.Context(), e, false)
	if err != nil {
		t.Fatal(err)
	}
	j := set.Judge(judge.Options{Rivals: cmdkit.Rivals(e)})
	stripe := map[string][]string{"Stripe-Signature": {"t=1750000000,v1=" + strings.Repeat("0", 64)}}
	if look := j.Look(t.Context(), &sign.Message{Header: stripe}); look == nil || look.Scheme != "stripe" {
		t.Fatalf("it looks like %+v", look)
	}
	if cmdkit.SchemeNamed(e) {
		t.Error("nobody named a scheme")
	}
	if e, _ = env(t, map[string]string{"WHCTL_SCHEME": "baanx"}); !cmdkit.SchemeNamed(e) {
		t.Error("WHCTL_SCHEME names one")
	}
}
