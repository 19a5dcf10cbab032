package scheme

// Fields of a body that is a form, and parameters of a URL.

import (
	"bytes"
	"net/url"
	"strings"
)

// FormValues are the values of a field, decoded, in the order of the body. Where the headers speak of a multipart form, it is read as
// that and as nothing else, as receivers do, so it has no field where they do not say its one boundary. A body that begins as JSON does is
// no form: a receiver that reads the one would never see the other. Only the first 8 MiB of other forms are looked at.
func FormValues(header map[string][]string, body []byte, name string) []string {
	if boundary, ok := Boundary(header); ok {
		return partValues(body, boundary, name)
	}
	if IsMultipart(header) || IsJSONLike(body) {
		return nil
	}
	return pairValues(string(body[:min(len(body), maxJSONScan)]), name)
}

// IsJSONLike says whether a body begins as JSON does.
func IsJSONLike(body []byte) bool {
	lead := bytes.TrimLeft(body[:min(len(body), maxJSONScan)], " \t\r\n\ufeff")
	return len(lead) > 0 && (lead[0] == '{' || lead[0] == '[' || lead[0] == '"')
}

// HasFields says whether a scheme that signs the fields of forms signs those of a body. It does unless the body looks like JSON and no
// Content-Type is a form's: a receiver that is told of a form reads fields in whatever there is, so [=1&a=2 must not pass as JSON.
func HasFields(header map[string][]string, body []byte) bool {
	return !IsJSONLike(body) || IsMultipart(header) || names(header, func(kind string) bool { return kind == "application/x-www-form-urlencoded" })
}

// IsMultipart says whether the headers speak of a multipart body, among whatever else.
func IsMultipart(header map[string][]string) bool {
	return names(header, func(kind string) bool { return strings.HasPrefix(kind, "multipart/") })
}

// names says whether a Content-Type is of a kind, or may be taken for one: there may be two, which proxies join with a comma.
func names(header map[string][]string, is func(kind string) bool) bool {
	for _, text := range HeaderValues(header, "Content-Type") {
		for kind := range strings.FieldsFuncSeq(strings.ToLower(text), func(c rune) bool { return c == ',' || c == ';' }) {
			if is(TrimBlanks(kind)) {
				return true
			}
		}
	}
	return false
}

// QueryValues are the values of a parameter of a URL or of its path and query, decoded.
func QueryValues(target, name string) []string {
	target, _, _ = strings.Cut(target, "#")
	_, query, _ := strings.Cut(target, "?")
	return pairValues(query, name)
}

func pairValues(text, name string) []string {
	var out []string
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		key, value, _ := strings.Cut(pair, "=")
		if len(value) <= maxJSONValue && (key == name || strings.ContainsAny(key, "%+") && Unescape(key) == name) {
			out = append(out, Unescape(value))
		}
	}
	return out
}

// Unescape is the text of a form's name or value; what is escaped wrongly stays as it is.
func Unescape(s string) string {
	if out, err := url.QueryUnescape(s); err == nil {
		return out
	}
	return s
}
