package files

// Which processes have a file open.

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// maxHolders is how many processes are looked at.
const maxHolders = 32

// Holders names the processes besides this one that hold a lock on a file or folder, of whatever kind, as far as
// /proc/locks tells (proc_locks(5)): a process of another container is not seen.
func Holders(path string) []Process { return HoldersOf(path, 0, math.MaxInt64) }

// HoldersOf names those that hold a lock on some of a file's bytes, from first to last.
func HoldersOf(path string, first, last int64) []Process {
	fi, err := os.Stat(path)
	if err != nil {
		return nil
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	locks, err := os.Open("/proc/locks")
	if err != nil {
		return nil
	}
	defer locks.Close() //nolint:errcheck // opened to read
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		resolved = path
	}
	var out []Process
	seen := map[int]bool{os.Getpid(): true}
	for in := bufio.NewScanner(locks); in.Scan() && len(out) < maxHolders; {
		if !within(in.Text(), first, last) {
			continue
		}
		pid, ok := holder(in.Text(), uint64(st.Dev), st.Ino, func(pid int) bool { return hasOpen(pid, resolved) }) //nolint:unconvert // 32 bits on some
		if ok && !seen[pid] {
			seen[pid] = true
			out = append(out, Process{pid, name(pid)})
		}
	}
	return out
}

// holder reads a line of /proc/locks. Some file systems show another device there than stat(2) does; then the process must have
// the file open.
func holder(line string, dev, inode uint64, hasOpen func(pid int) bool) (pid int, ok bool) {
	f := strings.Fields(line) // 1: POSIX ADVISORY WRITE 1234 08:01:5678 0 EOF; after "->" one that waits
	if len(f) < 6 || f[1] == "->" {
		return 0, false
	}
	pid, err := strconv.Atoi(f[4])
	at := strings.Split(f[5], ":")
	if err != nil || pid <= 0 || len(at) != 3 || at[2] != strconv.FormatUint(inode, 10) {
		return 0, false
	}
	major, minor := (dev>>8)&0xfff|(dev>>32)&^0xfff, dev&0xff|(dev>>12)&^0xff
	return pid, at[0]+":"+at[1] == fmt.Sprintf("%02x:%02x", major, minor) || hasOpen(pid)
}

// within says whether the lock of a line is on some of the bytes from first to last. The system shows neighbours as one.
func within(line string, first, last int64) bool {
	f := strings.Fields(line)
	if len(f) < 8 {
		return false
	}
	from, err := strconv.ParseInt(f[6], 10, 64)
	if err != nil || from > last {
		return false
	}
	to, err := strconv.ParseInt(f[7], 10, 64)
	return err != nil || to >= first // else "EOF"
}

// hasOpen says whether a process has a file open, as far as this user may know.
func hasOpen(pid int, path string) bool {
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	entries, err := os.ReadDir(dir)
	return err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		to, err := os.Readlink(filepath.Join(dir, e.Name()))
		return err == nil && to == path
	})
}

func name(pid int) string {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm"))
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(b))
}
