package cmdkit_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/term"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 9, 15, 0, 0, time.UTC)
	for in, want := range map[string]time.Time{
		"1750000000": time.Unix(1750000000, 0), "0": time.Unix(0, 0), "-10m": now.Add(-10 * time.Minute), "+1h": now.Add(time.Hour),
		"2026-03-04T10:15:00+01:00": now, "2026-03-04T09:15:00.5Z": now.Add(500 * time.Millisecond), "-0s": now,
	} {
		got, err := cmdkit.ParseTime(in, now)
		if err != nil || !got.Equal(want) {
			t.Errorf("%s: got %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "-", "+", "yesterday", "1e9", "-1", "99999999999999999999", "300000000000", "+1750000000", "10m", "2026-03-04", "\x00"} {
		if got, err := cmdkit.ParseTime(in, now); fault.KindOf(err) != fault.Usage || err == nil {
			t.Errorf("%q: got %v, %v; want a usage fault", in, got, err)
		}
	}
}

func TestHeaderFile(t *testing.T) {
	t.Parallel()
	h, err := cmdkit.HeaderFile("f", []byte("x-signature: abc\r\n\r\nX-Twice: 1\nx-twice:2\n"))
	if err != nil || h.Get("X-Signature") != "abc" || len(h["X-Twice"]) != 2 {
		t.Errorf("got %v, %v", h, err)
	}
	for _, bad := range []string{"no colon", ": empty name", "a b: c", "x: \x00"} {
		if h, err := cmdkit.HeaderFile("f", []byte(bad)); err == nil {
			t.Errorf("%q was taken as %v", bad, h)
		}
	}
	merged := cmdkit.Merge(http.Header{"A": {"1"}}, http.Header{"A": {"2"}, "B": {"3"}})
	if len(merged["A"]) != 2 || len(merged["B"]) != 1 {
		t.Errorf("merged to %v", merged)
	}
}

func TestShellQuote(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"plain-1.json": "plain-1.json", "": "''", "it's": `'it'"'"'s'`, "$(x)": "'$(x)'", "a b": "'a b'"} {
		if got := fault.Quote(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

type list []api.Webhook

func (l list) ListWebhooks(context.Context) ([]api.Webhook, error) { return l, nil }

func TestResolveWebhook(t *testing.T) {
	t.Parallel()
	const a, b = "3f0c9a52-7d1e-4b86-9c43-5a2be81d6f70", "3f0caaaa-7d1e-4b86-9c43-5a2be81d6f70"
	all := list{{ID: a, Name: "staging"}, {ID: b, Name: "twin"}, {ID: "9a000000-7d1e-4b86-9c43-5a2be81d6f70", Name: "twin"}}
	for ref, want := range map[string]string{"staging": a, "3f0c9": a, "3F0C9A": a, "3f0ca": b, a: a, "00000000-0000-0000-0000-000000000000": "00000000-0000-0000-0000-000000000000"} {
		if w, err := cmdkit.ResolveWebhook(t.Context(), all, ref); err != nil || w.ID != want {
			t.Errorf("%s: got %s, %v", ref, w.ID, err)
		}
	}
	for ref, kind := range map[string]fault.Kind{"": fault.Usage, "twin": fault.Usage, "3f0c": fault.Usage, "nobody": fault.Refused} {
		w, err := cmdkit.ResolveWebhook(t.Context(), all, ref)
		if err == nil || fault.KindOf(err) != kind {
			t.Errorf("%q: got %v, %v", ref, w, err)
		}
		if ref == "twin" && !strings.Contains(err.Error(), b) {
			t.Errorf("the candidates are not named: %v", err)
		}
	}
}

// A wait for input that never comes must end with the interrupt, and input that does come must come whole.
func TestStdinWaitsEndWithAnInterrupt(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	streams, _, _ := term.Fake(term.FakeOptions{In: r})
	stopped := make(chan struct{})
	caught := 0
	e := &cmdkit.Env{IO: streams, Stopped: stopped, CatchInterrupts: func() { caught++ }}
	in := e.Stdin()
	want := strings.Repeat("0123456789", 20_000)
	go func() { _, _ = io.WriteString(w, want) }()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(in, got); err != nil || string(got) != want {
		t.Fatalf("read %d bytes, %v", len(got), err)
	}
	close(stopped)
	if n, err := in.Read(got); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("read %d, %v; want an end by interrupt", n, err)
	}
	if caught != 1 {
		t.Errorf("interrupts were caught %d times", caught)
	}
}

func TestOriginWords(t *testing.T) {
	t.Parallel()
	for origin, want := range map[string]string{
		"https://api.example.com:443": "https://api.example.com", "https://api.example.com:8443": "https://api.example.com:8443",
		"http://127.0.0.1:80": "http://127.0.0.1", "http://127.0.0.1:443": "http://127.0.0.1:443", "http://[::1]:80": "http://[::1]",
	} {
		if got := cmdkit.OriginWords(origin); got != want {
			t.Errorf("%s: got %s, want %s", origin, got, want)
		}
	}
}

// TestSayMore: a list that leaves something out says how many there are, and where it would take long to count them, that there are more.
func TestSayMore(t *testing.T) {
	t.Parallel()
	for want, count := range map[string]func(context.Context) (int, error){
		"5 of 7; --limit 0 shows all\n": func(context.Context) (int, error) { return 7, nil },
		"the newest 5; there are more, and --limit 0 shows all\n": func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		},
	} {
		streams, _, errs := term.Fake(term.FakeOptions{})
		(&cmdkit.Env{IO: streams}).SayMore(t.Context(), 5, count)
		if errs.String() != want {
			t.Errorf("said %q, want %q", errs, want)
		}
	}
}
