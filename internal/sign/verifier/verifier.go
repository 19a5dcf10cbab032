// Package verifier writes the code of a verifier for one scheme, in a programming language: what a receiver of webhooks needs, and
// nothing that its scheme does not use.
package verifier

import "github.com/whctl/whctl/internal/sign/scheme"

// Code is a verifier in one language.
type Code struct {
	Scheme   string `json:"scheme"`
	Language string `json:"language"`
	Text     string `json:"code"`
	File     string `json:"file"` // the name that a file of it should have; in Java it must
}

// Languages are the languages in which verifiers are written.
func Languages() []string { return []string{"node", "python", "go", "php", "ruby", "java"} }

// Write writes the verifier of a scheme. The language is one of Languages. The error is an *UnwritableError.
func Write(p *scheme.Parsed, language string) (Code, error) {
	b, err := build(p)
	if err != nil {
		return Code{}, err
	}
	w := newWriter(p, b, language)
	return Code{Scheme: p.Scheme().Name, Language: language, Text: w.write(b, p), File: w.fill(w.phrase("name"), nil)}, nil
}

// Writable says whether Write has code for a scheme.
func Writable(p *scheme.Parsed) bool {
	_, err := build(p)
	return err == nil
}
