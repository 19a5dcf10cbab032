package cmdkit

// Words that a shell completes.

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/term"
)

// Word is one that may stand in a place, with what a person knows it by.
type Word struct{ Text, About string }

// Words gives them. typed is what stands there already. A shell waits for the answer, and has no place for an error: what goes wrong
// offers nothing, and nobody is asked anything.
type Words func(ctx context.Context, typed string) []Word

const (
	// offerWait is how long a shell waits at most.
	offerWait = time.Second
	// mostOffered is how many words are offered.
	mostOffered = 1000
	maxWord     = 120 // bytes
	maxAbout    = 60  // columns
)

// PlainWord says whether a shell takes a text as it stands. The completion scripts hand words to eval and to compgen -W, which run what is
// in $() (bash manual, 8.7), and split them at tabs and line ends. A name from an API or from a delivery may hold any of these.
func PlainWord(text string) bool {
	if text == "" || len(text) > maxWord || strings.ContainsRune("-:+", rune(text[0])) {
		return false
	}
	return !strings.ContainsFunc(text, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.:/+", c)
	})
}

// plainAbout is a text without what a shell could take for more than text.
func plainAbout(text string) string {
	return term.Cut(strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune(" -_.:/+,", c) {
			return c
		}
		return '_'
	}, term.Clean(text)), maxAbout)
}

// offered are the words that begin with what is typed, each once, as cobra takes them.
func offered(words []Word, typed string, given []string) (out []string) {
	seen := make(map[string]bool, len(words))
	for _, w := range words {
		if len(out) == mostOffered {
			break
		}
		if seen[w.Text] || !strings.HasPrefix(w.Text, typed) || !PlainWord(w.Text) || slices.Contains(given, w.Text) {
			continue
		}
		seen[w.Text] = true
		if about := plainAbout(w.About); about != "" {
			out = append(out, w.Text+"\t"+about)
		} else {
			out = append(out, w.Text)
		}
	}
	return out
}

// inOrder keeps the order of words, and offers no files.
const inOrder = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder

// Value completes the value of a flag.
func Value(words Words) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return offered(words(c.Context(), typed), typed, nil), inOrder
	}
}

// List completes the last of several words with commas between them, those that stand there left out. It says nothing of them: cobra's
// script for bash compares words that have a description in their quoted form, \, for a comma, and finds none.
func List(words Words) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		last := strings.LastIndexByte(typed, ',') + 1
		out := offered(words(c.Context(), typed[last:]), typed[last:], strings.Split(typed[:last], ","))
		for i := range out {
			word, _, _ := strings.Cut(out[i], "\t")
			out[i] = typed[:last] + word
		}
		return out, inOrder
	}
}

// Arguments completes the first most arguments, those that stand there left out.
func Arguments(most int, words Words) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return offered(words(c.Context(), typed), typed, args), inOrder
	}
}

// Fixed are words that do not change.
func Fixed(list ...string) Words {
	return func(context.Context, string) []Word { return Plain(list) }
}

// Plain are words that say what they are.
func Plain(list []string) []Word {
	words := make([]Word, len(list))
	for i, w := range list {
		words[i].Text = w
	}
	return words
}

// OneOf tells a shell the words that a flag takes.
func OneOf(c *cobra.Command, flag string, words ...string) {
	_ = c.RegisterFlagCompletionFunc(flag, Value(Fixed(words...))) // fails only when done twice
}

// Glance reads the journal for a completion.
func (e *Env) Glance(ctx context.Context, read func(ctx context.Context, j *journal.Journal, profile string) error) {
	s, err := e.Settings()
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, offerWait)
	defer cancel()
	j, err := journal.Open(ctx, s.JournalPath, journal.Options{Now: e.Now, ReadOnly: true})
	if err != nil {
		return
	}
	defer func() { _ = j.Close() }()
	_ = read(ctx, j, s.Profile)
}

// GlanceAPI asks the platform for a completion, if it has a token without the keyring: that may ask for a password.
func (e *Env) GlanceAPI(ctx context.Context, ask func(ctx context.Context, c *client.Client) error) {
	token := e.tokenUnasked()
	if token == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, offerWait)
	defer cancel()
	c, err := e.ClientWith(token, client.FromUnknown)
	if err != nil {
		return
	}
	defer c.Close()
	_ = ask(ctx, c)
}

// GlanceGitHub is GlanceAPI for GitHub.
func (e *Env) GlanceGitHub(ctx context.Context, ask func(ctx context.Context, g *client.GitHub) error) {
	s, err := e.Settings()
	if err != nil {
		return
	}
	token := e.Getenv("WHCTL_GITHUB_TOKEN")
	if token == "" {
		token = e.tokenInFile(s.GitHub)
	}
	if token == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, offerWait)
	defer cancel()
	g, err := e.GitHubWith(token, client.FromUnknown)
	if err != nil {
		return
	}
	defer g.Close()
	_ = ask(ctx, g)
}

// tokenUnasked is the profile's token, "" when only the keyring has it.
func (e *Env) tokenUnasked() string {
	s, err := e.Settings()
	if err != nil {
		return ""
	}
	if token, _ := e.givenToken(s); token != "" {
		return token
	}
	return e.tokenInFile(s.APIURL)
}

// tokenInFile is the token of an API, "" when only the keyring has it.
func (e *Env) tokenInFile(address string) string {
	store, err := e.Store()
	if err != nil {
		return ""
	}
	token, err := store.TokenInFile(address)
	if err != nil {
		return ""
	}
	return token
}
