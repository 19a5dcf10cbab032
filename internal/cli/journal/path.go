package journal

// whctl journal path: where the journal is.

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/render"
)

func newPath(e *cmdkit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "path",
		Short: "Print where the journal's file is",
		Long: `Print where the journal's file is. The newest deliveries may be only in the log beside it, whose name ends in
-wal, so a copy of the file alone may miss them. sqlite3 makes a whole copy at any time.`,
		Example: "  sqlite3 \"$(whctl journal path)\" \".backup journal-copy.db\"",
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
