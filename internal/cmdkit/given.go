package cmdkit

// Commands that are printed, as they work here.

import (
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
)

// Named is the command that a text begins with. The zero value is none.
type Named struct {
	Name  string   // "webhooks list"
	Flags []string // by which a run of it says whose platform and which settings it is about: profile, api-url, config
}

// about are the values of those flags in this run, by their names: as they were typed, or as the command itself has settled them. "" is none.
func (e *Env) about() map[string]string {
	g := e.Globals
	about := map[string]string{"profile": g.Profile, "api-url": g.APIURL, "config": g.ConfigFile}
	if g.Profile == config.ProfileSandbox && g.APIURL == config.SandboxURL {
		about["api-url"] = "" // the profile has it without a flag
	}
	return about
}

// AsTyped is a text for people in which the commands of this program work as they are printed: each has the flags that say which profile,
// API and settings this run is about, behind its name.
func (e *Env) AsTyped(text string) string {
	const program = "whctl "
	about := e.about()
	if e.NameOf == nil || about["profile"]+about["api-url"]+about["config"] == "" {
		return text
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, program)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		named := e.NameOf(rest)
		b.WriteString(program + named.Name)
		text = rest[len(named.Name):]
		clause := text
		if end := strings.IndexAny(text, ",;\n"); end >= 0 {
			clause = text[:end]
		}
		has := strings.FieldsFunc(clause, func(c rune) bool { return c == ' ' || c == '=' })
		for _, flag := range named.Flags {
			if about[flag] != "" && !slices.Contains(has, "--"+flag) && !slices.Contains(has, insteadOf(flag)) {
				b.WriteString(" --" + flag + " " + fault.Quote(about[flag]))
			}
		}
	}
}

// insteadOf is the flag that leaves no room for another: a sandbox is found by its address, and every profile is more than one.
func insteadOf(flag string) string {
	return map[string]string{"api-url": "--addr", "profile": "--all"}[flag]
}

// OfProfile adds a profile to a command that is printed, unless the command is for that one without it.
func (e *Env) OfProfile(w fault.Words, profile string) fault.Words {
	if s, err := e.Settings(); err == nil && s.Profile == profile && e.Globals.Profile == "" {
		return w
	}
	return w.Flag("--profile", profile)
}
