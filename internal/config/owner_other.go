//go:build !unix

package config

import "io/fs"

// fileOwner does not know: here files are owned in other ways, and home folders are closed to other users.
func fileOwner(string, fs.FileInfo) (int, bool) { return 0, false }
