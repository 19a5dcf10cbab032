package event

// Bodies that are forms.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// formOf writes a flat JSON object as a form, in the order of its members. Values other than strings keep their JSON text.
// The error is a *jsonbytes.Error: only an edit can turn a sample's object into something else.
func formOf(body []byte) ([]byte, error) {
	if text := bytes.TrimSpace(body); len(text) == 0 || text[0] != '{' {
		return nil, &jsonbytes.Error{Problem: "this event is sent as a form, so its body must stay an object"}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	var out bytes.Buffer
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("reading the form: %w", err)
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("reading the form: %w", err)
		}
		name, _ := token.(string)
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, fmt.Errorf("reading the form: %w", err)
		}
		if out.Len() > 0 {
			out.WriteByte('&')
		}
		out.WriteString(url.QueryEscape(name) + "=" + url.QueryEscape(plain(raw)))
	}
	return out.Bytes(), nil
}

// plain returns a value's text, a string without its quotes.
func plain(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// ContentType guesses the type of a body: application/x-www-form-urlencoded if it can be a form and not JSON, else
// application/json.
func ContentType(body []byte) string {
	text := bytes.TrimLeft(body, " \t\r\n\ufeff")
	if len(text) == 0 || strings.IndexByte("{[\"", text[0]) >= 0 || !bytes.ContainsRune(text, '=') {
		return "application/json"
	}
	return "application/x-www-form-urlencoded"
}
