package secret

// Keys that a program prints.

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

const (
	// commandLimit gives a person time to unlock a password store.
	commandLimit = 30 * time.Second
	// commandGrace is how long a stopped command may keep its output open.
	commandGrace = time.Second
	maxWhy       = 200 // bytes of what a failed command said
)

// command reads --secret-command: the standard output of a program. No shell runs it.
func (r *Resolver) command(ctx context.Context, line string) (Resolved, error) {
	words, err := splitWords(line)
	if err != nil {
		return Resolved{}, err
	}
	fail := func(format string, args ...any) error {
		return fault.Hint(fault.New(fault.Usage, "--secret-command: "+format, args...),
			"run it by itself to see what it says; no shell runs it, so pipes and $NAME need sh -c '…'")
	}
	limit := cmp.Or(r.Limit, commandLimit)
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	out, why := &cappedBuffer{most: maxKey + 1}, &cappedBuffer{most: maxWhy}
	c := exec.CommandContext(within, words[0], words[1:]...) //nolint:gosec // the user's own command, from the command line alone
	c.Stdout, c.Stderr, c.WaitDelay = out, why, commandGrace
	c.Env = slices.DeleteFunc(c.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "WHCTL_TOKEN=") || strings.HasPrefix(v, "WHCTL_SECRET=")
	})
	err = c.Run()
	name := shown(words[0])
	switch {
	case ctx.Err() != nil:
		return Resolved{}, ctx.Err()
	case within.Err() != nil:
		return Resolved{}, fail("%s did not end within %s", name, limit)
	case errors.Is(err, exec.ErrNotFound):
		return Resolved{}, fail("there is no program %s", name)
	case out.Len() > maxKey: // it was stopped for that
	case err != nil:
		return Resolved{}, fail("%s failed: %s%s", name, pathless(err), saidWords(why.Bytes()))
	case out.Len() == 0:
		return Resolved{}, fail("%s printed nothing%s", name, saidWords(why.Bytes()))
	}
	text, err := ReadKey(bytes.NewReader(out.Bytes()))
	return Resolved{Text: text, Label: "command " + name}, fault.Wrap(fault.KindOf(err), err, "--secret-command: what %s printed", name)
}

// saidWords are the first line of a command's standard error, without what looks like a secret.
func saidWords(b []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(strings.ToValidUTF8(string(b), "")), "\n")
	words := strings.Fields(line)
	for i, w := range words {
		words[i] = shown(w)
	}
	if len(words) == 0 {
		return ""
	}
	return ", saying: " + strings.Join(words, " ")
}

// cappedBuffer stores the first bytes that are written to it.
type cappedBuffer struct {
	bytes.Buffer
	most int
}

// errMuch stops a command that writes more than a key.
var errMuch = errors.New("it printed too much")

func (b *cappedBuffer) Write(p []byte) (int, error) {
	n := min(len(p), b.most-b.Len())
	_, _ = b.Buffer.Write(p[:n])
	if n < len(p) && b.most > maxWhy {
		return n, errMuch
	}
	return len(p), nil
}

// ReadFrom hides the method of bytes.Buffer, which has no limit.
func (b *cappedBuffer) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{b}, r)
}

// splitWords divides a command line at blanks. Quotes join words. A backslash escapes a quote, a blank or a backslash. Nothing is
// expanded.
func splitWords(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	quote, open := byte(0), false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quote != '\'' && i+1 < len(line) && strings.IndexByte(`"'\ `, line[i+1]) >= 0:
			i++
			word.WriteByte(line[i])
			open = true
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote, open = c, true
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n'):
			if open {
				words = append(words, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteByte(c)
			open = true
		}
	}
	if open {
		words = append(words, word.String())
	}
	const hint = `--secret-command 'pass show webhook'`
	switch {
	case quote != 0:
		return nil, fault.Hint(fault.New(fault.Usage, "--secret-command has a quote that is not closed"), hint)
	case len(words) == 0 || words[0] == "":
		return nil, fault.Hint(fault.New(fault.Usage, "--secret-command is empty"), hint)
	}
	return words, nil
}
