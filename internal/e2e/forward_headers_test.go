package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestShadowsAreNotHandedOn sends headers that CGI, WSGI, PHP and Rack cannot tell from those that are verified or added. They are
// recorded, and the target does not see them.
func TestShadowsAreNotHandedOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	l := w.listen("--forward", tg.addr, "-H", "X-Internal: yes", "-H", "Authorization: Bearer own", "-H", "Under_Score: mine")
	shadows := []string{
		"X_Signature", "x.signature", "X_SIGNATURE", "X-Signature_", "X_Timestamp", "X~Timestamp", "x_timestamp",
		"X_Internal", "X.Internal", "X|Internal", "Under-Score", "X_Forwarded_For", "X_Forwarded-Host", "X-Forwarded.Proto",
		"Content_Length", "Content_Type", "Transfer_Encoding", "Whctl_Hop",
	}
	header := "X-Other_Name: passes\r\nX_Other: passes\r\nX-Internal: theirs\r\n"
	for _, name := range shadows {
		header += name + ": shadow\r\n"
	}
	body := event("shadows")
	if m := exchange(t, l.addr, request("POST", "/", header+signedHeader(testKey, time.Now(), body), body)); m.status != 200 {
		t.Fatalf("answered %s", m.start)
	}
	got := tg.nth(t, 0)
	for _, line := range got.head {
		name, value, _ := strings.Cut(line, ": ")
		if value == "shadow" && name != "X-Signature_" || value == "theirs" {
			t.Errorf("the target got %q", line)
		}
	}
	for name, want := range map[string]string{
		"X-Internal": "yes", "Authorization": "Bearer own", "Under_Score": "mine", "X-Other_Name": "passes", "X_Other": "passes",
		"X-Forwarded-For": "127.0.0.1", "Content-Length": strconv.Itoa(len(body)),
	} {
		if v := got.value(name); v != want {
			t.Errorf("%s: the target got %q, want %q", name, v, want)
		}
	}
	recorded := l.await("delivery").sub("headers")
	for _, name := range []string{"X_signature", "X.signature", "X_timestamp", "X_internal", "Under-Score", "Content_length"} {
		if recorded[name] == nil {
			t.Errorf("%s is not in the record: %v", name, recorded)
		}
	}
	if s := l.await("state"); s.str("state") != "hint" || !strings.Contains(s.str("message"), "recorded and not handed on") {
		t.Errorf("state %v", s)
	}
	l.stop()
}

// TestShadowsOfOtherSchemes has headers that other schemes read: an id, a header that the signature covers, an event's type,
// and one whose own name has an underscore.
func TestShadowsOfOtherSchemes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setenv("WHCTL_CONFIG=" + w.write("own.yaml", `schemes:
  own:
    content: "{header:X-Covered}.{body}"
    signature: {header: My_Sig}
    require: {X-Must: "1"}
`))
	secret := base64.StdEncoding.EncodeToString([]byte("0123456789abcdef01234567"))
	w.write("svix", "whsec_"+secret)
	body := event("1")
	mac := hmac.New(sha256.New, []byte("0123456789abcdef01234567"))
	now := time.Now().Unix()
	_, _ = fmt.Fprintf(mac, "msg_1.%d.%s", now, body)
	standard := fmt.Sprintf("webhook-id: msg_1\r\nwebhook-timestamp: %d\r\nwebhook-signature: v1,%s\r\n", now, base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	for _, c := range []struct {
		args            []string
		header, shadows string
	}{
		{
			[]string{"--scheme", "standard-webhooks", "--secret-file", "svix"},
			standard,
			"Webhook_Id: shadow\r\nwebhook.timestamp: shadow\r\nWEBHOOK_SIGNATURE: shadow\r\n",
		},
		{
			[]string{"--scheme", "github", "--secret-file", "key"},
			"X-Hub-Signature-256: sha256=" + hmacHex(testKey, body) + "\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: 1\r\n",
			"X_Hub_Signature_256: shadow\r\nX-GitHub_Event: shadow\r\nX.GitHub.Delivery: shadow\r\n",
		},
		{
			[]string{"--scheme", "own", "--secret-file", "key"},
			"My_Sig: " + hmacHex(testKey, []byte("c."), body) + "\r\nX-Covered: c\r\nX-Must: 1\r\n",
			"My-Sig: shadow\r\nX_Covered: shadow\r\nX_Must: shadow\r\n",
		},
	} {
		tg := okTarget(t)
		l := w.listen(append(c.args, "--forward", tg.addr)...)
		if m := exchange(t, l.addr, request("POST", "/", c.shadows+c.header, body)); m.status != 200 {
			t.Errorf("%v: answered %s", c.args, m.start)
			continue
		}
		got := tg.nth(t, 0)
		for _, line := range got.head {
			if strings.HasSuffix(line, ": shadow") {
				t.Errorf("%v: the target got %q", c.args, line)
			}
		}
		for line := range strings.SplitSeq(strings.TrimSpace(c.header), "\r\n") {
			name, value, _ := strings.Cut(line, ": ")
			if got.value(name) != value {
				t.Errorf("%v: %s reached the target as %q", c.args, name, got.value(name))
			}
		}
		l.stop()
	}
}

// TestConnectionHeaderStripsNothingOfOurs has a Connection header that names what whctl adds and what the scheme reads. Only the
// headers of that connection go.
func TestConnectionHeaderStripsNothingOfOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	l := w.listen("--forward", tg.addr, "-H", "Authorization: Bearer own", "-H", "X-Internal: yes")
	body := event("1")
	header := "Connection: Authorization, x-internal,X-Forwarded-For ,X-Forwarded-Host, X-Forwarded-Proto\r\n" +
		"Connection: X-SIGNATURE, X-Timestamp, Content-Type, Content-Length, Whctl-Hop, Forwarded, Host, X-Gone\r\n" +
		"X-Gone: 1\r\nContent-Type: application/json\r\nForwarded: for=192.0.2.1\r\n" + signedHeader(testKey, time.Now(), body)
	if m := exchange(t, l.addr, request("POST", "/", header, body)); m.status != 200 {
		t.Fatalf("answered %s", m.start)
	}
	got := tg.nth(t, 0)
	for _, name := range []string{
		"Authorization", "X-Internal", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Signature", "X-Timestamp",
		"Content-Type", "Content-Length", "Whctl-Hop", "Forwarded", "Host",
	} {
		if got.value(name) == "" {
			t.Errorf("%s did not reach the target", name)
		}
	}
	if v := got.value("X-Gone") + got.value("Connection"); v != "" {
		t.Errorf("what belongs to the sender's connection reached the target: %q", v)
	}
	l.stop()
}
