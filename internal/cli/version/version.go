// Package version holds whctl version.
package version

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/render"
)

type info struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// New makes the command.
func New(e *cmdkit.Env) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  whctl version -o json",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return Print(e) },
	}
}

// Print writes the version to standard output.
func Print(e *cmdkit.Env) error {
	v := info{Version: e.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	format, jq, err := e.Format()
	if err != nil {
		return err
	}
	return render.Output{Format: format, JQ: jq}.Value(e.IO, v, func() error {
		_, err := fmt.Fprintf(e.IO.Out, "whctl %s (%s, %s)\n", v.Version, v.Go, v.Platform)
		return err
	})
}
