package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// takers are the command lines that a checkout could turn against the user: they sign, send, verify, listen or ask the API.
func takers(w *world, tg *target) [][]string {
	w.write("body.json", `{"a":1}`)
	return [][]string{
		{"sign", "body.json", "--secret-file", "key"},
		{"sign", "body.json", "--secret-file", "key", "--format", "curl", "--to", tg.addr},
		{"sign", "body.json", "--webhook", "saved"},
		{"send", "./body.json", "--to", tg.addr, "--secret-file", "key"},
		{"verify", "body.json", "--secret-file", "key", "-H", "X-Signature: " + testKey, "-H", "X-Timestamp: 1"},
		{"listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "--for", "10ms"},
		{"listen", "--sandbox", "--trigger", "all", "--for", "10ms"},
		{"schemes", "show", "team"},
		{"config", "list"},
		{"whoami"},
		{"webhooks", "list"},
		{"keys", "list"},
		{"journal", "list"},
		{"login", "--token-file", "token"},
	}
}

// TestCheckoutTakesNothing runs every command that has something to lose in a hostile checkout. Each ends with 2 and names the way
// to trust the file. None shows a key or token, and none sends anything.
func TestCheckoutTakesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setenv("WHCTL_TOKEN=tok-of-the-environment")
	w.write("token", "tok-of-a-file")
	w.must(0, "keys", "add", "saved", "--secret-file", "key")
	tg := okTarget(t)
	w.settings("profiles: {lab: {api_url: 'http://" + tg.addr + "'}}\n")
	for _, text := range []string{
		"scheme: team\nschemes: {team: {algorithm: token, signature: {header: X-Signature, encoding: text}}}\n",
		"schemes: {team: {content: '{header:X-Content}', signature: {header: X-Signature}}}\n",
		"scheme: gitlab\n", "scheme: hubspot.v1\n", "scheme: auto\n",
		"profile: lab\n", "profile: sandbox\nquiet: true\n", "profiles: {baanx: {api_url: 'http://" + tg.addr + "'}}\n", "api_url: http://" + tg.addr + "\n",
		"listen: {forward: 'http://2130706433:80'}\n", "listen: {addr: '127.1:0'}\n", "listen: {no_verify: true}\n", "listen: {tolerance: 11m}\n", "quiet: true\n",
	} {
		w.write(".whctl.yaml", text)
		for _, args := range takers(w, tg) {
			r := w.must(2, args...)
			if r.out != "" || !strings.Contains(r.err, ".whctl.yaml:1: a project file may not ") || !strings.HasSuffix(r.err, "\nhint: look at what it sets, then: whctl config trust\n") {
				t.Errorf("%q under %q: %s%s", args, text, r.out, r.err)
			}
			if all := r.out + r.err; strings.Contains(all, testKey) || strings.Contains(all, "tok-of") {
				t.Errorf("%q under %q shows a secret", args, text)
			}
		}
	}
	if n := tg.count(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestCheckoutIsShown: each command says first what it took from a project file, with -q too and in every output mode. It says
// nothing of what a flag or variable overrides.
func TestCheckoutIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body.json", `{"a":1}`)
	path := w.write(".whctl.yaml", "scheme: stripe\nlisten: {events: ['a.*'], body: raw}\n")
	note := "note: from " + path + ": listen.body raw, listen.events a.*"
	for _, args := range [][]string{
		{"sign", "body.json", "--secret-file", "key"},
		{"-q", "sign", "body.json", "--secret-file", "key"},
		{"-q", "listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "--for", "10ms", "-o", "json"},
		{"config", "get", "scheme", "-o", "yaml"},
		{"journal", "list", "--jq", "length"},
		{"keys", "list", "--quiet"},
	} {
		if r := w.must(0, args...); strings.Count(r.err, note+", scheme stripe\n") != 1 || strings.Contains(r.out, "note") {
			t.Errorf("%q: %s", args, r.err)
		}
		if r := w.must(0, append(args, "--config", os.DevNull)...); strings.Contains(r.err, "note: from") {
			t.Errorf("%q with a file of the user's own: %s", args, r.err)
		}
	}
	if r := w.must(0, "sign", "body.json", "--secret-file", "key", "--scheme", "github"); !strings.Contains(r.err, note+"\n") {
		t.Errorf("the flag wins: %s", r.err)
	}
	for _, args := range [][]string{{"--help"}, {"help", "exit-codes"}, {"completion", "bash"}} {
		if r := w.must(0, args...); r.err != "" {
			t.Errorf("%q uses no settings, and says %s", args, r.err)
		}
	}
	// however long one is, it hides no other, and no line
	w.write(".whctl.yaml", "scheme: stripe\nlisten: {events: ['"+strings.Repeat("x", 5000)+"', \"y\\n\\e[2Jz\"], body: raw}\n")
	r := w.must(0, "sign", "body.json", "--secret-file", "key")
	if strings.Count(r.err, "\n") != 1 || !strings.HasSuffix(r.err, ", scheme stripe\n") || len(r.err) > 500 || strings.Contains(r.err, "\x1b") {
		t.Errorf("said %q", r.err)
	}
}

const userCredential = "credential-of-the-user"

// credentialCase is where a target and a header are named, and whether the one gets the other.
type credentialCase struct {
	user, project string // $TARGET is the target's address
	trust         bool
	args          []string
	sent          bool
}

func credentialCases() map[string]credentialCase {
	const (
		secret = userCredential
		target = "listen: {forward: 'http://$TARGET'}\n"
		both   = "listen: {forward: 'http://$TARGET', headers: {X-Env: " + secret + "}}\n"
	)
	return map[string]credentialCase{
		"flag, project's target":               {project: target, args: []string{"-H", "Authorization: " + secret}},
		"flag, project's target, trusted":      {project: "quiet: false\n" + target, trust: true, args: []string{"-H", "X-Api: " + secret}},
		"own file, project's target":           {user: "listen: {headers: {X-Env: " + secret + "}}\n", project: target},
		"flag, target by flag":                 {project: target, args: []string{"-H", "Authorization: " + secret, "--forward", "$TARGET"}, sent: true},
		"flag, target of the user's own file":  {user: target, project: "scheme: baanx\n", args: []string{"-H", "X-Api: " + secret}, sent: true},
		"own file, target of the same":         {user: both, sent: true},
		"trusted file's own, and its target":   {project: both, trust: true, sent: true},
		"named file, which is the user's own":  {args: []string{"-H", "X-Api: " + secret, "--config", "$NAMED"}, sent: true},
		"no header at all, project's target":   {project: target},
		"flag, project's target with a name":   {project: strings.ReplaceAll(target, "http://", "shop=http://"), args: []string{"-H", "Cookie: " + secret}},
		"flag, both files, the project's wins": {user: target, project: strings.ReplaceAll(target, "127.0.0.1", "localhost"), args: []string{"-H", "X-Api: " + secret}},
	}
}

// TestCheckoutTargetGetsNoCredentials: the headers that a user adds go to targets that the user named, by flag or in the
// user's own file, and never to one that a project file names.
func TestCheckoutTargetGetsNoCredentials(t *testing.T) {
	t.Parallel()
	for name, tc := range credentialCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.check(t)
		})
	}
}

func (c credentialCase) check(t *testing.T) {
	t.Helper()
	w := newWorld(t)
	tg := okTarget(t)
	fill := strings.NewReplacer("$TARGET", tg.addr, "$NAMED", w.path("named.yaml"))
	w.write("named.yaml", fill.Replace("listen: {forward: $TARGET}\n"))
	if c.user != "" {
		w.settings(fill.Replace(c.user))
	}
	if c.project != "" {
		w.write(".whctl.yaml", fill.Replace(c.project))
	}
	if c.trust {
		w.must(0, "config", "trust")
	}
	args := slices.Clone(c.args)
	for i := range args {
		args[i] = fill.Replace(args[i])
	}
	l := w.listen(args...)
	if m := exchange(t, l.addr, delivery(event("1"))); m.status != 200 {
		t.Errorf("the sender got %s", m.start)
	}
	l.await("attempt")
	l.stop()
	if got := strings.Join(tg.nth(t, 0).head, "\n"); strings.Contains(got, userCredential) != c.sent {
		t.Errorf("sent to the target:\n%s", got)
	}
	withheld := !c.sent && (c.user != "" || len(c.args) > 0)
	if said := strings.Contains(l.errs.String(), "warning: your headers are not sent to targets that a project file names"); said != withheld {
		t.Errorf("said: %s", l.errs)
	}
}

// TestConfigTrust is what a user does about a file that is refused: look, trust, see what is trusted, and take it back.
func TestConfigTrust(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(2, "config", "trust")
	path := w.write(".whctl.yaml", "output: json\nlisten: {addr: '0.0.0.0:0', forward: 'https://hooks.example'}\n")
	w.must(2, "config", "list")
	r := w.must(0, "config", "trust")
	if !strings.HasPrefix(r.out, "✓ trusted "+path+", which sets:\n") || !strings.Contains(r.out, "listen.forward  https://hooks.example\n") || r.err != "" {
		t.Errorf("trust: %q %q", r.out, r.err)
	}
	list := w.must(0, "config", "list", "--show-origin")
	for _, want := range []string{
		`{"key":"output","value":"json","origin":"` + path + `:1"}`, `{"key":"listen.addr","value":"0.0.0.0:0","origin":"` + path + `:2"}`,
		`{"key":"scheme","value":"baanx","origin":"default"}`,
	} {
		if !strings.Contains(list.out, want) {
			t.Errorf("%s is not in %s", want, list.out)
		}
	}
	trusted := jsonOf[struct {
		Path, SHA256 string
		TrustedAt    string
		Settings     []struct{ Key, Value, Origin string }
	}](t, w.must(0, "config", "trust", "-o", "json"))
	if trusted.Path != path || len(trusted.SHA256) != 64 || trusted.TrustedAt == "" || len(trusted.Settings) != 3 || trusted.Settings[0].Key != "listen.addr" {
		t.Errorf("%+v", trusted)
	}
	state := func() string {
		t.Helper()
		var rows []struct{ Path, State string }
		if err := json.Unmarshal([]byte(w.must(0, "config", "trust", "--list", "-o", "json").out), &rows); err != nil || len(rows) != 1 || rows[0].Path != path {
			t.Fatalf("%v (%v)", rows, err)
		}
		return rows[0].State
	}
	if got := state(); got != "trusted" {
		t.Errorf("listed as %s", got)
	}
	w.write(".whctl.yaml", "output: json\nlisten: {addr: '0.0.0.0:0', forward: 'https://hooks.example2'}\n")
	if r := w.must(2, "listen", "--for", "10ms"); !strings.Contains(r.err, "may not set output") {
		t.Errorf("a changed file: %s", r.err)
	}
	if got := state(); got != "changed" {
		t.Errorf("listed as %s", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got := state(); got != "missing" {
		t.Errorf("listed as %s", got)
	}
	w.must(2, "config", "trust", "--remove") // none is here
	w.must(0, "config", "trust", "--remove", ".whctl.yaml")
	w.must(5, "config", "trust", "--remove", path)
	if r := w.must(0, "config", "trust", "--list"); r.out != "" || !strings.Contains(r.err, "no project file is trusted") {
		t.Errorf("%q %q", r.out, r.err)
	}
	for _, args := range [][]string{{"x"}, {"--list", "x"}, {"--list", "--remove"}, {"--remove", "x", "y"}} {
		w.must(2, append([]string{"config", "trust"}, args...)...)
	}
}

// TestConfigTrustRefuses is what cannot be trusted: a secret, a program to run, a broken file.
func TestConfigTrustRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for text, want := range map[string]string{
		"api_key: hunter2\n":                       "may not hold a secret",
		"headers: {Authorization: hunter2}\n":      "may not hold a secret",
		"listen: {notify: 'touch hunter2'}\n":      "even if it is trusted",
		"listen: {filter: 'hunter2'}\n":            "even if it is trusted",
		"listen: {forward: 'http://u:hunter2@x'}":  "may not hold a secret",
		"quiet: true\noutptu: json\n":              "unknown key",
		"quiet: [\n":                               "not YAML",
		"profiles: {a: &a {scheme: svix}, b: *a}":  "anchors",
		"quiet: true\n---\nquiet: true\n":          "one YAML document",
		"api_url: http://api.example\nquiet: true": "loopback only",
	} {
		w.write(".whctl.yaml", text)
		if r := w.must(2, "config", "trust"); !strings.Contains(r.err, want) || strings.Contains(r.err, "hunter2") || r.out != "" {
			t.Errorf("%q: %s", text, r.err)
		}
	}
	w.write(".whctl.yaml", "quiet: true\n")
	w.setenv("WHCTL_CONFIG=" + w.write("own.yaml", ""))
	if r := w.must(2, "config", "trust"); !strings.Contains(r.err, "no project file is read while WHCTL_CONFIG") {
		t.Error(r.err)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "data", "trusted.json")); !os.IsNotExist(err) {
		t.Errorf("something was recorded (%v)", err)
	}
}
