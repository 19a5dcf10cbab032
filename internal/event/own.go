package event

// Samples of the user's own.

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// Own holds samples of the user's own, by name: an event type, or a type and a variant. They are JSON, and come before those of
// the same name that are built in. Their bytes are sent as they are, save for a fresh id and the time, where a scheme has them.
type Own map[string][]byte

// Names lists the samples, sorted.
func (o Own) Names() []string { return slices.Sorted(maps.Keys(o)) }

// Has says whether there is a sample of this name. Each has a tricky variant too.
func (o Own) Has(name string) bool {
	_, whole := o[name]
	_, base := o[strings.TrimSuffix(name, variantMark+Tricky)]
	return whole || base
}

// own makes an event of a sample of the user's own.
func (f family) own(spec Spec, name string, body []byte, o BuildOptions) (Sample, error) {
	s := Sample{Body: bytes.Clone(body), Type: f.typeOf(name), ID: o.ID}
	was := Extract(spec, nil, body)
	if s.ID == "" {
		var err error
		if s.ID, err = likeID(was.ID, o.Rand); err != nil {
			return Sample{}, err
		}
	}
	for _, place := range spec.ID {
		if Extract(Spec{ID: []string{place}}, nil, s.Body).ID != "" {
			s.set(place, s.ID)
			break
		}
	}
	for _, place := range spec.Time {
		if at := Extract(Spec{Time: []string{place}}, nil, s.Body).Time; at != "" {
			s.set(place, likeTime(at, o.Now.UTC()))
			break
		}
	}
	if was.Type == "" && onlyHeaders(spec.Type) {
		s.put(spec.Type, s.Type)
	}
	if was.ID == "" && onlyHeaders(spec.ID) {
		s.put(spec.ID, s.ID)
	}
	return s, nil
}

// set puts a text in the place of a value, as a number if it was one.
func (s *Sample) set(place, text string) {
	path, err := jsonbytes.ParsePath(place)
	if err != nil {
		return
	}
	if !jsonbytes.Find(s.Body, path)[0].Quoted() && s.edit(jsonbytes.ParseEdit(place+"="+text)) {
		return
	}
	s.edit(jsonbytes.SetString(place, text))
}

// likeID makes a fresh id that looks like another one: letters and digits behind its last underscore are drawn anew.
func likeID(id string, random io.Reader) (string, error) {
	if id == "" || IsUUID(id) {
		return NewUUID(random)
	}
	at := strings.LastIndexByte(id, '_') + 1
	out := []byte(id)
	for i := at; i < len(out); i++ {
		var alphabet string
		switch c := out[i]; {
		case c >= '0' && c <= '9':
			alphabet = "123456789"
		case c >= 'a' && c <= 'f':
			alphabet = "abcdef"
		case c >= 'g' && c <= 'z':
			alphabet = "ghijklmnopqrstuvwxyz"
		case c >= 'A' && c <= 'Z':
			alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		default:
			continue
		}
		c, err := characters(random, alphabet, 1)
		if err != nil {
			return "", err
		}
		out[i] = c[0]
	}
	return string(out), nil
}

// likeTime writes a time as another one is written; a text that is no time stays.
func likeTime(text string, now time.Time) string {
	const millis = 12 // digits of a number that counts milliseconds, at least
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		if len(text) >= millis {
			return strconv.FormatInt(now.UnixMilli(), 10)
		}
		return strconv.FormatInt(now.Unix(), 10)
	}
	if _, err := time.Parse(time.RFC3339, text); err != nil {
		return text
	}
	if strings.Contains(text, ".") {
		return now.Format(milliseconds)
	}
	return now.Format(seconds)
}
