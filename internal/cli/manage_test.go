package cli

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/whctl/whctl/internal/term"
)

const (
	someID     = "3f0c9a52-7d1e-4b86-9c43-5a2be81d6f70"
	someToken  = "tok-only-for-this-test-5f3c9a52"
	someKey    = "whk_exampleonly0000000000000000000000001"
	someHook   = `{"id":"` + someID + `","name":"one","url":"https://x.example/","apiKey":"` + someKey + `","eventTypes":["*"],"isActive":true,"metadata":{}}`
	someEvent  = `{"id":"` + someID + `","eventId":"` + someID + `","eventType":"card.activated","status":"failed","payload":{}}`
	somePaths  = "webhooks events keys api login logout whoami config profile sandbox"
	allGlobals = "webhooks list, keys list, config list, sandbox status" // the flags that all share are tried on these
)

// platform is a management API with one webhook and one event. It counts what would change something.
type platform struct {
	url string

	mu     sync.Mutex
	writes []string
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method != http.MethodGet {
			p.mu.Lock()
			p.writes = append(p.writes, r.Method+" "+r.URL.Path)
			p.mu.Unlock()
		}
		_, _ = io.WriteString(rw, p.answer(r))
	}))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *platform) answer(r *http.Request) string {
	path := r.URL.Path
	switch {
	case strings.HasSuffix(path, "/_sandbox/trigger") && r.Method == http.MethodGet:
		return `{"scheme":"baanx","types":[],"scenarios":[]}`
	case strings.HasSuffix(path, "/_sandbox/trigger"), strings.HasSuffix(path, "/_sandbox/play"):
		return `{"events":[]}`
	case strings.HasSuffix(path, "/_sandbox/reset"):
		return `{"success":true}`
	case strings.Contains(path, "/_sandbox/"):
		return `{"now":"2026-03-04T09:15:00.000Z"}`
	case strings.HasSuffix(path, "/retry"):
		return `{"success":true,"data":{"eventId":"` + someID + `","webhookCount":0,"message":"m"}}`
	case strings.Contains(path, "/events/"):
		return `{"event":` + someEvent + `,"logs":[]}`
	case strings.HasSuffix(path, "/events"):
		return `{"total":1,"events":[` + someEvent + `]}`
	case strings.HasSuffix(path, "/logs"):
		return `{"count":0,"logs":[]}`
	case path == "/v1/webhooks" && r.Method == http.MethodGet:
		return "[" + someHook + "]"
	case r.Method == http.MethodGet:
		return someHook
	default:
		return `{"success":true,"data":` + someHook + `}`
	}
}

// changed gives what would have changed something since it was last asked.
func (p *platform) changed() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	writes := p.writes
	p.writes = nil
	return writes
}

// rightArguments are arguments that each command takes.
func rightArguments() map[string]string {
	return map[string]string{
		"webhooks create": "--name x --url https://x.example/ --events * --no-save", "webhooks get": someID, "webhooks update": someID + " --name y",
		"webhooks enable": someID, "webhooks disable": someID, "webhooks delete": someID + " --yes", "webhooks rotate": someID + " --yes --no-save",
		"webhooks logs": someID, "events get": someID, "events logs": someID, "events retry": someID, "events reconcile": "--since 1h", "keys add": "mine --secret-file key",
		"keys remove": "kept", "keys show": "kept", "api": "/v1/webhooks", "login": "--token-file token", "config get": "scheme", "config set": "scheme stripe", "config unset": "scheme",
		"config trust":   "--list",
		"profile create": "fresh --scheme stripe", "profile use": "sandbox", "profile delete": "made", "sandbox trigger": "all",
		"sandbox advance": "1h", "sandbox": "--addr 127.0.0.1:0 --for 1ms",
	}
}

// hostileWords are what nobody should give, but a script may.
func hostileWords() []string {
	return []string{
		"", " ", "-1", "0", "999999999999999999999", "NaN", "true", strings.Repeat("x", 100_000), "\xff\xfe\x80", "a\nb", "\x1b[2J\x1b]0;owned\a",
		"\u202egnp.exe", "../../../../../../etc/passwd", "/dev/null/x", "$(id)", "%s%n%d", "=", ",", "{", "null", "http://[::1", "-", "--", "*", someToken, "１🙂",
	}
}

// manageWorld is a folder, an environment and an API in which a command runs inside this process.
type manageWorld struct {
	t   *testing.T
	api *platform
	dir string
}

func newManageWorld(t *testing.T) *manageWorld {
	t.Helper()
	w := &manageWorld{t: t, api: newPlatform(t), dir: t.TempDir()}
	t.Chdir(w.dir) // what a flag names as a file may be made
	for name, content := range map[string]string{"key": someKey, "token": someToken} {
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (w *manageWorld) run(args []string) (code int, out, errs string) {
	streams, outBuf, errBuf := term.Buffer()
	env := map[string]string{
		"HOME": w.dir, "XDG_CONFIG_HOME": w.dir + "/config", "XDG_DATA_HOME": w.dir + "/share", "WHCTL_DATA_DIR": w.dir + "/data",
		"WHCTL_KEYRING": "file", "WHCTL_API_URL": w.api.url, "WHCTL_TOKEN": someToken,
	}
	code = Run(w.t.Context(), Options{
		Args: args, IO: streams, Version: "test", Getenv: func(name string) string { return env[name] }, Now: time.Now, Rand: rand.Reader,
		Dir: w.dir, UID: os.Getuid(), Force: make(chan struct{}),
	})
	return code, outBuf.String(), errBuf.String()
}

// ready puts back what the command before may have taken away.
func (w *manageWorld) ready() {
	w.t.Helper()
	for _, dir := range []string{"config", "data"} {
		_ = os.RemoveAll(filepath.Join(w.dir, dir))
	}
	for _, line := range []string{"keys add kept --secret-file key", "config set scheme stripe", "profile create made --scheme stripe"} {
		if code, _, errs := w.run(strings.Fields(line)); code != 0 {
			w.t.Fatalf("whctl %s: %s", line, errs)
		}
	}
	w.api.changed()
}

// noiseIn finds what a person should not get to see: control characters, and texts of Go's own.
func noiseIn(errs string) string {
	i := strings.IndexFunc(errs, func(c rune) bool {
		return c != '\n' && (c < ' ' || c >= 0x7f && c < 0xa0 || c >= 0x202a && c <= 0x202e)
	})
	if i >= 0 {
		return errs[i : i+1]
	}
	for _, noise := range []string{"strconv", "panic", "goroutine", "%!", "syscall", "invalid character"} {
		if strings.Contains(errs, noise) {
			return noise
		}
	}
	return ""
}

// try runs a command line and holds what must be true of every one.
func (w *manageWorld) try(args []string) {
	w.t.Helper()
	w.api.changed()
	began := time.Now()
	code, out, errs := w.run(args)
	shown := fmt.Sprintf("whctl %.300q", args)
	if !slices.Contains([]int{0, 2, 4, 5, 6, 7}, code) {
		w.t.Errorf("%s: exit code %d: %.500s", shown, code, errs)
	}
	if code != 0 && (out != "" || !regexp.MustCompile(`(?s)^((warning:|note:) [^\n]+\n)*error: [^\n]*[^.\n]\n(hint: [^\n]+\n)?$`).MatchString(errs)) {
		w.t.Errorf("%s: exit code %d, stdout %.300q, stderr %.500q", shown, code, out, errs)
	}
	if len(errs) > 6000 {
		w.t.Errorf("%s: %d bytes on standard error: %.300s …", shown, len(errs), errs)
	}
	if writes := w.api.changed(); code == 2 && len(writes) > 0 {
		w.t.Errorf("%s: refused with 2 after %q", shown, writes)
	}
	if noise := noiseIn(errs); noise != "" {
		w.t.Errorf("%s: %q in %.300q", shown, noise, errs)
	}
	if local := slices.Contains([]string{"keys", "config", "profile"}, args[0]); code == 0 && local {
		w.ready()
	}
	if !strings.Contains(strings.Join(args, " "), someToken) && strings.Contains(out+errs, someToken) {
		w.t.Errorf("%s: shows the token", shown)
	}
	if took := time.Since(began); took > 20*time.Second {
		w.t.Errorf("%s took %s", shown, took)
	}
}

// hostileFlags gives the flags of a command to try: the shared ones too on a few commands.
func hostileFlags(c *cobra.Command, path string) (names []string) {
	flags := c.LocalFlags()
	if strings.Contains(allGlobals, path) {
		flags = c.Flags()
		flags.AddFlagSet(c.InheritedFlags())
	}
	flags.VisitAll(func(f *pflag.Flag) {
		// help ends at once; the next two wait for what does not come; the others make the sandbox end
		if !slices.Contains([]string{"help", "follow", "wait", "addr", "for"}, f.Name) {
			names = append(names, f.Name)
		}
	})
	return names
}

// TestHostileValues walks the tree of the management commands and gives every flag and every argument what nobody should.
func TestHostileValues(t *testing.T) { //nolint:paralleltest // it changes the working folder
	w := newManageWorld(t)
	tried := 0
	walk(newRoot(testEnv(), nil), func(c *cobra.Command) {
		path := strings.TrimPrefix(c.CommandPath(), "whctl ")
		first, _, _ := strings.Cut(path, " ")
		if !slices.Contains(strings.Fields(somePaths), first) || c.HasSubCommands() && path != "sandbox" {
			return
		}
		w.ready()
		base := append(strings.Fields(path), strings.Fields(rightArguments()[path])...)
		if code, _, errs := w.run(base); code != 0 {
			t.Errorf("whctl %q alone: exit code %d: %s", base, code, errs)
		}
		for _, flag := range hostileFlags(c, path) {
			for _, word := range hostileWords() {
				w.try(append(slices.Clone(base), "--"+flag+"="+word))
				tried++
			}
		}
		if !strings.Contains(c.Use, " ") || path == "sandbox" {
			return
		}
		for _, word := range hostileWords() {
			w.try(append(strings.Fields(path), "--", word))
			w.try(append(strings.Fields(path), "--", word, word))
			tried += 2
		}
	})
	t.Logf("%d command lines", tried)
	if tried < 1000 {
		t.Errorf("only %d command lines", tried)
	}
}
