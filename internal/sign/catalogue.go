package sign

import (
	"bytes"
	"compress/flate"
	"embed"
	"encoding/json"
	"io"
)

// Each scheme is a file of its own, so that using one unpacks one. tools/pack makes them from catalogue/: deflated, with
// some of the schemes as the text that all of them may refer to, without which they would take twice the room.
//
//go:embed bundle catalogue/hubspot.v2.json catalogue/convoy.advanced.sha256.base64.json catalogue/kyc.body.json
var bundle embed.FS

// dictionary is the text that packed schemes may refer to.
func dictionary() []byte {
	var out []byte
	for _, name := range []string{"hubspot.v2", "convoy.advanced.sha256.base64", "kyc.body"} {
		b, err := bundle.ReadFile("catalogue/" + name + ".json")
		if err == nil { // the files are embedded
			out = append(out, b...)
		}
	}
	return out
}

// Builtin returns the built-in scheme of that name (kyc and legaltalent mean kyc.ts-body), parsing only that one.
// The caller owns the result. The error is an *UnknownSchemeError.
func Builtin(name string) (*Scheme, error) { return new(unpacker).scheme(name) }

// unpacker reads schemes with one set of buffers, which cost more than what they are for.
type unpacker struct {
	dict []byte
	z    io.ReadCloser
}

func (u *unpacker) scheme(name string) (*Scheme, error) {
	file := name
	if file == "kyc" || file == "legaltalent" {
		file = "kyc.ts-body"
	}
	packed, err := bundle.ReadFile("bundle/" + file)
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
	if u.dict == nil {
		u.dict = dictionary()
	}
	from := bytes.NewReader(packed)
	if again, ok := u.z.(flate.Resetter); !ok {
		u.z = flate.NewReaderDict(from, u.dict)
	} else if err := again.Reset(from, u.dict); err != nil {
		return nil, err
	}
	var fields map[string]any
	err := json.NewDecoder(u.z).Decode(&fields)
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
		names[i] = e.Name()
	}
	return names
}
