package scheme

// The built-in schemes: one JSON file each, embedded as it stands.

import (
	"embed"
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/near"
)

// catalogue holds one file for each scheme, so that using one parses no other. Those of providers that sign nothing are in a folder of
// their own, so that nobody tries them on a request.
//
//go:embed catalogue/*.json catalogue/unsigned/*.json
var catalogue embed.FS

const (
	signedDir   = "catalogue"
	unsignedDir = "catalogue/unsigned"
)

// Builtin returns the built-in scheme of that name, or of the one that is also known by it, parsing hardly any other.
// The caller owns the result. It is not checked as Decode does, which tests do for the whole catalogue. The error is an *UnknownError.
func Builtin(name string) (*Scheme, error) {
	file, text := find(name)
	if text == nil {
		return nil, &UnknownError{Name: name, Nearest: Nearest(name)}
	}
	fields, err := treeOf(text)
	if err != nil {
		return nil, &Error{Scheme: file, Problem: err.Error()}
	}
	return decode(file, fields)
}

// builtinTree is the file of a built-in scheme as a tree.
func builtinTree(name string) (map[string]any, error) {
	text, err := read(signedDir, name)
	if err != nil {
		return nil, err
	}
	return treeOf(text)
}

func treeOf(text []byte) (fields map[string]any, err error) {
	err = json.Unmarshal(text, &fields)
	return fields, err
}

func read(dir, name string) ([]byte, error) { return catalogue.ReadFile(path.Join(dir, name+".json")) }

// find returns the file of a scheme by its name, or else by another name that people know it by; nil when there is none.
func find(name string) (file string, text []byte) {
	for _, dir := range []string{signedDir, unsignedDir} {
		if text, err := read(dir, name); err == nil && !strings.Contains(name, "/") {
			return name, text
		}
	}
	names := fieldAt("names")
	for file, text := range files() {
		if slices.Contains(names.in(text), name) {
			return file, text
		}
	}
	return "", nil
}

// Nearest is the name that a wrong one probably stands for, "" for none.
func Nearest(name string) string {
	var all []string
	names := fieldAt("names")
	for file, text := range files() {
		all = append(append(all, file), names.in(text)...)
	}
	slices.Sort(all)
	if named := DomainName(name); slices.Contains(all, named) {
		return named
	}
	return near.Word(name, all)
}

// DomainName is the name in a domain, such as stripe in docs.stripe.com; "" where the text is no domain.
func DomainName(text string) string {
	labels := strings.Split(strings.ToLower(text), ".")
	last := len(labels) - 2
	if last > 0 && slices.Contains([]string{"co", "com", "net", "org"}, labels[last]) { // co.uk, com.br
		last--
	}
	if last < 0 || slices.ContainsFunc(labels, func(l string) bool { return l == "" || strings.ContainsAny(l, " /:") }) {
		return ""
	}
	return labels[last]
}

// files gives the name and text of every file, sorted.
func files() func(yield func(string, []byte) bool) {
	return func(yield func(string, []byte) bool) {
		for _, list := range []struct {
			dir   string
			names []string
		}{{signedDir, BuiltinNames()}, {unsignedDir, UnsignedNames()}} {
			for _, name := range list.names {
				if text, err := read(list.dir, name); err != nil || !yield(name, text) {
					return
				}
			}
		}
	}
}

// field is where a text or a list of texts stands in a file, or several such places.
type field []jsonbytes.Path

func fieldAt(places ...string) field {
	var out field
	for _, place := range places {
		if p, err := jsonbytes.ParsePath(place); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// in are the texts of the field in a file, which is not parsed whole for that.
func (f field) in(text []byte) (out []string) {
	jsonbytes.Places(text, f, func(start, end int) {
		value := text[start:end]
		for token := range jsonbytes.Tokens(value) {
			if one, err := strconv.Unquote(string(value[token.Start:token.End])); err == nil {
				out = append(out, one)
			}
		}
	})
	return out
}

// Fitting returns the names of the built-in schemes that may have signed a message with these headers, sorted: those whose signature header
// is there, and those that name none. A twin without a header that sets it apart is left out: the scheme that it is like stands for it,
// unless its keys are of another form. No file is parsed whole.
func Fitting(header map[string][]string) (out []string) {
	like, signatures, covered := fieldAt("like"), fieldAt("signature.header", "jwt.header"), fieldAt("message_signature.components")
	events, keys := fieldAt("event.type", "event.id", "event.time", "event.object"), fieldAt("key.encoding", "key.prefix")
	has := func(name string) bool { return HeaderValue(header, CanonicalHeader(name)) != "" }
	marked := func(place string) bool {
		name, ok := strings.CutPrefix(place, "header:")
		return ok && has(name)
	}
	for _, name := range BuiltinNames() {
		text, err := read(signedDir, name)
		if err != nil {
			continue
		}
		own := signatures.in(text)
		if len(own) == 0 && len(covered.in(text)) > 0 {
			own = []string{SignatureField, SignatureInput}
		}
		fits := slices.ContainsFunc(own, has)
		if len(own) == 0 {
			twin := len(like.in(text)) > 0 && len(keys.in(text)) == 0
			fits = !twin || slices.ContainsFunc(events.in(text), marked)
		}
		if fits {
			out = append(out, name)
		}
	}
	return out
}

// Handshaking returns the names of the built-in schemes whose provider asks whether a URL is the user's, sorted. No file is parsed whole.
func Handshaking() (out []string) {
	when, method := fieldAt("handshake.when"), fieldAt("handshake.method")
	for name, text := range files() {
		if len(when.in(text)) > 0 || len(method.in(text)) > 0 {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// BuiltinNames returns the names of the built-in schemes that verify, sorted, without the other names that people know them by.
func BuiltinNames() []string { return namesIn(signedDir) }

// UnsignedNames returns the names of the providers whose requests cannot be verified with a key, sorted.
func UnsignedNames() []string { return namesIn(unsignedDir) }

func namesIn(dir string) []string {
	entries, err := fs.ReadDir(catalogue, dir)
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, strings.TrimSuffix(e.Name(), ".json"))
		}
	}
	slices.Sort(names) // the directory is sorted by names that end in .json
	return names
}
