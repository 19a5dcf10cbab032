package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
)

// Every case is a user file that must be refused with its line and a next step.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text  string
		line  int
		parts []string
	}{
		"unknown key":       {"output: json\noutptu: text\n", 2, []string{`unknown key "outptu"`, "did you mean output?"}},
		"hyphen":            {"api-url: https://x.example\n", 1, []string{"did you mean api_url?"}},
		"case":              {"Output: json\n", 1, []string{"did you mean output?"}},
		"nothing near":      {"zzz: 1\n", 1, []string{"use one of: api_url, scheme"}},
		"in a profile":      {"profiles:\n  a:\n    api_ulr: https://x.example\n", 3, []string{"under profiles.a", "did you mean api_url?"}},
		"in listen":         {"listen:\n  forwrad: 3000\n", 2, []string{"under listen", "did you mean forward?"}},
		"twice":             {"output: json\n\noutput: text\n", 3, []string{"already given in line 1"}},
		"no YAML":           {"output: json\n  bad: [\n", 0, []string{"this is not YAML"}},
		"tab":               {"listen:\n\taddr: x\n", 2, []string{"this is not YAML"}},
		"list":              {"- a\n- b\n", 1, []string{"list of settings"}},
		"scalar":            {"hello\n", 1, []string{"list of settings"}},
		"two documents":     {"output: json\n---\noutput: text\n", 0, []string{"one YAML document"}},
		"anchor":            {"profiles:\n  a: &x {scheme: stripe}\n", 2, []string{"anchors"}},
		"alias":             {"profiles:\n  b: *x\n", 0, []string{"anchors"}},
		"merge":             {"profiles:\n  b:\n    <<: {scheme: stripe}\n", 3, []string{"plain name"}},
		"binary":            {"scheme: !!binary aGVsbG8=\n", 1, []string{"binary"}},
		"map as key":        {"{a: b}: c\n", 1, []string{"plain name"}},
		"bad output":        {"output: jsn\n", 1, []string{`unknown output "jsn"`, "did you mean json?"}},
		"bad color":         {"color: [a]\n", 1, []string{"one value"}},
		"bad switch":        {"quiet: maybe\n", 1, []string{"true or false"}},
		"quoted switch":     {"quiet: 'true'\n", 1, []string{"true or false"}},
		"plain http":        {"api_url: http://api.example\n", 1, []string{"loopback only", "https://api.example"}},
		"user info":         {"api_url: https://me:hunter2@api.example\n", 1, []string{"user info"}},
		"no URL":            {"api_url: api.example\n", 1, []string{"absolute URL"}},
		"query":             {"api_url: https://api.example?x=1\n", 1, []string{"query"}},
		"another scheme":    {"api_url: ftp://api.example\n", 1, []string{"neither https nor http"}},
		"relative data":     {"data_dir: data\n", 1, []string{"absolute path"}},
		"profile name":      {"profiles:\n  'a b': {}\n", 2, []string{"cannot be the name of a profile"}},
		"profile value":     {"profiles:\n  a: text\n", 2, []string{"list of settings"}},
		"unknown default":   {"profile: nobody\n", 1, []string{`no profile "nobody"`}},
		"header name":       {"headers:\n  'X Y': v\n", 2, []string{"name of a header"}},
		"header break":      {"headers:\n  X-Y: \"a\\r\\nB: c\"\n", 2, []string{"control character"}},
		"header host":       {"headers: {Host: x}\n", 1, []string{"cannot be set"}},
		"addr":              {"listen:\n  addr: x\n", 2, []string{"HOST:PORT or a port", "127.0.0.1"}},
		"tolerance":         {"listen: {tolerance: 5}\n", 1, []string{"duration", "tolerance: 90s"}},
		"negative timeout":  {"listen: {timeout: -5s}\n", 1, []string{"duration"}},
		"max body":          {"listen: {max_body: 5 apples}\n", 1, []string{"size", "5MiB"}},
		"target":            {"listen: {forward: 'http://'}\n", 1, []string{"not a target"}},
		"max_down":          {"listen:\n  max_down: soon\n", 2, []string{"listen.max_down takes a duration", "max_down: 90s"}},
		"admin":             {"listen: {admin: '9140x'}\n", 1, []string{"listen.admin must be HOST:PORT or a port"}},
		"target list":       {"listen:\n  forward:\n  - 3000\n  - {a: b}\n", 4, []string{"one value"}},
		"targets":           {"listen:\n  targets:\n    a: 3000\n    b: {c: 3000}\n", 4, []string{"one value"}},
		"target name":       {"listen:\n  targets: {a.b: 3000}\n", 2, []string{`"a.b" cannot be the name of a target`}},
		"target alone":      {"listen:\n  targets: 3000\n", 2, []string{"list of pairs", "KEY: VALUE"}},
		"target in pair":    {"listen:\n  targets:\n  - a=3000\n  - b=http://\n", 4, []string{"not a target"}},
		"target secret":     {"listen: {targets: {a: 'http://u:p@localhost'}}\n", 1, []string{"may not hold a secret"}},
		"filter":            {"listen:\n  filter: [.a, .b]\n", 2, []string{"one value"}},
		"ack":               {"listen: {ack: later}\n", 1, []string{"unknown listen.ack"}},
		"retries":           {"listen:\n  retries: -1h\n", 2, []string{"listen.retries takes a duration that is not negative"}},
		"retry_on":          {"listen:\n  retry_on: [200]\n", 2, []string{"listen.retry_on takes statuses from 300 to 599"}},
		"lane_width":        {"listen: {lane_width: 0}\n", 1, []string{"listen.lane_width", "is not a number above 0"}},
		"max_queue":         {"listen: {max_queue: many}\n", 1, []string{"listen.max_queue", "neither a number of jobs nor a size"}},
		"routes":            {"listen:\n  addr: 127.0.0.1:0\n  routes: card\n", 3, []string{"list of pairs", "KEY=VALUE"}},
		"route pattern":     {"listen:\n  routes:\n  - {kyc.*: 3000}\n  - 'card.*,=3000'\n", 4, []string{"one is empty"}},
		"route key":         {"listen:\n  routes: {'a=http://h.example/?': 3000}\n", 2, []string{"no = in a key"}},
		"route target":      {"listen:\n  routes: {card.*: [3000, 'ftp://h']}\n", 2, []string{"not a target"}},
		"route to nothing":  {"listen:\n  routes: ['card.*=']\n", 2, []string{"not a target"}},
		"public URL":        {"listen: {public_url: 'x.example'}\n", 1, []string{"absolute URL"}},
		"scheme block":      {"schemes:\n  mine: text\n", 2, []string{"block of fields", "whctl schemes show"}},
		"scheme built in":   {"schemes:\n  stripe: {content: '{body}'}\n", 2, []string{"built in", "my-stripe"}},
		"scheme alias":      {"schemes:\n  kyc: {content: '{body}'}\n", 2, []string{"built in"}},
		"deep":              {strings.Repeat("[", 100) + strings.Repeat("]", 100), 1, []string{"deep"}},
		"very deep":         {strings.Repeat("[", 20000), 0, []string{"not YAML"}},
		"long":              {"output: json\n#" + strings.Repeat("x", 300<<10), 0, []string{"256 KiB"}},
		"proxy":             {"proxy: http://p.example\n", 1, []string{"unknown key"}},
		"control character": {"output: \"\x01\"\n", 0, []string{"not YAML"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			path := w.user(tc.text)
			place := path
			if tc.line > 0 {
				place = fmt.Sprintf("%s:%d: ", path, tc.line)
			}
			w.refused(append(tc.parts, place)...)
			if _, err := config.Load(w.o); fault.HintOf(err).String() == "" {
				t.Errorf("no next step: %v", err)
			}
		})
	}
}

// No config file may hold a secret, wherever it is put; the error tells the line and never the value.
func TestSecretsInFilesAreRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		line int
	}{
		"key name":             {"output: json\napi_key: hunter2\n", 2},
		"token":                {"token: hunter2\n", 1},
		"in a profile":         {"profiles:\n  a:\n    secret: hunter2\n", 3},
		"other spelling":       {"profiles: {a: {Webhook-Secret: hunter2}}\n", 1},
		"list":                 {"listen:\n  keys: []\n  secrets:\n  - hunter2\n", 3},
		"key of a scheme":      {"schemes:\n  mine:\n    key: hunter2\n", 3},
		"value":                {"scheme: " + planted + "\n", 1},
		"inside a value":       {"listen:\n  forward: http://localhost/?k=" + planted + "\n", 2},
		"key by name and look": {"api_key: " + planted + "\n", 1},
		"as a key":             {planted + ": x\n", 1},
		"profile name":         {"profiles: {" + planted + ": {}}\n", 1},
		"in a list":            {"listen:\n  events:\n  - a\n  - " + planted + "\n", 4},
		"standard webhooks":    {"listen: {public_url: 'https://x/whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'}\n", 1},
		"authorization":        {"headers:\n  Authorization: hunter2\n", 2},
		"api key header":       {"profiles: {a: {headers: {X-Api-Key: hunter2}}}\n", 1},
		"listen header":        {"listen:\n  headers:\n  - 'Authorization: hunter2'\n", 3},
		"bearer":               {"headers: {x-y: Bearer abcdefgh12345678}\n", 1},
		"unknown key":          {"schemes: {mine: {content: '{body}', signing_secret: hunter2}}\n", 1},
		"user info":            {"output: json\nlisten: {forward: 'http://me:hunter2@localhost'}\n", 2},
		"private key":          {"scheme: |\n  -----BEGIN PRIVATE KEY-----\n  hunter2\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, project := range []bool{false, true} {
				w := newWorld(t)
				write := w.user
				if project {
					write = w.project
				}
				place := write(tc.text)
				parts := []string{"may not hold a secret", "whctl keys add NAME", fmt.Sprintf("%s:%d: ", place, tc.line)}
				_, err := config.Load(w.o)
				if project && err != nil && strings.Contains(err.Error(), "a project file may not") {
					parts = nil // refused for what it sets, or for the secret: either is right
				}
				wantUsage(t, err, parts...)
				if project && parts == nil {
					_, _, err = config.Trust(t.Context(), w.o, time.Now())
					wantUsage(t, err, "may not hold a secret", fmt.Sprintf("%s:%d: ", place, tc.line))
				}
			}
		})
	}
}

func TestBadFlagsAndVariables(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(w *world) []string{
		"output": func(w *world) []string { w.o.Flags.Output = "xml"; return []string{"--output", "text, json, yaml"} },
		"color":  func(w *world) []string { w.o.Flags.Color = "alway"; return []string{"--color", "did you mean always?"} },
		"http": func(w *world) []string {
			w.o.Flags.APIURL = "http://api.example"
			return []string{"--api-url", "loopback"}
		},
		"user info": func(w *world) []string {
			w.o.Flags.APIURL = "https://u:hunter2@x"
			return []string{"--api-url", "user info"}
		},
		"nonsense": func(w *world) []string { w.o.Flags.APIURL = "://hunter2"; return []string{"--api-url"} },
		"env URL": func(w *world) []string {
			w.env["WHCTL_API_URL"] = "http://10.0.0.1"
			return []string{"WHCTL_API_URL", "loopback"}
		},
		"env out":  func(w *world) []string { w.env["WHCTL_OUTPUT"] = "xml"; return []string{"WHCTL_OUTPUT"} },
		"profile":  func(w *world) []string { w.o.Flags.Profile = "nobody"; return []string{"--profile", "baanx, sandbox"} },
		"env prof": func(w *world) []string { w.env["WHCTL_PROFILE"] = "nobody"; return []string{"WHCTL_PROFILE"} },
		"scheme":   func(w *world) []string { w.o.Flags.Scheme = "a b"; return []string{"--scheme"} },
		"empty":    func(w *world) []string { w.o.Flags.Given = []string{"api-url"}; return []string{"--api-url is empty"} },
		"key":      func(w *world) []string { w.o.Flags.Profile = planted; return []string{"not shown"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.refused(set(w)...)
		})
	}
	for in, want := range map[string]string{
		"https://api.baanx.com": "https://api.baanx.com", "https://x/": "https://x", "https://x/base//": "https://x/base",
		"http://localhost:80/": "http://localhost:80", "http://[::1]:1": "http://[::1]:1", "http://127.9.9.9": "http://127.9.9.9",
		"http://LOCALHOST.:1": "http://LOCALHOST.:1", "http://[::ffff:127.0.0.1]": "http://[::ffff:127.0.0.1]",
	} {
		if got, err := config.CheckAPIURL("--api-url", in); err != nil || got != want {
			t.Errorf("%s: %s (%v)", in, got, err)
		}
	}
	for _, in := range []string{
		"", "/", "https://", "https:///x", "https://:443", "http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://0.0.0.0",
		"http://127.0.0.1@evil.example", "javascript:alert(1)", "https://x#f", "https://x?", "http://2130706433", "http://api.localhost", "http://localhoſt", "http://127.1", "http://[::2]", "https://a b",
	} {
		if got, err := config.CheckAPIURL("--api-url", in); err == nil {
			t.Errorf("%s passed as %s", in, got)
		}
	}
}

func TestParseSize(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int64{
		"1": 1, "65536": 65536, "10B": 10, "5MiB": 5 << 20, "5 mib": 5 << 20, "5M": 5 << 20, "1.5KiB": 1536, "2kB": 2000, "3GB": 3e9, "1G": 1 << 30,
	} {
		if got, err := config.ParseSize(in); err != nil || got != want {
			t.Errorf("%s: %d (%v)", in, got, err)
		}
	}
	for _, in := range []string{"", "0", "-1", "MiB", "5 apples", "1e9", "0x10", "NaN", "inf", "99999999999GiB", "5 MiB x", "1_000", "+1"} {
		if got, err := config.ParseSize(in); err == nil {
			t.Errorf("%q passed as %d", in, got)
		}
	}
}

func TestFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := os.MkdirAll(filepath.Join(w.home, ".config", "whctl", "config.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.refused("cannot read the config file", "config.yaml")
}
