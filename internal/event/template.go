package event

// The form of a sample's text, and its placeholders.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// A sample is a head of "name: value" lines, an empty line, and the body as JSON in any layout:
//
//	note: what is made up
//	id: evt_{{alnum:8}}
//	header: X-GitHub-Event: push
//
//	{"id": "{{id}}", "created": {{now.unix}}, "user": "{{uuid:user}}", "owner": "{{uuid:user}}"}
//
// Head lines are note, id (how a new one is made), header (any number), type (where it stands in no body), "body: form"
// (the body, a flat object of strings, is sent as a form), "body: indented" (by two blanks) and "end: crlf" (a line break
// comes after the body).
//
// Placeholders stand in the head and in the body, inside strings and outside:
//
//	{{id}}                            the event's id: of the options, or made by the head's id line
//	{{uuid}}                          a fresh UUID
//	{{alnum:N}} {{upper:N}}           N fresh characters, lower or upper case
//	{{hex:N}} {{digits:N}}            digits begin with no zero
//	{{uuid:NAME}} {{alnum:N:NAME}} …  the same one wherever the name is repeated
//	{{now}} {{now.s}}                 the event's time in RFC 3339, UTC, with milliseconds or without
//	{{now.unix}} {{now.unix.ms}}      in seconds, in milliseconds
//	{{now.unix.micro}}                in seconds with six decimals
const (
	milliseconds = "2006-01-02T15:04:05.000Z"
	seconds      = "2006-01-02T15:04:05Z"
)

// filling is what the placeholders of one sample stand for.
type filling struct {
	now   time.Time
	rand  io.Reader
	id    string
	named map[string]string
}

// expand makes a sample from the text of its file.
func expand(text string, o BuildOptions) (Sample, error) {
	head, body, ok := strings.Cut(text, "\n\n")
	if !ok {
		return Sample{}, fmt.Errorf("no empty line after the head")
	}
	var s Sample
	f := &filling{now: o.Now.UTC(), rand: o.Rand, id: o.ID, named: map[string]string{}}
	for line := range strings.SplitSeq(head, "\n") {
		key, value, _ := strings.Cut(line, ": ")
		if err := s.headLine(f, key, value); err != nil {
			return Sample{}, err
		}
	}
	filled, err := f.fill(body, inQuotes)
	if err != nil {
		return Sample{}, err
	}
	var out bytes.Buffer
	if err := json.Compact(&out, []byte(filled)); err != nil {
		return Sample{}, err
	}
	s.Body = out.Bytes()
	return s, nil
}

func (s *Sample) headLine(f *filling, key, value string) error {
	if key == "id" && f.id != "" {
		s.ID = f.id
		return nil
	}
	value, err := f.fill(value, func(s string) string { return s })
	if err != nil {
		return err
	}
	switch key {
	case "note":
		s.Note = value
	case "type":
		s.Type = value
	case "id":
		s.ID, f.id = value, value
	case "header":
		name, v, _ := strings.Cut(value, ": ")
		s.Fields = append(s.Fields, Field{name, v})
	case "body", "end":
		return s.shape(key, value)
	default:
		return fmt.Errorf("head line %q", key)
	}
	return nil
}

// shape notes how a body differs from plain JSON.
func (s *Sample) shape(key, value string) error {
	switch key + ": " + value {
	case "body: form":
		s.form = true
	case "body: indented":
		s.indented = true
	case "end: crlf":
		s.end = "\r\n"
	default:
		return fmt.Errorf("head line %q: %q", key, value)
	}
	return nil
}

// inQuotes is text as it stands between the quotes of a JSON string.
func inQuotes(s string) string {
	quoted := jsonbytes.Quote(s)
	return string(quoted[1 : len(quoted)-1])
}

// fill puts values in place of the placeholders; escape makes each fit where it stands.
func (f *filling) fill(text string, escape func(string) string) (string, error) {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{{")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		name, after, _ := strings.Cut(rest, "}}")
		value, err := f.value(name)
		if err != nil {
			return "", fmt.Errorf("placeholder {{%s}}: %w", name, err)
		}
		out.WriteString(escape(value))
		text = after
	}
}

func (f *filling) value(placeholder string) (string, error) {
	switch placeholder {
	case "id":
		return f.id, nil
	case "now":
		return f.now.Format(milliseconds), nil
	case "now.s":
		return f.now.Format(seconds), nil
	case "now.unix":
		return strconv.FormatInt(f.now.Unix(), 10), nil
	case "now.unix.ms":
		return strconv.FormatInt(f.now.UnixMilli(), 10), nil
	case "now.unix.micro":
		return fmt.Sprintf("%d.%06d", f.now.Unix(), f.now.Nanosecond()/int(time.Microsecond)), nil
	}
	if v, ok := f.named[placeholder]; ok {
		return v, nil
	}
	v, named, err := f.fresh(strings.Split(placeholder, ":"))
	if err == nil && named {
		f.named[placeholder] = v
	}
	return v, err
}

// fresh makes a random value and says whether it has a name to be kept under.
func (f *filling) fresh(parts []string) (string, bool, error) {
	if parts[0] == "uuid" {
		v, err := NewUUID(f.rand)
		return v, len(parts) == 2, err
	}
	var alphabet string
	switch parts[0] {
	case "alnum":
		alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"
	case "hex":
		alphabet = "0123456789abcdef"
	case "upper":
		alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	case "digits":
		alphabet = "0123456789"
	default:
		return "", false, fmt.Errorf("unknown")
	}
	if len(parts) < 2 {
		return "", false, fmt.Errorf("no length")
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return "", false, err
	}
	v, err := characters(f.rand, alphabet, n)
	if err == nil && parts[0] == "digits" && v[0] == '0' {
		v = "1" + v[1:]
	}
	return v, len(parts) == 3, err
}

// characters draws from an alphabet. It is slightly uneven, which is of no matter: these are sample ids, not secrets.
func characters(random io.Reader, alphabet string, n int) (string, error) {
	raw := make([]byte, n)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	for i, b := range raw {
		raw[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(raw), nil
}
