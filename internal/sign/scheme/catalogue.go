package scheme

// The built-in schemes: one JSON file each, embedded as it stands.

import (
	"embed"
	"encoding/json"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/near"
)

// catalogue holds one file for each scheme, so that using one parses no other.
//
//go:embed catalogue/*.json
var catalogue embed.FS

// Builtin returns the built-in scheme of that name (kyc and legaltalent mean kyc.ts-body), parsing only that one.
// The caller owns the result. The error is an *UnknownError.
func Builtin(name string) (*Scheme, error) {
	file := name
	if file == "kyc" || file == "legaltalent" {
		file = "kyc.ts-body"
	}
	text, err := catalogue.ReadFile("catalogue/" + file + ".json")
	if err != nil {
		return nil, &UnknownError{Name: name, Nearest: near.Word(name, append(BuiltinNames(), "kyc", "legaltalent"))}
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, &Error{Scheme: file, Problem: err.Error()}
	}
	return Decode(file, fields)
}

// BuiltinNames returns the names of the built-in schemes, sorted, without aliases.
func BuiltinNames() []string {
	entries, err := catalogue.ReadDir("catalogue")
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".json")
	}
	slices.Sort(names) // the directory is sorted by names that end in .json
	return names
}
