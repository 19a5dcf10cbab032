package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

// nasty holds one of everything that must not reach a terminal.
const nasty = "a\x1b[31m\x07\x7f\u009b\u202e\u2066\u200b\u2028\ufeff\U000e0041<b>&é名👍\n\tz"

func TestJSON(t *testing.T) {
	t.Parallel()
	v := map[string]any{nasty: []string{nasty}, "raw": json.RawMessage("\"\u202e\u009b\xff\"")}
	piped, out, _ := term.Buffer()
	if err := JSON(piped, v); err != nil {
		t.Fatal(err)
	}
	tty, screen, _ := term.Fake(term.FakeOptions{OutTTY: true})
	if err := JSON(tty, v); err != nil {
		t.Fatal(err)
	}
	checkSafe(t, screen.String())
	if !strings.Contains(out.String(), "<b>&é名👍") || !strings.Contains(out.String(), "\u202e") {
		t.Errorf("piped JSON is not plain: %q", out.String())
	}
	for _, want := range []string{`\u202e`, `\u007f`, `\udb40\udc41`, "<b>&é名👍"} {
		if !strings.Contains(screen.String(), want) {
			t.Errorf("%s is not in %q", want, screen.String())
		}
	}
	var a, b any
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(screen.Bytes(), &b); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("the escaped form means something else:\n%#v\n%#v", a, b)
	}
	if strings.Count(out.String(), "\n") != 1 || strings.Count(screen.String(), "\n") != 1 {
		t.Error("not one line")
	}
}

func TestYAML(t *testing.T) {
	t.Parallel()
	type inner struct {
		Zebra string          `json:"zebra"`
		Alpha json.RawMessage `json:"alpha"`
	}
	v := struct {
		Name   string  `json:"name"`
		Nasty  string  `json:"nasty"`
		Yes    string  `json:"yes"`
		Number string  `json:"number"`
		Lines  string  `json:"lines"`
		Inner  inner   `json:"inner"`
		None   *string `json:"none"`
		Empty  []int   `json:"empty"`
		Secret string  `json:"-"`
	}{
		Name: "x", Nasty: nasty, Yes: "yes", Number: "0123", Lines: "one\ntwo\n", Empty: []int{}, Secret: "no",
		Inner: inner{Zebra: nasty, Alpha: json.RawMessage(`{"big":12345678901234567890123,"f":1.50,"list":[true,null,"` + "\u202e" + `"],"` + "\u202e" + `":1}`)},
	}
	for _, isTTY := range []bool{false, true} {
		io, out, _ := term.Fake(term.FakeOptions{OutTTY: isTTY})
		if err := YAML(io, v); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		if isTTY {
			checkSafe(t, text)
			golden(t, "yaml", text)
		}
		var back map[string]any
		if err := yaml.Unmarshal(out.Bytes(), &back); err != nil {
			t.Fatalf("%v in:\n%s", err, text)
		}
		deep, ok := back["inner"].(map[string]any)
		if !ok {
			t.Fatalf("inner is %#v", back["inner"])
		}
		if back["nasty"] != nasty || deep["zebra"] != nasty || back["yes"] != "yes" || back["number"] != "0123" || back["lines"] != "one\ntwo\n" ||
			!strings.Contains(text, "\"yes\": \"yes\"\n") {
			t.Errorf("terminal %v: a value changed: %#v", isTTY, back)
		}
		if !strings.Contains(text, "big: 12345678901234567890123\n") || !strings.Contains(text, "f: 1.50\n") {
			t.Errorf("a number changed:\n%s", text)
		}
		if strings.Index(text, "zebra") > strings.Index(text, "alpha") {
			t.Errorf("fields changed places:\n%s", text)
		}
	}
}

func TestYAMLOfDeepInputStaysSmall(t *testing.T) {
	t.Parallel()
	const depth = 5000
	io, out, _ := term.Buffer()
	if err := YAML(io, json.RawMessage(strings.Repeat(`{"a":`, depth)+"1"+strings.Repeat("}", depth))); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 20*depth {
		t.Errorf("%d bytes for %d brackets", out.Len(), depth)
	}
}

func TestOutputChooses(t *testing.T) {
	t.Parallel()
	v := map[string]any{"b": 1, "a": []int{1, 2}}
	for name, c := range map[string]struct {
		o    Output
		want string
	}{
		"default": {want: "text\n"},
		"text":    {o: Output{Format: "text"}, want: "text\n"},
		"json":    {o: Output{Format: "json"}, want: `{"a":[1,2],"b":1}` + "\n"},
		"yaml":    {o: Output{Format: "yaml"}, want: "a:\n  - 1\n  - 2\nb: 1\n"},
		"jq":      {o: Output{JQ: ".a[]"}, want: "1\n2\n"},
		"jq wins": {o: Output{Format: "yaml", JQ: `"s<" + (.b|tostring)`}, want: "s<1\n"},
		"nothing": {o: Output{JQ: "empty"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			io, out, _ := term.Buffer()
			err := c.o.Value(io, v, func() error {
				_, err := io.Out.Write([]byte("text\n"))
				return err
			})
			if err != nil || out.String() != c.want {
				t.Errorf("%q, %v; want %q", out.String(), err, c.want)
			}
		})
	}
}

func TestOutputRefuses(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Output{
		"format":   {Format: "xml\x1b[31m"},
		"syntax":   {JQ: ".a["},
		"function": {JQ: "nosuch"},
		"at run":   {JQ: `.a + 1`},
		"error":    {JQ: `error("\u001b[31m")`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			io, out, _ := term.Buffer()
			err := o.Value(io, map[string]any{"a": nasty}, func() error { return nil })
			if fault.KindOf(err) != fault.Usage || out.Len() != 0 {
				t.Errorf("%v (%v), output %q", err, fault.KindOf(err), out.String())
			}
			checkSafe(t, err.Error())
		})
	}
}

func TestJQKeepsLargeNumbersAndEscapes(t *testing.T) {
	t.Parallel()
	v := json.RawMessage(`{"n":12345678901234567890123,"d":0.1000,"s":"` + "\u202e" + `"}`)
	io, out, _ := term.Fake(term.FakeOptions{OutTTY: true})
	if err := (Output{JQ: ".n, .d, .s"}).Value(io, v, nil); err != nil {
		t.Fatal(err)
	}
	if want := "12345678901234567890123\n0.1000\n\\u202e\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

func TestNDJSONStory(t *testing.T) {
	t.Parallel()
	io, out, _ := term.Buffer()
	p := NewNDJSON(io, "")
	events := story()
	for i, a := range events {
		if err := p.Print(a); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(out.String(), "\n"); lines != i+1 { // nothing is held back
			t.Fatalf("%d lines after %d events", lines, i+1)
		}
	}
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	for i, line := range bytes.Split(bytes.TrimSuffix(out.Bytes(), []byte("\n")), []byte("\n")) {
		var o struct{ Type, Time string }
		if err := json.Unmarshal(line, &o); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if _, err := time.Parse("2006-01-02T15:04:05.000Z", o.Time); err != nil || o.Type != typesOfLines()[fmt.Sprintf("%T", events[i].Event)] {
			t.Errorf("%s: %v", line, err)
		}
	}
	golden(t, "ndjson", out.String())
}

// typesOfLines are the "type" of the line of each event that a listener prints.
func typesOfLines() map[string]string {
	return map[string]string{
		"record.Ready": "ready", "record.Received": "delivery", "record.Asked": "handshake", "record.Attempted": "attempt", "record.Explained": "diagnosis", "record.JobChanged": "job",
		"record.Changed": "state", "record.Missed": "state", "record.Failed": "error",
	}
}

// Each type of event is printed by the listener's printers, or is what a sandbox does and passed over by them.
func TestEveryEventIsPrinted(t *testing.T) {
	t.Parallel()
	bySandbox := []string{"record.Raised", "record.Tried", "record.Settled", "record.WebhookChanged", "record.Forgotten"}
	source, err := os.ReadFile("../record/event.go")
	if err != nil {
		t.Fatal(err)
	}
	types := regexp.MustCompile(`(?m)^func \((\w+)\) event\(\)`).FindAllStringSubmatch(string(source), -1)
	if len(types) != len(typesOfLines())+len(bySandbox) {
		t.Errorf("%d types of events", len(types))
	}
	for _, m := range types {
		if name := "record." + m[1]; typesOfLines()[name] == "" && !slices.Contains(bySandbox, name) {
			t.Errorf("who prints %s?", name)
		}
	}
	printed := map[string]bool{}
	for _, s := range append(story(), hub.Stamped{Event: record.JobChanged{Job: &record.Job{}}}, hub.Stamped{Event: record.Raised{}}, hub.Stamped{Event: record.Tried{}}, hub.Stamped{Event: record.Settled{}},
		hub.Stamped{Event: record.WebhookChanged{}}, hub.Stamped{Event: record.Forgotten{}}) {
		name := fmt.Sprintf("%T", s.Event)
		io, out, errs := term.Buffer()
		text, lines := NewText(io, TextOptions{}), NewNDJSON(io, "")
		if err := errors.Join(text.Print(s), text.Flush()); err != nil {
			t.Fatal(err)
		}
		shown := out.Len()+errs.Len() > 0
		out.Reset()
		if err := lines.Print(s); err != nil {
			t.Fatal(err)
		}
		want := typesOfLines()[name] != ""
		if inText := want && name != "record.JobChanged"; shown != inText || out.Len() > 0 != want { // attempts tell of jobs in text
			t.Errorf("%s: text %t, JSON %q", name, shown, out)
		}
		printed[name] = true
	}
	if len(printed) != len(types) {
		t.Errorf("%d of %d types were printed", len(printed), len(types))
	}
}

func TestNDJSONFilter(t *testing.T) {
	t.Parallel()
	io, out, _ := term.Buffer()
	p := NewNDJSON(io, `select(.type == "delivery" and .verdict.ok) | [.eventType, .size]`)
	for _, a := range story()[:4] {
		if err := p.Print(a); err != nil {
			t.Fatal(err)
		}
	}
	if want := `["kyc.status.changed",477]` + "\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	err := NewNDJSON(io, ".eventType|ascii_downcase").Print(story()[0])
	if fault.KindOf(err) != fault.Usage || !strings.Contains(fault.HintOf(err).String(), "select(") {
		t.Errorf("%v, hint %q", err, fault.HintOf(err).String())
	}
	if err := NewNDJSON(io, ".[").Print(story()[0]); fault.KindOf(err) != fault.Usage {
		t.Error(err)
	}
	if err := NewNDJSON(io, "").Print(hub.Stamped{Event: record.Raised{}}); err != nil {
		t.Error(err)
	}
}

// field follows a path in the JSON of v.
func field(t *testing.T, v any, path ...string) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var o any
	if err := json.Unmarshal(b, &o); err != nil {
		t.Fatal(err)
	}
	for _, name := range path {
		m, ok := o.(map[string]any)
		if !ok {
			t.Fatalf("no object at %s in %s", name, b)
		}
		if o, ok = m[name]; !ok {
			return errMissing
		}
	}
	return o
}

var errMissing = errors.New("missing")

func TestDeliveryFields(t *testing.T) {
	t.Parallel()
	d := record.Delivery{
		ID: "01jd", ReceivedAt: time.Date(2026, 3, 1, 23, 30, 0, 123_900_000, time.FixedZone("", 2*3600)), Body: []byte{0xff, 0},
		Size: 2, Header: http.Header{"A": {"1", "2"}, "Authorization": {masking.Masked}}, Path: "/hooks?a=%2F;b",
		Verdict:   sign.Verdict{OK: false, Reason: sign.TooOld, Scheme: "baanx", KeyIndex: 1, SignedAt: time.Unix(1750000000, 0), Skew: 90*time.Second + 1500*time.Microsecond},
		Duplicate: &record.Duplicate{ID: "01first", Answered: true},
	}
	plain := record.Delivery{Body: []byte(nasty), Verdict: sign.Verdict{Reason: sign.MissingSignature, KeyIndex: -1}}
	for name, c := range map[string]struct{ got, want any }{
		"time":         {field(t, DeliveryJSON(d, true), "time"), "2026-03-01T21:30:00.123Z"},
		"base64":       {field(t, DeliveryJSON(d, true), "bodyBase64"), "/wA="},
		"no text":      {field(t, DeliveryJSON(d, true), "body"), errMissing},
		"no body":      {field(t, DeliveryJSON(d, false), "bodyBase64"), errMissing},
		"path":         {field(t, DeliveryJSON(d, true), "path"), "/hooks?a=%2F;b"},
		"headers":      {field(t, DeliveryJSON(d, true), "headers", "A"), []any{"1", "2"}},
		"masked":       {field(t, DeliveryJSON(d, true), "headers", "Authorization"), []any{masking.Masked}},
		"reason":       {field(t, DeliveryJSON(d, true), "verdict", "reason"), "too_old"},
		"key":          {field(t, DeliveryJSON(d, true), "verdict", "keyIndex"), 1.0},
		"signed":       {field(t, DeliveryJSON(d, true), "verdict", "signedAt"), "2025-06-15T15:06:40.000Z"},
		"skew":         {field(t, DeliveryJSON(d, true), "verdict", "skewMs"), 90001.5},
		"duplicate":    {field(t, DeliveryJSON(d, true), "duplicate"), true},
		"duplicate of": {field(t, DeliveryJSON(d, true), "duplicateOf"), "01first"},
		"answered":     {field(t, DeliveryJSON(d, true), "duplicateAnswered"), true},
		"text":         {field(t, DeliveryJSON(plain, true), "body"), nasty},
		"empty body":   {field(t, DeliveryJSON(record.Delivery{}, true), "body"), ""},
		"no key":       {field(t, DeliveryJSON(plain, true), "verdict", "keyIndex"), nil},
		"not signed":   {field(t, DeliveryJSON(plain, true), "verdict", "signedAt"), nil},
		"no skew":      {field(t, DeliveryJSON(plain, true), "verdict", "skewMs"), nil},
		"no duplicate": {field(t, DeliveryJSON(plain, true), "duplicateOf"), nil},
		"no headers":   {field(t, DeliveryJSON(plain, true), "headers"), map[string]any{}},
		"no targets":   {field(t, DeliveryJSON(plain, true), "targets"), []any{}},
		"no type":      {field(t, DeliveryJSON(plain, true), "eventType"), ""},
		"no time":      {field(t, DeliveryJSON(plain, true), "eventAt"), nil},
		"seconds":      {field(t, DeliveryJSON(record.Delivery{EventTime: "1750000000"}, true), "eventAt"), "2025-06-15T15:06:40.000Z"},
		"milliseconds": {field(t, DeliveryJSON(record.Delivery{EventTime: "1750000000123"}, true), "eventAt"), "2025-06-15T15:06:40.123Z"},
		"another zone": {field(t, DeliveryJSON(record.Delivery{EventTime: "2025-06-15T17:06:40+0200"}, true), "eventAt"), "2025-06-15T15:06:40.000Z"},
		"as it came":   {field(t, DeliveryJSON(record.Delivery{EventTime: "1750000000"}, true), "eventTime"), "1750000000"},
		"odd time":     {field(t, DeliveryJSON(record.Delivery{EventTime: "yesterday"}, true), "eventAt"), nil},
		"findings":     {field(t, diagnosisOf(record.Diagnosis{}), "findings"), []any{}},
		"duration":     {field(t, AttemptJSON(record.Attempt{Duration: 12345678}), "durationMs"), 12.346},
		"error":        {field(t, AttemptJSON(record.Attempt{}), "error"), ""},
		"far future":   {field(t, VerdictJSON(sign.Verdict{SignedAt: time.Unix(1<<40, 0)}, ""), "signedAt"), nil},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: %#v, want %#v", name, c.got, c.want)
		}
	}
}
