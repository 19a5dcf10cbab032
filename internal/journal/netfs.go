package journal

// The warning of a network file system.

import "fmt"

// networkWarning is what to tell of a journal on a network file system of that kind: SQLite's log needs memory shared
// between processes and locks that hold, and neither reaches another machine (sqlite.org/wal.html).
func networkWarning(path, kind string) string {
	if kind == "" {
		return ""
	}
	return fmt.Sprintf("the journal %s is on a network file system (%s): use it from one machine at a time, or choose a local folder with WHCTL_DATA_DIR=DIR", path, kind)
}
