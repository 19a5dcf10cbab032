package term

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestConfirm(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{"y\n": true, "YES\r\n": true, " y \n": true, "n\n": false, "\n": false, "yess\n": false, "": false, "y": true} {
		t2, out, errs := Fake(FakeOptions{In: strings.NewReader(in), InTTY: true, ErrTTY: true})
		got, err := t2.Confirm("delete it\x1b[31m?")
		if err != nil || got != want {
			t.Errorf("%q: %v, %v", in, got, err)
		}
		if errs.String() != `delete it\x1b[31m? [y/N] ` || out.Len() != 0 {
			t.Errorf("asked %q, output %q", errs.String(), out.String())
		}
	}
}

func TestPromptTakesOneLine(t *testing.T) {
	t.Parallel()
	in := strings.NewReader("s3cret \r\nrest")
	t2, _, _ := Fake(FakeOptions{In: in, InTTY: true, ErrTTY: true})
	got, err := t2.ReadSecret("token:")
	if err != nil || string(got) != "s3cret " {
		t.Errorf("%q, %v", got, err)
	}
	if rest, err := io.ReadAll(in); err != nil || string(rest) != "rest" {
		t.Errorf("%q is left, %v", rest, err)
	}
	if _, err := t2.ReadSecret("token:"); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

func TestPromptIsBounded(t *testing.T) {
	t.Parallel()
	t2, _, _ := Fake(FakeOptions{In: strings.NewReader(strings.Repeat("x", 1<<20)), InTTY: true, ErrTTY: true})
	if got, err := t2.ReadSecret("token:"); err != nil || len(got) != mostAnswer {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestNoPromptWithoutTerminals(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]FakeOptions{
		"nothing": {}, "input only": {InTTY: true}, "stderr only": {ErrTTY: true}, "output only": {OutTTY: true, InTTY: true},
	} {
		t2, out, errs := Fake(o)
		_, err := t2.Confirm("sure?")
		_, err2 := t2.ReadSecret("token:")
		if t2.CanPrompt() || !errors.Is(err, ErrNoTerminal) || !errors.Is(err2, ErrNoTerminal) || out.Len()+errs.Len() > 0 {
			t.Errorf("%s: %v, %v, %q", name, err, err2, errs.String())
		}
	}
	t2, _, _ := Fake(FakeOptions{InTTY: true, ErrTTY: true})
	if !t2.CanPrompt() {
		t.Error("cannot prompt on terminals")
	}
}

// TestQuestionsBreakAtSpaces: a terminal would break a long one inside a word.
func TestQuestionsBreakAtSpaces(t *testing.T) {
	t.Parallel()
	t2, _, errs := Fake(FakeOptions{In: strings.NewReader("y\n"), InTTY: true, ErrTTY: true, Width: 40})
	if ok, err := t2.Confirm("Replace the key of webhook dev? The platform stops using the old one at once."); err != nil || !ok {
		t.Errorf("%v, %v", ok, err)
	}
	lines := strings.Split(errs.String(), "\n")
	words := strings.Join(strings.Fields(errs.String()), " ")
	if len(lines) < 2 || words != "Replace the key of webhook dev? The platform stops using the old one at once. [y/N]" || !strings.HasSuffix(errs.String(), "[y/N] ") {
		t.Errorf("%q", errs)
	}
	for _, line := range lines {
		if Width(line) > 40 {
			t.Errorf("%q is wider than the terminal", line)
		}
	}
}
