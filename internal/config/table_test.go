package config

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/fault"
)

const page = "../../docs/configuration.md"

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write the tables of docs/configuration.md anew")
	flag.Parse()
	os.Exit(m.Run())
}

// docs are the tables of the page, by name.
func (t table) docs() map[string]string {
	code := func(text string) string {
		if text == "" {
			return ""
		}
		return "`" + text + "`"
	}
	all := "| setting | flag | variable | what it is | in a project's file |\n|---|---|---|---|---|\n"
	free := "| setting | as far as |\n|---|---|\n"
	for _, s := range t {
		flag, may := s.flag, map[level]string{never: "never", trusted: "when trusted", always: "yes"}[s.level]
		if flag != "" {
			flag = "--" + flag
		}
		switch {
		case s.key == "":
			may = ""
		case s.limit != "":
			may = "within limits"
		}
		help := strings.ReplaceAll(strings.ReplaceAll(s.help, "`", ""), "|", "\\|")
		all += fmt.Sprintf("| %s | %s | %s | %s | %s |\n", code(s.key), code(flag), code(s.env), help, may)
		if s.level == always && s.block == nil {
			free += fmt.Sprintf("| %s | %s |\n", code(s.key), s.limit)
		}
	}
	return map[string]string{"settings": all, "project": free}
}

// The page has the tables that the table of settings makes; -update writes them.
func TestDocsHaveTheSettings(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for name, want := range settings().docs() {
		begin, end := "<!-- "+name+": go test ./internal/config -update writes it -->\n", "<!-- end of "+name+" -->\n"
		before, rest, found := strings.Cut(text, begin)
		got, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Fatalf("%s has no place for %s", page, name)
		}
		text = before + begin + want + end + after
		if got != want && flag.Lookup("update").Value.String() != "true" {
			t.Errorf("%s: %s are\n%s\nand should be\n%s", page, name, got, want)
		}
	}
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// renamed is a home folder where the row of listen.public_url has other names.
type renamed struct {
	*testing.T
	rows table
	o    Options
	env  map[string]string
	user string
}

func (r *renamed) write(path, text string) {
	r.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		r.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.Fatal(err)
	}
}

func (r *renamed) want(value, from string) {
	r.Helper()
	s, err := r.o.load()
	if err != nil {
		r.Fatal(err)
	}
	got, err := s.Get("listen.front_door")
	if err != nil || got != (Value{"listen.front_door", value, from}) || s.Listen.PublicURL != value || !slices.Contains(s.List(), got) {
		r.Errorf("got %v, %v, and %q", got, err, s.Listen.PublicURL)
	}
	if _, err := s.Get("listen.public_url"); err == nil {
		r.Error("the old name is still known")
	}
}

func (r *renamed) refused(part string) {
	r.Helper()
	if _, err := r.o.load(); err == nil || !strings.Contains(err.Error()+" "+fault.HintOf(err).String(), part) {
		r.Errorf("want %q: %v (%s)", part, err, fault.HintOf(err))
	}
}

// One row makes a setting: change the row of listen.public_url into one of another name, and the flag, the variable, the file's
// key, the hints, the lists, what a project's file may do, the editor and the page have the new one and not the old.
func TestASettingIsOneRow(t *testing.T) {
	t.Parallel()
	home, env := t.TempDir(), map[string]string{}
	env["XDG_CONFIG_HOME"], env["XDG_DATA_HOME"] = home, home
	r := &renamed{T: t, rows: settings(), env: env, user: filepath.Join(home, "whctl", "config.yaml")}
	r.o = Options{Getenv: func(name string) string { return env[name] }, Dir: home, Home: home, UID: os.Getuid(), table: r.rows}
	row := &r.rows[slices.IndexFunc(r.rows, func(s setting) bool { return s.key == "listen.public_url" })]
	row.key, row.flag, row.env, row.level = "listen.front_door", "front-door", "TEST_FRONT_DOOR", trusted

	r.write(r.user, "listen: {front_dor: x}\n")
	r.refused("did you mean front_door?")
	r.write(r.user, "listen: {public_url: 'https://a.example'}\n")
	r.refused(`unknown key "public_url"`)
	r.write(r.user, "listen: {front_door: x}\n")
	r.refused("not an absolute URL")
	r.write(r.user, "listen: {front_door: 'https://a.example'}\n")
	r.want("https://a.example", r.user+":1")
	env["TEST_FRONT_DOOR"] = "https://b.example"
	r.want("https://b.example", "env TEST_FRONT_DOOR")
	for _, f := range r.rows.flags(&r.o.Flags, Listening) {
		if to, is := f.To.(*string); is && f.Name == "front-door" {
			*to = "https://c.example"
		}
	}
	r.want("https://c.example", "flag --front-door")
	r.write(filepath.Join(home, ".whctl.yaml"), "listen: {front_door: 'https://d.example'}\n")
	r.refused("a project file may not set listen.front_door")

	if path, err := r.rows.editKey("", "listen.front_door"); err != nil || !slices.Equal(path, []string{"listen", "front_door"}) {
		t.Errorf("the editor writes to %v (%v)", path, err)
	}
	if v := r.rows.variables(); !slices.ContainsFunc(v, func(v Variable) bool {
		return v.Name == "TEST_FRONT_DOOR" && strings.Contains(v.Meaning, "--front-door wins")
	}) {
		t.Errorf("the variables are %v", v)
	}
	if docs := r.rows.docs()["settings"]; !strings.Contains(docs, "| `listen.front_door` | `--front-door` | `TEST_FRONT_DOOR` |") || strings.Contains(docs, "public_url") {
		t.Errorf("the page says\n%s", docs)
	}
}

// badValue is a value that no row with a check takes.
const badValue = "x y"

// TestRefusalsNameWhereTheValueStands: a value that cannot be is refused by its flag, its variable or its key, and by no other.
func TestRefusalsNameWhereTheValueStands(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, s := range settings() {
		if s.check == nil {
			continue
		}
		checked++
		places := map[string]func(*renamed){
			s.key: func(r *renamed) { r.write(r.user, inBlock(s, badValue)) },
		}
		if s.flag != "" {
			places["--"+s.flag] = func(r *renamed) { put(s.field(&r.o.Flags), badValue) }
		}
		if s.env != "" {
			places[s.env] = func(r *renamed) { r.env[s.env] = badValue }
		}
		for place, set := range places {
			home, env := t.TempDir(), map[string]string{}
			env["XDG_CONFIG_HOME"], env["XDG_DATA_HOME"] = home, home
			r := &renamed{T: t, env: env, user: filepath.Join(home, "whctl", "config.yaml")}
			r.o = Options{Getenv: func(name string) string { return env[name] }, Dir: home, Home: home, UID: os.Getuid(), table: settings()}
			set(r)
			_, err := r.o.load()
			if err == nil {
				t.Errorf("%s is not refused", place)
				continue
			}
			said, _, _ := strings.Cut(strings.ReplaceAll(err.Error(), r.user, ""), strconv.Quote(badValue))
			words := strings.Fields(strings.NewReplacer(":", " ", ",", " ").Replace(said))
			for other := range places {
				if slices.Contains(words, other) != (other == place) {
					t.Errorf("%s is refused with %q", place, err)
				}
			}
		}
	}
	if checked < 5 {
		t.Errorf("only %d rows have a check", checked)
	}
}

// inBlock is a config file with one setting.
func inBlock(s setting, value string) string {
	block, name := s.split()
	if block == "" {
		return name + ": " + value + "\n"
	}
	return block + ":\n  " + name + ": " + value + "\n"
}
