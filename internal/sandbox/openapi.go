package sandbox

// The API description that GET /openapi.json answers with.

import _ "embed"

// openAPI describes the eleven endpoints.
//
//go:embed openapi.json
var openAPI []byte
