package sandbox

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"io"
)

// openAPI is openapi.json, which describes the eleven endpoints, packed by tools/pack.
//
//go:embed openapi.json.gz
var openAPI []byte

func openAPIDocument() (json.RawMessage, error) {
	z, err := gzip.NewReader(bytes.NewReader(openAPI))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
