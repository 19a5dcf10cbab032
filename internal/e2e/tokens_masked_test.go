package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMaskedTokenCanBePutBack: a shared token is in no stored byte. What is stored is enough to make the very request again with
// the key: every header in its place, and a mark where the token was.
func TestMaskedTokenCanBePutBack(t *testing.T) {
	t.Parallel()
	const token = "shared-token-4f1c09ab77"
	w := newWorld(t)
	w.write("token", token)
	body := []byte(`{"object_kind":"push"}`)
	head := "Content-Type: application/json\r\nX-Gitlab-Event: Push Hook\r\nX-Gitlab-Event-UUID: 1-2-3\r\nX-Gitlab-Token: " + token + "\r\n"
	l := w.listen("--scheme", "gitlab", "--secret-file", w.path("token"))
	if m := exchange(t, l.addr, request("POST", "/hooks?a=1", head, body)); m.status != 200 {
		t.Fatalf("answered %s", m.start)
	}
	first := l.await("delivery")
	err := filepath.WalkDir(w.path("data"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.Contains(string(b), token) {
			t.Errorf("%s holds the token", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	stored := jsonOf[object](t, w.must(0, "journal", "show", "last", "-o", "json")).sub("delivery")
	if first.sub("headers")["X-Gitlab-Token"] == nil {
		t.Fatalf("headers %v", first["headers"])
	}
	var again strings.Builder
	headers := stored.sub("headers")
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if name == "Content-Length" || name == "Connection" {
			continue
		}
		values, _ := headers[name].([]any)
		for _, v := range values {
			fmt.Fprintf(&again, "%s: %s\r\n", name, strings.ReplaceAll(fmt.Sprint(v), "(masked)", token))
		}
	}
	if m := exchange(t, l.addr, request(stored.str("method"), stored.str("path"), again.String(), []byte(stored.str("body")))); m.status != 200 {
		t.Errorf("made anew it was answered %s", m.start)
	}
	second := l.await("delivery")
	if fmt.Sprint(second["headers"]) != fmt.Sprint(first["headers"]) || second.sub("verdict").str("reason") != "valid" || second.str("bodySha256") != first.str("bodySha256") {
		t.Errorf("made anew it is %v, it was %v", second, first)
	}
	l.stop()
}
