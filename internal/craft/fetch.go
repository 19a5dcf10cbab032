package craft

// A request that a browser's developer tools copied as a call of fetch.

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/whctl/whctl/internal/fault"
)

var errFetch = errors.New("it is not one call of fetch with its URL and options as JSON, as browsers copy it")

func beginsFetch(start []byte) bool {
	return bytes.HasPrefix(bytes.TrimPrefix(start, []byte("await ")), []byte("fetch("))
}

// parseFetch reads fetch("URL", {…}). Chrome and Firefox write both as JSON.
func parseFetch(text []byte) (Saved, error) {
	q, err := readFetch(text)
	if err != nil {
		return Saved{}, fault.Hint(fault.New(fault.Usage, "cannot read the fetch: %w", err), "copy it whole, or copy it as cURL and use --curl FILE")
	}
	return q, nil
}

func readFetch(text []byte) (Saved, error) {
	rest := bytes.TrimPrefix(bytes.TrimPrefix(text, []byte("await ")), []byte("fetch("))
	q := Saved{Form: FormFetch}
	address, rest, err := firstJSON(rest)
	var target string
	if err != nil || json.Unmarshal(address, &target) != nil {
		return q, errFetch
	}
	if err := q.setURL(target); err != nil {
		return q, err
	}
	var options struct {
		Headers json.RawMessage `json:"headers"`
		Body    *string         `json:"body"`
		Method  string          `json:"method"`
	}
	if after, has := bytes.CutPrefix(bytes.TrimSpace(rest), []byte(",")); has {
		var object []byte
		if object, rest, err = firstJSON(after); err != nil || json.Unmarshal(object, &options) != nil {
			return q, errFetch
		}
	}
	if end := string(bytes.TrimSpace(rest)); end != ")" && end != ");" {
		return q, errFetch
	}
	fields, err := fieldsOf(options.Headers)
	if err != nil {
		return q, err
	}
	if q.Header, _, err = headersOf(fields); err != nil {
		return q, err
	}
	q.Method = cmp.Or(options.Method, http.MethodGet)
	if options.Body != nil {
		q.text(*options.Body)
	}
	return q, nil
}

// firstJSON is the value at the beginning, and what follows it.
func firstJSON(text []byte) (value, rest []byte, err error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return nil, nil, errFetch
	}
	return raw, text[dec.InputOffset():], nil
}
