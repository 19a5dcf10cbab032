package verifier

// Texts of a scheme that would be more than texts in a file of code: such a scheme may come with somebody's checkout.

import (
	"go/build/constraint"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// hostileTexts are read as more than words by one language or another, where they stand in the right place of a file.
func hostileTexts() []string {
	return []string{
		"x\nevil() \u2028evil() ?> evil() */ evil() \\u000a evil() \"'`",
		"coding:unicode_escape evil", "coding=utf-7 evil", "-*- coding: utf-16 -*- evil", // PEP 263, Ruby's magic comments
		"-*-*- frozen_string_literal: false -*-*- evil", "warn_indent: true",
		`""" + evil() + """`, `'''evil()'''`, // strings that are documentation in Python
		"-*/ evil() /*", "**// evil()", "?>? evil()", "??>> evil()", "*\u200b/ evil()", "?\u00ad> evil()",
		`\u002a/ evil()`, `\uuuu002a/ evil()`, `\\u000aevil()`, // JLS 3.3
		"+build evil", "go:build evil", "go:embed evil", "line evil.go:1", "export evil",
		"@deprecated evil", "@ts-nocheck evil", "# sourceMappingURL=evil", "#!evil", "=begin evil", "__END__ evil", "<!-- evil", "--> evil",
		"x\revil()", "x\u2029evil()", "x\u0085evil()", "x\fevil()", "x\vevil()", "x\x00evil()", "\ufeffevil()", "x\xffevil()",
		"«body» evil «no evil»", "${evil()} #{evil()} {evil()}",
	}
}

// hostile is a scheme that has a text wherever there may be one in a comment.
func hostile(text, match string) *scheme.Scheme {
	return &scheme.Scheme{
		Name: "7.odd-name", Title: text, URL: text, Quirks: strings.Repeat(text+" ", 20), Content: "{url}{body}", URLMatch: []string{match},
		Key:       scheme.KeySpec{Where: text},
		Signature: scheme.SignatureSpec{Header: scheme.Names{"X-Own"}},
	}
}

// TestHostileComments: no text of a scheme gets out of its comment, is read as a tag or a directive, or chooses how the file is read.
func TestHostileComments(t *testing.T) {
	t.Parallel()
	for _, text := range hostileTexts() {
		for _, match := range []string{scheme.URLPort, scheme.URLDecoded} {
			p := parsed(t, hostile(text, match))
			for _, language := range Languages() {
				code, err := Write(p, language)
				if err != nil {
					t.Fatal(err)
				}
				staysInComments(t, language, text, code.Text)
			}
		}
	}
}

// staysInComments looks at the code of one verifier whose texts hold evil.
func staysInComments(t *testing.T, language, text, code string) {
	t.Helper()
	first, rest, _ := strings.Cut(code, "\n")
	want := map[string]string{"python": "# -*- coding: utf-8 -*-", "ruby": "# frozen_string_literal: true", "php": "<?php"}
	if line := want[language]; line != "" && first != line {
		t.Errorf("%q in %s: the first line is %q", text, language, first)
	}
	for i, line := range strings.Split(rest, "\n") {
		bare, comment := inComment(language, strings.TrimSpace(line))
		marked := func(mark string) bool { return strings.Contains(bare, mark) }
		const head = 5
		switch {
		case !comment && strings.Contains(line, "evil"):
			t.Errorf("%q in %s is in code: %q", text, language, line)
		case comment && slices.ContainsFunc([]string{"?>", "*/", "-*-", `\`, "\u2028", "\u2029", "\r", "\f", "\u0085"}, marked):
			t.Errorf("%q in %s may end its comment: %q", text, language, line)
		case comment && strings.HasPrefix(bare, "@") && strings.Contains(bare, "evil"):
			t.Errorf("%q in %s is a tag: %q", text, language, line)
		case comment && i < head && strings.HasPrefix(bare, text[:min(4, len(text))]):
			t.Errorf("%q in %s begins a comment at the head: %q", text, language, line)
		}
	}
	if language != "go" {
		return
	}
	for line := range strings.SplitSeq(code, "\n") {
		if constraint.IsGoBuild(line) || constraint.IsPlusBuild(line) {
			t.Errorf("%q makes a line that says when to build the file: %q", text, line)
		}
	}
	if _, err := parser.ParseFile(token.NewFileSet(), "", code, parser.SkipObjectResolution); err != nil {
		t.Errorf("%q: %v\n%s", text, err, code)
	}
}

// inComment is what stands in a comment; false for a line that is none.
func inComment(language, line string) (string, bool) {
	marks := []string{"//", "/**", "*"}
	if language == "python" || language == "ruby" {
		marks = []string{"#"}
	}
	for _, mark := range marks {
		if bare, ok := strings.CutPrefix(line, mark); ok {
			return strings.TrimSpace(strings.TrimSuffix(bare, "*/")), line != "*/"
		}
	}
	return "", false
}
