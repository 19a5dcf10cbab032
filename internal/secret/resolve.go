package secret

// From the secret flags to keys.

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

// Source is one secret flag of the command line. It prints without the argument.
type Source struct {
	Kind   Kind
	Arg    string
	Scheme string // the scheme that the key is bound to; "" for none
}

// Format prints the kind alone, whatever the verb: the argument may be a key.
func (s Source) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "("+string(s.Kind)+")") }

// Resolved is a key to sign or verify with. It prints without the secret.
type Resolved struct {
	Text      string // the secret
	Label     string // names the key: "file key.txt", "$NAME", "webhook staging (previous key)"
	Name      string // of a saved key, else the id of its webhook; "": it is not saved
	WebhookID string // of a saved key; "": it has none
	Saved     bool   // the key store has it
	Scheme    string // that it is bound to or was saved with; "" for none
	Previous  bool   // verifies, never signs
	Number    int    // how it is counted for people, from 0
}

// Format prints the label alone, whatever the verb.
func (r Resolved) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "("+r.Label+")") }

// MarshalJSON fails: no output may hold a key.
func (Resolved) MarshalJSON() ([]byte, error) { return nil, errRedacted }

// Warning is what may be wrong with a key or with where it comes from.
type Warning struct {
	Text string
	// File is set where the text is about how that file is kept. The key itself is right, so it need not be told each time.
	File string
}

// Resolver reads the keys that secret flags name.
type Resolver struct {
	Store      *Store // asked for saved keys alone
	Profile    string
	Getenv     func(string) string
	Stdin      io.Reader
	StdinTaken bool          // the body is read from standard input, so no key can be
	Limit      time.Duration // how long a command may take; 0: 30 s
}

// Resolve returns the keys in the order of the command line, and warnings to print. The first that is not Previous signs, all
// verify. Without sources these are WHCTL_SECRET, else the keys saved for the profile, newest first. None is not an error.
func (r *Resolver) Resolve(ctx context.Context, sources []Source) (keys []Resolved, warnings []Warning, err error) {
	each, warnings, err := r.Each(ctx, sources)
	return slices.Concat(each...), warnings, err
}

// Each returns the keys of each source apart. Without sources they are one list.
func (r *Resolver) Each(ctx context.Context, sources []Source) (keys [][]Resolved, warnings []Warning, err error) {
	if len(sources) == 0 {
		found, warnings, err := r.unasked(ctx)
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

// one reads the keys of one source.
func (r *Resolver) one(ctx context.Context, src Source) (keys []Resolved, warnings []Warning, err error) {
	switch src.Kind {
	case File:
		k, warnings, err := r.file(ctx, src.Arg)
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
			[]Warning{{Text: "others on this machine can see a key given with --secret: use --secret-file or --secret-env"}}, err
	default:
		return nil, nil, fault.New(fault.Internal, "unknown kind of key source: %s", src.Kind)
	}
}

// file reads --secret-file.
func (r *Resolver) file(ctx context.Context, path string) (Resolved, []Warning, error) {
	if path == "" {
		return Resolved{}, nil, fault.Hint(fault.New(fault.Usage, "--secret-file needs a file name"), "--secret-file FILE, or - for standard input")
	}
	if path != "-" {
		text, warnings, err := readFile(ctx, path)
		return Resolved{Text: text, Label: "file " + shown(path)}, warnings, err
	}
	if r.Stdin == nil {
		return Resolved{}, nil, fault.New(fault.Usage, "there is no standard input to read a key from")
	}
	text, err := ReadKey(r.Stdin)
	return Resolved{Text: text, Label: "standard input"}, nil, fault.Wrap(fault.KindOf(err), err, "standard input")
}

// env reads --secret-env. A name that no variable can have may be a key in the wrong place.
func (r *Resolver) env(name string) (Resolved, error) {
	if name == "" || strings.ContainsAny(name, "=\x00 $") {
		return Resolved{}, fault.Hint(fault.New(fault.Usage, "--secret-env needs the name of a variable"), "use --secret-env NAME, without a dollar sign")
	}
	text := r.getenv(name)
	if text == "" {
		if shown(name) != name {
			return Resolved{}, fault.Hint(fault.New(fault.Usage, "the value of --secret-env is not a variable and looks like a key"), "use --secret-env NAME")
		}
		return Resolved{}, fault.Hint(fault.New(fault.Usage, "the variable %s is not set or empty", name), "export %s=…", fault.Word(name))
	}
	return Resolved{Text: text, Label: "$" + shown(name)}, fault.Wrap(fault.Usage, CheckKey(text), "variable %s", shown(name))
}

// lineBreak warns of a variable whose value ends in a line break, as tools fill them from files. The break stays part of the
// key: the program that verifies may read the same variable.
func lineBreak(k Resolved) []Warning {
	if strings.TrimRight(k.Text, "\r\n") == k.Text {
		return nil
	}
	return []Warning{{Text: "the value of " + k.Label + " ends in a line break, which is taken as part of the key"}}
}

// unasked returns the keys to use when no flag names one.
func (r *Resolver) unasked(ctx context.Context) ([]Resolved, []Warning, error) {
	const name = "WHCTL_SECRET"
	if r.getenv(name) != "" {
		return r.one(ctx, Source{Kind: Env, Arg: name})
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
	var warnings []Warning
	for _, err := range missing {
		if fault.KindOf(err) == fault.Stopped {
			return nil, nil, err
		}
		warnings = append(warnings, Warning{Text: err.Error()})
	}
	return keys, warnings, nil
}

func (r *Resolver) getenv(name string) string {
	if r.Getenv == nil {
		return ""
	}
	return r.Getenv(name)
}

// labels name a saved key, and the keys before it.
func labels(name, webhookID string) (current, previous string) {
	current = "webhook " + cmp.Or(name, webhookID)
	return current, current + " (previous key)"
}

// Labels are how a saved key, and those before it, are named where they verify something.
func (i KeyInfo) Labels() []string {
	current, previous := labels(i.Name, i.WebhookID)
	return []string{current, previous}
}

// spread returns a saved key and its previous keys.
func spread(k SavedKey) []Resolved {
	label, previous := labels(k.Name, k.WebhookID)
	keys := []Resolved{{Text: k.Key, Label: label, Name: cmp.Or(k.Name, k.WebhookID), WebhookID: k.WebhookID, Saved: true, Scheme: k.Scheme}}
	for _, p := range k.Previous {
		keys = append(keys, Resolved{Text: p.Key, Label: previous, Name: cmp.Or(k.Name, k.WebhookID), WebhookID: k.WebhookID, Saved: true, Scheme: k.Scheme, Previous: true})
	}
	return keys
}

// MayBeSource says whether a source's whole text names a file. Such a name may look like SCHEME=FILE.
func MayBeSource(s Source) bool {
	if s.Kind != File {
		return false
	}
	_, err := os.Stat(s.Arg)
	return err == nil
}
