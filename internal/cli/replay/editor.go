package replay

// --edit: the body in the user's editor.

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/command"
	"github.com/whctl/whctl/internal/fault"
)

// editBody has the user's editor change a body. A body that it leaves as it was is a usage fault, and so is an editor that fails.
func editBody(ctx context.Context, e *cmdkit.Env, body []byte) (edited []byte, err error) {
	words, err := editorWords(e)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "whctl-edit-") // made 0700
	if err != nil {
		return nil, fault.Wrap(fault.Storage, err, "cannot make a file to edit")
	}
	defer func() {
		if removed := os.RemoveAll(dir); removed != nil {
			err = cmp.Or(err, fault.Wrap(fault.Storage, removed, "cannot remove the file that was edited"))
		}
	}()
	name := "body.txt" // editors go by the end of a name
	if json.Valid(body) {
		name = "body.json"
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, body, 0o600); err != nil {
		return nil, fault.Wrap(fault.Storage, err, "cannot write the file to edit")
	}
	if err := runEditor(ctx, e, append(words, path)); err != nil {
		return nil, err
	}
	if edited, err = readEdited(path, body); err != nil {
		return nil, err
	}
	if bytes.Equal(edited, body) {
		return nil, fault.Hint(fault.New(fault.Usage, "nothing was changed in the editor, so nothing is sent"), "leave out --edit to send the body as it is")
	}
	return edited, nil
}

// editorWords are the words of $VISUAL or $EDITOR.
func editorWords(e *cmdkit.Env) ([]string, error) {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if e.Getenv(name) == "" {
			continue
		}
		words, err := command.Split(e.Getenv(name))
		if err != nil {
			return nil, fault.Hint(fault.Wrap(fault.Usage, err, "$%s", name), "set it to a program with its arguments, such as 'code --wait'")
		}
		return words, nil
	}
	return nil, fault.Hint(fault.New(fault.Usage, "--edit: neither VISUAL nor EDITOR is set"), "export EDITOR=vi, or use --set PATH=VALUE")
}

// runEditor runs the editor on the terminal. Standard output is data, so an editor whose output is not a terminal gets standard error.
func runEditor(ctx context.Context, e *cmdkit.Env, words []string) error {
	a := command.Attended{Words: words, In: e.IO.In, Out: e.IO.Err, Err: e.IO.Err}
	if e.IO.OutTTY() {
		a.Out = e.IO.Out
	}
	defer e.IO.Remember()()
	err := command.Find(words[0])
	if err == nil {
		err = a.Run(ctx)
	}
	switch {
	case ctx.Err() != nil:
		return fault.New(fault.Stopped, "stopped, nothing was sent")
	case errors.Is(err, command.ErrMissing):
		return fault.Hint(fault.New(fault.Usage, "there is no editor %s", words[0]), "set VISUAL or EDITOR to one that there is")
	case err != nil:
		return fault.Hint(fault.New(fault.Usage, "the editor %s failed, so nothing is sent: %s", words[0], fault.Root(err)), "run it again, or use --set PATH=VALUE")
	}
	return nil
}

// readEdited reads the file back. Many editors end a file with a line break of their own, which a body without one does not get.
func readEdited(path string, before []byte) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > cmdkit.MaxInput {
		return nil, fault.New(fault.Usage, "the edited body is larger than %d MiB, so nothing is sent", cmdkit.MaxInput>>20)
	}
	edited, err := os.ReadFile(path) // #nosec G304 -- the file that was made for it
	if err != nil {
		return nil, fault.Hint(fault.New(fault.Usage, "the edited body cannot be read, so nothing is sent: %s", cmdkit.PathWords(err)), "save it under the name that it had")
	}
	if cut, has := bytes.CutSuffix(edited, []byte("\n")); has && !bytes.HasSuffix(before, []byte("\n")) {
		return bytes.TrimSuffix(cut, []byte("\r")), nil
	}
	return edited, nil
}
