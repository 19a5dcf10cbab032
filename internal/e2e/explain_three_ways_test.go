package e2e

import (
	"fmt"
	"reflect"
	"strconv"
	"testing"
	"time"
)

// asked is a request that does not hold, with what the commands are told about it.
type asked struct {
	name    string
	header  string
	body    string
	args    []string
	verdict string // the reason
	saved   string // the key of another webhook, which is saved
}

// refusals are requests with mistakes of every kind, as of a moment.
func refusals(now time.Time) []asked {
	const body = `{"event_id":"e1","event_type":"card.activated","amount":10.50}`
	const other = "whk_another0000000000000000000000000000001"
	key := []string{"--secret-file", "key"}
	auto := append([]string{"--scheme", "auto"}, key...)
	ts := strconv.FormatInt(now.Unix(), 10)
	right := signedHeader(testKey, now, []byte(body))
	github := "X-GitHub-Event: push\r\nX-Hub-Signature-256: sha256="
	return []asked{
		{name: "another key", header: signedHeader(other, now, []byte(body)), body: body, args: key, verdict: "mismatch"},
		{name: "the key of another webhook", header: signedHeader(other, now, []byte(body)), body: body, args: key, verdict: "mismatch", saved: other},
		{name: "another body", header: right, body: `{"event_id":"e2"}`, args: key, verdict: "mismatch"},
		{name: "a body re-encoded", header: right, body: `{"event_id":"e1","event_type":"card.activated","amount":10.5}`, args: key, verdict: "mismatch"},
		{name: "a line end behind the body", header: right, body: body + "\n", args: key, verdict: "mismatch"},
		{name: "the body alone was signed", header: "X-Timestamp: " + ts + "\r\nX-Signature: " + hmacHex(testKey, []byte(body)) + "\r\n", body: body, args: key, verdict: "mismatch"},
		{name: "no signature", header: "X-Timestamp: " + ts + "\r\n", body: body, args: key, verdict: "missing_signature"},
		{name: "no signature and no time", body: body, args: key, verdict: "missing_signature"},
		{name: "a signature of another name", header: "X-Timestamp: " + ts + "\r\nX-Signatur: " + hmacHex(testKey, []byte(ts+"."+body)) + "\r\n", body: body, args: key, verdict: "missing_signature"},
		{name: "no time", header: "X-Signature: " + hmacHex(testKey, []byte(ts+"."+body)) + "\r\n", body: body, args: key, verdict: "missing_timestamp"},
		{name: "a time that is none", header: "X-Timestamp: today\r\nX-Signature: " + hmacHex(testKey, []byte("today."+body)) + "\r\n", body: body, args: key, verdict: "malformed_timestamp"},
		{name: "a signature that is none", header: "X-Timestamp: " + ts + "\r\nX-Signature: yes\r\n", body: body, args: key, verdict: "malformed_signature"},
		{name: "signed an hour ago", header: signedHeader(testKey, now.Add(-time.Hour), []byte(body)), body: body, args: key, verdict: "too_old"},
		{name: "signed in an hour", header: signedHeader(testKey, now.Add(time.Hour), []byte(body)), body: body, args: key, verdict: "too_new"},
		{name: "a request of GitHub", header: github + hmacHex(testKey, []byte(body)) + "\r\n", body: body, args: key, verdict: "missing_signature"},
		{name: "auto, another key", header: signedHeader(other, now, []byte(body)), body: body, args: auto, verdict: "mismatch"},
		{name: "auto, signed an hour ago", header: signedHeader(testKey, now.Add(-time.Hour), []byte(body)), body: body, args: auto, verdict: "too_old"},
		{name: "auto, GitHub with another body", header: github + hmacHex(testKey, []byte(body+" ")) + "\r\n", body: body, args: auto, verdict: "mismatch"},
		{name: "auto, a token", header: "X-Gitlab-Token: " + other + "\r\n", body: body, args: auto, verdict: "mismatch"},
		{name: "auto, a key bound to another scheme", header: github + hmacHex(testKey, []byte(body)) + "\r\n", body: body, args: []string{"--scheme", "auto", "--secret-file", "baanx=key"}, verdict: "mismatch"},
	}
}

// TestThreeWaysToAsk: the listener, why and verify say the same of the same request: the same verdict, the same findings in
// the same order, the same next step.
func TestThreeWaysToAsk(t *testing.T) {
	t.Parallel()
	for i, c := range refusals(time.Now()) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c := refusals(time.Now())[i] // a test may wait for its turn longer than a signature holds
			w := newWorld(t)
			w.write("key", testKey)
			if c.saved != "" {
				saveKeys(w, []string{c.saved})
			}
			l := w.listen(c.args...)
			exchange(t, l.addr, request("POST", "/in?x=1", "Content-Type: application/json\r\n"+c.header, []byte(c.body)))
			delivery := l.await("delivery")
			l.stop()
			told := map[string]object{"listen": {"verdict": delivery["verdict"], "findings": []any{}}}
			for _, d := range l.rest("diagnosis") {
				d["verdict"] = delivery["verdict"]
				told["listen"] = d
			}
			again := append([]string{"-o", "json"}, c.args...)
			told["why"] = jsonOf[object](t, w.must(0, append([]string{"why", delivery.str("id")}, again...)...))
			told["verify"] = jsonOf[object](t, w.must(3, append([]string{"verify", "--delivery", delivery.str("id")}, again...)...))
			if reason := delivery.sub("verdict").str("reason"); reason != c.verdict {
				t.Errorf("the verdict is %s, want %s", reason, c.verdict)
			}
			for _, way := range []string{"why", "verify"} {
				for _, field := range []string{"verdict", "findings", "next"} {
					same(t, way+": "+field, told[way][field], told["listen"][field])
				}
			}
		})
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s is\n%s\nand of listen\n%s", what, fmt.Sprint(got), fmt.Sprint(want))
	}
}
