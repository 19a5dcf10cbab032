package secret_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/secret"
)

func TestReadKey(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("k", 64<<10)
	for in, want := range map[string]string{
		keyA: keyA, keyA + "\n": keyA, keyA + "\r\n": keyA, keyA + "\n\n": keyA + "\n", keyA + "\r": keyA + "\r",
		" " + keyA + " \n": " " + keyA + " ", "a\nb\n": "a\nb", "\x00\xff\n": "\x00\xff", big: big,
	} {
		if got, err := secret.ReadKey(strings.NewReader(in)); err != nil || got != want {
			t.Errorf("%.20q: read as %.20q (%v)", in, got, err)
		}
	}
	for in, part := range map[string]string{
		"": "empty", "\n": "empty", "\r\n": "empty", " \t\n": "empty", "whk_****...****9d4e\n": "masked", "whk_••••9d4e\n": "masked", big + "\n": "64 KiB",
	} {
		_, err := secret.ReadKey(strings.NewReader(in))
		wantKind(t, err, fault.Usage, part)
	}
	_, err := secret.ReadKey(iotest.ErrReader(&os.PathError{Op: "read", Path: keyA, Err: errors.New("broken")}))
	wantKind(t, err, fault.Usage, "broken")
	_, err = secret.ReadKey(endless{})
	wantKind(t, err, fault.Usage, "64 KiB")
}

// endless is a stream without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'k'
	}
	return len(p), nil
}

func write(t *testing.T, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestResolveKeepsTheOrderOfTheCommandLine(t *testing.T) {
	t.Parallel()
	s, c := fileStore(t)
	save(t, s, "p", secret.SavedKey{WebhookID: "id-1", Name: "staging", Scheme: "baanx", Key: keyA})
	c.now = c.now.Add(time.Hour)
	save(t, s, "p", secret.SavedKey{WebhookID: "id-1", Name: "staging", Key: keyB, RotatedAt: c.now})
	path := write(t, "key.txt", "from file\n", 0o600)

	r := secret.Resolver{Store: s, Profile: "p", Getenv: env("MY_KEY", "from env", "WHCTL_SECRET", "not asked for"), Stdin: strings.NewReader("from stdin\r\n")}
	keys, warnings, err := r.Resolve(t.Context(), []secret.Source{
		{Kind: secret.Env, Arg: "MY_KEY"},
		{Kind: secret.Webhook, Arg: "staging"},
		{Kind: secret.File, Arg: path},
		{Kind: secret.File, Arg: "-"},
		{Kind: secret.Value, Arg: keyC},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []secret.Resolved{
		{Text: "from env", Label: "$MY_KEY"},
		{Text: keyB, Label: "webhook staging", Name: "staging", WebhookID: "id-1", Saved: true, Scheme: "baanx"},
		{Text: keyA, Label: "webhook staging (previous key)", Name: "staging", WebhookID: "id-1", Saved: true, Scheme: "baanx", Previous: true},
		{Text: "from file", Label: "file " + path},
		{Text: "from stdin", Label: "standard input"},
		{Text: keyC, Label: "--secret"},
	}
	if len(keys) != len(want) {
		t.Fatalf("%d keys, want %d: %v", len(keys), len(want), keys)
	}
	for i := range want {
		if keys[i] != want[i] {
			t.Errorf("key %d is %v of %q, want %v", i, keys[i], keys[i].WebhookID, want[i])
		}
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0].Text, "--secret-file") {
		t.Errorf("warnings are %q", warnings)
	}
	clean(t, keys, warnings, keys[1])
	if _, err := json.Marshal(keys); err == nil {
		t.Error("keys were written as JSON")
	}
}

func TestResolveWithoutFlags(t *testing.T) {
	t.Parallel()
	s, c := fileStore(t)
	r := secret.Resolver{Store: s, Profile: "p"}
	if keys, warnings, err := r.Resolve(t.Context(), nil); err != nil || keys != nil || warnings != nil {
		t.Errorf("from nothing: %v %q %v", keys, warnings, err)
	}
	save(t, s, "p", secret.SavedKey{Name: "old", Key: keyA})
	c.now = c.now.Add(time.Minute)
	save(t, s, "p", secret.SavedKey{Name: "new", Key: keyB})
	save(t, s, "q", secret.SavedKey{Name: "other", Key: keyC})
	keys, _, err := r.Resolve(t.Context(), nil)
	if err != nil || len(keys) != 2 || keys[0].Text != keyB || keys[1].Text != keyA || keys[0].Label != "webhook new" {
		t.Errorf("all saved keys, the last one first: %v (%v)", keys, err)
	}
	r.Getenv = env("WHCTL_SECRET", keyC)
	keys, _, err = r.Resolve(t.Context(), nil)
	if err != nil || len(keys) != 1 || keys[0].Text != keyC || keys[0].Label != "$WHCTL_SECRET" {
		t.Errorf("WHCTL_SECRET alone: %v (%v)", keys, err)
	}
	r.Getenv = env("WHCTL_SECRET", "whk_****...****9d4e")
	_, _, err = r.Resolve(t.Context(), nil)
	wantKind(t, err, fault.Usage, "WHCTL_SECRET", "masked")
	r = secret.Resolver{}
	if keys, _, err := r.Resolve(t.Context(), nil); err != nil || keys != nil {
		t.Errorf("without a store: %v %v", keys, err)
	}
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	s, _ := fileStore(t)
	dir := t.TempDir()
	r := secret.Resolver{Store: s, Profile: "p", Getenv: env("EMPTY", "", "MASKED", "whk_****...****9d4e", "BLANK", " ")}
	for name, tc := range map[string]struct {
		src  secret.Source
		kind fault.Kind
		part string
	}{
		"no such file":    {secret.Source{Kind: secret.File, Arg: filepath.Join(dir, "nothing.key")}, fault.Usage, "nothing.key: no such file"},
		"folder":          {secret.Source{Kind: secret.File, Arg: dir}, fault.Usage, "folder"},
		"key as file":     {secret.Source{Kind: secret.File, Arg: keyA}, fault.Usage, "looks like a key"},
		"no file name":    {secret.Source{Kind: secret.File}, fault.Usage, "file name"},
		"NUL in name":     {secret.Source{Kind: secret.File, Arg: "a\x00b.txt"}, fault.Usage, "cannot read"},
		"empty file":      {secret.Source{Kind: secret.File, Arg: write(t, "e.txt", "\n", 0o600)}, fault.Usage, "e.txt: the key is empty"},
		"masked file":     {secret.Source{Kind: secret.File, Arg: write(t, "m.txt", "whk_****...****9d4e", 0o600)}, fault.Usage, "rotate"},
		"empty stdin":     {secret.Source{Kind: secret.File, Arg: "-"}, fault.Usage, "standard input"},
		"no variable":     {secret.Source{Kind: secret.Env, Arg: "NOTHING"}, fault.Usage, "NOTHING"},
		"empty variable":  {secret.Source{Kind: secret.Env, Arg: "EMPTY"}, fault.Usage, "EMPTY"},
		"blank variable":  {secret.Source{Kind: secret.Env, Arg: "BLANK"}, fault.Usage, "BLANK: the key is empty"},
		"masked variable": {secret.Source{Kind: secret.Env, Arg: "MASKED"}, fault.Usage, "masked"},
		"key as variable": {secret.Source{Kind: secret.Env, Arg: keyA}, fault.Usage, "looks like a key"},
		"dollar":          {secret.Source{Kind: secret.Env, Arg: "$MY_KEY"}, fault.Usage, "dollar"},
		"no name":         {secret.Source{Kind: secret.Env}, fault.Usage, "name"},
		"no webhook":      {secret.Source{Kind: secret.Webhook, Arg: "nobody"}, fault.Refused, "nobody"},
		"key as webhook":  {secret.Source{Kind: secret.Webhook, Arg: keyA}, fault.Refused, "whctl keys list"},
		"empty value":     {secret.Source{Kind: secret.Value}, fault.Usage, "--secret: the key is empty"},
		"masked value":    {secret.Source{Kind: secret.Value, Arg: keyA + "****"}, fault.Usage, "masked"},
	} {
		r.Stdin = strings.NewReader("")
		keys, _, err := r.Resolve(t.Context(), []secret.Source{{Kind: secret.Value, Arg: "fine"}, tc.src})
		if keys != nil {
			t.Errorf("%s: keys came with the error", name)
		}
		if err == nil || !strings.Contains(err.Error()+fault.HintOf(err).String(), tc.part) {
			t.Errorf("%s: error %v does not hold %q", name, err, tc.part)
			continue
		}
		wantKind(t, err, tc.kind)
		clean(t, tc.src)
	}
}

func TestStandardInputIsReadOnce(t *testing.T) {
	t.Parallel()
	stdin := secret.Source{Kind: secret.File, Arg: "-"}
	r := secret.Resolver{Stdin: strings.NewReader(keyA), StdinTaken: true}
	_, _, err := r.Resolve(t.Context(), []secret.Source{stdin})
	wantKind(t, err, fault.Usage, "standard input can be read once")
	r.StdinTaken = false
	_, _, err = r.Resolve(t.Context(), []secret.Source{stdin, stdin})
	wantKind(t, err, fault.Usage, "standard input can be read once")
	if left, err := io.ReadAll(r.Stdin); err != nil || string(left) != keyA {
		t.Errorf("it was read before it was refused (%v)", err)
	}
}

func TestKeyFileWarnings(t *testing.T) {
	t.Parallel()
	r := secret.Resolver{}
	for _, tc := range []struct {
		text string
		mode os.FileMode
		part string
	}{
		{keyA, 0o600, ""}, {keyA, 0o640, ""}, {keyA, 0o644, "chmod 600"}, {keyA, 0o604, "mode 0604"}, {"\ufeff" + keyA, 0o600, "byte order mark"},
	} {
		if runtime.GOOS == "windows" && tc.mode != 0o600 {
			continue
		}
		_, warnings, err := r.Resolve(t.Context(), []secret.Source{{Kind: secret.File, Arg: write(t, "k.txt", tc.text, tc.mode)}})
		if err != nil {
			t.Fatal(err)
		}
		var got string
		for _, w := range warnings {
			got += w.Text
			if (w.File == "") != (tc.mode == 0o600) {
				t.Errorf("mode %o: the warning %+v is about the file %q", tc.mode, w, w.File)
			}
		}
		if (got == "") != (tc.part == "") || !strings.Contains(got, tc.part) {
			t.Errorf("mode %o: warnings %q, want %q", tc.mode, got, tc.part)
		}
		clean(t, warnings)
	}
}
