package scheme

// What is wrong with a scheme, and what to write instead.

import "strings"

// UnknownError says that there is no built-in scheme of a name.
type UnknownError struct {
	Name    string
	Nearest string // the nearest name, or ""
}

// Error names the scheme and the nearest one, if any is near.
func (e *UnknownError) Error() string {
	return withNearest("unknown scheme "+Quote(e.Name), e.Nearest)
}

// Error says what is wrong with a scheme and where.
type Error struct {
	Scheme  string // the scheme's name, or ""
	Field   string // dotted, like signature.header or require.X-Key; "" when it is not about one field
	Problem string // lower case, no full stop
	Nearest string // the nearest valid name or value, or ""
	Advice  string // what to write instead, where that is certain; or ""
}

// Error is scheme, field and problem in one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Scheme != "" {
		b.WriteString("scheme " + Quote(e.Scheme) + ": ")
	}
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	b.WriteString(e.Problem)
	return withNearest(b.String(), e.Nearest)
}

// Hint is what to write instead: the nearest valid value, or how the field is written; "" when whctl help schemes says more.
func (e *Error) Hint() string {
	switch {
	case e.Nearest != "":
		return "did you mean " + e.Nearest + "?"
	case e.Advice != "":
		return e.Advice
	}
	for _, x := range []struct{ field, example string }{
		{"name", "a name such as acme or acme.v2"},
		{"key.encoding", "encoding: utf8 takes the key's text as it stands, base64 and hex decode it"},
		{"key.not", `write not: {"sk_{*}": an API key}, with {*}, {digits} and {hex} for what differs`},
		{"signature", "write signature: {header: X-Signature}"},
		{"signature.header", "write header: X-Signature"},
		{"signature.json", "write header: X-Signature, or json: path.to.signature"},
		{"signature.encoding", "write encoding: hex, HEX, base64 or base64url"},
		{"signature.separator", `write separator: ","`},
		{"signature.sets", `write sets: " " beside separator: ","`},
		{"signature.item", `write item: "v1={sig}"`},
		{"signature.header_match", "write header_match: first or any"},
		{"timestamp", "write timestamp: {header: X-Timestamp}"},
		{"timestamp.header", "write header: X-Timestamp"},
		{"timestamp.item", `write item: "t={ts}" beside signature.separator: ","`},
		{"timestamp.unit", `write unit: s, ms, auto or rfc3339, or unit: "layout:%Y-%m-%dT%H:%M:%SZ"`},
		{"timestamp.tolerance", "write tolerance: 300, in seconds, or tolerance: off"},
		{"timestamp.window", "write window: both or past"},
		{"id.header", "write header: X-Request-Id"},
		{"body_hash.query", "write query: bodySHA256, and {url} in content"},
		{"url_match", "write url_match: [port, decoded], and {url} in content"},
		{"answer_timeout", "give seconds: answer_timeout: 10"},
		{"retry", "give seconds: retry: [1, 2, 4]"},
		{"no_retry_4xx", "write no_retry_4xx: true"},
	} {
		if x.field == e.Field {
			return x.example
		}
	}
	return ""
}

func withNearest(text, nearest string) string {
	if nearest == "" {
		return text
	}
	return text + " (did you mean " + Quote(nearest) + "?)"
}

// Quote puts a remote name into quotes, on one line and without anything that a terminal acts on.
func Quote(s string) string {
	const limit = 64
	var b strings.Builder
	b.WriteByte('"')
	for i, c := range s {
		if i >= limit {
			b.WriteString("…")
			break
		}
		if c < ' ' || c == '"' || c >= 0x7f {
			c = '?'
		}
		b.WriteRune(c)
	}
	b.WriteByte('"')
	return b.String()
}
