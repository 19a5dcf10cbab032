package cmdkit

// Which scheme a run verifies or signs with, and which one a key is bound to.

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// AutoScheme is the name for: find the scheme of each request.
const AutoScheme = "auto"

// CheckScheme refuses an unknown scheme for a setting, as every command that signs or verifies would.
func (e *Env) CheckScheme(name string) error {
	if name == AutoScheme {
		return nil
	}
	s, err := e.Settings()
	if err != nil {
		s = new(config.Settings) // this command may be what corrects them
	}
	_, err = s.LookupScheme(name)
	return err
}

// Rules are those of the scheme that flags, environment and settings name.
func Rules(e *Env) (*sign.Rules, error) {
	s, err := e.Settings()
	if err != nil {
		return nil, err
	}
	if s.Scheme == AutoScheme {
		return nil, noAutoSigning()
	}
	return RulesOf(s, s.Scheme)
}

// RulesOf are those of a scheme by name. A name that is none is a Usage fault.
func RulesOf(s *config.Settings, name string) (*sign.Rules, error) {
	scheme, err := s.LookupScheme(name)
	if err != nil {
		return nil, err
	}
	rules, err := sign.Compile(scheme)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "scheme %s", name)
	}
	return rules, nil
}

// allSchemes compiles every scheme: the user's and the catalogue's. A twin that nothing sets apart is left out, unless a key is bound to
// it. That takes time, so it is for --scheme auto.
func allSchemes(s *config.Settings, bound []string) ([]*sign.Rules, error) {
	return compile(s, scheme.BuiltinNames(), bound)
}

func compile(s *config.Settings, builtin, bound []string) ([]*sign.Rules, error) {
	own := slices.Sorted(maps.Keys(s.Schemes))
	var out []*sign.Rules
	for _, name := range slices.Concat(own, builtin) {
		rules, err := RulesOf(s, name)
		if err != nil {
			return nil, err
		}
		if rules.Scheme().Twin() && len(rules.Marks()) == 0 && !slices.Contains(own, name) && !slices.Contains(bound, name) {
			continue
		}
		out = append(out, rules)
	}
	return out, nil
}

// Handshaking are the built-in schemes whose provider asks whether a URL is the user's. Finding them takes time.
func Handshaking() []*sign.Rules {
	var out []*sign.Rules
	for _, name := range scheme.Handshaking() {
		if s, err := scheme.Builtin(name); err == nil {
			if rules, err := sign.Compile(s); err == nil {
				out = append(out, rules)
			}
		}
	}
	return out
}

// Rivals compiles every scheme when it is first asked for: those that a request may be of where it has nothing of the scheme in use.
func Rivals(e *Env) func() []*sign.Rules {
	return sync.OnceValue(func() []*sign.Rules {
		s, err := e.Settings()
		if err != nil {
			return nil
		}
		all, err := allSchemes(s, nil)
		if err != nil {
			return nil
		}
		return all
	})
}

// SchemeNamed says whether a flag or the environment names the scheme: the user knows better than what a request looks like.
func SchemeNamed(e *Env) bool { return e.Globals.Scheme != "" || e.Getenv("WHCTL_SCHEME") != "" }

func noAutoSigning() error {
	return fault.Hint(fault.New(fault.Usage, "--scheme auto is for verifying; to sign, the scheme must be named"), "see whctl schemes list")
}

// schemeOf is the scheme of a run: the one of --scheme; else the one that the keys of the command line are bound to; else the one
// of the settings. Where nobody chose one, it is the scheme that all saved keys have.
func (f *SignFlags) schemeOf(s *config.Settings, set *KeySet, found []secret.Resolved) (string, error) {
	name := f.name(set.env, s)
	switch {
	case f.scheme(set.env) != "" || name == AutoScheme:
		return name, nil
	case !set.Given:
		return cmp.Or(f.savedScheme(set.env, s, found), name), nil
	}
	bound := boundSchemes(found)
	if len(bound) > 1 {
		return "", fault.Hint(fault.New(fault.Usage, "the keys are bound to several schemes: %s", strings.Join(bound, ", ")),
			"add --scheme auto to find each request's own, or leave keys out")
	}
	return append(bound, name)[0], nil
}

// signingRules are the rules to sign with. A key that is named decides where the settings say auto.
func (f *SignFlags) signingRules(s *config.Settings, set *KeySet, found []secret.Resolved) (*sign.Rules, error) {
	name, err := f.schemeOf(s, set, found)
	if err != nil {
		return nil, err
	}
	if name == AutoScheme {
		bound := boundSchemes(found)
		if set.env.Globals.Scheme != "" || !set.Given || len(bound) == 0 {
			return nil, noAutoSigning()
		}
		name = bound[0]
	}
	rules, err := RulesOf(s, name)
	if err == nil && rules.Scheme().Algorithm == scheme.None {
		return nil, fault.Hint(fault.New(fault.Usage, "scheme %s cannot sign: %s", name, cmp.Or(rules.Scheme().Quirks, "its provider signs nothing")),
			"to send without a signature, see %s", fault.Command("whctl send --help"))
	}
	return rules, err
}

// name is the scheme that flag, command or settings name.
func (f *SignFlags) name(e *Env, s *config.Settings) string {
	if f.Usual != "" && f.scheme(e) == "" {
		return f.Usual
	}
	return s.Scheme
}

// scheme is that of --scheme.
func (f *SignFlags) scheme(e *Env) string {
	if f.Apart {
		return ""
	}
	return e.Globals.Scheme
}

// boundSchemes are the schemes that keys are bound to.
func boundSchemes(found []secret.Resolved) []string {
	var out []string
	for _, k := range found {
		if k.Scheme != "" && !slices.Contains(out, k.Scheme) {
			out = append(out, k.Scheme)
		}
	}
	return out
}

// savedScheme is the scheme that all saved keys have, where nobody chose a scheme; else "".
func (f *SignFlags) savedScheme(e *Env, s *config.Settings, found []secret.Resolved) string {
	if f.Usual != "" || f.scheme(e) != "" || s.Chosen("scheme") {
		return ""
	}
	name := ""
	for _, k := range found {
		if k.Scheme == "" || name != "" && k.Scheme != name {
			return ""
		}
		name = k.Scheme
	}
	if _, err := s.LookupScheme(name); err != nil {
		return "" // the user's scheme that it was saved for is gone
	}
	return name
}

// bindSources moves a SCHEME= of a source's text to its scheme.
func bindSources(s *config.Settings, sources []secret.Source) ([]secret.Source, error) {
	out := make([]secret.Source, 0, len(sources))
	for _, src := range sources {
		bound, err := bindSource(s, src)
		if err != nil {
			return nil, err
		}
		out = append(out, bound)
	}
	return out, nil
}

// BoundFile gives the scheme that stands before the name of a file, as secret flags take it, and the file; "" when none does. A file
// that is called so is one.
func (e *Env) BoundFile(text string) (scheme, file string, err error) {
	s, err := e.Settings()
	if err != nil {
		return "", "", err
	}
	src := secret.Source{Kind: secret.File, Arg: text}
	if secret.MayBeSource(src) {
		return "", text, nil
	}
	src, err = bindSource(s, src)
	return src.Scheme, src.Arg, err
}

func bindSource(s *config.Settings, src secret.Source) (secret.Source, error) {
	name, rest, has := strings.Cut(src.Arg, "=")
	bindable := src.Kind == secret.File || src.Kind == secret.Env || src.Kind == secret.Command
	if !has || !bindable || !isSchemeName(name) {
		return src, nil
	}
	scheme, err := s.LookupScheme(name)
	switch {
	case err != nil && (strings.Trim(rest, "=") == "" || secret.LooksSecret(name)): // a key in the wrong place is not repeated
		return src, nil
	case err != nil && secret.MayBeSource(src): // a file's name may hold a =
		return src, nil
	case name == AutoScheme:
		return src, fault.Hint(fault.New(fault.Usage, "--secret-%s %s=: a key is bound to one scheme, and auto is not one", src.Kind, name), "leave auto= out")
	case err != nil:
		return src, fault.Wrap(fault.Usage, err, "--secret-%s", src.Kind) // err has the hint
	case rest == "":
		return src, fault.Hint(fault.New(fault.Usage, "--secret-%s %s= names no key", src.Kind, name), "write the file, variable or command after the =")
	}
	return secret.Source{Kind: src.Kind, Arg: rest, Scheme: scheme.Name}, nil
}

// isSchemeName says whether a text has the form of a scheme's name, as Compile checks it.
func isSchemeName(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789_.-") == "" &&
		!strings.HasPrefix(s, ".")
}
