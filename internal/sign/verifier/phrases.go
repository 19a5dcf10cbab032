package verifier

// What a verifier is made of, in each language: a file of phrases.

import (
	"bytes"
	"compress/flate"
	_ "embed" // for the phrases
	"io"
	"slices"
	"strings"
)

// packed are the files in the folder phrases, one behind another: the program has room for a fifth of them only. After a change of one,
// go test ./internal/sign/verifier -update packs them anew.
//
//go:embed phrases.flate
var packed []byte

// words is a phrase of a language, and what the file needs that it stands in.
type words struct {
	text    string
	imports []string
	helpers []string
}

// The marks of phrases. A line with a language begins those of it. A line with a name begins a phrase. Lines of imports and helpers come first in it. What stands between
// the quotes is filled in.
const (
	markFile   = "==== "
	markName   = "== "
	markImport = "<+ "
	markHelper = "<< "
	quoteOpen  = "«"
	quoteClose = "»"
)

// readPhrases reads the phrases of a language.
func readPhrases(language string) map[string]words {
	all, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		return nil
	}
	_, text, _ := strings.Cut(string(all), markFile+language+"\n")
	text, _, _ = strings.Cut(text, markFile)
	out := map[string]words{}
	for _, block := range strings.Split("\n"+text, "\n"+markName)[1:] {
		name, rest, _ := strings.Cut(block, "\n")
		var w words
		lines := strings.Split(strings.TrimRight(rest, "\n"), "\n")
		for len(lines) > 0 {
			if text, ok := strings.CutPrefix(lines[0], markImport); ok {
				w.imports = append(w.imports, text)
			} else if text, ok := strings.CutPrefix(lines[0], markHelper); ok {
				w.helpers = append(w.helpers, text)
			} else {
				break
			}
			lines = lines[1:]
		}
		w.text = strings.Join(lines, "\n")
		out[name] = w
	}
	return out
}

// phrase is a phrase's text. What it needs is noted.
func (w *writer) phrase(name string) string {
	p, ok := w.phrases[name]
	if !ok {
		w.missing = append(w.missing, name)
		return ""
	}
	for _, one := range p.imports {
		if !slices.Contains(w.imports, one) {
			w.imports = append(w.imports, one)
		}
	}
	for _, one := range p.helpers {
		if !slices.Contains(w.helpers, one) {
			w.helpers = append(w.helpers, one)
			w.phrase("helper " + one) // for what it needs itself
		}
	}
	return p.text
}

// has says whether the language has a phrase.
func (w *writer) has(name string) bool {
	_, ok := w.phrases[name]
	return ok
}
