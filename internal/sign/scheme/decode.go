package scheme

// Schemes as files have them.

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/near"
)

// MarshalJSON writes a single name as a text, several as a list.
func (n Names) MarshalJSON() ([]byte, error) {
	if len(n) == 1 {
		return json.Marshal(n[0])
	}
	return json.Marshal([]string(n))
}

// MarshalJSON writes a number of seconds or "off".
func (t Tolerance) MarshalJSON() ([]byte, error) {
	if t.Off {
		return []byte(`"off"`), nil
	}
	return json.Marshal(t.Seconds)
}

// IsZero says whether the tolerance was not set, and so is the default.
func (t Tolerance) IsZero() bool { return !t.Set && !t.Off }

// UnmarshalJSON decodes strictly: unknown fields are errors. The result is checked like Parse does.
func (s *Scheme) UnmarshalJSON(b []byte) error {
	var fields map[string]any
	if err := json.Unmarshal(b, &fields); err != nil {
		return err
	}
	name, _ := fields["name"].(string)
	out, err := Decode(name, fields)
	if err != nil {
		return err
	}
	*s = *out
	return nil
}

// Decode makes a scheme of a generic tree, as YAML or JSON decoders give it, and checks it like Parse does;
// defaults are not filled in. The error is a *Error whose Field is dotted, like signature.header.
func Decode(name string, fields map[string]any) (*Scheme, error) {
	s, err := decode(name, fields)
	if err != nil {
		return nil, err
	}
	if _, err := Parse(s); err != nil {
		return nil, err
	}
	return s, nil
}

// decode makes a scheme of a tree. Fields that no scheme has are errors, and what the others hold is not looked at.
func decode(name string, fields map[string]any) (*Scheme, error) {
	root := &branch{fields: fields, err: new(*Error), scheme: name}
	like, twin := root.inherit()
	s := &Scheme{
		Name: name, Title: root.text("title"), URL: root.text("url"), Names: root.names("names"), Like: like, twin: twin, Algorithm: Algorithm(root.text("algorithm")),
		Content: root.text("content"), Items: root.text("items"), URLMatch: root.names("url_match"), Require: root.texts("require"),
		AnswerTimeout: root.number("answer_timeout"), Retry: root.numbers("retry"), NoRetry4xx: root.flag("no_retry_4xx"),
		Quirks: root.text("quirks"), Note: root.text("note"),
	}
	if given := root.text("name"); given != "" && given != name {
		root.fail("name", "is "+Quote(given)+", but the scheme is listed as "+Quote(name), "")
	}
	decodeParts(root, s)
	root.done()
	if *root.err != nil {
		return nil, *root.err
	}
	return s, nil
}

func decodeParts(root *branch, s *Scheme) {
	if b := root.sub("key"); b != nil {
		s.Key = KeySpec{Encoding: b.text("encoding"), Prefix: b.text("prefix"), SigningPrefix: b.text("signing_prefix"), Where: b.text("where"), Not: b.texts("not")}
		b.done()
	}
	if b := root.sub("signature"); b != nil {
		s.Signature = SignatureSpec{
			Header: b.names("header"), JSON: b.text("json"), Form: b.text("form"), Prefix: b.text("prefix"), Sets: b.text("sets"), Separator: b.text("separator"),
			Item: b.text("item"), NextItem: b.text("next_item"), Encoding: b.text("encoding"), HeaderMatch: b.text("header_match"),
			Repeated: b.flag("repeated"), RefusedBy: b.texts("refused_by"),
		}
		b.done()
	}
	if b := root.sub("timestamp"); b != nil {
		s.Timestamp = &TimestampSpec{
			Header: b.names("header"), Item: b.text("item"), JSON: b.text("json"), Form: b.text("form"), Copy: b.text("copy"), Unit: b.text("unit"),
			Tolerance: b.tolerance("tolerance"), Window: b.text("window"), OfEvent: b.flag("of_event"),
		}
		b.done()
	}
	if b := root.sub("id"); b != nil {
		s.ID = &IDSpec{Header: b.names("header")}
		b.done()
	}
	if b := root.sub("body_hash"); b != nil {
		s.BodyHash = &BodyHashSpec{Query: b.text("query")}
		b.done()
	}
	if b := root.sub("certificate"); b != nil {
		s.Certificate = &CertificateSpec{URL: b.names("url"), Hosts: b.names("hosts"), Names: b.names("names")}
		b.done()
	}
	s.JWT, s.MessageSignature = decodeJWT(root.sub("jwt")), decodeMessageSignature(root.sub("message_signature"))
	if b := root.sub("event"); b != nil {
		s.Event = EventSpec{Type: b.names("type"), ID: b.names("id"), Time: b.names("time"), Object: b.names("object")}
		b.done()
	}
	if b := root.sub("handshake"); b != nil {
		s.Handshake = decodeHandshake(b)
		b.done()
	}
}

// branch reads one level of a tree and keeps the first error of the whole.
type branch struct {
	scheme string
	path   string // dotted, "" at the root
	fields map[string]any
	known  []string
	err    **Error
}

// fail keeps the first error.
func (b *branch) fail(key, problem, nearest string) {
	if *b.err == nil {
		*b.err = &Error{Scheme: b.scheme, Field: b.join(key), Problem: problem, Nearest: nearest}
	}
}

func (b *branch) join(key string) string {
	if b.path == "" {
		return key
	}
	return b.path + "." + key
}

// get returns a field's value; nil when it is absent or null.
func (b *branch) get(key string) any {
	b.known = append(b.known, key)
	return b.fields[key]
}

// done refuses fields that nobody asked for.
func (b *branch) done() {
	var unknown []string
	for key := range b.fields {
		if !slices.Contains(b.known, key) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		key := slices.Min(unknown)
		b.fail(key, "is not a field of a scheme; known here are "+strings.Join(b.known, ", "), near.Word(key, b.known))
	}
}

// as reads a field of one type; the zero value when it is absent. The problem says what it must be.
func as[T any](b *branch, key, problem string) T {
	v := b.get(key)
	out, ok := v.(T)
	if v != nil && !ok {
		b.fail(key, problem, "")
	}
	return out
}

func (b *branch) text(key string) string {
	return as[string](b, key, "must be a text (put it in quotes)")
}

func (b *branch) flag(key string) bool { return as[bool](b, key, "must be true or false") }

func (b *branch) number(key string) float64 {
	v := b.get(key)
	if v == nil {
		return 0
	}
	n, ok := asNumber(v)
	if !ok {
		b.failSeconds(key, "must be a number of seconds", v)
	}
	return n
}

func (b *branch) numbers(key string) []float64 {
	list := as[[]any](b, key, "must be a list of seconds")
	if list == nil {
		return nil
	}
	out := make([]float64, 0, len(list))
	for _, item := range list {
		n, ok := asNumber(item)
		if !ok {
			b.fail(key, "must be a list of seconds", "")
			return nil
		}
		out = append(out, n)
	}
	return out
}

func (b *branch) tolerance(key string) Tolerance {
	v := b.get(key)
	if v == nil {
		return Tolerance{}
	}
	if n, ok := asNumber(v); ok {
		return Tolerance{Set: true, Seconds: n}
	}
	text, ok := v.(string)
	if off, isBool := v.(bool); ok && text == "off" || isBool && !off { // YAML 1.1 reads a bare off as false
		return Tolerance{Set: true, Off: true}
	}
	b.failSeconds(key, `must be a number of seconds, or "off"`, v)
	return Tolerance{}
}

// failSeconds refuses what is no number, and says how many seconds it probably is: 180 for 3m, and for "180".
func (b *branch) failSeconds(key, problem string, v any) {
	text, _ := v.(string)
	b.fail(key, problem, near.Word(text, []string{"off"}))
	d, err := time.ParseDuration(text)
	if seconds, bad := strconv.ParseFloat(text, 64); bad == nil {
		d, err = time.Duration(seconds*float64(time.Second)), nil
	}
	if e := *b.err; err == nil && d >= 0 && e.Field == b.join(key) {
		e.Nearest, e.Advice = "", "give seconds: "+key+": "+strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
	}
}

func (b *branch) names(key string) Names {
	const problem = "must be a text or a list of texts"
	switch v := b.get(key).(type) {
	case nil:
		return nil
	case string:
		return Names{v}
	case []any:
		out := make(Names, 0, len(v))
		for _, item := range v {
			text, ok := item.(string)
			if !ok {
				b.fail(key, problem, "")
				return nil
			}
			out = append(out, text)
		}
		return out
	default:
		b.fail(key, problem, "")
		return nil
	}
}

func (b *branch) texts(key string) map[string]string {
	sub := b.sub(key)
	if sub == nil {
		return nil
	}
	out := make(map[string]string, len(sub.fields))
	for _, k := range slices.Sorted(maps.Keys(sub.fields)) {
		out[k] = sub.text(k)
	}
	return out
}

func (b *branch) sub(key string) *branch {
	fields := as[map[string]any](b, key, "must hold fields of its own")
	if fields == nil {
		return nil
	}
	return &branch{scheme: b.scheme, path: b.join(key), fields: fields, err: b.err}
}

func asNumber(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case uint64:
		return float64(n), true
	default:
		return 0, false
	}
}
