package e2e

// Receivers to try whctl check on: right ones for several schemes, and ones with a single fault each. They verify with the standard library
// alone.

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// wiring is where a scheme has its parts.
type wiring struct {
	scheme, key          string
	signature, timestamp string // headers
	id                   string
	parts                func(header string) (at string, sigs []string) // of the signature's header
	content              func(at, id string, body []byte) []byte
	base64               bool
	prefix               string
	event                string // where the body has the event's id
	eventHeader          string
	decodedKey           bool
	withoutTime          bool
}

func wirings() []wiring {
	plain := func(header string) (string, []string) { return "", []string{header} }
	dotted := func(at, _ string, body []byte) []byte { return append([]byte(at+"."), body...) }
	return []wiring{
		{scheme: "baanx", key: testKey, signature: "X-Signature", timestamp: "X-Timestamp", parts: plain, content: dotted, event: "event_id"},
		{scheme: "kyc", key: "lt-example-secret-0001", signature: "X-Webhook-Signature", timestamp: "X-Webhook-Timestamp", prefix: "sha256=", parts: plain, content: dotted, eventHeader: "X-Webhook-Id"},
		{scheme: "verification", key: "draft-example-secret-0001", signature: "X-Webhook-Signature", timestamp: "X-Webhook-Timestamp", parts: plain, content: dotted, event: "metadata.eventId"},
		{
			scheme: "standard-webhooks", key: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", signature: "Webhook-Signature", timestamp: "Webhook-Timestamp", id: "Webhook-Id", base64: true, decodedKey: true, eventHeader: "Webhook-Id",
			parts: func(header string) (string, []string) {
				var sigs []string
				for one := range strings.SplitSeq(header, " ") {
					if version, sig, _ := strings.Cut(one, ","); version == "v1" {
						sigs = append(sigs, sig)
					}
				}
				return "", sigs
			},
			content: func(at, id string, body []byte) []byte { return append([]byte(id+"."+at+"."), body...) },
		},
		{
			scheme: "stripe", key: "whsec_exampleonly0000000000000001", signature: "Stripe-Signature", event: "id", content: dotted,
			parts: func(header string) (at string, sigs []string) {
				for one := range strings.SplitSeq(header, ",") {
					switch name, value, _ := strings.Cut(one, "="); name {
					case "t":
						at = value
					case "v1":
						sigs = append(sigs, value)
					}
				}
				return at, sigs
			},
		},
		{
			scheme: "github", key: "It's a Secret to Everybody", signature: "X-Hub-Signature-256", prefix: "sha256=", parts: plain, withoutTime: true, eventHeader: "X-Github-Delivery",
			content: func(_, _ string, body []byte) []byte { return body },
		},
		{
			scheme: "slack", key: "8f742231b10e8888abcd99yyyzzz85a5", signature: "X-Slack-Signature", timestamp: "X-Slack-Request-Timestamp", prefix: "v0=", parts: plain, event: "event_id",
			content: func(at, _ string, body []byte) []byte { return append([]byte("v0:"+at+":"), body...) },
		},
	}
}

// faults are what may be wrong with a receiver, by name.
func faults() []string {
	return []string{
		"parsed body", "no clock", "past alone", "lengths throw", "NaN", "no signature is fine", "500 on bad JSON", "not idempotent", "slow", "digest in the answer",
		"any label", "first key alone", "first of two headers", "200 to everything", "works before it verifies", "strict types", "strict order", "breaks on repeats", "small bodies", "trace in the answer",
		"content type decides", "signs the body alone", "prefix match", "one at a time", "last of two headers",
	}
}

// receiver is a handler of webhooks.
type receiver struct {
	wiring

	keys  []string
	fault string

	counter string // the file that says how many events were handled

	mu     sync.Mutex
	seen   map[string][]byte
	done   int // how many events were handled
	newest time.Time
}

// serve starts a receiver.
func (rc *receiver) serve(t testing.TB) string {
	t.Helper()
	rc.seen = map[string][]byte{}
	rc.keys = append(rc.keys, rc.key)
	mux := http.NewServeMux()
	mux.Handle("POST /hooks", http.HandlerFunc(rc.handle))
	rc.counter = filepath.Join(t.TempDir(), "count")
	rc.note()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func (rc *receiver) is(fault string) bool { return rc.fault == fault }

func (rc *receiver) handle(w http.ResponseWriter, r *http.Request) {
	limit := int64(5 << 20)
	if rc.is("small bodies") {
		limit = 100 << 10
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	switch rc.fault {
	case "slow":
		<-time.After(1200 * time.Millisecond)
	case "one at a time":
		rc.mu.Lock()
		<-time.After(100 * time.Millisecond)
		rc.mu.Unlock()
	}
	if rc.is("200 to everything") {
		return
	}
	if rc.is("works before it verifies") {
		rc.count()
	}
	if status, text := rc.verify(r, body); status != 0 {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
		return
	}
	var asked struct{ Type, Challenge string }
	if json.Unmarshal(body, &asked) == nil && asked.Type == "url_verification" { // Slack's handshake
		_, _ = io.WriteString(w, asked.Challenge)
		return
	}
	w.WriteHeader(rc.work(r, body))
}

// verify gives the status of a refusal; 0 when the request holds.
func (rc *receiver) verify(r *http.Request, body []byte) (int, string) {
	header := r.Header.Get(rc.signature)
	if rc.is("last of two headers") {
		header = last(r.Header.Values(rc.signature))
	}
	if header == "" && rc.is("no signature is fine") {
		return 0, ""
	}
	value, labelled := strings.CutPrefix(header, rc.prefix)
	if rc.is("any label") {
		value, labelled = header[strings.LastIndexByte(header, '=')+1:], true
	}
	at, sigs := rc.parts(value)
	if rc.timestamp != "" {
		at = r.Header.Get(rc.timestamp)
		if rc.is("last of two headers") {
			at = last(r.Header.Values(rc.timestamp))
		}
	}
	if !labelled || rc.twice(r) || !rc.withoutTime && !rc.inTime(at) {
		return http.StatusUnauthorized, ""
	}
	if rc.is("parsed body") {
		var v any
		if json.Unmarshal(body, &v) == nil {
			body, _ = json.Marshal(v)
		}
	}
	return rc.compare(rc.content(at, r.Header.Get(cmp.Or(rc.id, "X-None")), body), body, sigs)
}

func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// twice says whether a header came twice that may not.
func (rc *receiver) twice(r *http.Request) bool {
	more := len(r.Header.Values(rc.signature)) > 1 || len(r.Header.Values(cmp.Or(rc.timestamp, rc.signature))) > 1
	return more && !strings.Contains(rc.fault, "of two headers")
}

// compare compares the signatures with those that are right.
func (rc *receiver) compare(signed, body []byte, sigs []string) (int, string) {
	keys := rc.keys
	if rc.is("first key alone") {
		keys = keys[:1]
	}
	for _, key := range keys {
		want := rc.digest(key, signed)
		for _, sig := range sigs {
			if rc.is("lengths throw") && len(sig) != len(want) {
				return http.StatusInternalServerError, "RangeError: Input buffers must have the same byte length"
			}
			if rc.equal(sig, want) || rc.is("signs the body alone") && rc.equal(sig, rc.digest(key, body)) {
				return 0, ""
			}
		}
	}
	switch rc.fault {
	case "digest in the answer":
		return http.StatusUnauthorized, "expected " + rc.digest(rc.key, signed)
	case "trace in the answer":
		return http.StatusUnauthorized, "Error: no match\n    at verify (/srv/app/index.js:12:7)"
	default:
		return http.StatusUnauthorized, ""
	}
}

func (rc *receiver) equal(sig, want string) bool {
	if rc.is("prefix match") {
		return sig != "" && strings.HasPrefix(want, sig)
	}
	return hmac.Equal([]byte(sig), []byte(want))
}

func (rc *receiver) inTime(text string) bool {
	const tolerance = 300
	if rc.is("no clock") {
		return true
	}
	if rc.is("NaN") {
		at, err := strconv.ParseFloat(text, 64)
		if err != nil {
			at = math.NaN()
		}
		return !(math.Abs(float64(time.Now().Unix())-at) > tolerance)
	}
	at, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return false
	}
	age := time.Now().Unix() - at
	if rc.is("past alone") {
		return age <= tolerance
	}
	return age <= tolerance && age >= -tolerance
}

func (rc *receiver) digest(key string, signed []byte) string {
	raw := []byte(key)
	if rc.decodedKey {
		raw, _ = base64.StdEncoding.DecodeString(strings.TrimPrefix(key, "whsec_"))
	}
	mac := hmac.New(sha256.New, raw)
	_, _ = mac.Write(signed)
	if rc.base64 {
		return base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return hex.EncodeToString(mac.Sum(nil))
}

func (rc *receiver) count() {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	rc.done++
	rc.note()
}

// note writes down how many events were handled.
func (rc *receiver) note() { _ = os.WriteFile(rc.counter, []byte(strconv.Itoa(rc.done)), 0o600) }

// work handles an event that holds.
func (rc *receiver) work(r *http.Request, body []byte) int {
	if rc.is("content type decides") && r.Header.Get("Content-Type") != "application/json" {
		return http.StatusInternalServerError
	}
	var v map[string]any
	if err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), &v); err != nil {
		if rc.is("500 on bad JSON") {
			return http.StatusInternalServerError
		}
		return http.StatusBadRequest
	}
	id := r.Header.Get(cmp.Or(rc.eventHeader, "X-None"))
	if rc.event != "" {
		id = member(v, rc.event)
	}
	if rc.is("strict types") && strings.Contains(string(body), "whctl.unknown") {
		return http.StatusUnprocessableEntity
	}
	rc.mu.Lock()
	defer rc.mu.Unlock()
	before, again := rc.seen[id]
	switch {
	case rc.is("works before it verifies"):
		return http.StatusNoContent
	case again && rc.is("breaks on repeats"):
		return http.StatusInternalServerError
	case again && !rc.is("not idempotent"):
		if !bytes.Equal(before, body) {
			return http.StatusConflict
		}
		return http.StatusNoContent
	}
	if at, err := time.Parse(time.RFC3339, member(v, "occurred_at")); err == nil && rc.is("strict order") {
		if at.Before(rc.newest) {
			return http.StatusConflict
		}
		rc.newest = at.Truncate(time.Second)
	}
	rc.seen[id] = slices.Clone(body)
	rc.done++
	rc.note()
	return http.StatusNoContent
}

// member is a text at a path of names.
func member(v map[string]any, path string) string {
	name, rest, more := strings.Cut(path, ".")
	if !more {
		text, _ := v[name].(string)
		return text
	}
	inner, _ := v[name].(map[string]any)
	return member(inner, rest)
}
