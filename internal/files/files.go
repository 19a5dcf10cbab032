// Package files decides who may use a file, replaces one whole, and locks one.
package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// NotUsedError says why a file is not used and what to do about it. The reason goes on after "PATH is not used, because …".
type NotUsedError struct {
	Path    string // what is wrong, which may be a folder or the target of a link
	Why     string
	Advice  string   // the next step in words
	Command []string // what to type for it, unquoted; nil when the words say all
}

// Error names the file and why.
func (r *NotUsedError) Error() string {
	return fmt.Sprintf("%s is not used, because %s", r.Path, r.Why)
}

// User is who asks. A file that another user owns, or that others can write, is not the user's own: it may hold anything. That
// holds for root too, who could read and write any file.
type User struct {
	UID int // negative where there are no user ids; nobody is refused then for the owner
	// OrRoot accepts root's files too, such as settings in an image or a package store.
	OrRoot bool
	// Owner tells who owns a file; ok is false where files have no such owner. nil asks the file system.
	Owner func(path string, fi fs.FileInfo) (uid int, ok bool)
}

// Me is the user of this process.
func Me() User { return User{UID: os.Geteuid()} }

// maxLinks is how many links in a row are followed.
const maxLinks = 32

// Plain checks that path is a plain file that the user owns and nobody else can write, behind links that the user owns. It
// returns the path behind the links. The error is fs.ErrNotExist if there is no file. Nothing is opened, so that a pipe
// cannot block.
func (u User) Plain(path string) (target string, err error) {
	target, fi, err := u.follow(path)
	if err != nil {
		return target, err
	}
	return target, atLink(path, target, u.Judge(target, fi))
}

// Folder checks a folder for the user's files. Whoever can write in a folder can replace any file in it. Root's folders
// are fine: root can replace files anywhere.
func (u User) Folder(path string) (target string, err error) {
	target, fi, err := u.follow(path)
	switch {
	case err != nil:
		return target, err
	case !fi.IsDir():
		return target, &NotUsedError{target, "it is " + kind(fi.Mode()) + " and no folder", "name another folder", nil}
	}
	if uid, ok := u.owner(target, fi); ok && uid != u.UID && uid != 0 {
		return target, &NotUsedError{target, fmt.Sprintf("another user owns this folder (uid %d)", uid), "use a folder of your own", nil}
	}
	if u.open(fi) {
		why := fmt.Sprintf("others can write in this folder (mode %04o)", fi.Mode().Perm())
		return target, &NotUsedError{target, why, "use a folder of your own in it, or close it", []string{"chmod", "go-w", target}}
	}
	return target, nil
}

// Judge refuses a file that is not the user's own. It is for an open file, or for one known by its info.
func (u User) Judge(path string, fi fs.FileInfo) error {
	if err := u.owned(path, fi); err != nil {
		return err
	}
	if u.open(fi) {
		return &NotUsedError{path, fmt.Sprintf("others can write it (mode %04o)", fi.Mode().Perm()), "look at what it holds, then close it", []string{"chmod", "go-w", path}}
	}
	return nil
}

// owned refuses what is not a plain file or belongs to another user.
func (u User) owned(path string, fi fs.FileInfo) error {
	away := []string{"mv", path, path + ".old"}
	if !fi.Mode().IsRegular() {
		return &NotUsedError{path, "it is " + kind(fi.Mode()) + " and no plain file", "move it away", away}
	}
	if uid, ok := u.owner(path, fi); ok && uid != u.UID && (uid != 0 || !u.OrRoot) {
		return &NotUsedError{path, fmt.Sprintf("another user owns it (uid %d)", uid), "use a place of your own, or move it away", away}
	}
	return nil
}

// atLink advises to change the link and not the file that it leads to, which may be a device or a file of the system.
func atLink(path, target string, err error) error {
	notUsed, ok := errors.AsType[*NotUsedError](err)
	if !ok || path == target || len(notUsed.Command) == 0 || notUsed.Command[0] != "mv" {
		return err
	}
	return &NotUsedError{path, "it is a link to " + target + ": there " + notUsed.Why, "remove the link", []string{"rm", path}}
}

// Open opens a plain file of the user's own for reading. It follows a link that is the user's own. It judges the open file, because
// the one behind the name may have been exchanged.
func (u User) Open(path string) (*os.File, error) {
	target, err := u.Plain(path)
	if err != nil {
		return nil, err
	}
	f, err := openNow(target)
	if err != nil {
		return nil, err
	}
	fi, err := f.Stat()
	if err == nil {
		err = atLink(path, target, u.Judge(target, fi))
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// follow goes through links, each of which must be the user's own or root's.
func (u User) follow(path string) (string, fs.FileInfo, error) {
	for range maxLinks {
		fi, err := os.Lstat(path)
		if err != nil {
			return path, nil, err
		}
		if fi.Mode()&fs.ModeSymlink == 0 {
			return path, fi, nil
		}
		if uid, ok := u.owner(path, fi); ok && uid != u.UID && uid != 0 {
			return path, nil, &NotUsedError{path, fmt.Sprintf("it is a link of another user (uid %d)", uid), "remove it", []string{"rm", path}}
		}
		to, err := os.Readlink(path)
		if err != nil {
			return path, nil, err
		}
		if !filepath.IsAbs(to) {
			// A folder on the way may be a link too, and .. then leads out of where that one points.
			dir, err := filepath.EvalSymlinks(filepath.Dir(path))
			if err != nil {
				return path, nil, err
			}
			to = filepath.Join(dir, to)
		}
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			return path, nil, &NotUsedError{path, "it is a link to nothing", "remove it", []string{"rm", path}}
		}
		path = to
	}
	return path, nil, &NotUsedError{path, "it is a link to itself", "remove it", []string{"rm", path}}
}

func (u User) owner(path string, fi fs.FileInfo) (int, bool) {
	if u.UID < 0 {
		return 0, false
	}
	if u.Owner != nil {
		return u.Owner(path, fi)
	}
	uid, _, ok := owner(fi)
	return uid, ok
}

// open says whether others than the owner can write. Many systems give each user a group of their own that may write; a group with
// nobody else in it does not count as others. Root has no such group.
func (u User) open(fi fs.FileInfo) bool {
	if !hasModes {
		return false
	}
	switch p := fi.Mode().Perm(); {
	case p&0o002 != 0:
		return true
	case p&0o020 == 0:
		return false
	default:
		_, gid, ok := owner(fi)
		return !ok || u.UID == 0 || !private(gid, u.UID)
	}
}

// kind names what stands in the place of a file.
func kind(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a folder"
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	case m.IsRegular():
		return "a file"
	default:
		return "something else"
	}
}
