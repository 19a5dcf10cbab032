package journal

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/render"
)

func newPath(e *cmdkit.Env) *cobra.Command {
	return &cobra.Command{
		Use:     "path",
		Short:   "Print where the journal's file is",
		Example: "  ls -l \"$(whctl journal path)\"",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s, err := e.Settings()
			if err != nil {
				return err
			}
			out, err := render.NewOutput(e.Format())
			if err != nil {
				return err
			}
			v := struct {
				Path string `json:"path"`
			}{s.JournalPath}
			return out.Value(e.IO, v, func() error {
				_, err := fmt.Fprintln(e.IO.Out, s.JournalPath)
				return err
			})
		},
	}
}
