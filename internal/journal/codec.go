package journal

// How headers, parameters and times are written in a column.

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// encodeHeader writes a header as a JSON object of arrays, keys sorted. A nil header is "".
func encodeHeader(h map[string][]string) string {
	switch {
	case h == nil:
		return ""
	case len(h) == 0:
		return "{}"
	}
	names := slices.AppendSeq(make([]string, 0, len(h)), maps.Keys(h))
	slices.Sort(names)
	text := make([]byte, 0, 512)
	for _, k := range names {
		text = append(appendText(append(text, ','), k), ':')
		if h[k] == nil {
			text = append(text, "null"...)
			continue
		}
		text = append(text, '[')
		for i, v := range h[k] {
			if i > 0 {
				text = append(text, ',')
			}
			text = appendValue(text, v)
		}
		text = append(text, ']')
	}
	text[0] = '{'
	return string(append(text, '}'))
}

// appendText writes a JSON string. Most names and values need no escapes.
func appendText(text []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // nothing in it can fail
			return append(text, quoted...)
		}
	}
	return append(append(append(text, '"'), s...), '"')
}

// appendValue writes a JSON string, or {"base64":"…"} where the value is not UTF-8, which HTTP allows.
func appendValue(text []byte, v string) []byte {
	if utf8.ValidString(v) {
		return appendText(text, v)
	}
	object, _ := json.Marshal(headerBytes{[]byte(v)}) // nothing in it can fail
	return append(text, object...)
}

func decodeHeader(text string) (map[string][]string, error) {
	if text == "" {
		return nil, nil
	}
	var stored map[string][]headerValue
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return nil, fmt.Errorf("%w: headers: %w", errRow, err)
	}
	h := make(map[string][]string, len(stored))
	for k, values := range stored {
		if values == nil {
			h[k] = nil
			continue
		}
		out := make([]string, len(values))
		for i, v := range values {
			out[i] = string(v)
		}
		h[k] = out
	}
	return h, nil
}

// headerValue is a value as appendValue writes it.
type headerValue string

type headerBytes struct {
	Base64 []byte `json:"base64"`
}

// UnmarshalJSON reads either form.
func (v *headerValue) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		var raw headerBytes
		if err := json.Unmarshal(b, &raw); err != nil {
			return err
		}
		*v = headerValue(raw.Base64)
		return nil
	}
	return json.Unmarshal(b, (*string)(v))
}

// encodeParams writes the parameters of a signature's check; "" for none.
func encodeParams(params map[string]string) string {
	if len(params) == 0 {
		return ""
	}
	text, _ := json.Marshal(params) // nothing in it can fail
	return string(text)
}

func decodeParams(text string) (params map[string]string, err error) {
	if text == "" {
		return nil, nil
	}
	if err = json.Unmarshal([]byte(text), &params); err != nil {
		err = fmt.Errorf("%w: params: %w", errRow, err)
	}
	return params, err
}

// encodeTime writes a time that came from outside as decimal seconds since 1970: a sender can send any year, and
// nanoseconds in 64 bits end in 2262. The zero time is NULL.
func encodeTime(t time.Time) sql.NullString {
	if t.IsZero() {
		return sql.NullString{}
	}
	return sql.NullString{String: fmt.Sprintf("%d.%09d", t.Unix(), t.Nanosecond()), Valid: true}
}

func decodeTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	sec, frac, _ := strings.Cut(text, ".")
	s, err := strconv.ParseInt(sec, 10, 64)
	n, fracErr := strconv.ParseInt(frac, 10, 64)
	if err := cmp.Or(err, fracErr); err != nil {
		return time.Time{}, fmt.Errorf("%w: time: %w", errRow, err)
	}
	return time.Unix(s, n).UTC(), nil
}

// clock and unclock write and read times of this machine's clock, which nanoseconds in 64 bits can hold.
func clock(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func unclock(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// eventKey stands for scheme and event id in the index of events: eight bytes instead of fifty save a seventh of an append. Two
// events may share a key, so the texts are compared as well.
func eventKey(scheme, id string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(scheme))
	_, _ = h.Write([]byte{0})
	_, _ = h.Write([]byte(id))
	return int64(h.Sum64()) //nolint:gosec // the bits matter, not the number
}
