//go:build unix

package e2e

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestCompletionOfHostileNames has an API choose names and ids that a shell would run or split, too many, too long, and an API that
// does not answer.
func TestCompletionOfHostileNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	names := []string{
		"$(touch pwned)", "`id`", "a;b", "a|b", "a&b", "a>b", "a\nb", "a\tb", "a b", `a"b`, "a'b", `a\b`, "a*", "a?", "a[b]", "{a,b}", "~root", "#a", "!a", "-rf", "--profile", "a=b", "<a", "a,b", "", ":4",
		"_activeHelp_ x", "ä", "\u202ea", "same", "same", strings.Repeat("n", 500),
	}
	for _, text := range nasty() {
		if len(text) < 4000 {
			names = append(names, text)
		}
	}
	hooks, id := make([]string, 0, len(names)), func(i int) string { return "00000000-0000-4000-8000-" + strconv.Itoa(100000000000+i) }
	for i, name := range append(names, "good-1") {
		hooks = append(hooks, `{"id":"`+id(i)+`","name":`+inJSON(name)[1]+`}`)
	}
	hooks = append(hooks, `{"id":"$(touch pwned)","name":"$(id)"}`, `{"id":"-rf","name":"a;b"}`)
	w.use(newFakeAPI(t, func(rw http.ResponseWriter, _ *http.Request) {
		sendJSON(rw, 200, `[`+strings.Join(hooks, ",")+`]`)
	}))
	words := w.offered("webhooks get |")
	for i := range names {
		if _, is := words[id(i)]; !is {
			t.Errorf("the webhook %q is not offered by its id", names[i])
		}
	}
	if _, is := words["good-1"]; !is || len(words) != len(names)+1 {
		t.Errorf("%d words for %d names: %v", len(words), len(names), words)
	}
	for word, about := range words {
		if strings.ContainsAny(word+about, "$`;|&<>(){}[]*?!#'\"\\\n\t\x1b~=") || len(about) > 200 {
			t.Errorf("%q with %q is offered", word, about)
		}
	}
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	w.use(newFakeAPI(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}))
	began := time.Now()
	if words := w.offered("webhooks get |"); len(words) != 0 || time.Since(began) > 10*time.Second {
		t.Errorf("an API that does not answer: %v after %s", words, time.Since(began))
	}
	many := newFakeAPI(t, func(rw http.ResponseWriter, _ *http.Request) {
		sendJSON(rw, 200, `[`+strings.Join(slices.Repeat(hooks[:1], 5000), ",")+`]`)
	})
	w.use(many)
	if words := w.offered("webhooks get |"); len(words) > 1 {
		t.Errorf("one webhook %d times", len(words))
	}
	if strings.Contains(strings.Join(many.asked(), "\n"), "POST") {
		t.Errorf("a completion asked for %v", many.asked())
	}
}
