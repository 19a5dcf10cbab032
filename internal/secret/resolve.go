package secret

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

// Kind says which secret flag a source came from.
type Kind string

// The secret flags.
const (
	File    Kind = "file"    // --secret-file FILE, "-" for standard input
	Env     Kind = "env"     // --secret-env NAME
	Command Kind = "command" // --secret-command 'CMD ARG…'
	Webhook Kind = "webhook" // --webhook ID|NAME
	Value   Kind = "value"   // --secret VALUE
)

// Source is one secret flag as it stood on the command line. Its text forms are redacted.
type Source struct {
	Kind   Kind
	Arg    string
	Scheme string // the scheme that the key is bound to, "" when that was not said
}

// Format prints the kind alone, whatever the verb: the argument may be the key.
func (s Source) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "("+string(s.Kind)+")") }

// Resolved is one key to sign or verify with. Its text forms are redacted.
type Resolved struct {
	Text      string // the secret
	Label     string // names it without telling it: "file key.txt", "$NAME", "webhook staging (previous key)"
	WebhookID string
	Scheme    string // the scheme it is bound to, or was saved with; "" when not known
	Previous  bool   // verifies, never signs
}

// Format prints the label alone, whatever the verb.
func (r Resolved) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "("+r.Label+")") }

// MarshalJSON refuses: a key must not slip into an output.
func (Resolved) MarshalJSON() ([]byte, error) { return nil, errRedacted }

// Resolver turns secret flags into keys.
type Resolver struct {
	Store      *Store // asked only for saved keys
	Profile    string
	Getenv     func(string) string
	Stdin      io.Reader
	StdinTaken bool          // the body is read from standard input, so no key may be
	Limit      time.Duration // how long a command may take; 0: 30 s
}

// Resolve gives the keys in command-line order, and warnings to print. The first that is not Previous signs, all verify.
// Without sources it is WHCTL_SECRET, else all keys saved for the profile, the one saved last first; none at all is no error.
func (r *Resolver) Resolve(ctx context.Context, sources []Source) (keys []Resolved, warnings []string, err error) {
	each, warnings, err := r.Each(ctx, sources)
	return slices.Concat(each...), warnings, err
}

// Each is Resolve with the keys of each source apart. Without sources all stand in one list.
func (r *Resolver) Each(ctx context.Context, sources []Source) (keys [][]Resolved, warnings []string, err error) {
	if len(sources) == 0 {
		found, warnings, err := r.standing(ctx)
		return [][]Resolved{found}, warnings, err
	}
	stdin := 0
	for _, src := range sources {
		if src.Kind == File && src.Arg == "-" {
			stdin++
		}
	}
	if stdin > 1 || stdin == 1 && r.StdinTaken {
		return nil, nil, fault.Hint(fault.New(fault.Usage, "standard input can be read once: for the body or for one key"),
			"use --secret-env NAME, or --secret-file FILE")
	}
	for _, src := range sources {
		found, warned, err := r.one(ctx, src)
		if err != nil {
			return nil, nil, err
		}
		for i := range found {
			found[i].Scheme = cmp.Or(src.Scheme, found[i].Scheme)
		}
		keys = append(keys, found)
		warnings = append(warnings, warned...)
	}
	return keys, warnings, nil
}

// one resolves one flag.
func (r *Resolver) one(ctx context.Context, src Source) (keys []Resolved, warnings []string, err error) {
	switch src.Kind {
	case File:
		k, warnings, err := r.file(src.Arg)
		return []Resolved{k}, warnings, err
	case Env:
		k, err := r.env(src.Arg)
		return []Resolved{k}, lineBreak(k), err
	case Command:
		k, err := r.command(ctx, src.Arg)
		return []Resolved{k}, nil, err
	case Webhook:
		k, err := r.Store.Key(ctx, r.Profile, src.Arg)
		return spread(k), nil, err
	case Value:
		err := fault.Wrap(fault.Usage, CheckKey(src.Arg), "--secret")
		return []Resolved{{Text: src.Arg, Label: "--secret"}},
			[]string{"others on this machine can see a key given with --secret: use --secret-file or --secret-env"}, err
	default:
		return nil, nil, fault.New(fault.Internal, "no such kind of key source: %s", src.Kind)
	}
}

// file reads --secret-file.
func (r *Resolver) file(path string) (Resolved, []string, error) {
	if path == "" {
		return Resolved{}, nil, fault.Hint(fault.New(fault.Usage, "--secret-file needs a file name"), "--secret-file FILE, or - for standard input")
	}
	if path != "-" {
		text, warnings, err := readFile(path)
		return Resolved{Text: text, Label: "file " + shown(path)}, warnings, err
	}
	if r.Stdin == nil {
		return Resolved{}, nil, fault.New(fault.Usage, "there is no standard input to read a key from")
	}
	text, err := ReadKey(r.Stdin)
	return Resolved{Text: text, Label: "standard input"}, nil, fault.Wrap(fault.KindOf(err), err, "standard input")
}

// env reads --secret-env. A name that no variable can have is a key given in the wrong place, or a slip.
func (r *Resolver) env(name string) (Resolved, error) {
	if name == "" || strings.ContainsAny(name, "=\x00 $") {
		return Resolved{}, fault.Hint(fault.New(fault.Usage, "--secret-env needs the name of a variable"), "use --secret-env NAME, without a dollar sign")
	}
	text := r.getenv(name)
	if text == "" {
		if shown(name) != name {
			return Resolved{}, fault.Hint(fault.New(fault.Usage, "the value of --secret-env is no variable, and looks like a key"), "use --secret-env NAME")
		}
		return Resolved{}, fault.Hint(fault.New(fault.Usage, "the variable %s is not set or empty", name), "export %s=…", fault.Word(name))
	}
	return Resolved{Text: text, Label: "$" + shown(name)}, fault.Wrap(fault.Usage, CheckKey(text), "variable %s", shown(name))
}

// lineBreak warns of a variable whose value goes on behind the key, as one that was filled from a file by some tool does.
// Nothing is taken off: the program that verifies may read the same variable.
func lineBreak(k Resolved) []string {
	if strings.TrimRight(k.Text, "\r\n") == k.Text {
		return nil
	}
	return []string{"the value of " + k.Label + " ends in a line break, which is taken as part of the key"}
}

// standing gives the keys that count when no flag names one.
func (r *Resolver) standing(ctx context.Context) ([]Resolved, []string, error) {
	const name = "WHCTL_SECRET"
	if r.getenv(name) != "" {
		k, err := r.env(name)
		if err != nil {
			return nil, nil, err
		}
		return []Resolved{k}, lineBreak(k), nil
	}
	if r.Store == nil {
		return nil, nil, nil
	}
	saved, missing, err := r.Store.keys(ctx, r.Profile)
	if err != nil {
		return nil, nil, err
	}
	if len(saved) == 0 && len(missing) > 0 {
		return nil, nil, missing[0]
	}
	var keys []Resolved
	for _, k := range saved {
		keys = append(keys, spread(k)...)
	}
	var warnings []string
	for _, err := range missing {
		if k := fault.KindOf(err); k == fault.Stopped {
			return nil, nil, err
		}
		warnings = append(warnings, err.Error())
	}
	return keys, warnings, nil
}

func (r *Resolver) getenv(name string) string {
	if r.Getenv == nil {
		return ""
	}
	return r.Getenv(name)
}

// spread gives a saved key and the previous ones that still verify.
func spread(k SavedKey) []Resolved {
	label := "webhook " + cmp.Or(k.Name, k.WebhookID)
	keys := []Resolved{{Text: k.Key, Label: label, WebhookID: k.WebhookID, Scheme: k.Scheme}}
	for _, p := range k.Previous {
		keys = append(keys, Resolved{Text: p.Key, Label: label + " (previous key)", WebhookID: k.WebhookID, Scheme: k.Scheme, Previous: true})
	}
	return keys
}

// MayBeSource says whether a source's whole text is the name of a file: such a name may look like one with a scheme in front.
func MayBeSource(s Source) bool {
	if s.Kind != File {
		return false
	}
	_, err := os.Stat(s.Arg)
	return err == nil
}
