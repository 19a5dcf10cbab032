package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// nameCase is a reference and what it means.
type nameCase struct {
	ref  string
	code int
	want string // the id, or what the error says
}

func (c nameCase) check(w *world, args ...string) {
	w.t.Helper()
	r := w.run(args...)
	if r.code != c.code || c.code == 0 && r.out != c.want+"\n" || c.code != 0 && (r.out != "" || !strings.Contains(r.err, c.want)) {
		w.t.Errorf("whctl %.80q: exit code %d, stdout %q, stderr %s, want %d, %s", args, r.code, r.out, r.err, c.code, c.want)
	}
	checkTalk(w.t, r)
}

// TestPlatformNames resolves webhooks and events by id, beginning of an id and name, and refuses to guess.
func TestPlatformNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hook := func(id, name string) string {
		return strings.NewReplacer(webhookID, id, "Card <alerts> & more", name).Replace(laterWebhook)
	}
	event := func(id, record string) string {
		return strings.NewReplacer(eventID, id, recordID, record).Replace(laterEvent)
	}
	const (
		first  = "aaaa1111-0000-4000-8000-000000000001"
		second = "aaaa2222-0000-4000-8000-000000000002"
		third  = "bbbb3333-0000-4000-8000-000000000003"
	)
	api := newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
		last := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		switch {
		case r.URL.Path == "/v1/webhooks":
			sendJSON(rw, 200, "["+hook(first, "twin")+","+hook(second, "twin")+","+hook(third, "aaaa1")+"]")
		case r.URL.Path == "/v1/webhooks/events":
			sendJSON(rw, 200, `{"total":2,"events":[`+event(first, second)+","+event("aaaa3333-0000-4000-8000-000000000009", third)+`]}`)
		case strings.HasSuffix(r.URL.Path, "/"+first+"/logs"):
			sendJSON(rw, 200, `{"event":`+event(first, second)+`,"logs":[]}`)
		case r.Method == http.MethodPut || r.Method == http.MethodPost:
			sendJSON(rw, 200, `{"success":true,"data":`+hook(strings.Split(r.URL.Path, "/")[3], "n")+`}`)
		case r.Method == http.MethodDelete:
			rw.WriteHeader(http.StatusOK)
		case last == first || last == second || last == third:
			sendJSON(rw, 200, hook(last, "n"))
		default:
			sendJSON(rw, 404, `{"message":"Event not found"}`)
		}
	})
	w.use(api)
	for _, c := range []nameCase{
		{first, 0, first},
		{strings.ToUpper(first), 5, "404"}, // a whole id is sent as it is: what it names is the API's to say
		{"aaaa1", 0, third},                // a name wins over the beginning of an id
		{"aaaa11", 0, first},
		{"AAAA2", 0, second},
		{"bbbb", 0, third},
		{"twin", 2, `"twin" means 2 webhooks: ` + first + " (twin), " + second + " (twin)"},
		{"aaaa", 2, `"aaaa" means 2 webhooks: `},
		{"Twin", 5, `no webhook "Twin"`},
		{"twi", 5, `no webhook "twi"`},
		{"..", 5, `no webhook ".."`},
		{"a/../../x", 5, "no webhook"},
		{"events", 5, `no webhook "events"`},
		{"%2e%2e", 5, "no webhook"},
		{strings.Repeat("x", 10_000), 5, "no webhook"},
	} {
		c.check(w, "webhooks", "get", c.ref, "--jq", ".id")
	}
	// every command that takes a WEBHOOK refuses to guess, before anything is changed
	for _, args := range [][]string{
		{"webhooks", "update", "twin", "--name", "x"},
		{"webhooks", "enable", "twin"},
		{"webhooks", "disable", "twin"},
		{"webhooks", "delete", "twin", "--yes"},
		{"webhooks", "rotate", "twin", "--yes"},
		{"webhooks", "logs", "twin"},
		{"events", "retry", first, "--webhook", "twin"},
	} {
		if r := w.must(2, args...); !strings.Contains(r.err, first+" (twin), "+second+" (twin)\nhint: use more of the id") {
			t.Errorf("whctl %q says %s", args, r.err)
		}
	}
	for _, asked := range api.asked() {
		if !strings.HasPrefix(asked, "GET ") {
			t.Errorf("changed something: %s", asked)
		}
	}
	for _, c := range []nameCase{
		{first, 0, first},
		{second, 0, first}, // the record's id
		{"aaaa11", 0, first},
		{"aaaa2", 0, first},
		{"aaaa", 2, `"aaaa" means `},
		{"cccc", 5, `no event "cccc" among the newest 100`},
		{"../webhooks", 5, "no event"},
		{"00000000-0000-4000-8000-000000000000", 5, "404: Event not found"},
	} {
		c.check(w, "events", "get", c.ref, "--jq", ".eventId")
	}
}

// TestPlatformAliases calls every command by each of its names.
func TestPlatformAliases(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.use(newFakeAPI(t, laterAPI))
	w.must(0, "keys", "add", "mine", "--secret-file", "key")
	for _, line := range []string{
		"webhook list", "wh list", "webhooks ls", "wh ls", "webhook get ID", "wh delete ID --yes", "wh rm ID --yes", "webhooks rm ID --yes",
		"webhooks rotate ID --yes --no-save", "wh rotate-key ID --yes --no-save", "event list", "events ls", "event get EVENT", "event ls --limit 1",
		"keys ls", "keys rm mine", "config ls", "profile ls",
	} {
		r := w.must(0, strings.Fields(strings.NewReplacer("EVENT", eventID, "ID", webhookID).Replace(line))...)
		if line != "keys ls" && strings.Contains(r.out, "usage\n") {
			t.Errorf("whctl %s prints help", line)
		}
	}
}

// TestPlatformMore says so when there is more than was asked for, or more than the platform gives.
func TestPlatformMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var total, have atomic.Int64
	total.Store(137)
	have.Store(100)
	w.use(newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
		n := int(have.Load())
		if limit := r.URL.Query().Get("limit"); limit != "" {
			_, _ = fmt.Sscan(limit, &n)
		}
		var rows []string
		for i := range min(n, int(have.Load())) {
			id := fmt.Sprintf("%08d-0000-4000-8000-000000000000", i)
			if strings.HasSuffix(r.URL.Path, "/logs") {
				rows = append(rows, strings.NewReplacer("e2b7640f-95d3-4c1a-87fe-10a4c9d8b365", id, "11:02:11", fmt.Sprintf("11:%02d:%02d", i/60, i%60)).Replace(laterLog))
			} else {
				rows = append(rows, strings.NewReplacer(recordID, id, "11:02:10", fmt.Sprintf("11:%02d:%02d", i/60, i%60)).Replace(laterEvent))
			}
		}
		list := strings.Join(rows, ",")
		if strings.HasSuffix(r.URL.Path, "/logs") {
			sendJSON(rw, 200, fmt.Sprintf(`{"count":%d,"logs":[%s]}`, len(rows), list))
		} else {
			sendJSON(rw, 200, fmt.Sprintf(`{"total":%d,"events":[%s]}`, total.Load(), list))
		}
	}))
	for line, want := range map[string]string{
		"events list":                                 "50 of 137 shown: use --limit, up to 100\n",
		"events list --limit 7":                       "7 of 137 shown: use --limit, up to 100\n",
		"events list --limit 100":                     "100 of 137 shown: the platform gives no more; narrow it with --status\n",
		"events list --type card.*":                   "50 of 100 shown: use --limit, up to 100\n",
		"events list --type kyc.*":                    "no events\n--type looked at the newest 100 of 137 events: the platform gives no more\n",
		"events list -o json":                         "50 of 137 shown: use --limit, up to 100\n",
		"events list --quiet":                         "",
		"webhooks logs " + webhookID:                  "the newest 50 shown, there may be more: use --limit, up to 100\n",
		"webhooks logs " + webhookID + " --limit 100": "these are among the newest 100 attempts: the platform gives no more\n",
		"webhooks logs " + webhookID + " --failed":    "the newest 50 of 100 failed attempts shown: use --limit, up to 100\n",
	} {
		if r := w.must(0, strings.Fields(line)...); r.err != want {
			t.Errorf("whctl %s says %q, want %q", line, r.err, want)
		}
	}
	total.Store(3)
	have.Store(3)
	for _, line := range []string{"events list", "events list --type card.*", "webhooks logs " + webhookID, "webhooks logs " + webhookID + " --failed"} {
		if r := w.must(0, strings.Fields(line)...); r.err != "" {
			t.Errorf("whctl %s says %q though that is all", line, r.err)
		}
	}
}
