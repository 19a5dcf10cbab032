package refusal

// The words of an answer, without the parts of a page that are not about it.

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
)

// mostText is how much of an answer is read. What refuses a delivery says so early.
const mostText = 64 << 10

// plain is an answer's text in small letters. Some parts of a page name things that it is not about, so they are left out: every
// page of Rails and Laravel carries a CSRF token.
func plain(h http.Header, body []byte) string {
	if strings.EqualFold(h.Get("Content-Encoding"), "gzip") {
		body = unpacked(body)
	}
	text := strings.ToLower(string(body[:min(len(body), mostText)]))
	for _, tag := range []struct{ start, end string }{
		{"<!--", "-->"}, {"<meta", ">"}, {"<input", ">"}, {"<link", ">"}, {"<style", "</style>"}, {"<script", "</script>"},
	} {
		text = without(text, tag.start, tag.end)
	}
	return strings.TrimSpace(strings.NewReplacer("&#39;", "'", "&#x27;", "'", "&quot;", `"`, "&#x60;", "`").Replace(text))
}

// unpacked is what can be read of a gzip stream, of which the end may be missing.
func unpacked(body []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil
	}
	out, _ := io.ReadAll(io.LimitReader(r, mostText)) // what came before an error is worth reading
	return out
}

// without takes out every part from start to end.
func without(text, start, end string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, start)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if _, text, found = strings.Cut(rest, end); !found {
			return b.String()
		}
	}
}
