package config_test

import (
	"io/fs"
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

// allSettings are one value for each setting that there is, harmless where a project file may have it at all.
func allSettings() map[string]string {
	return map[string]string{
		"profile": "sandbox", "api_url": "https://evil.example", "scheme": "stripe", "headers": "{x: y}", "output": "json", "color": "never",
		"data_dir": "/tmp/x", "samples": "samples", "github_url": "https://evil.example", "quiet": "true", "debug": "true", "no_input": "true", "profiles": "{baanx: {scheme: svix}}",
		"schemes":        "{mine: {content: '{body}', signature: {header: X}}}",
		"listen.forward": "localhost:3000", "listen.addr": "127.0.0.1:0", "listen.tolerance": "10m", "listen.timeout": "0s", "listen.max_body": "1MiB",
		"listen.body": "raw", "listen.on_invalid": "reject",
		"listen.handshake": "answer", "listen.events": "[a.*]", "listen.headers": "{x: y}",
		"listen.public_url": "https://x.example", "listen.insecure": "false", "listen.no_verify": "false", "listen.admin": "127.0.0.1:0", "listen.max_down": "10m",
		"listen.ack": "now", "listen.retries": "24h", "listen.retry_on": "[409]", "listen.lane_width": "4", "listen.max_queue": "256MiB",
		"listen.targets": "{app: 3000}", "listen.routes": "{card.*: app}", "listen.filter": ".a", "listen.scrub": "[cards]",
		"listen.from": "[nats://localhost/webhooks]", "listen.dedupe": "subject", "listen.nats_creds": "nats.creds", "listen.nats_ca": "ca.pem", "listen.nats_cert": "own.pem",
		"listen.kafka_creds": "kafka.creds", "listen.kafka_sasl": "scram-sha-256", "listen.kafka_ca": "ca.pem", "listen.kafka_cert": "own.pem",
	}
}

// TestProjectTable has one project file for each setting: those that any project file may have load, and the others load
// once they are trusted.
func TestProjectTable(t *testing.T) {
	t.Parallel()
	free := []string{
		"samples", "scheme", "listen.forward", "listen.targets", "listen.routes", "listen.addr", "listen.tolerance", "listen.timeout", "listen.max_body", "listen.body", "listen.events", "listen.public_url",
	}
	for key, value := range allSettings() {
		w := newWorld(t)
		text := key + ": " + value + "\n"
		if rest, ok := strings.CutPrefix(key, "listen."); ok {
			text = "listen: {" + rest + ": " + inBlock(value) + "}\n"
		}
		path := w.project("# a comment\n" + text)
		if slices.Contains(free, key) {
			if s := w.load(); s.ProjectTrusted || s.ProjectFile != path {
				t.Errorf("%s: %+v", key, s)
			}
			continue
		}
		if key == "listen.filter" { // a program comes from none
			w.refused(path+":2: a project file may not set "+key, "even if it is trusted")
			continue
		}
		w.refused(path+":2: a project file may not set "+key, "whctl config trust")
		w.trust()
		if s := w.load(); !s.ProjectTrusted {
			t.Errorf("%s: not trusted", key)
		}
	}
}

// TestProjectSamples: a project file names folders of the project alone, and says in which it must be.
func TestProjectSamples(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"/etc", "..", "../x", "a/../../x", "~/x/../../y", "~/x"} {
		w := newWorld(t)
		path := w.project("# a comment\nsamples: " + bad + "\n")
		w.refused(path+":2: a project file may not name a folder outside of the project", "whctl config trust")
	}
	w := newWorld(t)
	path := w.project("samples: tests/samples\n")
	if s := w.load(); s.Samples != filepath.Join(filepath.Dir(path), "tests/samples") || s.SamplesIn != filepath.Dir(path) {
		t.Errorf("%q in %q", s.Samples, s.SamplesIn)
	}
}

// TestProjectTableIsWhole: a setting that is new must be tried above, and so be thought about.
func TestProjectTableIsWhole(t *testing.T) {
	t.Parallel()
	all := allSettings()
	for _, block := range []string{"", "listen"} {
		w := newWorld(t)
		text, prefix := "zzzzzzzzzzzz: 1\n", ""
		if block != "" {
			text, prefix = block+": {zzzzzzzzzzzz: 1}\n", block+"."
		}
		w.user(text)
		_, err := config.Load(w.o)
		_, keys, found := strings.Cut(fault.HintOf(err).String(), "use one of: ")
		if !found {
			t.Fatalf("%v", err)
		}
		for key := range strings.SplitSeq(keys, ", ") {
			if all[prefix+key] == "" && key != "listen" && !slices.Contains(never(), key) {
				t.Errorf("%s is not tried in a project file", prefix+key)
			}
		}
	}
}

// inBlock keeps a text one value within { }.
func inBlock(value string) string {
	if strings.HasPrefix(value, "[") || strings.HasPrefix(value, "{") || value == "true" || value == "false" {
		return value
	}
	return "'" + value + "'"
}

// What a project file may not do with the settings that it may have, in other spellings of the same too.
func TestProjectValues(t *testing.T) {
	t.Parallel()
	for text, what := range projectAttacks() {
		w := newWorld(t)
		path := w.project(text + "\n")
		w.refused(path, what, "whctl config trust")
	}
	for _, text := range []string{
		"listen: {forward: [3000, '3001/x', localhost:3000, 'http://LOCALHOST.:8080/x', 127.9.9.9:80, '[::1]:80', '[::ffff:127.0.0.1]:1', 'https://127.0.0.1', 'shop=localhost:1']}",
		"listen: {targets: {a: 3000, b: 'localhost:3001/x?a=b', c-_9: 'https://127.0.0.1'}}", "listen: {targets: ['a=3000', {b: '[::1]:80'}]}",
		"listen: {routes: {'card.*,kyc.*': a, '*': [b, 3000]}}", "listen: {routes: ['card.*=a', {kyc.*: 'shop=localhost:1'}, '*=http://localhost/?a=b']}",
		"listen: {addr: 'localhost:0', tolerance: 10m}", "listen: {addr: '[::1]:4140', timeout: 1h, tolerance: 0s}",
		"scheme: kyc", "scheme: github.sha1", "scheme: discord", "scheme: \"\\x73tripe\"", "\"\\x73cheme\": stripe",
		"", "# only a comment", "---\n", "output:\nlisten:\nprofiles:\nschemes:\nquiet: ~\n", "\ufeffscheme: stripe", "scheme: stripe\r\nlisten:\r\n  body: raw\r\n",
	} {
		w := newWorld(t)
		w.project(text + "\n")
		w.load()
	}
}

func projectAttacks() map[string]string {
	attacks := map[string]string{
		"scheme: auto": "may not have the scheme guessed", "scheme: AUTO": "not built in", "scheme: mine": "not built in", "scheme: Stripe": "not built in",
		"scheme: ../stripe": "not built in", "scheme: gitlab": "hands out or hashes the key", "scheme: hubspot.v1": "hands out or hashes the key",
		"scheme: hubspot.v2": "hands out or hashes the key", "scheme: |\n  gitlab": "may not set scheme", "scheme: \"\\x67itlab\"": "hands out",
		"\"\\x70rofile\": sandbox": "may not set profile", "'quiet': true": "may not set quiet", "? quiet\n: true": "may not set quiet",
		"!!str quiet: true": "may not set quiet", "quiet: false": "may not set quiet", "quiet: 'yes'": "may not set quiet",
		"\ufeffquiet: true": "may not set quiet", "quiet: true\r": "may not set quiet", "{quiet: true}": "may not set quiet", "--- {quiet: true}": "may not set quiet",
		"profiles: {}": "may not set profiles", "profiles: {baanx: {data_dir: /x}}": "may not set profiles", "profiles: {baanx: {scheme: gitlab}}": "may not set profiles",
		"schemes: {}": "may not set schemes", "schemes: []": "may not set schemes", "headers: {}": "may not set headers", "headers: x": "may not set headers",
		"schemes: {my: {algorithm: token, signature: {header: X-Signature, encoding: text}}}": "may not set schemes",

		"listen: {tolerance: 10m0.000000001s}": "more than 10m", "listen: {tolerance: 0.2h}": "more than 10m", "listen: {tolerance: 600001ms}": "more than 10m",
		"listen: {tolerance: !!str 24h}": "more than 10m", "listen: {tolerance: 2562047h}": "more than 10m",
		"listen: {no_verify: yes}": "may not set listen.no_verify", "listen: {insecure: x}": "may not set listen.insecure", "listen: {on_invalid: forward}": "may not set listen.on_invalid",
		"listen: {headers: [x: y]}": "may not set listen.headers", "listen: {headers: []}": "may not set listen.headers",
		"listen: {ack: now}": "may not set listen.ack", "listen: {retries: 1h}": "may not set listen.retries",
		"listen: {targets: {a: 'http://evil.example'}}": "may not name a target", "listen: {targets: [{url: evil.example}]}": "may not name a target",
		"listen: {routes: {'card.*': 'nats://evil.example/x'}}": "may not name a target", "listen: {routes: [{to: 'evil.example:80'}]}": "may not name a target",
	}
	for _, host := range []string{
		"evil.example", "evil", "evil.local", "evil.test", "evil.internal", "metadata.google.internal", "evil.localhost", "localhost.evil.example", "xlocalhost",
		"127.0.0.1.nip.io", "127.0.0.1.evil.example", "2130706433", "0x7f000001", "017700000001", "0x7f.1", "127.1", "127.0.01", "0177.0.0.1", "134744072", "0x08080808",
		"0.0.0.0", "[::]", "8.8.8.8", "10.0.0.1", "192.168.1.1", "172.17.0.1", "100.64.0.1", "169.254.169.254", "[fd00::1]", "[fe80::1%25lo]", "[64:ff9b::7f00:1]",
		"[::ffff:8.8.8.8]", "[::127.0.0.1]", "host.docker.internal", "localho\u017ft", "\uff4cocalhost", "localhost..", "%6cocalhost.evil.example",
	} {
		attacks["listen: {addr: '"+host+":0'}"] = "may not set listen.addr to an address off loopback"
		for _, to := range []string{"http://" + host, "https://" + host + ":1/x", host + ":3000", "shop=" + host + ":3000", "http://" + host + ":80/?a=localhost", "HTTP://" + host} {
			attacks["listen: {forward: '"+to+"'}"] = "may not name a target"
			attacks["listen: {forward: [3000, '"+to+"']}"] = "may not name a target"
			for _, pairs := range []string{"{a: '" + to + "'}", "{a: 3000, b: [3000, '" + to + "']}", "['a=" + to + "']", "[a=3000, {b: '" + to + "'}]", "'a=" + to + "'"} {
				attacks["listen: {targets: "+pairs+"}"] = "may not name a target"
				attacks["listen: {routes: "+pairs+"}"] = "may not name a target"
			}
		}
	}
	for _, to := range []string{
		"http://localhost@evil.example", "http://localhost:80@evil.example/", "http://evil.example#localhost", "http://evil.example\\.localhost",
		"http:evil.example", "//evil.example", "http:///evil.example", "localhost=evil.example", "http://evil.example?localhost", "ftp://evil.example", "nats://evil.example/x", "nats://localhost,evil.example/x", "kafka://evil.example/x", "kafka://localhost:9092,evil.example:9092/x", "kafka://localhost,/x",
		"http://[::1", "http://", ":3000", "", " localhost:3000", "http://127.0.0.1,evil.example/",
	} {
		attacks["listen: {forward: '"+to+"'}"] = "may not name a target"
	}
	for _, addr := range []string{":0", "0:0", "*:0", "", "4140", "127.0.0.1"} {
		attacks["listen: {addr: '"+addr+"'}"] = "may not set listen.addr to an address off loopback"
	}
	return attacks
}

// never are the settings of whctl listen that no project file may have.
func never() []string { return []string{"notify", "filter"} }

// A command to run and a jq filter come from no project file, trusted or not.
func TestNeverFromAProjectFile(t *testing.T) {
	t.Parallel()
	for _, key := range never() {
		w := newWorld(t)
		path := w.project("listen: {" + key + ": 'touch here'}\n")
		w.refused(path+":1: ", "may not set listen."+key, "even if it is trusted", "take it out")
		_, _, err := config.Trust(t.Context(), w.o, time.Now())
		wantUsage(t, err, "may not set listen."+key, "even if it is trusted")
		w.refused("even if it is trusted")
	}
}

// Routes to targets that stand elsewhere load, and say whether they are trusted: the run judges where those targets are.
func TestRoutesByNameSayTheirTrust(t *testing.T) {
	t.Parallel()
	for text, asked := range map[string]bool{
		"listen: {routes: {card.*: prod}}": true, "listen: {targets: {a: 3000}, routes: {card.*: [a, prod]}}": true,
		"listen: {targets: {prod: 3000}, routes: {card.*: prod}}": false, "listen: {routes: {card.*: 'localhost:3000'}}": false,
	} {
		w := newWorld(t)
		w.project(text + "\n")
		if w.load().ProjectTrusted {
			t.Errorf("%s is trusted before", text)
		}
		w.trust()
		if s := w.load(); s.ProjectTrusted != asked {
			t.Errorf("%s: trusted %v", text, s.ProjectTrusted)
		}
	}
}

// Trust is for a path and for bytes: not for a file that has changed, was copied, or is found elsewhere.
func TestTrustIsForOneFileAsItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const text = "profile: sandbox\n"
	path := w.project(text)
	w.refused("whctl config trust")
	w.trust()
	w.trust() // once more is no harm
	if s := w.load(); s.Profile != "sandbox" || !s.ProjectTrusted {
		t.Errorf("%+v", s)
	}
	for _, changed := range []string{text + "\n", " " + text, "profile: sandbox", "# x\n" + text} {
		w.project(changed)
		w.refused("may not set profile", "whctl config trust")
	}
	w.project(text)
	w.load()

	elsewhere := filepath.Join(w.work, "copy")
	w.write(filepath.Join(elsewhere, ".whctl.yaml"), text)
	w.o.Dir = elsewhere
	w.refused("may not set profile")
	w.o.Dir = filepath.Join(w.work, "deeper") // where the trusted one is the nearest
	if s := w.load(); s.ProjectFile != path || s.Profile != "sandbox" {
		t.Errorf("%+v", s)
	}

	list, states, err := config.TrustedFiles(w.o)
	if err != nil || len(list) != 1 || list[0].Path != path || states[0] != config.StateTrusted {
		t.Errorf("%v %v (%v)", list, states, err)
	}
	w.project("scheme: stripe\n")
	if _, states, err = config.TrustedFiles(w.o); err != nil || states[0] != config.StateChanged {
		t.Errorf("%v (%v)", states, err)
	}
	w.project(text)
	if gone, found, err := config.Distrust(t.Context(), w.o, ""); err != nil || !found || gone != path {
		t.Errorf("%s %v (%v)", gone, found, err)
	}
	if _, found, err := config.Distrust(t.Context(), w.o, path); err != nil || found {
		t.Errorf("found again: %v (%v)", found, err)
	}
	w.refused("may not set profile")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	_, _, err = config.Trust(t.Context(), w.o, time.Now())
	wantUsage(t, err, "there is no .whctl.yaml", "whctl config path")
}

// The list of trusted files must be the user's own like any other file that decides.
func TestTrustListOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.project("quiet: true\n")
	w.trust()
	list := filepath.Join(w.home, ".local", "share", "whctl", "trusted.json")
	good := read(t, list)
	if fi, err := os.Stat(list); err != nil || runtime.GOOS != "windows" && fi.Mode().Perm() != 0o600 {
		t.Errorf("%v (%v)", fi.Mode(), err)
	}
	w.load()
	storage := func(what string) {
		t.Helper()
		_, err := config.Load(w.o)
		if fault.KindOf(err) != fault.Storage || fault.HintOf(err).String() == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	w.o.Owner = func(path string, _ fs.FileInfo) (int, bool) {
		if path == list {
			return 4711, true
		}
		return w.o.UID, true
	}
	storage("another user's")
	w.o.Owner = nil
	for _, broken := range []string{"", "nonsense", "[]", `{"files":{}}`, `{"files":[{"path":1}]}`} {
		w.write(list, broken)
		storage(broken)
	}
	for _, empty := range []string{"{}", "null", `{"files":null}`} {
		w.write(list, empty)
		w.refused("may not set quiet")
	}
	w.write(list, good)
	w.load()
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(list, 0o666); err != nil {
		t.Fatal(err)
	}
	storage("others can write it")
	if err := os.Chmod(list, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(list), 0o777); err != nil {
		t.Fatal(err)
	}
	storage("others can write the folder")
}

// Only the user says where the list is kept: by variable or own file, never a project file that wants to be trusted.
func TestTrustListFollowsTheUsersOwnDataFolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("data_dir: ~/state\n")
	other := filepath.Join(w.home, "other")
	w.project("data_dir: " + other + "\n")
	w.refused("may not set data_dir")
	w.trust()
	if _, err := os.Stat(filepath.Join(w.home, "state", "trusted.json")); err != nil {
		t.Error(err)
	}
	if s := w.load(); s.DataDir != other {
		t.Errorf("data in %s", s.DataDir)
	}
	w.env["WHCTL_DATA_DIR"] = filepath.Join(w.home, "env")
	w.refused("may not set data_dir")
}

// A trusted file is laid over the user's like any other, also for the sandbox, whose address it may move.
func TestTrustedFileSetsWhatTheUsersMay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.project(`profile: sandbox
api_url: https://everyone.example
profiles: {sandbox: {api_url: 'http://127.0.0.1:5000', headers: {x-a: b}}}
listen: {no_verify: true, addr: '0.0.0.0:1', forward: 'https://elsewhere.example', headers: ['x: y'], tolerance: 48h}
schemes: {mine: {content: '{body}', signature: {header: X}}}
`)
	w.trust()
	s := w.load()
	if s.APIURL != "http://127.0.0.1:5000" || s.Headers["x-a"] != "b" || !s.Listen.NoVerify || s.Listen.Addr != "0.0.0.0:1" || s.Schemes["mine"] == nil {
		t.Errorf("%+v", s)
	}
	var taken []string
	for _, v := range s.Taken() {
		taken = append(taken, v.Key)
		if !strings.HasPrefix(v.Origin, path+":") {
			t.Errorf("%+v", v)
		}
	}
	want := []string{
		"api_url", "headers.x-a", "listen.addr", "listen.forward", "listen.headers", "listen.no_verify", "listen.tolerance", "profile", "schemes.mine",
	}
	if !slices.Equal(taken, want) {
		t.Errorf("taken %v", taken)
	}
	w.user("profiles: {sandbox: {api_url: 'http://127.0.0.1:6000'}}\n")
	w.project("profile: sandbox\napi_url: https://everyone.example\n")
	w.trust()
	if s = w.load(); s.APIURL != "http://127.0.0.1:6000" {
		t.Errorf("the user's own sandbox is at %s", s.APIURL)
	}
	w.o.Flags.Profile = "baanx"
	if s = w.load(); s.APIURL != "https://everyone.example" || s.FromProject("profile") || !s.FromProject("api_url") {
		t.Errorf("%s %s", s.APIURL, s.Origin("profile"))
	}
}

// A file that is named is the user's own, whatever it is called, and then no project file is used or trusted.
func TestNamedFileIsTheUsersOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.project("quiet: true\nlisten: {forward: 'https://hooks.example'}\n")
	w.o.Flags.ConfigFile = path
	if s := w.load(); !s.Quiet || s.ProjectFile != "" || len(s.Taken()) != 0 || s.FromProject("quiet") {
		t.Errorf("%+v", s)
	}
	_, _, err := config.Trust(t.Context(), w.o, time.Now())
	wantUsage(t, err, "no project file is read while --config names", "leave --config out")
	w.o.Flags.ConfigFile = ""
	w.refused("may not set quiet")
}

// What is not the user's own is not read: a project file is passed over with a word, and without the user's own nothing is
// done, as nobody knows then which account is meant.
func TestConfigFilesOfOthers(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // no modes there
	}
	for name, tc := range map[string]struct {
		owner int // -1: the user
		mode  fs.FileMode
		own   bool // whether it counts as the user's own
	}{
		"mine":         {-1, 0o600, true},
		"readable":     {-1, 0o644, true},
		"others write": {-1, 0o602, false},
		"everybody's":  {-1, 0o666, false},
		"another's":    {4711, 0o644, false},
	} {
		w := newWorld(t)
		user, project := w.user("color: never\n"), w.project("scheme: slack\n")
		for _, path := range []string{user, project} {
			if err := os.Chmod(path, tc.mode); err != nil {
				t.Fatal(err)
			}
		}
		of := ""
		w.o.Owner = func(path string, _ fs.FileInfo) (int, bool) {
			if path == of && tc.owner >= 0 {
				return tc.owner, true
			}
			return w.o.UID, true
		}
		if of = user; tc.own {
			if s := w.load(); s.Color != "never" || s.Scheme != "slack" || s.Warnings != nil {
				t.Errorf("%s: %+v", name, s)
			}
			continue
		}
		w.refusesOwn(user)
		if err := os.Remove(user); err != nil {
			t.Fatal(err)
		}
		of = project
		w.passesOver(project)
	}
}

// refusesOwn has the user's own file refused, found or named.
func (w *world) refusesOwn(path string) {
	w.t.Helper()
	w.refused(path+" is not used, because", "look at it, then: ")
	w.o.Flags.ConfigFile = path
	w.refused(path + " is not used, because")
	w.o.Flags.ConfigFile = ""
}

// passesOver has the project file passed over with a word, and not trusted.
func (w *world) passesOver(path string) {
	w.t.Helper()
	s := w.load()
	if s.Scheme != "baanx" || s.ProjectFile != "" || len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], path+" is not used") {
		w.t.Errorf("%+v", s)
	}
	_, _, err := config.Trust(w.t.Context(), w.o, time.Now())
	wantUsage(w.t, err, path+" is not used")
}

// Root may lay down a user's settings, as images and stores do, but no project file.
func TestConfigFilesOfRoot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("color: never\n")
	project := w.project("scheme: slack\n")
	w.o.UID = 1000
	w.o.Owner = func(string, fs.FileInfo) (int, bool) { return 0, true }
	if s := w.load(); s.Color != "never" || s.Scheme != "baanx" || len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], project) {
		t.Errorf("%+v", s)
	}
}

// A checkout that points to a file of others, such as the system's own, has nobody advised to change that file.
func TestAdviceIsAboutTheLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	target := w.write(filepath.Join(w.home, "theirs"), "scheme: stripe\n")
	path := filepath.Join(w.work, ".whctl.yaml")
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	w.o.Owner = func(path string, _ fs.FileInfo) (int, bool) {
		if path == target {
			return 4711, true
		}
		return w.o.UID, true
	}
	s := w.load()
	if len(s.Warnings) != 1 || !strings.HasSuffix(s.Warnings[0], "then: rm "+path) || strings.Contains(s.Warnings[0], "mv ") {
		t.Errorf("%q", s.Warnings)
	}
	_, _, err := config.Trust(t.Context(), w.o, time.Now())
	wantUsage(t, err, "it is a link to "+target, "then: rm "+path)
}

// A link in the place of a project file may point to any file of the user's: nothing of it is shown.
func TestLinkedProjectFileShowsNothing(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		"hunter2\n", "machine x login me password hunter2\n", "[default]\naws_secret_access_key = hunter2\n", "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n",
		"hunter2: x\n", "content: {hunter2}: x\n", "scheme: hunter2\n", "listen: {hunter2: 1}\n", "listen: {forward: 'http://hunter2/'}\n", "listen: {addr: hunter2}\n",
		"listen: {body: hunter2}\n", "listen: {timeout: hunter2}\n", "listen: {timeout: 1s, max_body: hunter2}\n", "token: hunter2\n", "hunter2: 1\nhunter2: 1\n",
		"a: &hunter2 x\n", "- hunter2\n", "a: hunter2\n---\nb: c\n", "listen: {events: [{hunter2: 1}]}\n", "content: \"{hunter2}\n", "\x00hunter2", "%hunter2\n---\na: b\n", "a: !hunter2 b\n",
	} {
		w := newWorld(t)
		target := w.write(filepath.Join(w.home, "secret"), secret)
		path := filepath.Join(w.work, ".whctl.yaml")
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
		w.refused(path)
		if _, _, err := config.Trust(t.Context(), w.o, time.Now()); err != nil { // some of them could be settings
			wantUsage(t, err, path)
		}
	}
}
