package term

import (
	"errors"
	"strings"
	"testing"
)

func TestColourIsDecidedHere(t *testing.T) {
	// The library's own switches must not matter.
	for _, set := range []string{"", "1"} {
		t.Setenv("NO_COLOR", set)
		for name, c := range map[string]struct {
			mode string
			env  map[string]string
			tty  bool
			want bool
		}{
			"terminal":                  {tty: true, want: true},
			"pipe":                      {},
			"auto is the default":       {mode: ColorAuto, tty: true, want: true},
			"NO_COLOR":                  {env: map[string]string{"NO_COLOR": "1"}, tty: true},
			"empty NO_COLOR":            {env: map[string]string{"NO_COLOR": ""}, tty: true, want: true},
			"TERM=dumb":                 {env: map[string]string{"TERM": "dumb"}, tty: true},
			"CLICOLOR=0":                {env: map[string]string{"CLICOLOR": "0"}, tty: true},
			"forced":                    {env: map[string]string{"CLICOLOR_FORCE": "1"}, want: true},
			"forced with 0":             {env: map[string]string{"CLICOLOR_FORCE": "0"}},
			"NO_COLOR beats the force":  {env: map[string]string{"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, tty: true},
			"force beats TERM=dumb":     {env: map[string]string{"CLICOLOR_FORCE": "1", "TERM": "dumb"}, want: true},
			"always beats all":          {mode: ColorAlways, env: map[string]string{"NO_COLOR": "1", "TERM": "dumb"}, want: true},
			"never beats the force":     {mode: ColorNever, env: map[string]string{"CLICOLOR_FORCE": "1"}, tty: true},
			"never beats the terminal":  {mode: ColorNever, tty: true},
			"always without a terminal": {mode: ColorAlways, want: true},
		} {
			t.Run(name, func(t *testing.T) {
				io, _, _ := Fake(FakeOptions{OutTTY: c.tty, Env: c.env})
				if err := io.SetColor(c.mode); err != nil {
					t.Fatal(err)
				}
				want := "x"
				if c.want {
					want = "\x1b[32mx\x1b[0m"
				}
				if got := io.Style().Good("x"); got != want {
					t.Errorf("%q, want %q", got, want)
				}
			})
		}
	}
}

func TestStylesAreOfTheirStream(t *testing.T) {
	t.Parallel()
	io, _, _ := Fake(FakeOptions{OutTTY: false, ErrTTY: true})
	if io.Style().On() || !io.ErrStyle().On() {
		t.Errorf("out %v, err %v", io.Style().On(), io.ErrStyle().On())
	}
}

func TestSetColorRefuses(t *testing.T) {
	t.Parallel()
	io, _, _ := Buffer()
	err := io.SetColor("purple\x1b[31m")
	var mode *ColorModeError
	if !errors.As(err, &mode) || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("%v", err)
	}
}

func TestStylesDiffer(t *testing.T) {
	t.Parallel()
	io, _, _ := Buffer()
	if err := io.SetColor(ColorAlways); err != nil {
		t.Fatal(err)
	}
	s := io.Style()
	for name, paint := range map[string]func(string) string{
		"bold": s.Bold, "dim": s.Dim, "good": s.Good, "bad": s.Bad, "warn": s.Warn, "accent": s.Accent, "key": s.Key, "str": s.Str, "num": s.Num, "lit": s.Lit,
	} {
		got := paint("x")
		if !strings.HasPrefix(got, "\x1b[") || !strings.HasSuffix(got, "m") || Width(got) != 1 {
			t.Errorf("%s: %q", name, got)
		}
		if paint("") != "" {
			t.Errorf("%s colours nothing", name)
		}
		var zero Style
		if zero.On() || zero.Good("x") != "x" {
			t.Error("the zero style colours")
		}
	}
}

func TestBox(t *testing.T) {
	t.Parallel()
	fields := []Field{{"listening on", "http://127.0.0.1:4140"}, {"journal", "/a/long/path that/is wrapped somewhere/in between"}}
	got := Style{}.Box("ready", fields, 50)
	want := strings.Join([]string{
		"╭────────────────────────────────────────────╮",
		"│ ready                                      │",
		"│ listening on  http://127.0.0.1:4140        │",
		"│ journal       /a/long/path that/is wrapped │",
		"│               somewhere/in between         │",
		"╰────────────────────────────────────────────╯",
	}, "\n")
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	io, _, _ := Buffer()
	if err := io.SetColor(ColorAlways); err != nil {
		t.Fatal(err)
	}
	for width := range 200 {
		for _, s := range []Style{{}, io.Style()} {
			for line := range strings.SplitSeq(s.Box("ready", fields, width), "\n") {
				if w := Width(line); width > 0 && w > width {
					t.Fatalf("width %d: %d columns: %q", width, w, line)
				}
			}
		}
	}
}

func TestWidthOfStreams(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o    FakeOptions
		want int
	}{
		"no terminal":          {FakeOptions{Width: 100, Env: map[string]string{"COLUMNS": "100"}}, 0},
		"asked":                {FakeOptions{OutTTY: true, Width: 100, Env: map[string]string{"COLUMNS": "90"}}, 100},
		"COLUMNS when unknown": {FakeOptions{OutTTY: true, Env: map[string]string{"COLUMNS": "90"}}, 90},
		"nonsense in COLUMNS":  {FakeOptions{OutTTY: true, Env: map[string]string{"COLUMNS": "9x"}}, 80},
		"huge COLUMNS":         {FakeOptions{OutTTY: true, Env: map[string]string{"COLUMNS": "99999999999999999999"}}, 80},
		"nothing known":        {FakeOptions{OutTTY: true}, 80},
	} {
		io, _, _ := Fake(c.o)
		if got := io.Width(); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
