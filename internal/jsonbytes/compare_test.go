package jsonbytes_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// words is a comparison on one line: where the bytes differ, what was compared, the changes, the ways.
func words(c jsonbytes.Comparison) string {
	if c.Equal {
		return "equal"
	}
	out := []string{fmt.Sprintf("at %d of %d and %d", c.At, c.Sizes[0], c.Sizes[1])}
	if c.JSON != jsonbytes.AsJSON {
		out = append(out, string(c.JSON))
	}
	for _, ch := range c.Changes {
		out = append(out, fmt.Sprintf("%s %s %s>%s", ch.Kind, ch.Path, ch.Old, ch.New))
	}
	for _, w := range c.Written {
		out = append(out, string(w))
	}
	return strings.Join(out, "; ")
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, before, after, want string }{
		{"equal", `{"a":1}`, `{"a":1}`, "equal"},
		{"both empty", ``, ``, "equal"},
		{"one empty", ``, `{}`, "at 0 of 0 and 2; not_json"},
		{"text", "hello there", "hello world", "at 6 of 11 and 11; not_json"},
		{"goes on", "hello", "hello world", "at 5 of 5 and 11; not_json"},
		{"bytes", "\x00\xff", "\x00\xfe", "at 1 of 2 and 2; not_json"},
		{"white space", `{"a":1}`, "{\n  \"a\": 1\n}\n", "at 1 of 7 and 13; white_space"},
		{"white space moved", `{"a": 1,"b":2}`, `{"a":1, "b":2}`, "at 5 of 14 and 14; white_space"},
		{"key order", `{"a":1,"b":{"c":1,"d":2}}`, `{"b":{"d":2,"c":1},"a":1}`, "at 2 of 25 and 25; key_order"},
		{"order and space", `{"a":1,"b":2}`, `{"b": 2, "a": 1}`, "at 2 of 13 and 16; key_order; white_space"},
		{"escapes", `{"name":"Zoé/x"}`, `{"name":"Zo\u00e9\/x"}`, "at 11 of 17 and 22; escapes"},
		{"escaped key", `{"a":1}`, `{"\u0061":1}`, "at 2 of 7 and 12; escapes"},
		{"byte order mark", `{"a":1}`, "\ufeff" + `{"a":1}`, "at 0 of 7 and 10; byte_order_mark"},
		{"changed", `{"status":"pending","n":1}`, `{"status":"approved","n":1}`, `at 11 of 26 and 27; changed status "pending">"approved"`},
		{"number as text", `{"n":1}`, `{"n":1.0}`, "at 6 of 7 and 9; changed n 1>1.0"},
		{"large number", `{"n":9007199254740993}`, `{"n":9007199254740992}`, "at 20 of 22 and 22; changed n 9007199254740993>9007199254740992"},
		{"type", `{"n":1}`, `{"n":"1"}`, `at 5 of 7 and 9; changed n 1>"1"`},
		{"added and removed", `{"a":1,"b":2}`, `{"b":2,"c":{"d":3}}`, `at 2 of 13 and 19; removed a 1>; added c >{"d":3}`},
		{"deep", `{"a":{"b":[{"c":1}]}}`, `{"a":{"b":[{"c":2}]}}`, "at 16 of 21 and 21; changed a.b.0.c 1>2"},
		{"key with a dot", `{"a.b":1}`, `{"a.b":2}`, `at 7 of 9 and 9; changed a\.b 1>2`},
		{"inserted at the front", `[1,2,3]`, `[0,1,2,3]`, "at 1 of 7 and 9; added 0 >0"},
		{"inserted in the middle", `[1,2,3]`, `[1,9,2,3]`, "at 3 of 7 and 9; added 1 >9"},
		{"taken from the middle", `[1,2,3]`, `[1,3]`, "at 3 of 7 and 5; removed 1 2>"},
		{"element changed", `[{"a":1},{"a":2}]`, `[{"a":1},{"a":3}]`, "at 14 of 17 and 17; changed 1.a 2>3"},
		{"elements in another order", `[1,2]`, `[2,1]`, "at 1 of 5 and 5; changed 0 1>2; changed 1 2>1"},
		{"same key twice", `{"a":1,"a":2}`, `{"a":1,"a":3}`, "at 11 of 13 and 13; changed a 2>3"},
		{"same key once less", `{"a":1,"a":2}`, `{"a":1}`, "at 6 of 13 and 7; removed a 2>"},
		{"whole value", `1`, `[1]`, "at 0 of 1 and 3; changed  1>[1]"},
		{"surrogates alone", `["\ud800"]`, `["\ud801"]`, `at 7 of 10 and 10; changed 0 "\ud800">"\ud801"`},
		{"surrogate in capitals", `["\ud80a"]`, `["\uD80A"]`, "at 4 of 10 and 10; escapes"},
		{"no escape", `["\ud800"]`, `["\\ud800"]`, `at 3 of 10 and 11; changed 0 "\ud800">"\\ud800"`},
		{"bytes that are no text", "[\"\xff\"]", "[\"\xfe\"]", "at 2 of 5 and 5; changed 0 \"\xff\">\"\xfe\""},
		{"change and way", `{"a":1,"b":2}`, `{"b":3,"a":1}`, "at 2 of 13 and 13; changed b 2>3; key_order"},
		{"empty and null", `{"a":null}`, `{}`, "at 1 of 10 and 2; removed a null>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := words(jsonbytes.Compare([]byte(c.before), []byte(c.after))); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestCompareBounds has texts that a stranger makes to cost time or memory.
func TestCompareBounds(t *testing.T) {
	t.Parallel()
	many := "[" + strings.Repeat("0,", 600_000) + "0]"
	if c := jsonbytes.Compare([]byte(many), []byte(many+" ")); c.JSON != jsonbytes.TooLarge {
		t.Errorf("600,001 values were compared: %s", c.JSON)
	}
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	if c := jsonbytes.Compare([]byte(deep), []byte(" "+deep)); !c.SameJSON() || !slices.Equal(c.Written, []jsonbytes.Way{jsonbytes.WhiteSpace}) {
		t.Errorf("9,000 levels: %+v", c)
	}
	deeper := strings.Repeat("[", 1<<20)
	if c := jsonbytes.Compare([]byte(deeper), []byte(deeper+"[")); c.JSON != jsonbytes.NotJSON || c.At != 1<<20 {
		t.Errorf("a million open brackets: %+v", c)
	}
	before, after := map[string]int{}, map[string]int{}
	for i := range 1000 {
		before[fmt.Sprint(i)], after[fmt.Sprint(i)] = i, i+1
	}
	a, _ := json.Marshal(before)
	b, _ := json.Marshal(after)
	if c := jsonbytes.Compare(a, b); len(c.Changes) != jsonbytes.MaxChanges || c.More != 1000-jsonbytes.MaxChanges {
		t.Errorf("%d changes and %d more", len(c.Changes), c.More)
	}
}

// FuzzCompare holds the comparison against encoding/json: the values are the same just when it says so.
func FuzzCompare(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":null}]}`, `["\u00e9","é"]`, `{"a":1,"b":2}`, `{"b":2,"a":1}`, " [1] ", "\ufeff1", `"\ud800"`, `{"a":1,"a":2}`} {
		f.Add([]byte(s), []byte(`{"a":[1,3,{"b":null}]}`))
		f.Add([]byte(s), []byte(s+" "))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		c := jsonbytes.Compare(a, b)
		if c.Equal != bytes.Equal(a, b) || c.Equal != (c.At < 0) {
			t.Fatalf("equal is %v, at %d", c.Equal, c.At)
		}
		for _, ch := range c.Changes {
			if ch.Old == nil && ch.New == nil || bytes.Equal(ch.Old, ch.New) {
				t.Fatalf("the change of %s changes nothing: %s", ch.Path, ch.Old)
			}
		}
		if c.JSON != jsonbytes.AsJSON || c.Equal {
			return
		}
		if len(c.Changes) == 0 && len(c.Written) == 0 {
			t.Fatalf("nothing says how %q and %q differ", a, b)
		}
		if c.SameJSON() && !reflect.DeepEqual(decoded(t, a), decoded(t, b)) {
			t.Fatalf("%q and %q are not the same", a, b)
		}
	})
}

func decoded(t *testing.T, b []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
