package e2e

import (
	"os"
	"strings"
	"testing"
)

// offered are the words, each with what is said of it, that a shell is offered after a line; what is typed ends with "|" or a blank.
func (w *world) offered(line string) map[string]string {
	w.t.Helper()
	args := append([]string{"__complete"}, strings.Split(strings.TrimSuffix(line, "|"), " ")...)
	r := w.must(0, args...)
	words := map[string]string{}
	lines := strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
	for _, l := range lines[:len(lines)-1] {
		word, about, _ := strings.Cut(l, "\t")
		if _, twice := words[word]; twice {
			w.t.Errorf("%s: %q is offered twice", line, word)
		}
		words[word] = about
	}
	return words
}

// wantOffered checks that words are offered, or with "!" before them are not.
func (w *world) wantOffered(line, want string) {
	w.t.Helper()
	words := w.offered(line)
	for text := range strings.FieldsSeq(want) {
		word, not := strings.CutPrefix(text, "!")
		if _, is := words[word]; is == not {
			w.t.Errorf("%s: %s; offered %v", line, text, words)
		}
	}
}

// TestCompletionOfThePlatform completes webhooks, their events and their saved keys, from a sandbox.
func TestCompletionOfThePlatform(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	shop, _ := w.webhook("shop", "http://127.0.0.1:9/a")
	spaced, _ := w.webhook("my shop", "http://127.0.0.1:9/b")
	raised := w.trigger("card.activated")[0]
	for line, want := range map[string]string{
		"webhooks get |":                              "shop " + spaced + " !my !" + shop,
		"webhooks delete sh|":                         "shop !" + spaced,
		"webhooks rotate " + shop[:9] + "|":           shop,
		"webhooks get shop |":                         "!shop",
		"events list --webhook |":                     "shop " + spaced,
		"events get |":                                raised,
		"events retry " + raised + " |":               "!" + raised,
		"send card.activated --webhook |":             "shop " + spaced,
		"keys show |":                                 "shop " + spaced,
		"keys add x --webhook-id |":                   "shop",
		"webhooks create --events |":                  "card.activated",
		"api |":                                       "GET DELETE",
		"api P|":                                      "POST PUT PATCH !GET",
		"api ge|":                                     "get !GET",
		"webhooks create --events card.activated,tr|": "card.activated,transaction.cleared !card.activated",
		"webhooks create --events card.activated,card.activated|": "!card.activated,card.activated",
	} {
		w.wantOffered(line, want)
	}
	if about := w.offered("webhooks get |")[spaced]; about != "my shop" {
		t.Errorf("said of a webhook: %q", about)
	}
}

// TestCompletionOfGitHub completes the webhooks of the repository that is typed, with GitHub's token and for --platform github alone.
func TestCompletionOfGitHub(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := newGitHub(t, "", "/repos/acme/app/hooks")
	const line = "events reconcile --platform github --webhook "
	w.setenv("WHCTL_GITHUB_URL=" + g.url)
	w.wantOffered(line+"acme/app/|", "!"+gitHubRef)
	g.use(w)
	for _, typed := range []string{"acme/app/", "acme/app", gitHubRef[:len(gitHubRef)-2]} {
		w.wantOffered(line+typed+"|", gitHubRef)
	}
	w.wantOffered(line+"acme/other/|", "!"+gitHubRef)
	w.wantOffered(line+"|", "!"+gitHubRef)
	w.wantOffered("events reconcile --webhook acme/app/|", "!"+gitHubRef)
}

// TestCompletionOfTheJournal completes deliveries, targets, jobs and types. A sender chooses types.
func TestCompletionOfTheJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.wantOffered("journal show |", "!last")
	if _, err := os.Stat(w.path("home/.local/share/whctl")); err == nil {
		t.Error("a completion made the data folder")
	}
	tg, _ := handlerOf(t, "HTTP/1.1 500 no\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	l := w.listen("--forward", tg.addr, "--ack", "now")
	exchange(t, l.addr, delivery([]byte(`{"event_type":"$(touch pwned)","event_id":"`+"`id`"+`"}`)))
	exchange(t, l.addr, delivery([]byte(`{"event_type":"odd.type","event_id":"evt_odd"}`)))
	l.await("delivery")
	l.await("delivery")
	jobs := w.awaitJobs(2)
	l.stop()
	list := jsonOf[[]object](t, w.must(0, "journal", "list", "-o", "json"))
	newest, older := list[0].str("id"), list[1].str("id")
	for line, want := range map[string]string{
		"why |":                           "last " + newest + " " + older,
		"journal diff " + older + " |":    newest + " !" + older,
		"journal diff a b |":              "!last",
		"replay " + newest + " " + "l|":   "last !" + older,
		"verify --delivery |":             "last " + newest,
		"journal list --type odd|":        "odd.type",
		"journal list --type |":           "odd.type card.activated",
		"journal list --event |":          "evt_odd",
		"journal list --target |":         strings.TrimPrefix(tg.addr, "http://"),
		"queue pause |":                   strings.TrimPrefix(tg.addr, "http://"),
		"replay --target |":               strings.TrimPrefix(tg.addr, "http://"),
		"queue drop |":                    jobs[0].str("id"),
		"check --only sig|":               "signature",
		"check --skip signature,time-o|":  "signature,time-old",
		"check x --type card.activated,|": "card.activated,transaction.cleared",
	} {
		w.wantOffered(line, want)
	}
	about := w.offered("journal show |")
	if !strings.HasPrefix(about[older], "__touch pwned_, ") || !strings.Contains(about[newest], "odd.type, ") {
		t.Errorf("said of deliveries: %q", about)
	}
	for word := range w.offered("journal list --type |") {
		if strings.ContainsAny(word, "$( ") {
			t.Errorf("the type %q is offered", word)
		}
	}
}
