// The API description that GET /openapi.json answers with.
package sandbox

import _ "embed"

// openAPI describes the eleven endpoints.
//
//go:embed openapi.json
var openAPI []byte
