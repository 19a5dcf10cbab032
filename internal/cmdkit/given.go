package cmdkit

// Commands that are printed, as they work here.

import (
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// given are the flags of this command line without which another command would ask another platform or use other settings.
func (e *Env) given() string {
	var out []string
	for _, f := range e.Globals.bound {
		switch f.Name {
		case "profile", "api-url", "config":
			if f.Changed {
				out = append(out, "--"+f.Name+" "+fault.Quote(f.Value.String()))
			}
		}
	}
	return strings.Join(out, " ")
}

// AsTyped is a text for people in which the commands of this program work as they are printed: each has the flags that say which profile,
// API and settings this run is about, behind its name.
func (e *Env) AsTyped(text string) string {
	const program = "whctl "
	flags := e.given()
	if flags == "" || e.NameOf == nil {
		return text
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, program)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name := e.NameOf(rest)
		b.WriteString(program + name)
		clause := rest
		if end := strings.IndexAny(rest, ",;"); end >= 0 {
			clause = rest[:end]
		}
		if name != "" && !strings.Contains(clause, " --profile ") {
			b.WriteString(" " + flags)
		}
		text = rest[len(name):]
	}
}
