package e2e

import (
	"fmt"
	"testing"
	"time"
)

// TestFieldsThatAreAlwaysThere: a field that docs/json.md does not mark as one that may be left out is there, and is right, also where there is
// little to say.
func TestFieldsThatAreAlwaysThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(0, "keys", "add", "mine", "--secret-file", "key")
	for _, o := range []object{jsonOf[[]object](t, w.must(0, "keys", "list", "-o", "json"))[0], jsonOf[object](t, w.must(0, "keys", "show", "mine", "-o", "json"))} {
		if at, is := o["rotatedAt"]; !is || at != nil {
			t.Errorf("a key that was never replaced: %v", o)
		}
	}

	tg := okTarget(t)
	id := w.capture([][]byte{delivery(event("1"))}, "--forward", tg.addr)[0]
	why := jsonOf[object](t, w.must(0, "why", id, "-o", "json"))
	if recorded := why.sub("recorded"); recorded.str("keyName") == "" || fmt.Sprint(recorded) != fmt.Sprint(why.sub("verdict")) || why.str("key") != recorded.str("keyName") {
		t.Errorf("%v", why)
	}

	replayed := jsonOf[object](t, w.must(0, "replay", id, "--to", tg.addr, "--as-captured", "-o", "json"))
	row := jsonOf[object](t, w.must(0, "journal", "show", replayed.str("id"), "-o", "json")).sub("delivery")
	signed, serr := time.Parse(time.RFC3339, row.sub("verdict").str("signedAt"))
	at, aerr := time.Parse(time.RFC3339, row.str("time"))
	skew, is := row.sub("verdict")["skewMs"].(float64)
	if serr != nil || aerr != nil || !is || time.Duration(skew)*time.Millisecond != at.Sub(signed).Truncate(time.Millisecond) {
		t.Errorf("sent at %s, signed at %s, %v", at, signed, row.sub("verdict"))
	}
}
