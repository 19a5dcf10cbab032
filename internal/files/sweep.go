package files

// What killed processes left beside a file.

import (
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Sweep removes what processes that were killed while they replaced path have left beside it: plain files of the user's own
// with one of the names that a replacement is written under. ours is asked about the beginning of each, at most 64 bytes, and
// says whether it is one. The caller holds whatever keeps others from replacing path at the same time. earlier are name
// beginnings that were in use before.
func (u User) Sweep(path string, ours func(start []byte) bool, earlier ...string) {
	dir := filepath.Dir(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // what cannot be seen stays
	}
	for _, e := range entries {
		for _, begin := range append(earlier, newName(path)) {
			digits, found := strings.CutPrefix(e.Name(), begin)
			if !found || digits == "" || strings.Trim(digits, "0123456789") != "" {
				continue
			}
			name := filepath.Join(dir, e.Name())
			if start, ok := u.startOf(name); ok && ours(start) {
				_ = os.Remove(name)
			}
		}
	}
}

// startOf gives the first bytes of a plain file of the user's own.
func (u User) startOf(name string) ([]byte, bool) {
	if target, err := u.Plain(name); err != nil || target != name {
		return nil, false
	}
	f, err := u.Open(name)
	if err != nil {
		return nil, false
	}
	defer func() { _ = f.Close() }()
	start, err := io.ReadAll(io.LimitReader(f, 64))
	return start, err == nil
}

// newName is how the name of a replacement of path begins; digits follow.
func newName(path string) string { return "." + filepath.Base(path) + "-" }
