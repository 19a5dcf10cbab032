package config_test

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// FuzzConfig gives any bytes as user and as project file: a usage fault or settings, never a panic, and never a secret or
// an API address that a project file brought.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{
		"scheme: github\nlisten: {forward: [3000, a=localhost:1/x, '[::ffff:7f00:1]:2'], addr: '127.0.0.1:0', tolerance: 10m}\n",
		"", "# c\n", commented, "output: json\nlisten: {forward: [3000], routes: {'card.*': 1}}\n", "profiles: {a: &x {}, b: *x}\n",
		"listen:\n  targets: {a: 3000, b-_9: 'localhost:1/x?y=z'}\n  routes:\n  - card.*,kyc.*=a\n  - {'*': [b-_9, 'c=[::1]:2']}\n  filter: .a\n",
		"listen: {targets: [a=127.0.0.1:1, {b: 3}], routes: {'a=http://evil.example/?': localhost, 'c': 'http://evil.example/?=localhost'}}\n",
		"schemes: {m: {content: '{body}', signature: {header: X}, timestamp: {header: T, tolerance: off}}}\n", "? [a]\n: b\n",
		"api_url: https://evil.example\n", "token: hunter2\n", "a: !!binary aGk=\n", "<<: {output: json}\n", "- - - -\n", "\ufeffoutput: text\n",
		"profile: sandbox\nprofiles: {sandbox: {scheme: kyc}}\nheaders: {x: y}\nquiet: true\n", "output: " + planted + "\n", "---\n---\n", "%YAML 1.2\n---\na: |\n  b\n",
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	home := f.TempDir()
	user := filepath.Join(home, "whctl", "config.yaml")
	project := filepath.Join(home, ".whctl.yaml")
	if err := os.MkdirAll(filepath.Dir(user), 0o700); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte, asProject bool) {
		path, other := user, project
		if asProject {
			path, other = project, user
		}
		_ = os.Remove(other)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		env := map[string]string{"XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}
		o := config.Options{Getenv: func(k string) string { return env[k] }, Dir: home, Home: home, UID: os.Getuid(), AnyProfile: true}
		s, err := config.Load(o)
		if err != nil {
			checkRefusal(t, err)
			return
		}
		if asProject {
			checkProject(t, s, home)
		}
		checkValues(t, s)
		// What loads can be edited, and then loads with the edit in it.
		if err := config.Set(path, "", "listen.body", "raw"); err != nil {
			t.Fatalf("set: %v", err)
		}
		o.Flags.Profile = config.ProfileBaanx
		again, err := config.Load(o)
		if err != nil {
			t.Fatalf("after set: %v", err)
		}
		if v, err := again.Get("listen.body"); err != nil || v.Value != "raw" {
			t.Errorf("after set: %v (%v)", v, err)
		}
	})
}

// checkProject says again, in its own words, what a project file may do that nobody trusts.
func checkProject(t *testing.T, s *config.Settings, home string) {
	t.Helper()
	if s.Profile != "baanx" || s.APIURL != "https://api.baanx.com" || len(s.Headers) > 0 || len(s.Schemes) > 0 || s.DataDir != filepath.Join(home, "whctl") ||
		s.Output != "text" || s.Color != "auto" || s.Quiet || s.Debug || s.NoInput || s.ProjectTrusted {
		t.Errorf("a project file set %+v", s)
	}
	spec, err := scheme.Builtin(s.Scheme)
	if err != nil || !slices.Contains([]scheme.Algorithm{scheme.HMACSHA1, scheme.HMACSHA256, scheme.HMACSHA512, scheme.Ed25519, scheme.ECDSAP256}, spec.Algorithm) {
		t.Errorf("scheme %s (%v)", s.Scheme, err)
	}
	l := s.Listen
	if l.NoVerify || l.Insecure || l.OnInvalid != "" || l.Headers != nil || l.Tolerance != nil && *l.Tolerance > 10*time.Minute {
		t.Errorf("listen %+v", l)
	}
	checkTargets(t, s.Listen)
}

// checkTargets says again which targets a project file may name: those of this machine.
func checkTargets(t *testing.T, l config.ListenSettings) {
	t.Helper()
	here := regexp.MustCompile(`^(\w+=|[\w-]+=)?(https?://)?(\d+|(?i:localhost\.?)(:\d*)?|127\.\d+\.\d+\.\d+(:\d*)?|\[[0:]*1\](:\d*)?|\[(?i:[0:]*ffff:(127\.|7f))[^]]*\](:\d*)?)([/?].*)?$`)
	named := func(to string) bool { return here.MatchString(to) && strings.Contains(to, "=") }
	routed := func(route string) bool {
		_, to, found := strings.Cut(route, "=")
		return found && (here.MatchString(to) || regexp.MustCompile(`^[\w-]+$`).MatchString(to))
	}
	for _, c := range []struct {
		key   string
		texts []string
		may   func(string) bool
	}{{"forward", l.Forward, here.MatchString}, {"targets", l.Targets, named}, {"routes", l.Routes, routed}} {
		for _, text := range c.texts {
			if !c.may(text) {
				t.Errorf("%s %q", c.key, text)
			}
		}
	}
	if l.Filter != "" {
		t.Errorf("filter %q", l.Filter)
	}
	if l.Addr == "" {
		return
	}
	host, _, err := net.SplitHostPort(l.Addr)
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	} else {
		host += ":1"
	}
	if err != nil || !here.MatchString(host) {
		t.Errorf("addr %q", l.Addr)
	}
}

func checkRefusal(t *testing.T, err error) {
	t.Helper()
	if fault.KindOf(err) != fault.Usage {
		t.Errorf("a %s fault: %v", fault.KindOf(err), err)
	}
	if text := err.Error() + fault.HintOf(err).String(); strings.Contains(text, planted) || strings.Contains(text, "hunter2") {
		t.Error("the error holds a secret")
	}
}

func checkValues(t *testing.T, s *config.Settings) {
	t.Helper()
	for _, v := range s.List() {
		if strings.Contains(v.Value, planted) {
			t.Errorf("%s holds a secret", v.Key)
		}
		if _, err := s.Get(v.Key); err != nil {
			t.Errorf("get %s: %v", v.Key, err)
		}
	}
	s.Profiles()
}

// The bench and the bound of a start without files: nothing is parsed then.
func BenchmarkLoadWithoutFiles(b *testing.B) { benchmarkLoad(b, "") }

func BenchmarkLoadWithUserFile(b *testing.B) { benchmarkLoad(b, commented) }

func benchmarkLoad(b *testing.B, text string) {
	b.Helper()
	home := b.TempDir()
	work := filepath.Join(home, "a", "b", "c")
	if err := os.MkdirAll(work, 0o700); err != nil {
		b.Fatal(err)
	}
	if text != "" {
		if err := os.MkdirAll(filepath.Join(home, "whctl"), 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, "whctl", "config.yaml"), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	o := config.Options{Getenv: func(k string) string { return map[string]string{"XDG_CONFIG_HOME": home}[k] }, Dir: work, Home: home, UID: os.Getuid()}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := config.Load(o); err != nil {
			b.Fatal(err)
		}
	}
}
