package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// planted are secrets that must be found nowhere. Each looks like nothing that could be there by chance.
type planted struct{ secrets map[string]string }

func plant() *planted {
	p := &planted{secrets: map[string]string{}}
	for _, name := range []string{"key in a file", "key in a variable", "second key", "token", "cookie", "authorization", "gitlab token", "webhook key", "masked"} {
		sum := sha256.Sum256([]byte("planted " + name))
		p.secrets[name] = "whk_" + hex.EncodeToString(sum[:])
	}
	p.secrets["masked"] = "whk_****...****" + p.secrets["masked"][:8] + "9d4e"
	return p
}

func (p *planted) get(name string) string { return p.secrets[name] }

// search fails when a secret, or half of one, or one in base64 or hex, stands in data.
func (p *planted) search(t *testing.T, where string, data string) {
	t.Helper()
	for name, s := range p.secrets {
		forms := []string{s}
		if name != "masked" {
			forms = append(forms, s[4:4+len(s)/2], base64.StdEncoding.EncodeToString([]byte(s))[:40], hex.EncodeToString([]byte(s)))
		}
		for _, form := range forms {
			if strings.Contains(data, form) {
				at := strings.Index(data, form)
				t.Errorf("%s holds the %s: …%.200q", where, name, data[max(0, at-80):])
				break
			}
		}
	}
}

// searchFiles looks through every file below a folder.
func (p *planted) searchFiles(t *testing.T, dir string) (files int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		p.search(t, path, string(b))
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return files
}

// TestNoSecretAnywhere plants keys and tokens in every place that takes one, runs what there is with --debug, and searches
// all output, the journal's files and the arguments of what is running.
func TestNoSecretAnywhere(t *testing.T) {
	t.Parallel()
	p, w := plant(), newWorld(t)
	secrets := t.TempDir() // apart from what is searched
	keyFile := filepath.Join(secrets, "key")
	if err := os.WriteFile(keyFile, []byte(p.get("key in a file")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.setenv("PLANTED="+p.get("key in a variable"), "WHCTL_TOKEN="+p.get("token"), "WHCTL_SECRET="+p.get("webhook key"))
	sources := []string{"--secret-file", keyFile, "--secret-env", "PLANTED"}
	tg := okTarget(t)
	l := w.listen(append([]string{"--debug", "--forward", tg.addr, "--header", "X-Auth: " + p.get("second key")}, sources...)...)
	p.search(t, "the process list", cmdlines(t, l.cmd.Process.Pid, p.get("second key")))

	body := event("1")
	headers := "Authorization: Bearer " + p.get("authorization") + "\r\nCookie: session=" + p.get("cookie") + "\r\n" +
		"Proxy-Authorization: Basic " + p.get("authorization") + "\r\n"
	now := time.Now()
	good := signedHeader(p.get("key in a variable"), now, body)
	for _, raw := range [][]byte{
		request("POST", "/", headers+good, body),
		request("POST", "/", headers+signedHeader("another", now, body), body),
		request("POST", "/", headers, body),
	} {
		exchange(t, l.addr, raw)
	}
	if got := tg.nth(t, 0); got.value("Authorization") != "Bearer "+p.get("authorization") {
		t.Error("the target did not get the header that it needs")
	}
	outputs := map[string]string{}
	note := func(args []string, r result) { outputs[fmt.Sprintf("whctl %q", args)] = r.out + r.err }
	file := w.write("body", string(body))
	for _, args := range [][]string{
		append([]string{"sign", file, "--debug", "--format", "json"}, sources...),
		append([]string{"sign", file, "--debug", "--format", "curl", "--to", tg.addr}, sources...),
		append([]string{"sign", file, "--debug", "--format", "env"}, sources...),
		append([]string{"verify", file, "--debug", "-H", "X-Signature: 00", "-H", "X-Timestamp: 1", "-o", "json"}, sources...),
		append([]string{"verify", file, "--debug", "-H", "Authorization: " + "Bearer x"}, sources...),
		append([]string{"send", "card.activated", "--debug", "--to", tg.addr, "-o", "json"}, sources...),
		append([]string{"send", "card.activated", "--debug", "--to", closedPort(t)}, sources...),
		{"sign", file, "--debug"},
		{"sign", file, "--secret", p.get("second key"), "--debug"},
		{"sign", file, "--secret", p.get("masked")},
		{"sign", file, "--secret", p.get("second key"), "--scheme", "standard-webhooks", "--id", "x"},
		{"sign", file, "--secret", p.get("second key"), "--scheme", "discord"},
		{"sign", file, "--secret-file", p.get("second key")},
		{"sign", file, "--secret-env", p.get("second key")},
		{"verify", file, "--secret", p.get("second key"), "-H", "X-Signature: 00"},
		{"verify", file, "--webhook", p.get("second key")},
		{"listen", "--addr", "127.0.0.1:0", "--for", "1ms", "--secret", p.get("second key"), "--debug"},
		{"sandbox", "trigger", "all", "--api-url", "http://" + closedPort(t), "--debug"},
		{"sandbox", "trigger", "all", "--api-url", "http://" + tg.addr, "--debug"},
		{"journal", "list", "-o", "json", "--bodies", "--debug"},
		{"journal", "show", "last", "--debug"},
		{"journal", "show", "last~2", "-o", "yaml"},
	} {
		note(args, w.run(args...))
	}
	l.stop()
	outputs["listen"] = l.out.String() + l.errs.String()
	for name, out := range outputs {
		p.search(t, name, out)
	}
	if n := p.searchFiles(t, w.path("data")); n == 0 {
		t.Error("there is no journal to search")
	}
}

// cmdlines is every argument and environment-free detail of a process and of what it started. allowed is a value that the
// test itself put on the command line.
func cmdlines(t *testing.T, pid int, allowed string) string {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(string(b), allowed, "")
}

// TestNoRightSignatureForARefusedRequest computes what would have been right, and searches all that was said about the
// refusals.
func TestNoRightSignatureForARefusedRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen("--debug")
	var right []string
	said := ""
	for i, body := range []string{`{"a": 1}`, `{"a":1}`, "", "\xff", strings.Repeat("x", 100_000)} {
		ts := fmt.Sprint(time.Now().Unix() - int64(i))
		digest := hmacHex(testKey, []byte(ts+"."), []byte(body))
		right = append(right, digest)
		wrong := digest[:63] + map[bool]string{true: "0", false: "1"}[digest[63] != '0']
		exchange(t, l.addr, request("POST", "/", "X-Timestamp: "+ts+"\r\nX-Signature: "+wrong+"\r\n", []byte(body)))
		file := w.write("body", body)
		for _, format := range []string{"text", "json", "yaml"} {
			r := w.run("verify", file, "--secret-file", "key", "-H", "X-Timestamp: "+ts, "-H", "X-Signature: "+wrong, "-o", format, "--debug")
			if r.code != 3 {
				t.Errorf("exit code %d: %s", r.code, r.err)
			}
			said += r.out + r.err
		}
	}
	l.stop()
	said += l.out.String() + l.errs.String() + w.run("journal", "list", "-o", "json").out
	for _, r := range []string{"last", "last~1", "last~2", "last~3", "last~4"} {
		said += w.run("journal", "show", r).out
	}
	err := filepath.WalkDir(w.path("data"), func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		said += string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, digest := range right {
		raw, _ := hex.DecodeString(digest)
		for _, form := range []string{digest, strings.ToUpper(digest), string(raw), base64.StdEncoding.EncodeToString(raw)} {
			if strings.Contains(said, form) {
				t.Errorf("the right signature %.8s… was told", digest)
			}
		}
	}
}

// TestTokenSchemes sends a shared token in its header, under a scheme of the catalogue and under one of the user's own. It verifies,
// and is stored and shown nowhere.
func TestTokenSchemes(t *testing.T) {
	t.Parallel()
	for scheme, header := range map[string]string{"gitlab": "X-Gitlab-Token", "mine": "X-My-Thing"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			p, w := plant(), newWorld(t)
			token := p.get("gitlab token")
			w.setenv("SHARED="+token, "WHCTL_CONFIG="+w.write("config.yaml", "schemes:\n  mine:\n    algorithm: token\n    signature: {header: X-My-Thing, encoding: text}\n"))
			tg := okTarget(t)
			l := w.listen("--scheme", scheme, "--secret-env", "SHARED", "--forward", tg.addr, "--header", "X-Other-Thing: "+p.get("second key"), "--debug")
			if m := exchange(t, l.addr, request("POST", "/", header+": "+token+"\r\n", []byte("{}"))); m.status != 200 {
				t.Errorf("answered %s", m.start)
			}
			exchange(t, l.addr, request("POST", "/", header+": "+token+"x\r\n", []byte("{}")))
			if got := tg.nth(t, 0); got.value(header) != token || got.value("X-Other-Thing") != p.get("second key") {
				t.Errorf("the target got %q", got.head)
			}
			sent := w.must(0, "send", w.write("body.json", "{}"), "--scheme", scheme, "--secret-env", "SHARED", "--to", l.addr, "--debug")
			l.stop()
			p.search(t, "listen", l.out.String()+l.errs.String())
			p.search(t, "send", sent.out+sent.err)
			p.search(t, "journal show", w.run("journal", "show", "last~1").out+w.run("journal", "show", "last", "-o", "json").out)
			p.searchFiles(t, w.path("data"))
		})
	}
}

// TestSandboxTouchesNoAccount gives listen --sandbox an environment that points to a real account: it asks nothing there.
func TestSandboxTouchesNoAccount(t *testing.T) {
	t.Parallel()
	p, w := plant(), newWorld(t)
	account := okTarget(t)
	w.setenv("WHCTL_API_URL=http://"+account.addr, "WHCTL_TOKEN="+p.get("token"), "WHCTL_PROFILE=baanx", "WHCTL_SECRET="+p.get("webhook key"),
		"HTTP_PROXY=http://"+account.addr, "http_proxy=http://"+account.addr, "ALL_PROXY=http://"+account.addr)
	for _, extra := range [][]string{nil, {"--api-url", "http://" + account.addr}, {"--profile", "baanx"}} {
		l := w.start(append([]string{"listen", "--sandbox", "--trigger", "all", "--addr", "127.0.0.1:0", "--exit-after", "3", "--debug"}, extra...)...)
		if code := l.wait(); code != 0 {
			t.Errorf("%q: exit code %d: %s", extra, code, l.errs)
		}
		for _, d := range l.rest("delivery") {
			if d.sub("verdict").str("reason") != "valid" {
				t.Errorf("%q: verdict %v", extra, d["verdict"])
			}
		}
		p.search(t, "listen --sandbox", l.out.String()+l.errs.String())
	}
	if n := account.count(); n != 0 {
		t.Errorf("the account got %d requests, first %q", n, account.nth(t, 0).start)
	}
}
