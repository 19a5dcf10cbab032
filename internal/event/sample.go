package event

// Sample events.

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// UnknownTypeError says that there is no sample of an event type.
type UnknownTypeError struct {
	Scheme    string
	Type      string
	Nearest   string   // the most similar name of this scheme's samples, or ""
	Known     []string // the types this scheme has, in documented order; empty when it has none
	Variants  []string // those of the type, where its variant alone is unknown
	Misformed bool     // the type has not the form of the provider's types
	Elsewhere []string // families of other schemes that have this very type, sorted
}

// Error names the type and the scheme.
func (e *UnknownTypeError) Error() string {
	if len(e.Known) == 0 {
		return "there are no sample events for scheme " + strconv.Quote(e.Scheme)
	}
	return "there is no sample event " + strconv.Quote(e.Type) + " for scheme " + strconv.Quote(e.Scheme)
}

// Complete fills in random text where a body has nothing at one of the paths, for schemes that sign members of the body. A
// body that lacks none stays the same bytes. The error is a *jsonbytes.Error or that of the source of randomness.
func Complete(body []byte, paths []string, random io.Reader) ([]byte, error) {
	var sets []jsonbytes.Edit
	for _, path := range paths {
		if Extract(Spec{ID: []string{path}}, nil, body).ID != "" {
			continue
		}
		text, err := NewUUID(random)
		if err != nil {
			return nil, err
		}
		set, err := jsonbytes.SetString(path, strings.ReplaceAll(text, "-", ""))
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	if len(sets) == 0 {
		return body, nil
	}
	return jsonbytes.Apply(body, sets)
}

// put writes a value to the first place of a list that takes it.
func (s *Sample) put(places []string, value string) {
	for _, place := range places {
		if name, ok := strings.CutPrefix(place, headerPrefix); ok {
			s.Fields = append(s.Fields, Field{name, value})
			return
		}
		if s.edit(jsonbytes.SetString(place, value)) {
			return
		}
	}
}

// edit makes one change if the body as it is allows it.
func (s *Sample) edit(edit jsonbytes.Edit, err error) bool {
	if err != nil {
		return false
	}
	body, err := jsonbytes.Apply(s.Body, []jsonbytes.Edit{edit})
	if err != nil {
		return false
	}
	s.Body = body
	return true
}

// finish makes the user's edits and reads type and id back, so that they are what a receiver sees.
func (s Sample) finish(spec Spec, sets []jsonbytes.Edit) (Sample, error) {
	body, err := jsonbytes.Apply(s.Body, sets)
	if err != nil {
		return Sample{}, err
	}
	header := s.header()
	was, info := Extract(spec, header, s.Body), Extract(spec, header, body)
	if was.Type != "" || info.Type != "" {
		s.Type = info.Type
	}
	if !onlyHeaders(spec.ID) {
		s.follow(info.ID)
	}
	s.Body = body
	err = s.layOut() // before s is copied for the caller
	return s, err
}

// header returns the headers as Extract takes them.
func (s *Sample) header() map[string][]string {
	header := make(map[string][]string, len(s.Fields))
	for _, f := range s.Fields {
		header[f.Name] = append(header[f.Name], f.Value)
	}
	return header
}

// layOut writes the body as the provider does.
func (s *Sample) layOut() error {
	switch {
	case s.form:
		form, err := formOf(s.Body)
		if s.tricky {
			form = oddForm(form)
		}
		if err != nil {
			return err
		}
		s.Body = form
		s.Fields = append(s.Fields, Field{"Content-Type", ContentType(form)})
	case s.indented:
		var out bytes.Buffer
		if err := json.Indent(&out, s.Body, "", "  "); err != nil {
			return err
		}
		s.Body = out.Bytes()
	case s.tricky:
		s.Body = spaced(s.Body)
	}
	s.Body = append(s.Body, s.end...)
	return nil
}

// follow takes over an edited id, also in the headers that repeat it.
func (s *Sample) follow(id string) {
	for i, f := range s.Fields {
		if s.ID != "" && f.Value == s.ID && id != "" {
			s.Fields[i].Value = id
		}
	}
	s.ID = id
}

// onlyHeaders reports whether a value stands in headers only, so that no edit changes it.
func onlyHeaders(places []string) bool {
	return !slices.ContainsFunc(places, func(p string) bool { return !strings.HasPrefix(p, headerPrefix) })
}

func (o BuildOptions) withDefaults() BuildOptions {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	return o
}
