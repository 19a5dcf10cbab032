package sign

// The forms in which whctl sign prints a signature.

import (
	"maps"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

// signedJSON is the output of --format json; docs/json.md lists it.
type signedJSON struct {
	Scheme    string            `json:"scheme"`
	Headers   map[string]string `json:"headers"`
	Body      map[string]string `json:"body,omitempty"` // members to set, by JSON path
	Form      map[string]string `json:"form,omitempty"` // fields to set, where the body is a form
	URL       string            `json:"url,omitempty"`
	Signature string            `json:"signature"`
	Timestamp string            `json:"timestamp,omitempty"`
	ID        string            `json:"id,omitempty"`
}

func (o *options) print(format string, s sign.Signed, q sign.SignRequest) error {
	out := o.env.IO.Out
	switch format {
	case asCurl:
		text := o.curl(s, q)
		if term.CleanLines(text) != text { // people read and paste it
			return fault.Hint(fault.New(fault.Usage, "the URL, a header or the file's name holds control characters, so no command is printed"),
				"use --format json")
		}
		return write(out, text)
	case asJSON:
		return o.printJSON(s)
	case asEnv:
		return write(out, envLines(s))
	case asValue:
		return write(out, s.Signature+"\n")
	default:
		var b strings.Builder
		for _, f := range s.Fields {
			b.WriteString(f.Name + ": " + f.Value + "\n")
		}
		return write(out, b.String())
	}
}

func (o *options) printJSON(s sign.Signed) error {
	v := signedJSON{Headers: map[string]string{}, Signature: s.Signature, Timestamp: s.Timestamp, ID: s.ID, URL: s.URL}
	settings, err := o.env.Settings()
	if err != nil {
		return err
	}
	v.Scheme = settings.Scheme
	for _, f := range s.Fields {
		v.Headers[f.Name] = f.Value
	}
	for _, f := range s.Form {
		if v.Form == nil {
			v.Form = map[string]string{}
		}
		v.Form[f.Name] = f.Value
	}
	for _, f := range s.Body {
		if v.Body == nil {
			v.Body = map[string]string{}
		}
		v.Body[f.Name] = f.Value
	}
	output, jq, err := o.env.Format()
	if err != nil {
		return err
	}
	if !o.fromOutput {
		output = render.FormatJSON // --format json wins over -o
	}
	return render.Output{Format: output, JQ: jq}.Value(o.env.IO, v, nil)
}

// envLines returns assignments for a shell.
func envLines(s sign.Signed) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			b.WriteString(name + "=" + fault.Quote(value) + "\n")
		}
	}
	line("WHCTL_SIGNATURE", s.Signature)
	line("WHCTL_TIMESTAMP", s.Timestamp)
	line("WHCTL_ID", s.ID)
	return b.String()
}

func (o *options) curl(s sign.Signed, q sign.SignRequest) string {
	url := q.URL
	if s.URL != "" {
		url = s.URL
	}
	file := o.file
	if file == "" {
		file = cmdkit.Stdin
	}
	parts := []string{"curl", "-X", fault.Quote(q.Method)}
	hasType := false
	for _, name := range slices.Sorted(maps.Keys(q.Header)) {
		hasType = hasType || name == "Content-Type"
		for _, v := range q.Header[name] {
			parts = append(parts, "-H", fault.Quote(name+": "+v))
		}
	}
	if !hasType {
		parts = append(parts, "-H", fault.Quote("Content-Type: application/json"))
	}
	for _, f := range s.Fields {
		parts = append(parts, "-H", fault.Quote(f.Name+": "+f.Value))
	}
	parts = append(parts, "--data-binary", fault.Quote("@"+file), fault.Quote(url))
	return strings.Join(parts, " ") + "\n"
}
