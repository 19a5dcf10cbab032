//go:build !unix

package e2e

import "os"

// onPTY has no terminal to offer here. The scripts that need one ask for unix.
func onPTY() { os.Exit(125) }
