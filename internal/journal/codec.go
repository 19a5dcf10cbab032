package journal

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// base64Open begins a value that is not UTF-8. It cannot stand inside a value, where quotes are escaped.
const base64Open = `{"base64":"`

// encodeHeader writes a header as a JSON object of arrays, keys sorted. A value that is not UTF-8, which HTTP allows,
// becomes {"base64":"…"} so that no byte is lost. A nil header is "".
func encodeHeader(h map[string][]string) string {
	if h == nil {
		return ""
	}
	keys := make([]string, 0, len(h))
	size := 2
	for k, values := range h {
		keys = append(keys, k)
		size += len(k) + 6
		for _, v := range values {
			size += len(v) + 3
		}
	}
	slices.Sort(keys)
	b := make([]byte, 0, size+size/8)
	b = append(b, '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, strings.ToValidUTF8(k, "\ufffd"))
		b = append(b, ':')
		b = appendValues(b, h[k])
	}
	return string(append(b, '}'))
}

func appendValues(b []byte, values []string) []byte {
	if values == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		if utf8.ValidString(v) {
			b = appendString(b, v)
			continue
		}
		b = append(b, base64Open...)
		b = base64.StdEncoding.AppendEncode(b, []byte(v))
		b = append(b, `"}`...)
	}
	return append(b, ']')
}

// appendString writes valid UTF-8 as a JSON string. encoding/json does the same at four times the cost, which would
// be felt: headers are encoded for every delivery.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		if c == '"' || c == '\\' {
			b = append(b, '\\', c)
		} else {
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		start = i + 1
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

func decodeHeader(text string) (map[string][]string, error) {
	if text == "" {
		return nil, nil
	}
	if !strings.Contains(text, base64Open) {
		var plain map[string][]string
		if err := json.Unmarshal([]byte(text), &plain); err != nil {
			return nil, fmt.Errorf("%w: headers: %w", errRow, err)
		}
		return plain, nil
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

// headerValue is a stored value: a JSON string, or {"base64":"…"}.
type headerValue string

// UnmarshalJSON reads either form.
func (v *headerValue) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		var raw struct {
			Base64 []byte `json:"base64"`
		}
		if err := json.Unmarshal(b, &raw); err != nil {
			return err
		}
		*v = headerValue(raw.Base64)
		return nil
	}
	return json.Unmarshal(b, (*string)(v))
}

func encodeTargets(targets []string) any {
	if len(targets) == 0 {
		return nil
	}
	return string(appendValues(nil, targets))
}

func decodeTargets(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	var stored []headerValue
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return nil, fmt.Errorf("%w: targets: %w", errRow, err)
	}
	out := make([]string, len(stored))
	for i, v := range stored {
		out[i] = string(v)
	}
	return out, nil
}

// encodeTime writes a time that came from outside as decimal seconds since 1970: a sender may claim any year, and
// nanoseconds in 64 bits end in 2262. The zero time is nil.
func encodeTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return strconv.FormatInt(t.Unix(), 10) + "." + fmt.Sprintf("%09d", t.Nanosecond())
}

func decodeTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	sec, frac, _ := strings.Cut(text, ".")
	s, err := strconv.ParseInt(sec, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: time: %w", errRow, err)
	}
	n, err := strconv.ParseInt(frac, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: time: %w", errRow, err)
	}
	return time.Unix(s, n).UTC(), nil
}

// clock and unclock keep times of this machine's own clock, which nanoseconds in 64 bits can hold.
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

// eventKey is what the index of events holds in place of scheme and event id: eight bytes instead of fifty, which
// was measured to save a seventh of an append. Two events may share a key, so whoever uses it compares the texts as well.
func eventKey(scheme, id string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(scheme))
	_, _ = h.Write([]byte{0})
	_, _ = h.Write([]byte(id))
	return int64(h.Sum64()) //nolint:gosec // the bits matter, not the number
}
