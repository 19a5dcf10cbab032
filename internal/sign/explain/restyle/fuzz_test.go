package restyle_test

// Texts from strangers.

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/whctl/whctl/internal/sign/explain/restyle"
)

// FuzzTexts reads texts in every way. What is changed in JSON stays JSON, and undone in the text's own style it is changed.
func FuzzTexts(f *testing.F) {
	for _, seed := range []string{
		`{"a":0,"b":[1.50,{}],"c":null,"d":"","e":[]}`, `{'a': None, 'b': "it's \x41"}`, `{"a"=>nil, :b=>:c, d: 1e3}`, `x{"a":{}}y`,
		`{"a":1,"controller":"hooks","action":"create","hook":{"a":1}}`, `#<ActionController::Parameters {"a"=>1} permitted: false>`,
		"[{\"t\":\"\\u00eb \\/ <\\/b> 😚 & + = %\"},{}]", `{"a":1E+20,"b":-0.0,"c":1e-400}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 4<<10 {
			return
		}
		for _, read := range []func([]byte) ([]byte, bool){restyle.FromLiteral, restyle.RailsText, restyle.Unrails, restyle.Value} {
			read(b)
		}
		text, ok := restyle.Parse(b)
		if !ok {
			return
		}
		for _, c := range text.Changes(40) {
			undone(t, b, text, &c)
		}
		for _, style := range text.OwnStyles() {
			text.Write(style)
		}
	})
}

// undone undoes a change in each of the usual styles.
func undone(t *testing.T, b []byte, text *restyle.Text, c *restyle.Change) {
	t.Helper()
	for n, style := range text.Usual() {
		was := text.Undo(c, style)
		if json.Valid(b) && (!json.Valid(was) || n == 0 && bytes.Equal(was, b)) {
			t.Errorf("%q: %s %s: %q", b, c.ID, c.Words, was)
		}
	}
}
