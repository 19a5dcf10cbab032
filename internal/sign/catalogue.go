package sign

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"slices"
	"strings"
)

// Each scheme is a file of its own, so that using one parses one. tools/pack makes them from catalogue/.
//
//go:embed bundle/*.gz
var bundle embed.FS

// Builtin returns the built-in scheme of that name (kyc and legaltalent mean kyc.ts-body), parsing only that one.
// The caller owns the result. The error is an *UnknownSchemeError.
func Builtin(name string) (*Scheme, error) { return new(unpacker).scheme(name) }

// unpacker reads schemes with one set of buffers, which cost more than what they are for.
type unpacker struct{ z gzip.Reader }

func (u *unpacker) scheme(name string) (*Scheme, error) {
	file := name
	if file == "kyc" || file == "legaltalent" {
		file = "kyc.ts-body"
	}
	packed, err := bundle.ReadFile("bundle/" + file + ".gz")
	if err != nil {
		return nil, &UnknownSchemeError{Name: name, Nearest: nearest(name, append(BuiltinNames(), "kyc", "legaltalent"))}
	}
	fields, err := u.unpack(packed)
	if err != nil {
		return nil, &SchemeError{Scheme: file, Problem: err.Error()}
	}
	return DecodeScheme(file, fields)
}

func (u *unpacker) unpack(packed []byte) (map[string]any, error) {
	if err := u.z.Reset(bytes.NewReader(packed)); err != nil {
		return nil, err
	}
	var fields map[string]any
	err := json.NewDecoder(&u.z).Decode(&fields)
	return fields, err
}

// BuiltinNames returns the names of the built-in schemes, sorted, without aliases.
func BuiltinNames() []string {
	entries, err := bundle.ReadDir("bundle")
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".gz")
	}
	slices.Sort(names) // by name without its ending
	return names
}
