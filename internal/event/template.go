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
// Head lines are note, id (how a new one is made), header (any number), type (where it stands in no body), "set: PATH=VALUE" (an
// edit of the body), "body: form" (the body, a flat object, is sent as a form), "body: indented" (by two blanks), "body: tricky" (see tricky.go)
// and "end: crlf" (a line break comes after the body).
//
// A first line "like: NAME" takes over the head and the body of an earlier sample, or of the envelope, whose name is *. More head
// lines follow; a body then stands where the other one has {{inner}}. Where nothing is put there, it is what the head line inner says.
//
// Placeholders stand in the head and in the body, inside strings and outside:
//
//	{{type}} {{type.stem}}            the event's type, and what stands before its last dot
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
	innerMark    = "{{inner}}"
	likeLine     = "like: "
)

// filling is what the placeholders of one sample stand for.
type filling struct {
	now   time.Time
	rand  io.Reader
	id    string
	typ   string
	named map[string]string
}

// text puts together a sample of this name and those that it is like: the head lines of all, and one body.
func (f family) text(name string) (head []string, body string) {
	first, body, _ := strings.Cut(f.texts[name], "\n\n")
	head = strings.Split(strings.TrimSuffix(first, "\n"), "\n")
	like, is := strings.CutPrefix(head[0], likeLine)
	if !is {
		return head, body
	}
	others, base := f.text(like)
	if body != "" {
		base = strings.Replace(base, innerMark, strings.TrimSuffix(body, "\n"), 1)
	}
	return append(others, head[1:]...), base
}

// expand makes a sample of this name for a type, which is another one if it is the envelope.
func (f family) expand(name, typ string, o BuildOptions) (Sample, error) {
	head, body := f.text(name)
	s := Sample{}
	fill := &filling{now: o.Now.UTC(), rand: o.Rand, id: o.ID, typ: typ, named: o.Names}
	if fill.named == nil {
		fill.named = map[string]string{}
	}
	var sets []string
	for _, line := range head {
		switch key, value, _ := strings.Cut(line, ": "); key {
		case "inner":
			body = strings.Replace(body, innerMark, value, 1)
		case "set":
			sets = append(sets, value)
		default:
			if err := s.headLine(fill, key, value); err != nil {
				return Sample{}, err
			}
		}
	}
	var out bytes.Buffer
	filled, err := fill.fill(strings.Replace(body, innerMark, "", 1), inQuotes)
	if err == nil {
		err = json.Compact(&out, []byte(filled))
	}
	if err != nil {
		return Sample{}, err
	}
	s.Body = out.Bytes()
	for _, set := range sets {
		if set, err = fill.fill(set, inQuotes); err != nil {
			return Sample{}, err
		}
		if !s.edit(jsonbytes.ParseEdit(set)) {
			return Sample{}, fmt.Errorf("edit %q", set)
		}
	}
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
		s.setField(name, v)
	case "body", "end":
		return s.shape(key, value)
	default:
		return fmt.Errorf("head line %q", key)
	}
	return nil
}

// setField sets a header, in the place of one of the same name.
func (s *Sample) setField(name, value string) {
	for i, f := range s.Fields {
		if f.Name == name {
			s.Fields[i].Value = value
			return
		}
	}
	s.Fields = append(s.Fields, Field{name, value})
}

// shape notes how a body differs from plain JSON.
func (s *Sample) shape(key, value string) error {
	switch key + ": " + value {
	case "body: form":
		s.form = true
	case "body: indented":
		s.indented = true
	case "body: tricky":
		s.tricky = true
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
	case "type":
		return f.typ, nil
	case "type.stem":
		return f.typ[:max(strings.LastIndex(f.typ, "."), 0)], nil
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
