package cli

// Commands that the program prints as next steps, as the scripts and goldens of the whole program record them.

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestEveryPrintedCommandParses gives each command in what whctl prints to the parser of that command, as if it was typed.
func TestEveryPrintedCommandParses(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, part := range []string{"script", "golden"} {
		err := filepath.WalkDir(filepath.Join("..", "e2e", "testdata", part), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			collectPrinted(seen, filepath.Base(path), string(text), part == "script")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for call, where := range seen {
		tryPrinted(t, where, call)
	}
	if len(seen) < 200 {
		t.Errorf("only %d commands were found", len(seen))
	}
}

// collectPrinted finds the commands in a file. In a script only the lines of sessions are output.
func collectPrinted(seen map[string]string, file, text string, script bool) {
	begin := regexp.MustCompile(`(^|[^\w./'~-])whctl `)
	for line := range strings.Lines(text) {
		if script && !strings.HasPrefix(line, "! ") && !strings.HasPrefix(line, "> ") || strings.Contains(line, "[flags]") { // a usage line
			continue
		}
		for _, at := range begin.FindAllStringIndex(line, -1) {
			seen[strings.TrimSpace(line[at[1]:])] = file + ": " + strings.TrimSpace(line)
		}
	}
}

// tryPrinted looks a command up and parses its flags. What begins with a word that no noun is called is a sentence about whctl, but not
// behind a hint.
func tryPrinted(t *testing.T, where, call string) {
	t.Helper()
	words := typedWords(call)
	root := newRoot(testEnv(), nil)
	if len(words) == 0 || !strings.Contains(where, "hint: ") && !strings.HasPrefix(words[0], "-") && !isNoun(words[0]) {
		return
	}
	c, rest, err := root.Find(words)
	if err != nil || c == root && len(words) > 0 && !strings.HasPrefix(words[0], "-") {
		t.Errorf("%s\nwhctl %s: no such command: %v", where, call, err)
		return
	}
	if slices.ContainsFunc(rest, standsFor) { // FILE, 'NAME=VALUE', …: no flag takes that as it stands
		checkCall(t, newRoot(testEnv(), nil), where, strings.Join(words, " "))
		return
	}
	if err := c.ParseFlags(rest); err != nil && !errors.Is(err, pflag.ErrHelp) {
		t.Errorf("%s\nwhctl %s: %v", where, call, err)
	}
	contradicts(t, where, c)
}

// contradicts says so where flags that were printed together exclude one another.
func contradicts(t *testing.T, where string, c *cobra.Command) {
	t.Helper()
	all, profile := c.Flags().Lookup("all"), c.Flags().Lookup("profile")
	if all != nil && all.Changed && profile != nil && profile.Changed {
		t.Errorf("%s\n--all is every profile, so --profile says nothing", where)
	}
}

func isNoun(word string) bool {
	return slices.ContainsFunc(nouns(), func(n noun) bool { return n.name == word })
}

// standsFor says whether a word stands for what a person fills in, or for what differs from run to run.
func standsFor(word string) bool {
	return strings.ContainsAny(word, "$…") || strings.IndexFunc(word, unicode.IsUpper) >= 0 && strings.IndexFunc(word, unicode.IsLower) < 0
}

// typedWords are the words of a command up to where the sentence goes on, or another command begins.
func typedWords(call string) (words []string) {
	var word strings.Builder
	quoted := false
	for _, c := range call {
		switch {
		case c == '\'':
			quoted = !quoted
		case quoted:
			word.WriteRune(c)
		case strings.ContainsRune(";|>()\"`", c):
			return appendWord(words, &word)
		case unicode.IsSpace(c):
			ended := strings.TrimRight(word.String(), ",.:?")
			if ended != word.String() {
				return append(words, ended)
			}
			words = appendWord(words, &word)
		default:
			word.WriteRune(c)
		}
	}
	if last := strings.TrimRight(word.String(), ",.:?"); last != "" {
		words = append(words, last)
	}
	return words
}

func appendWord(words []string, word *strings.Builder) []string {
	if word.Len() > 0 {
		words = append(words, word.String())
	}
	word.Reset()
	return words
}
