package e2e

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// The objects of an API that is newer than this program: with unknown fields, numbers that no float holds, and white space.
const (
	webhookID = "3f0c9a52-7d1e-4b86-9c43-5a2be81d6f70"
	eventID   = "51d2e8b6-a0c9-4e37-b1f4-7d893c6a52e0"
	recordID  = "9a71c3de-4f28-4d0b-8b5e-6c1d20f7e394"

	laterWebhook = `{
		"later": {"big": 12345678901234567890, "exact": 1.10, "list": [ true, null ]},
		"id": "` + webhookID + `", "tenant": "acme-pay", "name": "Card <alerts> & more", "url": "https://hooks.acme.test/baanx",
		"apiKey": "whk_****...****9d4e", "eventTypes": ["card.activated"], "isActive": true, "metadata": {"team": "cards", "n": 7},
		"createdAt": "2026-03-04T09:15:00.000Z", "updatedAt": "2026-03-04T09:15:00.123456Z", "region": "eu"
	}`
	laterEvent = `{
		"id": "` + recordID + `", "eventId": "` + eventID + `", "tenant": "acme-pay", "eventType": "card.activated",
		"payload": {"userId": "u", "amount": 0.10}, "userId": null, "sourceService": "card-service", "status": "archived",
		"createdAt": "2026-03-05T11:02:10.000Z", "processedAt": null, "queuedAt": "2026-03-05T11:02:11.000Z", "priority": 9007199254740993
	}`
	laterLog = `{
		"id": "e2b7640f-95d3-4c1a-87fe-10a4c9d8b365", "eventId": "` + eventID + `", "webhookId": "` + webhookID + `", "attemptNumber": 1,
		"requestUrl": "https://hooks.acme.test/baanx", "requestHeaders": {"X-Signature": "0f3a"}, "requestBody": {"a": 1.0},
		"responseStatus": 503, "responseBody": "busy", "errorMessage": null, "deliveryStatus": "failed", "durationMs": 208,
		"createdAt": "2026-03-05T11:02:11.000Z", "nextRetryAt": "2026-03-05T11:02:12.000Z", "edge": {"node": "fra1"}
	}`
)

// compactJSON is a text of JSON on one line, with nothing else changed.
func compactJSON(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return b.String()
}

// laterAPI answers every documented call with the objects above.
func laterAPI(rw http.ResponseWriter, r *http.Request) {
	full := strings.Replace(laterWebhook, "whk_****...****9d4e", "whk_printed0once", 1)
	wrapped := func(data string) string { return `{"success": true, "data": ` + data + `, "warnings": []}` }
	switch r.Method + " " + r.URL.Path {
	case "GET /v1/webhooks":
		sendJSON(rw, 200, "[ "+laterWebhook+" ]")
	case "POST /v1/webhooks":
		sendJSON(rw, 201, wrapped(full))
	case "GET /v1/webhooks/" + webhookID:
		sendJSON(rw, 200, laterWebhook)
	case "PUT /v1/webhooks/" + webhookID:
		sendJSON(rw, 200, wrapped(laterWebhook))
	case "POST /v1/webhooks/" + webhookID + "/rotate-key":
		sendJSON(rw, 200, wrapped(full))
	case "DELETE /v1/webhooks/" + webhookID:
		rw.WriteHeader(http.StatusNoContent)
	case "GET /v1/webhooks/" + webhookID + "/logs":
		sendJSON(rw, 200, `{"cursor": "x", "count": 1, "logs": [ `+laterLog+` ]}`)
	case "GET /v1/webhooks/events":
		sendJSON(rw, 200, `{"cursor": {"next": 12345678901234567890}, "total": 137, "events": [ `+laterEvent+` ]}`)
	case "GET /v1/webhooks/events/" + eventID + "/logs":
		sendJSON(rw, 200, `{"note": "n", "event": `+laterEvent+`, "logs": [ `+laterLog+` ]}`)
	case "POST /v1/webhooks/events/" + eventID + "/retry":
		sendJSON(rw, 200, wrapped(`{"jobId": 12345678901234567890, "eventId": "`+eventID+`", "webhookCount": 2, "message": "Event queued for retry to 2 webhook(s)"}`))
	default:
		sendJSON(rw, 404, `{"message": "Webhook not found"}`)
	}
}

// TestPlatformJSON holds every command's JSON against the contract: one compact line, the API's own fields in the API's
// own form, with those that this program does not know.
func TestPlatformJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.use(newFakeAPI(t, laterAPI))
	full := strings.Replace(laterWebhook, "whk_****...****9d4e", "whk_printed0once", 1)
	create := []string{"webhooks", "create", "--name", "x", "--url", "https://x.example/", "--events", "*"}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"webhooks", "list"}, "[" + laterWebhook + "]"},
		{[]string{"webhooks", "get", webhookID}, laterWebhook},
		{[]string{"webhooks", "get", "Card <alerts> & more"}, laterWebhook},
		{create, full},
		{append(create, "--no-save"), full},
		{[]string{"webhooks", "update", webhookID, "--name", "y"}, laterWebhook},
		{[]string{"webhooks", "enable", webhookID}, laterWebhook},
		{[]string{"webhooks", "disable", webhookID}, laterWebhook},
		{[]string{"webhooks", "rotate", webhookID, "--yes"}, full},
		{[]string{"webhooks", "delete", webhookID, "--yes"}, `{"id":"` + webhookID + `","deleted":true}`},
		{[]string{"webhooks", "logs", webhookID}, `{"count":1,"logs":[` + laterLog + `],"cursor":"x"}`},
		{[]string{"webhooks", "logs", webhookID, "--failed"}, `{"count":1,"logs":[` + laterLog + `],"cursor":"x"}`},
		{[]string{"events", "list"}, `{"total":137,"events":[` + laterEvent + `],"cursor":{"next":12345678901234567890}}`},
		{[]string{"events", "list", "--type", "kyc.*"}, `{"total":137,"events":[],"cursor":{"next":12345678901234567890}}`},
		{[]string{"events", "get", eventID}, laterEvent},
		{[]string{"events", "get", recordID}, laterEvent},
		{[]string{"events", "logs", eventID}, `{"event":` + laterEvent + `,"logs":[` + laterLog + `],"note":"n"}`},
		{[]string{"events", "retry", eventID}, `[{"jobId":12345678901234567890,"eventId":"` + eventID + `","webhookCount":2,"message":"Event queued for retry to 2 webhook(s)"}]`},
		{[]string{"whoami"}, `{"profile":"baanx","apiUrl":"$URL","tokenFrom":"WHCTL_TOKEN","tenant":"acme-pay","webhooks":1}`},
	} {
		want := compactJSON(t, strings.ReplaceAll(c.want, "$URL", w.apiURL()))
		if r := w.must(0, append(c.args, "-o", "json")...); r.out != want+"\n" {
			t.Errorf("whctl %q prints\n%s\nand not\n%s", c.args, r.out, want)
		}
		// the filter sees the same document, digit for digit
		if r := w.must(0, append(c.args, "--jq", ".")...); sortedJSON(t, r.out) != sortedJSON(t, want) {
			t.Errorf("whctl %q --jq . prints\n%s\nand not\n%s", c.args, r.out, want)
		}
		if r := w.must(0, append(c.args, "-o", "yaml")...); strings.Contains(want, "priority") && !strings.Contains(r.out, "priority: 9007199254740993") {
			t.Errorf("whctl %q -o yaml prints\n%s", c.args, r.out)
		}
	}
}

func (w *world) apiURL() string {
	for _, pair := range slices.Backward(w.env) {
		if url, is := strings.CutPrefix(pair, "WHCTL_API_URL="); is {
			return url
		}
	}
	return ""
}

// sortedJSON is a document with the names in each object sorted and its numbers as written.
func sortedJSON(t testing.TB, text string) string {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestPlatformLocalJSON holds the JSON of commands that ask no API for events or webhooks.
func TestPlatformLocalJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.use(newFakeAPI(t, laterAPI))
	w.write("token", platformToken+"\n")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"keys", "list"}, `[]`},
		{[]string{"keys", "add", "mine", "--secret-file", "key", "--webhook-id", webhookID}, `{"name":"mine","scheme":"baanx","saved":true,"replaced":false}`},
		{[]string{"keys", "list", "--jq", ".[] | [keys[], .name, .where, .previous]"}, `["name","previous","rotatedAt","savedAt","scheme","webhookId","where","mine","file",0]`},
		{[]string{"keys", "remove", "mine"}, `{"name":"mine","removed":true}`},
		{[]string{"login", "--token-file", "token"}, `{"origin":"$URL","saved":true}`},
		{[]string{"logout"}, `{"origin":"$URL","removed":true}`},
		{[]string{"logout"}, `{"origin":"$URL","removed":false}`},
		{[]string{"config", "get", "api_url"}, `{"key":"api_url","value":"$URL","origin":"env WHCTL_API_URL"}`},
		{[]string{"config", "list", "--jq", `.[] | select(.key == "profile")`}, `{"key":"profile","value":"baanx","origin":"env WHCTL_PROFILE"}`},
		{[]string{"config", "path"}, `{"user":"$DIR/home/.config/whctl/config.yaml","project":""}`},
		{
			[]string{"profile", "list"},
			`[{"name":"baanx","apiUrl":"https://api.baanx.com","scheme":"baanx","origin":"built in","builtIn":true,"active":true},` +
				`{"name":"sandbox","apiUrl":"http://127.0.0.1:4141","scheme":"baanx","origin":"built in","builtIn":true,"active":false}]`,
		},
	} {
		want := strings.NewReplacer("$URL", w.apiURL(), "$DIR", w.dir).Replace(c.want)
		if r := w.must(0, append(c.args, "-o", "json")...); sortedJSON(t, r.out) != sortedJSON(t, want) || strings.Count(r.out, "\n") != 1 {
			t.Errorf("whctl %q prints\n%s\nand not\n%s", c.args, r.out, want)
		}
	}
}

// TestPlatformSandboxJSON holds what the sandbox says while it runs, and what its controls print.
func TestPlatformSandboxJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.platform()
	tg := inTurn(t, answering(503), okAnswer)
	hook, _ := w.webhook("one", "http://"+tg.addr)
	fields := func(what, want string, o object) {
		t.Helper()
		if got := strings.Join(slices.Sorted(maps.Keys(o)), " "); got != want {
			t.Errorf("%s has the fields %s, want %s", what, got, want)
		}
	}
	fields("changed", "note seq time type url webhook webhookId", p.await("changed"))
	raised := jsonOf[struct {
		Events []object `json:"events"`
		Notes  []string `json:"notes"`
	}](t, w.must(0, "sandbox", "trigger", "card.activated", "-o", "json"))
	fields("trigger's event", "eventId eventType id sample status webhooks", raised.Events[0])
	if len(raised.Notes) != 1 {
		t.Errorf("notes %q", raised.Notes)
	}
	fields("triggered", "eventId eventType seq time type", p.await("triggered"))
	first := p.await("attempted")
	fields("first attempt", "attempt durationMs eventId eventType nextAt seq status time type url webhook webhookId", first)
	if first.str("webhookId") != hook || first.num("status") != 503 || first.num("attempt") != 1 {
		t.Errorf("first attempt %v", first)
	}
	status := jsonOf[object](t, w.must(0, "sandbox", "status", "-o", "json"))
	fields("status", "chaos events now offsetMs queue queued scheduleSeconds scheme seed webhooks", status)
	moved := jsonOf[object](t, w.must(0, "sandbox", "advance", "1m", "-o", "json"))
	fields("advance", "attempts completed failed nextAt now queued", moved)
	fields("second attempt", "attempt durationMs eventId eventType seq status time type url webhook webhookId", p.await("attempted"))
	settled := p.await("settled")
	fields("settled", "eventId eventType result seq time type", settled)
	if settled.str("result") != "completed" || settled.str("eventId") != raised.Events[0].str("eventId") {
		t.Errorf("settled %v", settled)
	}
	fields("reset", "reset", jsonOf[object](t, w.must(0, "sandbox", "reset", "-o", "json")))
	if onWindows() {
		return
	}
	p.stop()
	if strings.Contains(p.out.String(), "whk_") {
		t.Error("a key is among what the sandbox says")
	}
}
