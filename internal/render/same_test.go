package render

import (
	"bytes"
	"encoding/json"
	"testing"
)

// sameMeaning compares what was printed on a terminal with what encoding/json makes of the value.
func sameMeaning(t *testing.T, printed []byte, v any) {
	t.Helper()
	var got, want any
	plain, err := encode(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(printed, &got); err != nil {
		t.Fatalf("%v in %q", err, printed)
	}
	if err := json.Unmarshal(plain, &want); err != nil {
		t.Fatal(err)
	}
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	if !bytes.Equal(g, w) {
		t.Fatalf("%s, want %s", g, w)
	}
}
