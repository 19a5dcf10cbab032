package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/fault"
)

// texts gives every string literal of the program's own sources, tests left out.
func texts(t *testing.T) (list []string) {
	t.Helper()
	literal := regexp.MustCompile("\"(?:[^\"\\\\\n]|\\\\.)*\"|`[^`]*`")
	for _, room := range []string{"../../internal", "../../cmd"} {
		err := filepath.WalkDir(filepath.FromSlash(room), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			for _, text := range literal.FindAllString(string(source), -1) {
				list = append(list, text[1:len(text)-1])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(list) < 1000 {
		t.Fatalf("only %d texts in the sources", len(list))
	}
	return list
}

// documentedVariables gives the variables of the help topic.
func documentedVariables(t *testing.T) (names []string) {
	t.Helper()
	row := regexp.MustCompile(`^  ([A-Z][A-Z_, ]*?)  +\S`)
	for line := range strings.Lines(newWorld(t).must(0, "help", "environment").out) {
		if m := row.FindStringSubmatch(line); m != nil {
			names = append(names, strings.Split(m[1], ", ")...)
		}
	}
	return names
}

// TestPlatformVariables compares the variables that the sources name with those of whctl help environment.
func TestPlatformVariables(t *testing.T) {
	t.Parallel()
	known, used := documentedVariables(t), map[string]bool{}
	// Names that stand alone in a text are asked for; names inside sentences are told about. Neither may be unknown.
	ours := regexp.MustCompile(`\bWHCTL_[A-Z_]+[A-Z]\b`)
	asked := regexp.MustCompile(`^(WHCTL_[A-Z_]+|XDG_[A-Z]+_HOME|[A-Z]*_?COLOR[A-Z_]*|CI|TERM|NOTIFY_SOCKET|WATCHDOG_USEC)$`)
	for _, text := range texts(t) {
		names := ours.FindAllString(text, -1)
		if asked.MatchString(text) {
			names = append(names, text)
			used[text] = true
		}
		for _, name := range names {
			if !slices.Contains(known, name) {
				t.Errorf("%s is in the sources and not in whctl help environment", name)
			}
		}
	}
	for _, name := range known {
		if !used[name] && !strings.HasSuffix(name, "_PROXY") && name != "WHCTL_LISTEN_URL" { // net/http reads the proxies; the last is told to others
			t.Errorf("%s is in whctl help environment, and nothing in the sources asks for it", name)
		}
	}
	help := newWorld(t).must(0, "help", "environment").out
	for _, name := range known {
		if !strings.Contains(help, name) {
			t.Errorf("whctl help environment does not show %s", name)
		}
	}
}

// TestPlatformExitCodes compares the table of exit codes with the help topic and the document. What really happens is in the
// script exit_codes.
func TestPlatformExitCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	help := w.must(0, "help", "exit-codes").out
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "exit-codes.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, r := range fault.Table() {
		if row := fmt.Sprintf("| %d | %s | %s |\n", r.Code, r.Kind, r.When); !strings.Contains(string(doc), row) {
			t.Errorf("docs/exit-codes.md has no row %s", row)
		}
		if row := fmt.Sprintf("  %3d  %-12s %s\n", r.Code, r.Kind, r.When); !strings.Contains(help, row) {
			t.Errorf("whctl help exit-codes has no row %s", row)
		}
		rows++
	}
	if n := len(regexp.MustCompile(`(?m)^\| \d`).FindAll(doc, -1)); n != rows {
		t.Errorf("docs/exit-codes.md has %d rows, the code %d", n, rows)
	}
	if n := len(regexp.MustCompile(`(?m)^ +\d+ `).FindAllString(help, -1)); n != rows {
		t.Errorf("whctl help exit-codes has %d rows, the code %d", n, rows)
	}
}

// TestPlatformTopics finds every topic in each of the ways to ask for it, and the JSON fields that it names in what the
// commands print.
func TestPlatformTopics(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, topic := range []string{"environment", "exit-codes", "json", "schemes"} {
		if r := w.must(0, "help", topic); len(r.out) < 300 || r.err != "" {
			t.Errorf("whctl help %s prints %q, %q", topic, r.out, r.err)
		}
	}
	list := w.must(0, "help").out
	if !strings.Contains(list, "a topic: exit-codes, environment, schemes, json") {
		t.Errorf("whctl help names no topics: %s", list)
	}
	if r := w.must(2, "help", "environmental"); !strings.Contains(r.err, "error: ") {
		t.Errorf("an unknown topic: %q", r.err)
	}
	w.use(newFakeAPI(t, laterAPI))
	topic := w.must(0, "help", "json").out
	for args, fields := range map[string][]string{
		"webhooks list --jq .[0]":               {"id", "apiKey", "eventTypes", "isActive"},
		"webhooks logs " + webhookID:            {"count", "logs"},
		"events list":                           {"total", "events"},
		"events logs " + eventID:                {"event", "logs"},
		"events retry " + eventID + " --jq .[]": {"eventId", "webhookCount", "message"},
	} {
		v := jsonOf[object](t, w.must(0, append(strings.Fields(args), "-o", "json")...))
		for _, field := range fields {
			if _, has := v[field]; !has {
				t.Errorf("whctl %s has no field %s", args, field)
			}
		}
		name, _, _ := strings.Cut(args, " --")
		name = strings.TrimSuffix(strings.TrimSuffix(name, " "+webhookID), " "+eventID)
		if !strings.Contains(topic, name) {
			t.Errorf("whctl help json does not tell about whctl %s", name)
		}
	}
}
