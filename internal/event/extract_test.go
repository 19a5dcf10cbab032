package event_test

import (
	"bytes"
	"encoding/json"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/event"
)

func typeAt(path ...string) event.Spec { return event.Spec{Type: path} }

func TestExtract(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, path, want string }{
		{"top", `{"event_type":"card.activated"}`, "event_type", "card.activated"},
		{"nested", `{"a":1,"metadata":{"x":[{}],"eventId":"evt_1"}}`, "metadata.eventId", "evt_1"},
		{"space", " \r\n\t{ \"a\" : { \"b\" : \"c\" } } ", "a.b", "c"},
		{"array", `[{"event":"open"},{"event":"click"}]`, "[0].event", "open"},
		{"array with a dot", `[{"event":"open"},{"event":"click"}]`, "1.event", "click"},
		{"element", `{"items":[[1,2],[3,"x"]]}`, "items[1][1]", "x"},
		{"digits are a key in an object", `{"0":{"x":"y"}}`, "0.x", "y"},
		{"brackets are no key", `{"0":{"x":"y"}}`, "[0].x", ""},
		{"beyond the array", `[1]`, "[1]", ""},
		{"number as written", `{"t":1750000000.000200}`, "t", "1750000000.000200"},
		{"large number", `{"t":12345678901234567890}`, "t", "12345678901234567890"},
		{"boolean", `{"t":true}`, "t", "true"},
		{"null", `{"t":null}`, "t", ""},
		{"object", `{"t":{"a":"b"}}`, "t", ""},
		{"list", `{"t":["a"]}`, "t", ""},
		{"empty", `{"t":""}`, "t", ""},
		{"last of two", `{"t":"a","t":"b"}`, "t", "b"},
		{"last of two is null", `{"t":"a","t":null}`, "t", ""},
		{"last of two parents", `{"e":{"t":"a"},"e":{"u":"b"}}`, "e.t", ""},
		{"last of two parents is a scalar", `{"e":{"t":"a"},"e":7}`, "e.t", ""},
		{"escaped key", `{"\u0074ype":"a"}`, "type", "a"},
		{"escaped value", `{"t":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`, "t", "\"\\/\b\f\n\r\té😀"},
		{"lone surrogates", `{"t":"\ud83d.\ude00\ud83dx"}`, "t", "\ufffd.\ufffd\ufffdx"},
		{"wrong escapes", `{"t":"\x\u12"}`, "t", "\ufffd\ufffd12"},
		{"dot in a key", `{"a.b":"c"}`, `a\.b`, "c"},
		{"BOM", "\xef\xbb\xbf" + `{"t":"a"}`, "t", "a"},
		{"no UTF-8", "{\"t\":\"a\xffb\",\"\xfe\":1}", "t", "a\ufffdb"},
		{"braces in strings", `{"a":"}]{[\"","t":"x"}`, "t", "x"},
		{"backslashes before a quote", `{"a":"\\\\","t":"x"}`, "t", "x"},
		{"cut after", `{"t":"a","u":{"v":[1,`, "t", "a"},
		{"cut inside the value", `{"t":"abc`, "t", ""},
		{"cut inside a number", `{"t":123`, "t", ""},
		{"cut inside a parent", `{"e":{"t":"a","u`, "e.t", "a"},
		{"nonsense after", `{"t":"a",oops`, "t", "a"},
		{"nonsense before", `{oops,"t":"a"}`, "t", ""},
		{"nonsense value", `{"t":oops,"t":"a"}`, "t", ""},
		{"mismatched brackets are skipped", `{"a":[1,{]},"t":"x"}`, "t", "x"},
		{"second document", `{"a":1}{"t":"x"}`, "t", ""},
		{"no JSON", "payload=%7B%22t%22%3A1%7D", "t", ""},
		{"NUL", "\x00\x00{\"t\":\"a\"}", "t", ""},
		{"nothing", "", "t", ""},
		{"bare string", `"x"`, "t", ""},
		{"bad path", `{"":"x"}`, "", ""},
		{"worse path", `{"t":"x"}`, "t[", ""},
	} {
		if got := event.Extract(typeAt(c.path), nil, []byte(c.body)).Type; got != c.want {
			t.Errorf("%s: %q of %s is %q, want %q", c.name, c.path, c.body, got, c.want)
		}
	}
}

func TestExtractTakesTheFirstThatIsThere(t *testing.T) {
	t.Parallel()
	body := []byte(`{"type":"","event":{"type":"inner"},"id":7}`)
	header := map[string][]string{"X-Kind": {"", "  push "}, "X-Bad": {"a\xffb"}, "X-Long": {strings.Repeat("é", 200)}, "X-Empty": {" "}}
	for _, c := range []struct {
		want   string
		places []string
	}{
		{"inner", []string{"type", "event.type"}},
		{"push", []string{"type", "header:X-Kind", "event.type"}},
		{"push", []string{"header:x-kIND"}},
		{"inner", []string{"header:X-Empty", "header:X-None", "event.type"}},
		{"a\ufffdb", []string{"header:X-Bad"}},
		{strings.Repeat("é", 128), []string{"header:X-Long"}},
		{"7", []string{"nothing", "id"}},
		{"7", []string{"id", "id"}},
		{"", nil},
	} {
		if got := event.Extract(typeAt(c.places...), header, body).Type; got != c.want {
			t.Errorf("%q gave %q, want %q", c.places, got, c.want)
		}
	}
	got := event.Extract(event.Spec{Type: []string{"event.type"}, ID: []string{"id"}, Time: []string{"at"}}, nil, body)
	if (got != event.Info{Type: "inner", ID: "7"}) {
		t.Errorf("each for itself: %+v", got)
	}
}

func TestExtractIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	spec := event.Spec{Type: []string{"t", "u"}, ID: []string{"t", "u"}, Time: []string{"t"}}
	got := event.Extract(spec, nil, []byte(`{"t":"`+long[:300]+`","u":"short"}`))
	if (got != event.Info{Type: long[:256], ID: "short", Time: long[:256]}) {
		t.Errorf("a value of 300 bytes: %+v", got)
	}
	got = event.Extract(spec, nil, []byte(`{"t":"`+long[:256]+`"}`))
	if got.ID != long[:256] {
		t.Errorf("an id of 256 bytes is %q", got.ID)
	}
	if got = event.Extract(spec, nil, []byte(`{"t":`+strings.Repeat("1", 300)+`,"u":1}`)); got.ID != "1" || len(got.Type) != 256 {
		t.Errorf("a number of 300 digits: %+v", got)
	}
	if got = event.Extract(spec, nil, []byte(`{"t":"a","x":"`+long+`","t":"b"}`)); got.Type != "a" {
		t.Errorf("beyond the first MiB: %+v", got)
	}
	inHeader := event.Spec{Type: []string{"header:X-Long", "t"}, ID: []string{"header:X-Long", "t"}}
	got = event.Extract(inHeader, map[string][]string{"X-Long": {long[:300]}}, []byte(`{"t":"short"}`))
	if (got != event.Info{Type: long[:256], ID: "short"}) {
		t.Errorf("a header of 300 bytes: %+v", got)
	}
	deep := strings.Repeat("[", 10000)
	if got = event.Extract(spec, nil, []byte(`{"t":"a","x":`+deep+strings.Repeat("]", 10000)+`,"u":"b","t":"c"}`)); got.Type != "c" {
		t.Errorf("behind 10,000 brackets: %+v", got)
	}
	for _, path := range []string{"t", "[0]", "0.0", strings.Repeat("[0]", 64), strings.Repeat("[0]", 65), strings.Repeat("a.", 5000) + "a"} {
		for _, body := range []string{deep, strings.Repeat(`{"t":`, 10000), strings.Repeat(`{"a":`, 10000), strings.Repeat("]", 10000), long} {
			if got = event.Extract(typeAt(path), nil, []byte(body)); got.Type != "" {
				t.Errorf("%.20s of %.20s is %+v", path, body, got)
			}
		}
	}
	many := make([]string, 500)
	for i := range many {
		many[i] = "none"
	}
	if got = event.Extract(typeAt(append([]string{"t"}, many...)...), nil, []byte(`{"t":"a"}`)); got.Type != "a" {
		t.Errorf("500 paths: %+v", got)
	}
}

// Not parallel: it measures.
func TestExtractAllocatesNothingInProportion(t *testing.T) {
	spec := event.Spec{Type: []string{"type", "event.type"}, ID: []string{"id"}, Time: []string{"at"}}
	for _, body := range []string{
		`{"type":"a","id":"b","at":"c"}`,
		`{"type":"` + strings.Repeat(`\u00e9`, 1<<17) + `","id":"b"}`,
		`{"type":"a","x":[` + strings.Repeat(`{"type":"x"},`, 1<<16) + `1],"id":"b"}`,
		`{` + strings.Repeat(`"type":"a",`, 1<<16) + `"id":"b"}`,
		strings.Repeat(`{"event":`, 1<<17),
	} {
		raw := []byte(body)
		const runs = 20
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			event.Extract(spec, nil, raw)
		}
		runtime.ReadMemStats(&after)
		if n := (after.TotalAlloc - before.TotalAlloc) / runs; n > 4096 {
			t.Errorf("%d bytes allocated for %d of %.30s", n, len(body), body)
		}
	}
}

func FuzzExtract(f *testing.F) {
	for _, scheme := range event.SampleSchemes() {
		for _, typ := range event.SampleTypes(scheme) {
			s, err := event.Build(scheme, places(scheme), typ, event.BuildOptions{Now: noon(), Rand: seeded(1)})
			if err != nil {
				f.Fatal(err)
			}
			f.Add(s.Body, "type", "metadata.eventId")
		}
	}
	f.Add([]byte(`[{"a":"\ud83d\ude00","a":null}]`), "[0].a", `a\.b[1]`)
	f.Add([]byte("\xef\xbb\xbf{\"a\":[[[[[[}}]\"\\"), "0.0.0", "a[0][0]")
	f.Fuzz(func(t *testing.T, body []byte, first, second string) {
		before := bytes.Clone(body)
		spec := event.Spec{Type: []string{first, second}, ID: []string{second}, Time: []string{"header:" + first, first}}
		got := event.Extract(spec, map[string][]string{first: {second}}, body)
		for _, v := range []string{got.Type, got.ID, got.Time} {
			if len(v) > 256 || !utf8.ValidString(v) {
				t.Errorf("%q", v)
			}
		}
		if !bytes.Equal(before, body) {
			t.Error("the body was changed")
		}
		agree(t, body)
	})
}

// agree compares with a parser that builds everything: on valid JSON both see the same top-level value.
func agree(t *testing.T, body []byte) {
	t.Helper()
	var all map[string]json.RawMessage
	if len(body) > 1<<16 || json.Unmarshal(body, &all) != nil {
		return
	}
	var want string
	if json.Unmarshal(all["type"], &want) != nil || len(want) > 256 {
		return
	}
	if got := event.Extract(typeAt("type"), nil, body).Type; got != want {
		t.Errorf("type of %q is %q, and %q to a full parser", body, got, want)
	}
}

func BenchmarkExtract(b *testing.B) {
	spec := event.Spec{Type: []string{"event_type"}, ID: []string{"event_id"}, Time: []string{"occurred_at"}}
	small, err := event.Build("baanx", places("baanx"), "kyc.status.changed", event.BuildOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("event", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			event.Extract(spec, nil, small.Body)
		}
	})
	large := []byte(`{"event_type":"a","x":[` + strings.Repeat(`{"k":"some text","n":12345},`, 200000) + `1]}`)
	b.Run("5MiB", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			event.Extract(spec, nil, large)
		}
	})
}
