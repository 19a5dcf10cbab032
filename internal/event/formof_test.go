package event

import (
	"errors"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// expand makes the sample of a text.
func expand(text string, o BuildOptions) (Sample, error) {
	return parseFamily("x", "== a.b\n"+text).expand("a.b", "a.b", o)
}

// TestFormsAndEnds: what a sample's head says about its body comes after the edits, and edits reach into a form.
func TestFormsAndEnds(t *testing.T) {
	t.Parallel()
	const form = "type: message.received\nid: SM{{hex:4}}\nbody: form\n\n{\"MessageSid\": \"{{id}}\", \"Body\": \"a&b=\\u00e9 c\", \"NumMedia\": \"0\", \"At\": \"{{now.unix.ms}}\"}"
	o := BuildOptions{Now: time.UnixMilli(1767225600123), ID: "SM1"}.withDefaults()
	set, err := jsonbytes.ParseEdit("NumMedia=2")
	if err != nil {
		t.Fatal(err)
	}
	s, err := expand(form, o)
	if err != nil {
		t.Fatal(err)
	}
	made, err := s.finish(Spec{ID: []string{"MessageSid"}}, []jsonbytes.Edit{set})
	if want := "MessageSid=SM1&Body=a%26b%3D%C3%A9+c&NumMedia=2&At=1767225600123"; err != nil || string(made.Body) != want {
		t.Errorf("%s, %v, want %s", made.Body, err, want)
	}
	if len(made.Fields) != 1 || made.Fields[0].Value != "application/x-www-form-urlencoded" || made.ID != "SM1" || made.Type != "message.received" {
		t.Errorf("%+v", made)
	}
	s.Body = []byte("[1]")
	var problem *jsonbytes.Error
	if _, err := s.finish(Spec{}, nil); !errors.As(err, &problem) {
		t.Errorf("a form of an array: %v", err)
	}
	s, err = expand("end: crlf\n\n[ 1 ]", o)
	if err != nil {
		t.Fatal(err)
	}
	if made, err = s.finish(Spec{}, nil); err != nil || string(made.Body) != "[1]\r\n" {
		t.Errorf("%q, %v", made.Body, err)
	}
	for _, bad := range []string{"body: xml\n\n{}", "end: never\n\n{}", "what: this\n\n{}", "note: x", "id: {{what}}\n\n{}", "note: x\n\n{{{digits:x}}}", "note: x\n\n{"} {
		if _, err := expand(bad, BuildOptions{}.withDefaults()); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
