package config_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
)

const planted = "whk_plantedplantedplantedplanted0000000001"

// world is a home folder with a project in it.
type world struct {
	t    *testing.T
	home string
	work string // the project folder, two below home
	env  map[string]string
	o    config.Options
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, home: t.TempDir(), env: map[string]string{}}
	w.work = filepath.Join(w.home, "src", "shop")
	if err := os.MkdirAll(w.work, 0o755); err != nil {
		t.Fatal(err)
	}
	w.env["XDG_CONFIG_HOME"] = filepath.Join(w.home, ".config")
	w.env["XDG_DATA_HOME"] = filepath.Join(w.home, ".local", "share")
	w.o = config.Options{Getenv: func(k string) string { return w.env[k] }, Dir: w.work, Home: w.home, UID: os.Getuid()}
	return w
}

func (w *world) write(path, text string) string {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

func (w *world) user(text string) string {
	w.t.Helper()
	return w.write(filepath.Join(w.home, ".config", "whctl", "config.yaml"), text)
}

func (w *world) project(text string) string {
	w.t.Helper()
	return w.write(filepath.Join(w.work, ".whctl.yaml"), text)
}

// trust has the user trust the project file as it is.
func (w *world) trust() {
	w.t.Helper()
	if _, _, err := config.Trust(w.t.Context(), w.o, time.Now()); err != nil {
		w.t.Fatalf("trust: %v (%s)", err, fault.HintOf(err).String())
	}
}

func (w *world) load() *config.Settings {
	w.t.Helper()
	s, err := config.Load(w.o)
	if err != nil {
		w.t.Fatalf("load: %v (%s)", err, fault.HintOf(err).String())
	}
	return s
}

// refused loads what must be refused as a usage fault whose text and hint hold the parts, and never the planted secret.
func (w *world) refused(parts ...string) {
	w.t.Helper()
	_, err := config.Load(w.o)
	wantUsage(w.t, err, parts...)
}

func wantUsage(t *testing.T, err error, parts ...string) {
	t.Helper()
	wantFault(t, fault.Usage, err, parts...)
}

// wantFault wants an error of a kind whose text and hint hold the parts.
func wantFault(t *testing.T, kind fault.Kind, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", parts)
		return
	}
	if got := fault.KindOf(err); got != kind {
		t.Errorf("a %s fault, want %s: %v", got, kind, err)
	}
	text := err.Error() + " | " + fault.HintOf(err).String()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("error %q does not hold %q", text, part)
		}
	}
	if strings.Contains(text+fmt.Sprintf("%+v", err), planted) || strings.Contains(text, "hunter2") {
		t.Errorf("the error holds a secret: %s", strings.ReplaceAll(text, planted, "<SECRET>"))
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.load()
	data := filepath.Join(w.home, ".local", "share", "whctl")
	got := []string{s.Profile, s.APIURL, s.Output, s.Color, s.Scheme, s.DataDir, s.JournalPath, s.ConfigDir, s.UserFile, s.ProjectFile}
	want := []string{
		"baanx", "https://api.baanx.com", "text", "auto", "baanx", data, filepath.Join(data, "journal.db"),
		filepath.Join(w.home, ".config", "whctl"), filepath.Join(w.home, ".config", "whctl", "config.yaml"), "",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if s.Quiet || s.Debug || s.NoInput || s.Headers != nil || s.Schemes != nil || s.Warnings != nil {
		t.Errorf("something is set: %+v", s)
	}
	if o := s.Origin("api_url"); o != "built in" {
		t.Errorf("api_url comes from %q", o)
	}
	if o := s.Origin("output"); o != "default" {
		t.Errorf("output comes from %q", o)
	}
	if s.BuiltinToken() != "" {
		t.Error("the sandbox's token goes to another profile")
	}
}

// Each step wins over the ones before it, and says where it stands.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	step := func(wantOutput, wantScheme, outputFrom, schemeFrom string) {
		t.Helper()
		s := w.load()
		if s.Output != wantOutput || s.Scheme != wantScheme {
			t.Errorf("output %s, scheme %s; want %s, %s", s.Output, s.Scheme, wantOutput, wantScheme)
		}
		if a, b := s.Origin("output"), s.Origin("scheme"); a != outputFrom || b != schemeFrom {
			t.Errorf("output from %q, scheme from %q; want %q, %q", a, b, outputFrom, schemeFrom)
		}
	}
	step("text", "baanx", "default", "default")
	user := w.user("# mine\noutput: json\nscheme: stripe\n")
	step("json", "stripe", user+":2", user+":3")
	w.user("output: json\nprofiles:\n  baanx:\n    scheme: github\nscheme: stripe\n")
	step("json", "github", user+":1", user+":4")
	project := w.project("scheme: slack\n")
	step("json", "slack", user+":1", project+":1")
	w.project("scheme: slack\nprofiles:\n  baanx: {scheme: kyc, output: yaml}\n")
	w.trust()
	step("yaml", "kyc", project+":3", project+":3")
	w.env["WHCTL_OUTPUT"], w.env["WHCTL_SCHEME"] = "json", "fern"
	step("json", "fern", "env WHCTL_OUTPUT", "env WHCTL_SCHEME")
	w.o.Flags.Output, w.o.Flags.Scheme = "text", "verification"
	step("text", "verification", "flag --output", "flag --scheme")
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.user(`profile: staging
api_url: https://everyone.example
headers: {x-us-env: "true", X-Both: top}
profiles:
  staging:
    api_url: https://staging.example/base/
    headers:
      x-client-key: ck
      x-both: own
  plain: {}
`)
	s := w.load()
	if s.Profile != "staging" || s.APIURL != "https://staging.example/base" {
		t.Errorf("profile %s at %s", s.Profile, s.APIURL)
	}
	if want := map[string]string{"x-us-env": "true", "x-client-key": "ck", "x-both": "own"}; !maps.Equal(s.Headers, want) {
		t.Errorf("headers %v, want %v", s.Headers, want)
	}
	if o := s.Origin("headers.x-both"); o != user+":9" {
		t.Errorf("x-both from %q", o)
	}
	w.env["WHCTL_PROFILE"] = "plain"
	if s = w.load(); s.APIURL != "https://everyone.example" || s.Origin("profile") != "env WHCTL_PROFILE" {
		t.Errorf("plain: %s, profile from %s", s.APIURL, s.Origin("profile"))
	}
	// What is said for all profiles does not move the sandbox, nor send it the headers of a real account.
	w.o.Flags.Profile = "sandbox"
	s = w.load()
	if s.APIURL != "http://127.0.0.1:4141" || len(s.Headers) != 0 || s.BuiltinToken() == "" || s.Origin("api_url") != "built in" {
		t.Errorf("sandbox: %s (%s), headers %v", s.APIURL, s.Origin("api_url"), s.Headers)
	}
	w.env["WHCTL_API_URL"] = "http://localhost:9000"
	if s = w.load(); s.APIURL != "http://localhost:9000" || s.BuiltinToken() == "" {
		t.Errorf("the sandbox is not moved: %s", s.APIURL)
	}
	w.o.Flags.APIURL = "https://api.example"
	if s = w.load(); s.APIURL != "https://api.example" || s.BuiltinToken() != "" {
		t.Errorf("the sandbox's token goes to %s", s.APIURL)
	}
	w.env["WHCTL_API_URL"], w.o.Flags.APIURL = "", ""
	w.user("profiles: {sandbox: {api_url: 'http://127.0.0.1:5000'}}\n")
	w.project("scheme: baanx\n")
	if s = w.load(); s.APIURL != "http://127.0.0.1:5000" {
		t.Errorf("a sandbox of one's own: %s", s.APIURL)
	}
	w.o.Flags.Profile = "sandbx"
	w.refused("--profile", `there is no profile "sandbx"`, "did you mean sandbox?")
	w.o.AnyProfile = true
	if s = w.load(); s.Profile != "sandbx" {
		t.Errorf("any profile: %s", s.Profile)
	}
}

func TestProfileList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.user("profile: b\nprofiles:\n  b: {api_url: 'https://b.example', scheme: stripe}\n  a: {}\n")
	project := w.project("profiles:\n  a: {scheme: github}\n")
	w.trust()
	var got []string
	for _, p := range w.load().Profiles() {
		got = append(got, fmt.Sprint(p.Name, " ", p.APIURL, " ", p.Scheme, " ", p.Origin, " ", p.BuiltIn, " ", p.Active))
	}
	want := []string{
		"a https://api.baanx.com github " + project + ":2 false false",
		"b https://b.example stripe " + user + ":3 false true",
		"baanx https://api.baanx.com baanx built in true false",
		"sandbox http://127.0.0.1:4141 baanx built in true false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSwitches(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for value, want := range map[string]bool{"": false, "false": false, "0": false, "no": false, "true": true, "1": true, "yes": true} {
		w.env["CI"] = value
		if s := w.load(); s.NoInput != want {
			t.Errorf("CI=%q: no input is %v", value, s.NoInput)
		}
	}
	w.env["CI"] = ""
	user := w.user("no_input: true\nquiet: true\ndebug: false\n")
	s := w.load()
	if !s.NoInput || !s.Quiet || s.Debug || s.Origin("quiet") != user+":2" || s.Origin("debug") != user+":3" {
		t.Errorf("from the file: %v %v %v %s", s.NoInput, s.Quiet, s.Debug, s.Origin("quiet"))
	}
	w.o.Flags.Debug, w.o.Flags.NoInput = true, true
	if s = w.load(); !s.Debug || s.Origin("debug") != "flag --debug" || s.Origin("no_input") != "flag --no-input" {
		t.Errorf("from flags: %v %s %s", s.Debug, s.Origin("debug"), s.Origin("no_input"))
	}
}

// A file is weaker than the terminal's own variables, which are an environment; a flag is stronger.
func TestColorOfAFileYieldsToTheEnvironment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("color: always\n")
	if s := w.load(); s.Color != "always" {
		t.Errorf("color is %s", s.Color)
	}
	w.env["NO_COLOR"] = "1"
	if s := w.load(); s.Color != "auto" || s.Origin("color") != "env NO_COLOR" {
		t.Errorf("color is %s from %s", s.Color, s.Origin("color"))
	}
	w.o.Flags.Color = "always"
	if s := w.load(); s.Color != "always" || s.Origin("color") != "flag --color" {
		t.Errorf("color is %s from %s", s.Color, s.Origin("color"))
	}
}

func TestFolders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.env["XDG_CONFIG_HOME"], w.env["XDG_DATA_HOME"] = "relative", "relative" // does not count
	w.env["AppData"], w.env["LocalAppData"] = "", ""
	s := w.load()
	if !strings.HasPrefix(s.ConfigDir, w.home) || !strings.HasPrefix(s.DataDir, w.home) {
		t.Errorf("%s and %s are not under home", s.ConfigDir, s.DataDir)
	}
	if runtime.GOOS == "linux" && (s.ConfigDir != filepath.Join(w.home, ".config", "whctl") || s.DataDir != filepath.Join(w.home, ".local", "share", "whctl")) {
		t.Errorf("%s and %s", s.ConfigDir, s.DataDir)
	}
	w.env["WHCTL_DATA_DIR"] = "data"
	if s = w.load(); s.DataDir != filepath.Join(w.work, "data") || s.Origin("data_dir") != "env WHCTL_DATA_DIR" {
		t.Errorf("data in %s from %s", s.DataDir, s.Origin("data_dir"))
	}
	w.env["WHCTL_DATA_DIR"] = ""
	w.env["XDG_CONFIG_HOME"] = filepath.Join(w.home, ".config")
	w.user("data_dir: ~/state\n")
	if s = w.load(); s.DataDir != filepath.Join(w.home, "state") {
		t.Errorf("data in %s", s.DataDir)
	}
	// Without a home everything that needs none still works.
	w.o.Home, w.env["HOME"], w.env["USERPROFILE"] = "", "", ""
	w.env["XDG_CONFIG_HOME"] = ""
	w.load()
}

func TestNamedFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("output: json\n")
	w.project("output: yaml\nscheme: slack\n")
	named := w.write(filepath.Join(w.work, "ci.yaml"), "scheme: github\napi_url: https://ci.example\n")
	w.env["WHCTL_CONFIG"] = "ci.yaml"
	s := w.load()
	if s.Output != "text" || s.Scheme != "github" || s.APIURL != "https://ci.example" || s.UserFile != named || s.ProjectFile != "" {
		t.Errorf("%s %s %s %s %s", s.Output, s.Scheme, s.APIURL, s.UserFile, s.ProjectFile)
	}
	if path, err := config.UserFile(w.o); err != nil || path != named {
		t.Errorf("user file %s (%v)", path, err)
	}
	w.o.Flags.ConfigFile = filepath.Join(w.work, "missing.yaml")
	w.refused("--config", "there is no config file", "missing.yaml")
	w.o.Flags.ConfigFile = w.work
	w.refused("cannot read the config file")
}

func TestProjectFileIsFoundUpToHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := func(dir, scheme string) string {
		return w.write(filepath.Join(dir, ".whctl.yaml"), "scheme: "+scheme+"\n")
	}
	at(filepath.Dir(w.home), "slack") // above home, where other users can write
	t.Cleanup(func() { _ = os.Remove(filepath.Join(filepath.Dir(w.home), ".whctl.yaml")) })
	if s := w.load(); s.ProjectFile != "" || s.Scheme != "baanx" {
		t.Errorf("read %s from above home", s.ProjectFile)
	}
	home := at(w.home, "stripe")
	if s := w.load(); s.ProjectFile != home || s.Scheme != "stripe" {
		t.Errorf("read %q", s.ProjectFile)
	}
	src := at(filepath.Dir(w.work), "svix")
	if s := w.load(); s.ProjectFile != src || s.Scheme != "svix" {
		t.Errorf("read %q, not the nearest", s.ProjectFile)
	}
	w.o.Dir = ""
	if s := w.load(); s.ProjectFile != "" {
		t.Errorf("read %q without a working folder", s.ProjectFile)
	}
}

func TestProjectFileOfAnotherUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.project("scheme: slack\napi_url: https://evil.example\n") // would be refused if it were read
	owner := map[string]int{path: 4711}
	w.o.Owner = func(path string, _ fs.FileInfo) (int, bool) {
		uid, ok := owner[path]
		return uid, ok
	}
	s := w.load()
	if s.ProjectFile != "" || s.Scheme != "baanx" || len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], path) {
		t.Errorf("read %q, scheme %s, warnings %q", s.ProjectFile, s.Scheme, s.Warnings)
	}
	w.o.UID = 4711
	w.refused("may not set api_url")
	w.o.UID, w.o.Owner = os.Getuid()+1, nil
	if s := w.load(); runtime.GOOS != "windows" && (s.Scheme != "baanx" || len(s.Warnings) != 1) {
		t.Errorf("the real owner is not looked at: %s", s.Scheme)
	}
}

// A link counts by its own owner too: anyone can plant one that points to a file of ours.
func TestProjectFileThatIsALink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := filepath.Join(w.work, ".whctl.yaml")
	target := w.write(filepath.Join(w.home, "elsewhere.yaml"), "scheme: github\n")
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	w.o.Owner = func(_ string, fi fs.FileInfo) (int, bool) {
		if fi.Mode()&fs.ModeSymlink != 0 {
			return 4711, true
		}
		return 1000, true
	}
	for _, uid := range []int{4711, 1000} {
		w.o.UID = uid
		if s := w.load(); s.ProjectFile != "" || len(s.Warnings) != 1 {
			t.Errorf("read %q as %d", s.ProjectFile, uid)
		}
	}
	w.o.Owner = nil
	w.o.UID = os.Getuid()
	if s := w.load(); s.Scheme != "github" {
		t.Errorf("our own link is not followed: %s", s.Scheme)
	}
	if err := os.Remove(target); err != nil {
		t.Fatal(err)
	}
	if s := w.load(); len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "a link to nothing") {
		t.Errorf("a link to nothing: %q", s.Warnings)
	}
	if err := os.Mkdir(target, 0o700); err != nil {
		t.Fatal(err)
	}
	if s := w.load(); len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "no plain file") {
		t.Errorf("a folder: %q", s.Warnings)
	}
}

func TestListenBlock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.user(`listen:
  forward: https://hooks.example/in
  addr: 0.0.0.0:4140
  admin: 9140
  headers: {X-Env: dev, X-Nr: 7}
  insecure: true
  no_verify: true
  on_invalid: forward
  tolerance: 48h
`)
	project := w.project(`listen:
  forward: [3000, "localhost:4000/x"]
  tolerance: 10m
  timeout: 0s
  max_body: 2 MiB
  body: raw
  events: [card.*, kyc.status.changed]
  public_url: https://x.ngrok.app/hook
`)
	s := w.load()
	l := s.Listen
	if !slices.Equal(l.Forward, []string{"3000", "localhost:4000/x"}) || l.Addr != "0.0.0.0:4140" || l.Admin != "127.0.0.1:9140" || !l.Insecure || !l.NoVerify {
		t.Errorf("%+v", l)
	}
	if l.Tolerance == nil || *l.Tolerance != 10*time.Minute || l.Timeout == nil || *l.Timeout != 0 {
		t.Errorf("%v %v: a zero that is set is not nil", l.Tolerance, l.Timeout)
	}
	if l.MaxBody != 2<<20 || l.Body != "raw" || l.OnInvalid != "forward" || len(l.Events) != 2 || l.PublicURL == "" || !slices.Equal(l.Headers, []string{"X-Env: dev", "X-Nr: 7"}) {
		t.Errorf("%+v", l)
	}
	if a, b := s.Origin("listen.forward"), s.Origin("listen.addr"); a != project+":2" || b != user+":3" {
		t.Errorf("forward from %s, addr from %s", a, b)
	}
}

// Targets and routes are written in several ways and keep their order. Those of the project stand in place of the user's, and those
// of the command line in place of both.
func TestTargetsAndRoutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.user("listen:\n  targets: {old: 3000}\n  routes: ['*=old', {card.*: 'https://a.example/x?y=z'}]\n")
	for text, want := range map[string]string{
		"{b.*: 3000, a: app, '*': [app, 3001]}":  "b.*=3000, a=app, *=app, *=3001",
		"['b.*,c=3000', 'a=localhost:1/?x=y']":   "b.*,c=3000, a=localhost:1/?x=y",
		"[{b.*: 3000}, 'a=app', {x: 1, w: [2]}]": "b.*=3000, a=app, x=1, w=2",
		"'a=3000'":                               "a=3000",
		"[]":                                     "",
	} {
		project := w.project("listen:\n  routes: " + text + "\n")
		s := w.load()
		if got, _ := s.Get("listen.routes"); got.Value != want || want != "" && got.Origin != project+":2" {
			t.Errorf("%s: %+v", text, got)
		}
		if got, _ := s.Get("listen.targets"); got.Value != "old=3000" || got.Origin != user+":2" {
			t.Errorf("targets: %+v", got)
		}
	}
	w.o.Flags.Listen.Routes = config.Pairs{"x=1"}
	if s := w.load(); !slices.Equal(s.Listen.Routes, config.Pairs{"x=1"}) || s.Origin("listen.routes") != "flag --route" {
		t.Errorf("%+v from %s", s.Listen.Routes, s.Origin("listen.routes"))
	}
}

func TestValuesAndGet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.user("headers: {x-us-env: on}\nlisten: {timeout: 0s}\nprofiles: {a.b: {scheme: stripe, headers: {x-y: z}}}\n")
	s := w.load()
	for _, v := range s.List() {
		if got, err := s.Get(v.Key); err != nil || got != v {
			t.Errorf("get %s: %v (%v), listed as %v", v.Key, got, err, v)
		}
		if v.Origin == "" {
			t.Errorf("%s has no origin", v.Key)
		}
	}
	for key, want := range map[string]config.Value{
		"headers.x-us-env":         {Value: "on", Origin: user + ":1"},
		"listen.timeout":           {Value: "0s", Origin: user + ":2"},
		"listen.addr":              {Origin: "default"},
		"profiles.a.b.scheme":      {Value: "stripe", Origin: user + ":3"},
		"profiles.a.b.headers.x-y": {Value: "z", Origin: user + ":3"},
		"api_url":                  {Value: "https://api.baanx.com", Origin: "built in"},
	} {
		want.Key = key
		if got, err := s.Get(key); err != nil || got != want {
			t.Errorf("get %s: %v (%v)", key, got, err)
		}
	}
	for key, hint := range map[string]string{
		"outputt": "output", "api-url": "api_url", "listen.fwd": "use one of", "profiles.x.shceme": "scheme", "": "use one of", "token": "keys add",
		"schemes.mine": "config path", "profiles": "did you mean profiles.NAME.KEY?", "listen": "use one of", planted: "",
	} {
		_, err := s.Get(key)
		wantUsage(t, err, hint)
	}
}
