package cmdkit

// The flags of every command that signs or verifies.

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/secret"
)

// SignFlags are the flags of every command that signs or verifies: the scheme, the keys in the order of the command line, and
// the settings that some schemes ask for.
type SignFlags struct {
	Sources []secret.Source
	Params  []string
	// Usual is the scheme without --scheme, in place of the one of the settings; "" is that one.
	Usual string
	// Apart says that --scheme is another command's.
	Apart bool
}

// Bind adds the flags.
func (f *SignFlags) Bind(fs *pflag.FlagSet, e *Env) {
	e.BindSettings(fs, config.Signing)
	for _, one := range []struct {
		kind              secret.Kind
		name, what, usage string
	}{
		{secret.File, "secret-file", "FILE", "file that holds a key; - is standard input; SCHEME=FILE binds the key to a scheme (repeatable)"},
		{secret.Env, "secret-env", "NAME", "environment variable that holds a key; SCHEME=NAME binds it (repeatable)"},
		{secret.Command, "secret-command", "CMD", "command that prints a key, such as 'pass show webhook'; no shell, 30 s at most; SCHEME=CMD binds it (repeatable)"},
		{secret.Webhook, "webhook", "WEBHOOK", "saved key of a webhook, by id or name (repeatable)"},
		{secret.Value, "secret", "KEY", "a key; others on this machine can see it, so prefer --secret-file (repeatable)"},
	} {
		fs.Var(&sourceValue{to: &f.Sources, kind: one.kind, what: one.what}, one.name, one.usage)
	}
	fs.StringArrayVar(&f.Params, "param", nil, "setting that the scheme asks for, as `NAME=VALUE` (repeatable)")
}

// Group puts the flags under a heading in the help of a command.
func (f *SignFlags) Group(fs *pflag.FlagSet, heading string) {
	GroupFlags(fs, heading, "scheme", "secret-file", "secret-env", "secret-command", "webhook", "secret", "param")
}

// sourceValue appends to one list for all secret flags: their order counts.
type sourceValue struct {
	to   *[]secret.Source
	kind secret.Kind
	what string
}

// ReadsStdin says whether one of the keys is read from standard input.
func (f *SignFlags) ReadsStdin() bool {
	return slices.ContainsFunc(f.Sources, func(src secret.Source) bool {
		return src.Kind == secret.File && (src.Arg == Stdin || strings.HasSuffix(src.Arg, "="+Stdin))
	})
}

func (v *sourceValue) String() string { return "" }
func (v *sourceValue) Type() string   { return v.what }
func (v *sourceValue) Set(arg string) error {
	if arg == "" {
		return fault.Hint(fault.New(fault.Usage, "it is empty"), "leave it out, or give it a value")
	}
	*v.to = append(*v.to, secret.Source{Kind: v.kind, Arg: arg})
	return nil
}
