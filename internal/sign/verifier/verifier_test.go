package verifier

// Every scheme of the catalogue in every language; tests/code runs the verifiers.

import (
	"errors"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign/scheme"
)

func parsed(t *testing.T, s *scheme.Scheme) *scheme.Parsed {
	t.Helper()
	p, err := scheme.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func builtin(t *testing.T, name string) *scheme.Parsed {
	t.Helper()
	s, err := scheme.Builtin(name)
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, s)
}

// TestEveryScheme writes each verifier twice. Nothing in it is left to be filled in, and Go's is formatted.
func TestEveryScheme(t *testing.T) {
	t.Parallel()
	written := 0
	for _, name := range append(scheme.BuiltinNames(), scheme.UnsignedNames()...) {
		p := builtin(t, name)
		b, err := build(p)
		if err != nil {
			bad, ok := errors.AsType[*UnwritableError](err)
			if sortsURL := name == "plivo"; !ok || (bad.Cause == BeyondTheWords) != sortsURL {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		written++
		for _, language := range Languages() {
			w := newWriter(p, b, language)
			text := w.write(b, p)
			again, err := Write(p, language)
			switch {
			case len(w.missing) > 0:
				t.Errorf("%s in %s: there are no phrases %q", name, language, w.missing)
			case err != nil || again.Text != text:
				t.Errorf("%s in %s is not the same twice: %v", name, language, err)
			case strings.ContainsAny(text, quoteOpen+quoteClose):
				t.Errorf("%s in %s has an empty place:\n%s", name, language, text)
			case language == "go":
				isFormatted(t, name, text)
			}
		}
	}
	if written < 180 {
		t.Errorf("only %d schemes have code", written)
	}
}

func isFormatted(t *testing.T, name, text string) {
	t.Helper()
	out, err := format.Source([]byte(text))
	if err != nil || string(out) != text {
		t.Errorf("%s is not as gofmt has it: %v\n%s", name, err, text)
	}
}

// TestGolden compares a dozen verifiers whole. Between them they have every kind of step.
func TestGolden(t *testing.T) {
	t.Parallel()
	for name, language := range map[string]string{
		"stripe": "node", "github": "python", "svix": "go", "slack": "php", "shopify": "ruby", "discord": "java",
		"twilio": "node", "adyen.payments": "java", "persona": "go", "mailgun": "python", "linear": "ruby", "sendgrid": "php",
	} {
		code, err := Write(builtin(t, name), language)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", code.File+".golden")
		if *update {
			if err := os.WriteFile(file, []byte(code.Text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || string(want) != code.Text {
			t.Errorf("%s in %s is not as %s has it (-update writes it anew): %v\n%s", name, language, file, err, code.Text)
		}
	}
}

// TestHostileTexts has a scheme of somebody else's config file: no text of it gets out of its comment or literal.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	const end = "x\nevil() \u2028evil() ?> evil() */ evil() \\u000a evil() \"'`"
	p := parsed(t, &scheme.Scheme{
		Name: "7.odd-name", Title: end, URL: end, Quirks: end, Content: end + "{timestamp}${{evil}}#{{evil}}{header:X'Y`Z}{body}",
		Key:       scheme.KeySpec{Where: end, Prefix: end},
		Signature: scheme.SignatureSpec{Header: scheme.Names{"X-'`$A"}, Item: "a'`\"\\^]${*}={sig}/"},
		Timestamp: &scheme.TimestampSpec{Header: scheme.Names{"X-T"}},
	})
	for _, language := range Languages() {
		code, err := Write(p, language)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(code.Text, "\n") {
			bare := strings.TrimSpace(line)
			if strings.HasPrefix(bare, "evil") {
				t.Errorf("in %s a line begins with what a text has: %q", language, line)
			}
			isComment := strings.HasPrefix(bare, "//") || strings.HasPrefix(bare, "#") || strings.HasPrefix(bare, "*")
			if isComment && (strings.Contains(line, "?>") || strings.Contains(line, "*/ evil") || strings.Contains(line, `\u`)) {
				t.Errorf("in %s a comment ends early: %q", language, line)
			}
		}
		if language == "go" {
			if _, err := parser.ParseFile(token.NewFileSet(), "", code.Text, parser.SkipObjectResolution); err != nil {
				t.Errorf("%v\n%s", err, code.Text)
			}
		}
	}
}

// TestLineInPattern has a pattern that would end the literal it stands in.
func TestLineInPattern(t *testing.T) {
	t.Parallel()
	for _, item := range []string{"a\n{sig}", "{*}\u2028{sig}", "v\x01={sig}"} {
		_, err := Write(parsed(t, &scheme.Scheme{Name: "own", Content: "{body}", Signature: scheme.SignatureSpec{Header: scheme.Names{"X-Own"}, Item: item}}), "node")
		bad, ok := errors.AsType[*UnwritableError](err)
		if !ok || bad.Cause != BeyondTheWords || bad.Field != "signature.item" {
			t.Errorf("%q: %v", item, err)
		}
	}
}

// TestSameLastName has members whose last names are the same, and headers whose names differ in what divides their words.
func TestSameLastName(t *testing.T) {
	t.Parallel()
	p := parsed(t, &scheme.Scheme{
		Name: "own", Content: "{json:order.id}{json:customer.id}{json:a.customerId}{header:X-A-1}{header:X-A1}{json:order.id}",
		Signature: scheme.SignatureSpec{Header: scheme.Names{"X-Own"}},
	})
	code, err := Write(p, "node")
	if err != nil {
		t.Fatal(err)
	}
	if want := "`${jsonId}${jsonCustomerId}${jsonACustomerId}${headerXA1}${headerXA1x}${jsonId}`"; !strings.Contains(code.Text, want) {
		t.Errorf("%s is not in\n%s", want, code.Text)
	}
}
