package craft

// Requests that were saved as JSON: which form it is, and headers as an object.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/whctl/whctl/internal/fault"
)

// readJSON reads a HAR, an entry of one, or the event of a function.
func readJSON(raw []byte) (all []Saved, many bool, err error) {
	var probe struct {
		Log     *harLog     `json:"log"`
		Request *harRequest `json:"request"`
		functionEvent
	}
	if err := json.Unmarshal(raw, &probe); err != nil {
		return nil, false, fault.Hint(fault.New(fault.Usage, "not a saved request: %s", jsonProblem(err)), savedForms)
	}
	var q Saved
	switch {
	case probe.Log != nil:
		all, err = probe.Log.all()
		return all, true, err
	case probe.Request != nil:
		q, err = probe.Request.saved()
	case probe.is():
		q, err = probe.saved()
	default:
		err = fault.Hint(fault.New(fault.Usage, "not a saved request: this JSON is neither a HAR nor the event of a function"), savedForms)
	}
	return []Saved{q}, false, err
}

const savedForms = "save a raw request, a HAR, the event of a function, or a copy from a browser's developer tools; a body alone is an argument, its headers -H"

// jsonProblem says what is wrong with JSON, without its text.
func jsonProblem(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("its JSON is broken or cut off at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Sprintf("its JSON has a %s where it should not, at byte %d", kind.Value, kind.Offset)
	default:
		return "its JSON cannot be read"
	}
}

// field is a member of an object whose values are texts or lists of them.
type field struct {
	name   string
	values []string
}

var (
	errFields   = errors.New("its headers or its query are not an object of texts or of lists of texts")
	errNoFields = errors.New("there are none")
)

// fieldsOf reads an object in the order in which it is written. null is none.
func fieldsOf(raw json.RawMessage) ([]field, error) {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if first, err := dec.Token(); err != nil || first != json.Delim('{') {
		return nil, errFields
	}
	var all []field
	for dec.More() {
		name, err := dec.Token()
		var value json.RawMessage
		if err == nil {
			err = dec.Decode(&value)
		}
		text, ok := name.(string)
		if err != nil || !ok {
			return nil, errFields
		}
		values, err := textsOf(value)
		if err != nil {
			return nil, err
		}
		all = append(all, field{text, values})
	}
	return all, nil
}

// textsOf reads a text, a number, or a list of them. null is none.
func textsOf(raw json.RawMessage) ([]string, error) {
	list := []json.RawMessage{raw}
	if raw[0] == '[' {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, errFields
		}
	}
	var texts []string
	for _, one := range list {
		var text *string
		var number json.Number
		switch {
		case json.Unmarshal(one, &text) == nil:
			if text != nil {
				texts = append(texts, *text)
			}
		case json.Unmarshal(one, &number) == nil:
			texts = append(texts, number.String())
		default:
			return nil, errFields
		}
	}
	return texts, nil
}

// headersOf makes headers of fields. pseudo are those of HTTP/2, by their names (RFC 9113, section 8.3.1).
func headersOf(fields []field) (h http.Header, pseudo map[string]string, err error) {
	h, pseudo = http.Header{}, map[string]string{}
	for _, f := range fields {
		for _, value := range f.values {
			if len(f.name) > 1 && f.name[0] == ':' {
				pseudo[f.name] = value
				continue
			}
			if err := addHeader(h, f.name, value); err != nil {
				return nil, nil, err
			}
		}
	}
	return h, pseudo, nil
}

// HeadersJSON reads headers as a JSON object of texts or of lists of texts, as programs log them.
func HeadersJSON(raw []byte) (http.Header, error) {
	var whole json.RawMessage
	err := json.Unmarshal(raw, &whole)
	if err != nil {
		return nil, fault.Hint(fault.New(fault.Usage, "cannot read the headers: %s", jsonProblem(err)), headersObject)
	}
	fields, err := fieldsOf(bytes.TrimSpace(whole))
	if err == nil && len(fields) == 0 {
		err = errNoFields
	}
	if err == nil {
		var h http.Header
		if h, _, err = headersOf(fields); err == nil {
			return h, nil
		}
	}
	return nil, fault.Hint(fault.New(fault.Usage, "cannot read the headers: %w", err), headersObject)
}

const headersObject = `write an object: {"Name": "value", "Other": ["one", "two"]}`
