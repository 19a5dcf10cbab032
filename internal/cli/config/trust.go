package config

// whctl config trust: which project files may set more than is harmless.

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

type trustOptions struct {
	env *cmdkit.Env

	list   bool
	remove bool
	file   string // the file to remove; "" is the project file of this folder
}

func newTrust(e *cmdkit.Env, run func(context.Context, *trustOptions) error) *cobra.Command {
	o := &trustOptions{env: e}
	c := &cobra.Command{
		Use:   "trust [--list | --remove [FILE]]",
		Short: "Trust the project file of this folder as it is now",
		Long: `Trust the .whctl.yaml of this folder, or of the nearest one above it, as it is now. A project file came with a checkout, so it
may set a built-in scheme, and how to listen and forward on this machine. One that you trust may set what your own config file
may, but never a command to run or a jq filter. Read it first: it may say where your tokens go and how your keys sign.

Path and content are recorded in the data folder. A file that has changed is not trusted any more.`,
		Example: `  whctl config trust
  whctl config trust --list
  whctl config trust --remove`,
		Args: cobra.MaximumNArgs(1),
		// This command must work whatever a project file says, so it does not read its settings.
		PreRun: func(*cobra.Command, []string) { e.Globals.NoProject, e.Globals.AnyProfile = true, true },
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.file = args[0]
			}
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.BoolVar(&o.list, "list", false, "list the files that you trust")
	fs.BoolVar(&o.remove, "remove", false, "stop trusting a file")
	cmdkit.NeverAsks(fs)
	return c
}

func runTrust(ctx context.Context, o *trustOptions) error {
	switch {
	case o.list && (o.remove || o.file != ""):
		return fault.Hint(fault.New(fault.Usage, "--list stands alone"), "whctl config trust --list")
	case o.file != "" && !o.remove:
		return fault.Hint(fault.New(fault.Usage, "only the project file of a folder that you are in can be trusted"), "cd to its folder, then: whctl config trust")
	}
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	switch {
	case o.list:
		return o.printList(out)
	case o.remove:
		return o.distrust(ctx, out)
	default:
		return o.trust(ctx, out)
	}
}

// options returns options that find the project file, which this command's own settings leave out.
func (o *trustOptions) options() config.Options {
	c := o.env.ConfigOptions()
	c.Dir = o.env.Dir
	return c
}

func (o *trustOptions) trust(ctx context.Context, out render.Output) error {
	t, settings, err := config.Trust(ctx, o.options(), o.env.Now())
	if err != nil {
		return err
	}
	v := struct {
		config.TrustedFile
		Settings []config.Value `json:"settings"`
	}{t, settings}
	if v.Settings == nil {
		v.Settings = []config.Value{}
	}
	return out.Value(o.env.IO, v, func() error {
		sets := ", which sets:\n"
		if len(settings) == 0 {
			sets = ", which sets nothing\n"
		}
		if err := render.Text(o.env.IO, o.env.IO.Style().Good("✓ trusted")+" "+term.Clean(t.Path)+sets); err != nil || len(settings) == 0 {
			return err
		}
		table := render.NewTable(render.Column{Title: "SETTING", Narrow: render.Uncut}, render.Column{Title: "VALUE", Narrow: render.Flow})
		for _, s := range settings {
			table.Add(s.Key, s.Value)
		}
		return table.Print(o.env.IO)
	})
}

func (o *trustOptions) distrust(ctx context.Context, out render.Output) error {
	path, found, err := config.Distrust(ctx, o.options(), o.file)
	if err != nil {
		return err
	}
	if !found {
		return fault.Hint(fault.New(fault.Refused, "%s is not trusted", path), "whctl config trust --list")
	}
	v := struct {
		Path    string `json:"path"`
		Removed bool   `json:"removed"`
	}{path, true}
	return out.Value(o.env.IO, v, func() error {
		return render.Text(o.env.IO, o.env.IO.Style().Good("✓ no longer trusted:")+" "+term.Clean(path)+"\n")
	})
}

func (o *trustOptions) printList(out render.Output) error {
	files, states, err := config.TrustedFiles(o.options())
	if err != nil {
		return err
	}
	type row struct {
		config.TrustedFile
		State config.TrustState `json:"state"`
	}
	rows := make([]row, len(files))
	for i, f := range files {
		rows[i] = row{f, states[i]}
	}
	return out.Value(o.env.IO, rows, func() error {
		if len(rows) == 0 {
			o.env.Say("no project file is trusted")
			return nil
		}
		table := render.NewTable(
			render.Column{Title: "FILE", Narrow: render.CutMiddle, Least: 30}, render.Column{Title: "STATE", Narrow: render.Uncut},
			render.Column{Title: "TRUSTED", Narrow: render.Uncut, Worth: 1},
		)
		for _, r := range rows {
			table.Add(r.Path, string(r.State), r.TrustedAt.Local().Format(time.DateTime))
		}
		return table.Print(o.env.IO)
	})
}
