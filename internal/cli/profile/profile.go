// Package profile holds whctl profile and its verbs.
package profile

import (
	"maps"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
)

// New makes the group.
func New(e *cmdkit.Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "profile",
		Short: "Keep settings for several platforms apart",
		Long: `A profile is a named set of API URL, scheme and headers, with keys and deliveries of its own. baanx and sandbox are built in.
Choose one for a single command with --profile, or for all with whctl profile use.`,
		Example: `  whctl profile create staging --api-url https://dev.api.example.com
  whctl profile use staging`,
	}
	for _, verb := range []*cobra.Command{newList(e), newUse(e), newCreate(e), newDelete(e)} {
		// They must work when the default profile does not exist, so that the user can correct it.
		verb.PreRun = func(*cobra.Command, []string) { e.Globals.AnyProfile = true }
		c.AddCommand(verb)
	}
	return c
}

func newList(e *cmdkit.Env) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the profiles",
		Example: "  whctl profile list",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return runList(e) },
	}
}

func runList(e *cmdkit.Env) error {
	out, err := render.NewOutput(e.Format())
	if err != nil {
		return err
	}
	s, err := e.Settings()
	if err != nil {
		return err
	}
	list := s.Profiles()
	return out.Value(e.IO, list, func() error {
		t := render.NewTable(
			render.Column{Title: ""}, render.Column{Title: "NAME", Narrow: render.Uncut}, render.Column{Title: "API", Narrow: render.CutMiddle, Least: 28},
			render.Column{Title: "SCHEME", Worth: 2}, render.Column{Title: "FROM", Narrow: render.CutMiddle, Worth: 1},
		)
		for _, p := range list {
			mark := ""
			if p.Active {
				mark = "*"
			}
			t.Add(mark, p.Name, p.APIURL, p.Scheme, p.Origin)
		}
		return t.Print(e.IO)
	})
}

func newUse(e *cmdkit.Env) *cobra.Command {
	return &cobra.Command{
		Use:     "use NAME",
		Short:   "Make a profile the default",
		Example: "  whctl profile use sandbox",
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
			if err := config.UseProfile(s.UserFile, args[0], s.Profiles()); err != nil {
				return err
			}
			v := struct {
				Name   string `json:"name"`
				Active bool   `json:"active"`
			}{args[0], e.Getenv("WHCTL_PROFILE") == ""}
			err = out.Value(e.IO, v, func() error {
				e.Say("%s is the default now", args[0])
				return nil
			})
			if !v.Active {
				e.Warn("WHCTL_PROFILE is set and wins over it")
			}
			return err
		},
	}
}

func newCreate(e *cmdkit.Env) *cobra.Command {
	var scheme string
	var headers []string
	c := &cobra.Command{
		Use:     "create NAME --api-url URL",
		Short:   "Add a profile to your config file",
		Example: "  whctl profile create staging --api-url https://dev.api.example.com --api-header x-client-key=pk_1",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return runCreate(e, args[0], scheme, headers)
		},
	}
	c.Flags().StringVar(&scheme, "scheme", "", "signature `scheme` of its deliveries (default baanx)")
	c.Flags().StringArrayVar(&headers, "api-header", nil, "header `NAME=VALUE` of every API call (repeatable)")
	return c
}

func runCreate(e *cmdkit.Env, name, scheme string, headers []string) error {
	out, err := render.NewOutput(e.FormatAnyway())
	if err != nil {
		return err
	}
	fields := map[string]string{}
	if url := e.Globals.APIURL; url != "" {
		checked, err := config.CheckAPIURL("--api-url", url)
		if err != nil {
			return err
		}
		fields["api_url"] = checked
	}
	if scheme != "" {
		if err := e.CheckScheme(scheme); err != nil {
			return err
		}
		fields["scheme"] = scheme
	}
	pairs, err := cmdkit.ParsePairs("--api-header", headers)
	if err != nil {
		return err
	}
	for k, v := range maps.All(pairs) {
		fields["headers."+k] = v
	}
	if len(fields) == 0 {
		return fault.Hint(fault.New(fault.Usage, "the profile would be empty"), "add --api-url URL or --scheme NAME")
	}
	file, err := config.UserFile(e.ConfigOptions())
	if err != nil {
		return err
	}
	if err := config.CreateProfile(file, name, fields); err != nil {
		return err
	}
	v := struct {
		Name    string `json:"name"`
		File    string `json:"file"`
		Created bool   `json:"created"`
	}{name, file, true}
	return out.Value(e.IO, v, func() error {
		e.Say("profile %s is in %s; %s makes it the default", fault.Word(name), fault.Word(file), fault.Command("whctl profile use", name))
		return nil
	})
}

func newDelete(e *cmdkit.Env) *cobra.Command {
	c := &cobra.Command{
		Use:     "delete NAME",
		Aliases: []string{"rm"},
		Short:   "Remove a profile from your config file",
		Example: "  whctl profile delete staging",
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
			if err := config.DeleteProfile(file, args[0]); err != nil {
				return err
			}
			v := struct {
				Name    string `json:"name"`
				Deleted bool   `json:"deleted"`
			}{args[0], true}
			return out.Value(e.IO, v, func() error {
				e.Say("profile %s is gone; its saved keys and deliveries stay", args[0])
				return nil
			})
		},
	}
	cmdkit.NeverAsks(c.Flags())
	return c
}
