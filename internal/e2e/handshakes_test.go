package e2e

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// question is what a provider documents: its question, and the right answer byte for byte.
type question struct {
	args   []string
	ask    func(now time.Time) []byte
	status int // 0: 200
	header map[string]string
	body   string
	field  string // what asks
	none   bool   // its provider signs nothing, so that an event is taken and marked unverified
}

const shakeKey = "a-shared-secret-of-the-handshakes"

func base64MAC(text string) string {
	mac := hmac.New(sha256.New, []byte(shakeKey))
	_, _ = mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func getting(target string) func(time.Time) []byte {
	return func(time.Time) []byte { return request("GET", target, "", nil) }
}

// slackLike signs a body as Slack and Zoom do.
func slackLike(prefix, body string) func(time.Time) []byte {
	return func(now time.Time) []byte {
		ts := strconv.FormatInt(now.Unix(), 10)
		head := prefix + "Signature: v0=" + hmacHex(shakeKey, []byte("v0:"+ts+":"+body)) + "\r\n" + prefix + "Request-Timestamp: " + ts + "\r\nContent-Type: application/json\r\n"
		return request("POST", "/hook", head, []byte(body))
	}
}

// handshakes are those of the providers' pages. The schemes have their addresses.
func handshakes() map[string]question {
	const zoom = `{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680,"event":"endpoint.url_validation"}`
	const slack = `{"token":"Jhj5dZrVaK7ZwHHjRyZWjbDl","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}`
	const crc = "crc_token=MTYwZjgwNDAtMjI4Ni00MWI2LTk4MTktMjJjZjU4OGYxOTU4&nonce=MTY4NTY2MjQ0ODA2MA"
	const twitch = `{"challenge":"pogchamp-kappa-360noscope-vohiyo","subscription":{"id":"f1c2a387-161a-49f9-a165-0f21d7a4e1c4","status":"webhook_callback_verification_pending","type":"channel.follow"}}`
	plain := map[string]string{"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"}
	asJSON := map[string]string{"Content-Type": "application/json", "X-Content-Type-Options": "nosniff"}
	return map[string]question{
		"meta": {
			args: []string{"--verify-token", "meatyhamhock"}, ask: getting("/webhooks?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock"),
			header: plain, body: "1158201444", field: "hub.challenge",
		},
		"slack": {ask: slackLike("X-Slack-", slack), header: plain, body: "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P", field: "challenge"},
		"zoom": {
			ask: slackLike("x-zm-", zoom), header: asJSON, field: "payload.plainToken",
			body: `{"encryptedToken":"` + hmacHex(shakeKey, []byte("qgg8vlvZRS6UYooatFL8Aw")) + `","plainToken":"qgg8vlvZRS6UYooatFL8Aw"}`,
		},
		"twitter": {
			ask: func(time.Time) []byte {
				return request("GET", "/hook?"+crc, "x-twitter-webhooks-signature: sha256="+base64MAC(crc)+"\r\n", nil)
			},
			header: asJSON, body: `{"response_token":"sha256=` + base64MAC("MTYwZjgwNDAtMjI4Ni00MWI2LTk4MTktMjJjZjU4OGYxOTU4") + `"}`, field: "crc_token",
		},
		"dropbox": {ask: getting("/hook?challenge=abc123"), header: plain, body: "abc123", field: "challenge"},
		"trello": {
			args: []string{"--public-url", "https://hooks.example.test"},
			ask:  func(time.Time) []byte { return request("HEAD", "/hook", "", nil) }, field: "HEAD",
		},
		"twitch": {
			ask: func(now time.Time) []byte {
				id, at := "e76c6bd4-55c9-4987-8304-da1588d8988b", now.UTC().Format("2006-01-02T15:04:05.000000000Z")
				head := "Twitch-Eventsub-Message-Id: " + id + "\r\nTwitch-Eventsub-Message-Retry: 0\r\nTwitch-Eventsub-Message-Type: webhook_callback_verification\r\n" +
					"Twitch-Eventsub-Message-Signature: sha256=" + hmacHex(shakeKey, []byte(id+at+twitch)) + "\r\nTwitch-Eventsub-Message-Timestamp: " + at + "\r\nTwitch-Eventsub-Subscription-Type: channel.follow\r\n"
				return request("POST", "/hook", head, []byte(twitch))
			},
			header: plain, body: "pogchamp-kappa-360noscope-vohiyo", field: "challenge",
		},
		"asana": {
			ask: func(time.Time) []byte {
				return request("POST", "/hook", "X-Hook-Secret: b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81\r\n", []byte("{}"))
			},
			header: map[string]string{"X-Hook-Secret": "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81"}, field: "X-Hook-Secret",
		},
		"notion": {
			ask: func(time.Time) []byte {
				return request("POST", "/hook", "Content-Type: application/json\r\n", []byte(`{"verification_token":"secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"}`))
			},
			field: "verification_token",
		},
		"websub": {
			ask:  getting("/hook?hub.mode=subscribe&hub.topic=https%3A%2F%2Fwww.youtube.com%2Fxml%2Ffeeds%2Fvideos.xml%3Fchannel_id%3DCHANNEL_ID&hub.challenge=4823178432&hub.lease_seconds=432000"),
			body: "4823178432", header: plain, field: "hub.challenge",
		},
		"lark": {
			args: []string{"--verify-token", "rvaYgkND1GOiu5MM0E1rncYC6PLtF7JV"}, ask: posting(`{"challenge":"ajls384kdjx98XX","token":"rvaYgkND1GOiu5MM0E1rncYC6PLtF7JV","type":"url_verification"}`),
			header: asJSON, body: `{"challenge":"ajls384kdjx98XX"}`, field: "challenge",
		},
		"discord": {
			args: []string{"--handshake", "answer"}, ask: discordPing, status: 204, field: "type",
		},
		"okta": {
			ask: func(time.Time) []byte {
				return request("GET", "/hook", "x-okta-verification-challenge: my verification challenge\r\n", nil)
			},
			header: asJSON, body: `{"verification":"my verification challenge"}`, field: "X-Okta-Verification-Challenge", none: true,
		},
		"strava": {
			args: []string{"--verify-token", "STRAVA"}, ask: getting("/hook?hub.verify_token=STRAVA&hub.challenge=15f7d1a91c1f40f8a748fd134752feb3&hub.mode=subscribe"),
			header: asJSON, body: `{"hub.challenge":"15f7d1a91c1f40f8a748fd134752feb3"}`, field: "hub.challenge", none: true,
		},
		"miro":   {ask: posting(`{"challenge":"challenge_string"}`), header: asJSON, body: `{"challenge":"challenge_string"}`, field: "challenge", none: true},
		"monday": {ask: posting(`{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}`), header: asJSON, body: `{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}`, field: "challenge", none: true},
		"event-grid": {
			ask:    posting(`[{"id":"2d1781af-3a4c-4d7c-bd0c-e34b19da4e66","topic":"/subscriptions/x","subject":"","data":{"validationCode":"512d38b6-c7b8-40c8-89fe-f46f9e9622b6","validationUrl":"https://rp-eastus2.eventgrid.azure.net:553/x"},"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","eventTime":"2018-01-25T22:12:19.4556811Z","metadataVersion":"1","dataVersion":"1"}]`),
			header: asJSON, body: `{"validationResponse":"512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}`, field: "[0].data.validationCode", none: true,
		},
		"cloudevents": {
			ask: func(time.Time) []byte {
				return request("OPTIONS", "/hook", "WebHook-Request-Origin: eventemitter.example.com\r\nWebHook-Request-Callback: https://example.com/confirm?id=12345\r\nWebHook-Request-Rate: 120\r\n", nil)
			},
			header: map[string]string{"WebHook-Allowed-Origin": "eventemitter.example.com", "WebHook-Allowed-Rate": "*", "Allow": "POST"}, field: "Webhook-Request-Origin", none: true,
		},
		"microsoft-graph": {
			ask: func(time.Time) []byte {
				return request("POST", "/hook?validationToken=Validation%3A+Testing+client+application+reachability+for+subscription+Request-Id%3A+1", "Content-Type: text/plain; charset=utf-8\r\n", nil)
			},
			header: plain, body: "Validation: Testing client application reachability for subscription Request-Id: 1", field: "validationToken", none: true,
		},
	}
}

func posting(body string) func(time.Time) []byte {
	return func(time.Time) []byte {
		return request("POST", "/hook", "Content-Type: application/json\r\n", []byte(body))
	}
}

// discordSeed is the private key of Discord in the tests.
const discordSeed = "a seed of thirty-two characters!"

// discordPing is a PING that is signed as Discord does.
func discordPing(now time.Time) []byte {
	const body = `{"version":1,"application_id":"1234560123453231555","type":0}`
	ts := strconv.FormatInt(now.Unix(), 10)
	sig := ed25519.Sign(ed25519.NewKeyFromSeed([]byte(discordSeed)), []byte(ts+body))
	return request("POST", "/hook", "X-Signature-Ed25519: "+hex.EncodeToString(sig)+"\r\nX-Signature-Timestamp: "+ts+"\r\n", []byte(body))
}

// startFor starts a listener for the provider's events.
func (q *question) startFor(w *world, name string) *process {
	args := append([]string{"--scheme", name}, q.args...)
	if q.none {
		return w.start(append([]string{"listen", "--addr", "127.0.0.1:0"}, args...)...)
	}
	key := shakeKey
	if name == "discord" {
		key = hex.EncodeToString(ed25519.NewKeyFromSeed([]byte(discordSeed))[32:])
	}
	w.write("shake.key", key)
	return w.listen(append(args, "--secret-file", w.path("shake.key"))...)
}

// TestHandshakes: each provider's documented question is answered byte for byte, shown as what it is and not recorded. An unsigned event
// is refused right after.
func TestHandshakes(t *testing.T) {
	t.Parallel()
	for name, h := range handshakes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h.tried(t, name)
		})
	}
}

func (q *question) tried(t *testing.T, name string) {
	t.Helper()
	w := newWorld(t)
	l := q.startFor(w, name)
	q.checkAnswer(t, exchange(t, l.addr, q.ask(time.Now())))
	shown := l.await("handshake")
	if shown.str("scheme") != name || shown.str("field") != q.field || shown["answered"] != true || shown.num("status") != max(q.status, 200) || shown.str("target") != "" {
		t.Errorf("shown as %v", shown)
	}
	if m := exchange(t, l.addr, request("POST", "/hook", "Content-Type: application/json\r\n", event("unsigned"))); m.status != q.refusal() {
		t.Errorf("an unsigned event is answered %s", m.start)
	}
	if d := l.await("delivery"); d.sub("verdict")["ok"] != false {
		t.Errorf("an unsigned event is %v", d)
	}
	l.stop()
	if n := len(jsonOf[[]object](t, w.must(0, "journal", "list", "-o", "json"))); n != 1 {
		t.Errorf("%d deliveries are recorded, want the event alone", n)
	}
	for _, secret := range []string{"b537207f20cbfa02", "secret_tMrlL1qK5vuQ", "meatyhamhock", "rvaYgkND1GOiu5MM0E1rncYC6PLtF7JV"} {
		if strings.Contains(l.out.String(), secret) {
			t.Errorf("%s is shown", secret)
		}
	}
}

// refusal is the answer to an event that is not signed.
func (q *question) refusal() int {
	if q.none {
		return 200
	}
	return 401
}

// checkAnswer compares an answer with the right one.
func (q *question) checkAnswer(t *testing.T, m message) {
	t.Helper()
	if want := max(q.status, 200); m.status != want || string(m.body) != q.body {
		t.Errorf("answered %s %q, want %d %q", m.start, m.body, want, q.body)
	}
	for _, k := range slices.Sorted(maps.Keys(q.header)) {
		if m.value(k) != q.header[k] {
			t.Errorf("%s is %q, want %q", k, m.value(k), q.header[k])
		}
	}
}

// TestHandshakesOfOthers: a question by a method that carries no event is known whatever the scheme is.
func TestHandshakesOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen("--scheme", "github", "--verify-token", "t")
	m := exchange(t, l.addr, request("GET", "/hook?hub.mode=subscribe&hub.verify_token=t&hub.challenge=PROBE123", "", nil))
	if m.status != 200 || string(m.body) != "PROBE123" {
		t.Errorf("%s %q", m.start, m.body)
	}
	if h := l.await("handshake"); h.str("provider") != "Meta" || h.str("field") != "hub.challenge" || strings.Contains(h.str("path"), "verify_token=t&") {
		t.Error(h)
	}
	m = exchange(t, l.addr, request("POST", "/hook", "X-Hook-Secret: x\r\n", []byte("{}")))
	if m.status != 401 {
		t.Errorf("a POST of another provider: %s", m.start)
	}
	l.stop()
}

// TestHandshakesUnderAuto: where the scheme is left open every question is known that nobody signs, and one that is signed by its signature.
func TestHandshakesUnderAuto(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("shake.key", shakeKey)
	l := w.listen("--scheme", "auto", "--secret-file", w.path("shake.key"))
	all := handshakes()
	for _, name := range []string{"monday", "asana", "notion", "event-grid", "slack", "zoom", "twitter", "twitch", "okta", "cloudevents"} {
		h := all[name]
		h.checkAnswer(t, exchange(t, l.addr, h.ask(time.Now())))
		if shown := l.await("handshake"); shown["answered"] != true {
			t.Errorf("%s: %v", name, shown)
		}
	}
	for _, body := range []string{`{"challenge":"abc","type":"card.activated"}`, `[{"challenge":"abc"}]`, `{"challenge":{"type":"card.activated"}}`} {
		if m := exchange(t, l.addr, request("POST", "/hook", "", []byte(body))); m.status != 401 {
			t.Errorf("%s: %s", body, m.start)
		}
	}
	l.stop()
}

// TestVerifyToken: what carries a verify token is answered only where it is the user's.
func TestVerifyToken(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]map[string]int{
		"":      {"hub.verify_token=mine": 403, "hub.verify_token=": 403, "": 200},
		"mine":  {"hub.verify_token=mine": 200, "hub.verify_token=min": 403, "hub.verify_token=Mine": 403, "hub.verify_token=mine&hub.verify_token=mine": 403, "": 403},
		"mi ne": {"hub.verify_token=mi+ne": 200, "hub.verify_token=mi%20ne": 200, "hub.verify_token=mine": 403},
	} {
		w := newWorld(t)
		args := []string{"--scheme", "meta"}
		if given != "" {
			args = append(args, "--verify-token", given)
		}
		l := w.listen(args...)
		for query, status := range want {
			m := exchange(t, l.addr, request("GET", "/?hub.mode=subscribe&hub.challenge=11&"+query, "", nil))
			if m.status != status || (string(m.body) == "11") != (status == 200) {
				t.Errorf("--verify-token %q, %q: %s %q", given, query, m.start, m.body)
			}
			if h := l.await("handshake"); (h["answered"] == true) != (status == 200) {
				t.Errorf("--verify-token %q, %q: %v", given, query, h)
			}
		}
		l.stop()
	}
}

// TestHandshakesHandedOn: with a target the question is the target's, and whctl answers where that says 404, 405 or nothing.
func TestHandshakesHandedOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer string // of the target; "": it is dead
		args   []string
		want   string
		target bool
	}{
		"its own answer": {answerOf("200 OK", "Content-Type: text/html\r\n", "abc-of-the-target"), nil, "abc-of-the-target", true},
		"it refuses":     {answerOf("403 No", "", "no"), nil, "no", true},
		"not found":      {answerOf("404 Not Found", "", "gone"), nil, "abc", false},
		"not allowed":    {answerOf("405 Not Allowed", "", "POST only"), nil, "abc", false},
		"dead":           {"", nil, "abc", false},
		"whctl alone":    {answerOf("200 OK", "", "of-the-target"), []string{"--handshake", "answer"}, "abc", false},
		"off":            {answerOf("200 OK", "", "of-the-target"), []string{"--handshake", "off"}, "invalid signature", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			addr, count := closedPort(t), func() int { return 0 }
			if c.answer != "" {
				tg := newTarget(t, func(message) string { return c.answer })
				addr, count = tg.addr, tg.count
			}
			l := w.listen(append([]string{"--scheme", "dropbox", "--forward", addr}, c.args...)...)
			m := exchange(t, l.addr, request("GET", "/hook?challenge=abc", "", nil))
			if string(m.body) != c.want {
				t.Errorf("%s %q, want %q", m.start, m.body, c.want)
			}
			if name == "off" {
				l.await("delivery")
			} else if h := l.await("handshake"); (h.str("target") != "") != c.target {
				t.Error(h)
			}
			before := count()
			if m := exchange(t, l.addr, request("POST", "/hook", "", event("unsigned"))); m.status != 401 || count() != before {
				t.Errorf("an unsigned event: %s, and %d reached the target", m.start, count()-before)
			}
			l.stop()
		})
	}
}

// TestHandshakeAttacks: no question gets a signature, a page, a bell or a request of whctl's own.
func TestHandshakeAttacks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("shake.key", shakeKey)
	bait := okTarget(t)
	plainToken := func(token string) []byte {
		return slackLike("x-zm-", `{"payload":{"plainToken":"`+token+`"},"event":"endpoint.url_validation"}`)(time.Now())
	}
	crc := func(token string) []byte {
		return request("GET", "/?crc_token="+token+"&nonce=n", "x-twitter-webhooks-signature: sha256="+base64MAC("crc_token="+token+"&nonce=n")+"\r\n", nil)
	}
	for name, c := range map[string]struct {
		scheme string
		raw    []byte
		status int
		body   string
	}{
		"Zoom, a signed text":     {"zoom", plainToken(fmt.Sprintf("v0:%d:{}", time.Now().Unix())), 400, ""},
		"Zoom, unsigned":          {"zoom", request("POST", "/", "", []byte(`{"payload":{"plainToken":"abc"},"event":"endpoint.url_validation"}`)), 401, ""},
		"Zoom, 129 characters":    {"zoom", plainToken(strings.Repeat("a", 129)), 400, ""},
		"X, an event":             {"twitter", request("GET", "/?crc_token=%7B%22for_user_id%22%3A%221%22%7D&nonce=n", "x-twitter-webhooks-signature: sha256="+base64MAC(`crc_token={"for_user_id":"1"}&nonce=n`)+"\r\n", nil), 400, ""},
		"X, a JSON number":        {"twitter", crc("1234567890"), 400, ""},
		"X, unsigned":             {"twitter", request("GET", "/?crc_token=abc&nonce=n", "", nil), 401, ""},
		"X, with another key":     {"twitter", request("GET", "/?crc_token=abc&nonce=n", "x-twitter-webhooks-signature: sha256=AAAA\r\n", nil), 401, ""},
		"HTML":                    {"dropbox", request("GET", "/?challenge=%3Cscript%3Ealert(1)%3C%2Fscript%3E", "", nil), 200, "<script>alert(1)</script>"},
		"HTML, from a page":       {"dropbox", request("GET", "/?challenge=%3Cscript%3E", "Sec-Fetch-Mode: navigate\r\n", nil), 403, "web pages may not send here"},
		"control characters":      {"dropbox", request("GET", "/?challenge=a%1b%5B2J%07", "", nil), 400, ""},
		"a line of a header":      {"dropbox", request("GET", "/?challenge=a%0d%0aSet-Cookie:%20a=b", "", nil), 400, ""},
		"bidi":                    {"dropbox", request("GET", "/?challenge=%E2%80%AEabc", "", nil), 400, ""},
		"8 KiB":                   {"dropbox", request("GET", "/?challenge="+strings.Repeat("a", 8<<10), "", nil), 400, ""},
		"an event in a handshake": {"asana", request("POST", "/", "X-Hook-Secret: x\r\n", []byte(`{"events":[{"action":"changed"}]}`)), 401, ""},
		"another member":          {"notion", request("POST", "/", "", []byte(`{"verification_token":"x","type":"page.created"}`)), 401, ""},
		"a nested event":          {"notion", request("POST", "/", "", []byte(`{"verification_token":"x","verification_token":{"type":"page.created"}}`)), 401, ""},
		"a URL to fetch":          {"dropbox", request("GET", "/?challenge=http%3A%2F%2F"+bait.addr+"%2F", "", nil), 200, "http://" + bait.addr + "/"},
		"1 MiB":                   {"notion", request("POST", "/", "", []byte(`{"verification_token":"`+strings.Repeat("a", 1<<20)+`"}`)), 401, ""},
	} {
		l := w.listen("--scheme", c.scheme, "--secret-file", w.path("shake.key"))
		m := exchange(t, l.addr, c.raw)
		if m.status != c.status || c.body != "" && string(m.body) != c.body || c.status == 200 && (m.value("Content-Type") != "text/plain; charset=utf-8" || m.value("X-Content-Type-Options") != "nosniff") {
			t.Errorf("%s: %s %q", name, m.start, m.body)
		}
		if c.body == "" && (len(m.body) > 64 || strings.Contains(string(m.body), "Token") || m.value("Set-Cookie") != "") {
			t.Errorf("%s: answered %.200q", name, m.body)
		}
		l.stop()
		checkClean(t, name, l.out.String())
	}
	if bait.count() != 0 {
		t.Error("whctl fetched a URL from a handshake")
	}
}

// TestHandshakeKey: the key that a handshake brings goes to a file, and nowhere else.
func TestHandshakeKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.start("listen", "--addr", "127.0.0.1:0", "--scheme", "notion", "--key-file", w.path("notion.key"), "--debug")
	for _, key := range []string{"secret_first_0123456789", "secret_other_0123456789"} {
		if m := exchange(t, l.addr, request("POST", "/", "", []byte(`{"verification_token":"`+key+`"}`))); m.status != 200 {
			t.Errorf("%s: %s", key, m.start)
		}
	}
	if h := l.await("handshake"); h.str("key") != "kept" || h.str("keyFile") != w.path("notion.key") {
		t.Error(h)
	}
	if h := l.await("handshake"); h.str("key") != "lost" {
		t.Error(h)
	}
	l.stop()
	if got, err := os.ReadFile(w.path("notion.key")); err != nil || string(got) != "secret_first_0123456789\n" {
		t.Errorf("the file has %q, %v", got, err)
	}
	for _, out := range []string{l.out.String(), l.errs.String()} {
		if strings.Contains(out, "secret_first") || strings.Contains(out, "secret_other") {
			t.Errorf("a key is shown: %s", out)
		}
	}
	if r := w.run("listen", "--addr", "127.0.0.1:0", "--key-file", w.path("notion.key"), "--for", "1ms"); r.code != 2 {
		t.Errorf("a file that exists: %d %s", r.code, r.err)
	}
}

// TestSendHandshake: whctl plays the provider's part, and judges what its own listener, a wrong receiver and one without a handshake say.
func TestSendHandshake(t *testing.T) {
	t.Parallel()
	for name, h := range handshakes() {
		if name == "discord" { // its key for signing is another
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			l := h.startFor(w, name)
			args := []string{"send", "--handshake", "--scheme", name, "-o", "json"}
			if !h.none {
				args = append(args, "--secret-file", w.path("shake.key"))
			}
			if slices.Contains(h.args, "--verify-token") {
				args = append(args, h.args...)
			}
			r := w.must(0, append(args, "--to", l.addr+"/hook")...)
			if part := jsonOf[object](t, r).sub("handshake"); part["right"] != true || part.str("field") != h.field {
				t.Errorf("%v", part)
			}
			l.await("handshake")
			l.stop()
			wrong, code := newTarget(t, func(message) string { return answerOf("200 OK", "", "something else") }), 3
			if h.body == "" && h.header == nil { // any 2xx is right
				code = 0
			}
			if h.status == 204 {
				code = 3
			}
			w.must(code, append(args, "--to", wrong.addr)...)
			w.must(5, append(args, "--to", newTarget(t, func(message) string { return answering(404) }).addr)...)
			w.must(6, append(args, "--to", closedPort(t))...)
		})
	}
}

// TestCheckHandshake: the case finds a receiver that does not answer, and one that answers whoever asks.
func TestCheckHandshake(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("shake.key", shakeKey)
	oracle := newTarget(t, func(m message) string {
		_, rest, _ := strings.Cut(string(m.body), `"plainToken":"`)
		token, _, _ := strings.Cut(rest, `"`)
		return answerOf("200 OK", "Content-Type: application/json\r\n", `{"plainToken":"`+token+`","encryptedToken":"`+hmacHex(shakeKey, []byte(token))+`"}`)
	})
	l := w.listen("--scheme", "zoom", "--secret-file", w.path("shake.key"))
	for addr, want := range map[string]string{
		l.addr: "pass pass", oracle.addr: "pass fail", okTarget(t).addr: "fail pass",
	} {
		r := w.run("check", "http://"+addr+"/", "--scheme", "zoom", "--secret-file", w.path("shake.key"), "--only", "handshake,handshake-forged", "--format", "json")
		var outcomes []string
		cases, _ := jsonOf[object](t, r)["cases"].([]any)
		for _, one := range cases {
			c, _ := one.(map[string]any)
			outcomes = append(outcomes, object(c).str("outcome"))
			if again := object(c).sub("repeat").str("send"); !strings.HasPrefix(again, "whctl send --handshake ") || (object(c).str("id") == "handshake-forged") != strings.Contains(again, "X-Zm-Signature:") {
				t.Errorf("again: %s", again)
			}
		}
		if got := strings.Join(outcomes, " "); got != want {
			t.Errorf("%s: %s, want %s: %s", addr, got, want, r.out)
		}
	}
	l.stop()
	if r := w.must(0, "check", "http://"+oracle.addr+"/", "--secret-file", w.path("key"), "--only", "handshake", "--format", "json"); !strings.Contains(r.out, "has no handshake") {
		t.Error(r.out)
	}
}
