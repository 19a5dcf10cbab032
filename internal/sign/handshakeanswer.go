package sign

// Whether an answer to a handshake is the right one.

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// Wrong says in words why a receiver's answer is not the right one; "" where it is. Header names are canonical.
func (a *Answer) Wrong(status int, header map[string][]string, body []byte) string {
	ok := status == a.Status || a.AnyOK && status >= 200 && status < 300
	if !ok {
		right := strconv.Itoa(a.Status)
		if a.AnyOK {
			right = "2xx"
		}
		return "the status is " + strconv.Itoa(status) + ", and " + right + " is right"
	}
	if len(a.Or) > 0 && wrongMembers(a.Or, body) == "" {
		return ""
	}
	for _, f := range a.Fields {
		if got := scheme.HeaderValue(header, f.Name); got != f.Value {
			return "header " + f.Name + " is " + scheme.Quote(got) + ", and " + scheme.Quote(f.Value) + " is right"
		}
	}
	switch {
	case len(a.Members) > 0:
		return wrongMembers(a.Members, body)
	case a.ContentType == "" || bytes.Equal(body, a.Body):
		return ""
	case bytes.Contains(body, a.Body):
		return "the body holds the right text with something around it; it must be that text alone"
	default:
		return "the body is " + scheme.Quote(string(body)) + ", and not the text that was asked for" // a challenge looks like a key, which is not shown
	}
}

// wrongMembers says what a body lacks of the members of a JSON object.
func wrongMembers(want map[string]string, body []byte) string {
	var got map[string]any
	if json.Unmarshal(body, &got) != nil || got == nil {
		return "the body is no JSON object"
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		switch text, is := got[name].(string); {
		case !is:
			return "the body has no text " + scheme.Quote(name)
		case text != want[name]:
			return "the body's " + scheme.Quote(name) + " is " + scheme.Quote(text) + ", which is not right"
		}
	}
	return ""
}
