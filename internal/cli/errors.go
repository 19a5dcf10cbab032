package cli

// How an error is printed: as text, or as JSON with --errors json.

import (
	"fmt"
	"strings"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// The forms of errors.
const (
	errorsText = "text"
	errorsJSON = "json"
)

// errorsForm is the form that the command line or the environment asks for.
func errorsForm(args []string, getenv func(string) string) string {
	if unparsed(args, "--errors", getenv("WHCTL_ERRORS")) == errorsJSON {
		return errorsJSON
	}
	return errorsText
}

// unparsed is the value of a flag that says how errors are told, else what is usual. It is found before the command line is parsed, because
// parsing may be what fails.
func unparsed(args []string, flag, usual string) string {
	value := usual
	for i, arg := range args {
		if after, is := strings.CutPrefix(arg, flag+"="); is {
			value = after
		} else if arg == flag && i+1 < len(args) {
			value = args[i+1]
		} else if arg == "--" {
			break
		}
	}
	return value
}

// errorsValue is the flag.
type errorsValue struct{ to *string }

func (v errorsValue) String() string { return "" }
func (v errorsValue) Type() string   { return "format" }
func (v errorsValue) Set(s string) error {
	if s != errorsText && s != errorsJSON {
		return fault.Hint(fault.New(fault.Usage, "unknown form %q", s), "use one of: text, json")
	}
	*v.to = s
	return nil
}

// secretsOf are the secrets that the environment holds, and pass phrases that stand there for something else.
func secretsOf(getenv func(string) string) []string {
	var found []string
	for _, name := range []string{"WHCTL_TOKEN", "WHCTL_GITHUB_TOKEN", "WHCTL_SECRET"} {
		if s := getenv(name); s != "" && !ownWord(s) {
			found = append(found, s)
		}
	}
	for _, name := range []string{
		"WHCTL_PROFILE", "WHCTL_API_URL", "WHCTL_SCHEME", "WHCTL_OUTPUT", "WHCTL_CONFIG", "WHCTL_DATA_DIR", "WHCTL_KEYRING", "WHCTL_ERRORS",
	} {
		if s := getenv(name); phrase(s) {
			found = append(found, s)
		}
	}
	return found
}

// errorJSON is an error with --errors json; docs/json.md lists it.
type errorJSON struct {
	Kind     string `json:"kind"`
	Message  string `json:"message"`
	Hint     string `json:"hint"` // "" when there is none
	ExitCode int    `json:"exitCode"`
}

// tell prints an error and its hint, as lines for people or as one object. Both are screened by then.
func tell(e *cmdkit.Env, kind fault.Kind, text, hint string) {
	if e.Globals.Errors == errorsJSON {
		if text != "" || hint != "" {
			_ = render.JSON(&term.IO{Out: e.IO.Err}, errorJSON{kind.String(), text, hint, kind.ExitCode()})
		}
		return
	}
	style := e.IO.ErrStyle()
	if text != "" {
		line := style.Bad("error:") + " " + term.Cut(term.Clean(text), maxText)
		_, _ = fmt.Fprintf(e.IO.Err, "%s\n", term.FoldWords(line, e.IO.ErrWidth()))
	}
	if hint != "" {
		line := style.Accent("hint:") + " " + term.Cut(term.Clean(hint), maxText)
		_, _ = fmt.Fprintf(e.IO.Err, "%s\n", term.FoldWords(line, e.IO.ErrWidth()))
	}
}
