// Package config holds whctl config and its verbs.
package config

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// New makes the group.
func New(e *cmdkit.Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Show and change settings",
		Long: `Show and change settings. A setting comes from a flag, else the environment, else .whctl.yaml in this folder or
one above it, else your own config file, else its default. No config file may hold a secret, and a project's .whctl.yaml sets
only what is harmless, until you trust it.`,
		Example: `  whctl config list --show-origin
  whctl config set scheme stripe`,
	}
	c.AddCommand(newList(e), newGet(e), newSet(e), newUnset(e), newPath(e), newTrust(e, runTrust))
	return c
}

func newList(e *cmdkit.Env) *cobra.Command {
	var origin bool
	c := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List every setting that has a value",
		Example: "  whctl config list --show-origin",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return runList(e, origin) },
	}
	c.Flags().BoolVar(&origin, "show-origin", false, "show where each value comes from")
	return c
}

func runList(e *cmdkit.Env, origin bool) error {
	out, err := render.NewOutput(e.Format())
	if err != nil {
		return err
	}
	s, err := e.Settings()
	if err != nil {
		return err
	}
	values := s.List()
	return out.Value(e.IO, values, func() error {
		columns := []render.Column{{Title: "SETTING", Narrow: render.Uncut}, {Title: "VALUE", Narrow: render.CutMiddle, Least: 24}}
		if origin {
			columns = append(columns, render.Column{Title: "FROM", Narrow: render.CutMiddle, Least: 16})
		}
		t := render.NewTable(columns...)
		for _, v := range values {
			t.Add(v.Key, v.Value, v.Origin)
		}
		return t.Print(e.IO)
	})
}

func newGet(e *cmdkit.Env) *cobra.Command {
	return &cobra.Command{
		Use:     "get SETTING",
		Short:   "Print one setting's value",
		Example: "  whctl config get api_url",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			out, err := render.NewOutput(e.Format())
			if err != nil {
				return err
			}
			s, err := e.Settings()
			if err != nil {
				return err
			}
			v, err := s.Get(args[0])
			if err != nil {
				return err
			}
			return out.Value(e.IO, v, func() error {
				_, err := fmt.Fprintln(e.IO.Out, term.Clean(v.Value))
				return err
			})
		},
	}
}

func newSet(e *cmdkit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "set SETTING VALUE",
		Short: "Write one setting into your config file",
		Long:  "Write one setting into your own config file, keeping its comments. With --profile, API URL, scheme and headers go to that profile.",
		Example: `  whctl config set scheme stripe
  whctl --profile staging config set api_url https://dev.api.example.com`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			out, err := render.NewOutput(e.FormatAnyway())
			if err != nil {
				return err
			}
			file, err := config.UserFile(e.ConfigOptions())
			if err != nil {
				return err
			}
			if err := checkScheme(e, args[0], args[1]); err != nil {
				return err
			}
			if err := config.Set(file, e.Globals.Profile, args[0], args[1]); err != nil {
				return err
			}
			v := struct {
				Key  string `json:"key"`
				File string `json:"file"`
				Set  bool   `json:"set"`
			}{args[0], file, true}
			return out.Value(e.IO, v, func() error {
				e.Say("set %s in %s", args[0], file)
				return nil
			})
		},
	}
}

// checkScheme refuses an unknown scheme where that is what is set.
func checkScheme(e *cmdkit.Env, setting, name string) error {
	if setting != "scheme" && !strings.HasSuffix(setting, ".scheme") {
		return nil
	}
	return e.CheckScheme(name)
}

func newUnset(e *cmdkit.Env) *cobra.Command {
	c := &cobra.Command{
		Use:     "unset SETTING",
		Short:   "Remove one setting from your config file",
		Example: "  whctl config unset scheme",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			out, err := render.NewOutput(e.FormatAnyway())
			if err != nil {
				return err
			}
			file, err := config.UserFile(e.ConfigOptions())
			if err != nil {
				return err
			}
			found, err := config.Unset(file, e.Globals.Profile, args[0])
			if err != nil {
				return err
			}
			if !found {
				return fault.Hint(fault.New(fault.Refused, "%s is not set in %s", args[0], file), "this prints where it comes from: whctl config list --show-origin")
			}
			v := struct {
				Key     string `json:"key"`
				File    string `json:"file"`
				Removed bool   `json:"removed"`
			}{args[0], file, true}
			return out.Value(e.IO, v, func() error {
				e.Say("removed %s from %s", args[0], file)
				return nil
			})
		},
	}
	cmdkit.NeverAsks(c.Flags())
	return c
}

func newPath(e *cmdkit.Env) *cobra.Command {
	return &cobra.Command{
		Use:     "path",
		Short:   "Print which config files are used",
		Example: "  whctl config path",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			out, err := render.NewOutput(e.Format())
			if err != nil {
				return err
			}
			s, err := e.Settings()
			if err != nil {
				return err
			}
			v := struct {
				User    string `json:"user"`
				Project string `json:"project"`
			}{s.UserFile, s.ProjectFile}
			return out.Value(e.IO, v, func() error {
				text := v.User + "\n"
				if v.Project != "" {
					text = v.Project + "\n" + text
				}
				_, err := fmt.Fprint(e.IO.Out, term.CleanLines(text))
				return err
			})
		},
	}
}
