package check

// The file with the cases that are known to fail.

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"slices"

	"github.com/whctl/whctl/internal/check"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
)

// baseline is the file as JSON.
type baseline struct {
	Known []string `json:"known"`
}

// known reads the ids in the file. A file that is to be written may be missing.
func (o *options) known() ([]string, error) {
	if o.baseline == "" {
		return nil, nil
	}
	text, err := o.readBaseline()
	switch {
	case errors.Is(err, fs.ErrNotExist) && o.update:
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.Hint(fault.New(fault.Usage, "there is no file %s", o.baseline), "add --baseline-update to write it")
	case errors.Is(err, context.Canceled):
		return nil, err
	case err != nil:
		return nil, fault.Wrap(fault.Usage, err, "cannot read --baseline")
	}
	var b baseline
	if err := json.Unmarshal(text, &b); err != nil {
		return nil, fault.Hint(fault.Wrap(fault.Usage, err, "%s is no baseline", o.baseline), `it looks like {"known":["body-spaces"]}; --baseline-update writes it`)
	}
	if o.update {
		return nil, nil
	}
	return b.Known, nil
}

// readBaseline reads the file, which may be a pipe.
func (o *options) readBaseline() ([]byte, error) {
	f, err := files.OpenUntil(o.env.Stopped, o.baseline)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(f)
}

// saveBaseline writes the cases that failed.
func (o *options) saveBaseline(r check.Report) error {
	if r.Gone {
		return nil
	}
	b := baseline{Known: []string{}}
	for i := range r.Results {
		if r.Results[i].Outcome == check.Failed {
			b.Known = append(b.Known, r.Results[i].ID)
		}
	}
	slices.Sort(b.Known)
	text, err := json.MarshalIndent(b, "", "  ")
	if err == nil {
		err = files.Me().Replace(o.baseline, append(text, '\n'))
	}
	if err != nil {
		return fault.Wrap(fault.Storage, err, "cannot write %s", o.baseline)
	}
	o.env.Say("%s written to %s", fault.Plural(len(b.Known), "known failure"), o.baseline)
	return nil
}
