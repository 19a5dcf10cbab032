package config

// Project files that the user trusts.

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
)

// trustName is the file in the data folder that lists the project files that the user trusts.
const trustName = "trusted.json"

const (
	maxTrustFile = 4 << 20
	trustWait    = 10 * time.Second // for another process that changes the list
)

// TrustedFile is a project file that the user trusts, as long as its bytes stay the same.
type TrustedFile struct {
	Path      string   `json:"path"`
	SHA256    string   `json:"sha256"`
	TrustedAt api.Time `json:"trustedAt"`
}

// trustList is the content of the file.
type trustList struct {
	Files []TrustedFile `json:"files"`
}

// hash returns the SHA-256 of a file in hex.
func (f *file) hash() string {
	sum := sha256.Sum256(f.raw)
	return hex.EncodeToString(sum[:])
}

// trusts reports whether the user trusts a project file as it is now.
func (o *Options) trusts(own *layer, f *file) (bool, error) {
	list, err := o.readTrust(own)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(list.Files, func(t TrustedFile) bool { return t.Path == f.path && t.SHA256 == f.hash() }), nil
}

// Trust records that the user trusts the project file as it is now, and returns what the file sets. The file must load as a
// trusted one.
func Trust(ctx context.Context, o Options, now time.Time) (TrustedFile, []Value, error) {
	o.table = o.Flags.rows()
	f, own, linked, err := o.projectToTrust()
	if err != nil {
		return TrustedFile{}, nil, err
	}
	f.trusted = true
	l, err := f.decode()
	if err != nil {
		return TrustedFile{}, nil, hideLinked(f.path, linked, err)
	}
	t := TrustedFile{Path: f.path, SHA256: f.hash(), TrustedAt: api.At(now)}
	err = o.changeTrust(ctx, own, func(list *trustList) {
		list.Files = slices.DeleteFunc(list.Files, func(old TrustedFile) bool { return old.Path == t.Path })
		list.Files = append(list.Files, t)
	})
	return t, l.list(), err
}

// projectToTrust reads the project file that Load would read, and the user's own layer.
func (o *Options) projectToTrust() (f *file, own *layer, linked bool, err error) {
	if path, by := o.named(); path != "" {
		return nil, nil, false, fault.Hint(fault.New(fault.Usage, "no project file is read while %s names a config file", by), "leave %s out", fault.Word(by))
	}
	if own, _, err = o.userLayer(); err != nil {
		return nil, nil, false, err
	}
	path := o.findProject()
	if path != "" {
		f, linked, err = o.readProject(path)
	}
	if err == nil && f == nil {
		err = fault.Hint(fault.New(fault.Usage, "there is no %s in this folder or one above it", projectName), "whctl config path")
	}
	return f, own, linked, err
}

// Distrust forgets that the user trusts a file, and reports whether the user did. "" is the project file that Load would read.
func Distrust(ctx context.Context, o Options, path string) (absolute string, found bool, err error) {
	o.table = o.Flags.rows()
	own, _, err := o.userLayer()
	if err != nil {
		return "", false, err
	}
	if path == "" {
		if path = o.findProject(); path == "" {
			return "", false, fault.Hint(fault.New(fault.Usage, "there is no %s in this folder or one above it", projectName), "whctl config trust --list")
		}
	}
	path = o.absolute(path)
	err = o.changeTrust(ctx, own, func(list *trustList) {
		list.Files = slices.DeleteFunc(list.Files, func(t TrustedFile) bool {
			found = found || t.Path == path
			return t.Path == path
		})
	})
	return path, found, err
}

// TrustState is what became of a trusted file.
type TrustState string

// The states of a trusted file.
const (
	StateTrusted TrustState = "trusted"
	StateChanged TrustState = "changed" // it has other bytes, so it is not trusted
	StateMissing TrustState = "missing" // not there, or not readable
)

// TrustedFiles returns the files that the user trusts, sorted by path, and what became of each.
func TrustedFiles(o Options) ([]TrustedFile, []TrustState, error) {
	o.table = o.Flags.rows()
	own, _, err := o.userLayer()
	if err != nil {
		return nil, nil, err
	}
	list, err := o.readTrust(own)
	if err != nil {
		return nil, nil, err
	}
	sort.Slice(list.Files, func(i, j int) bool { return list.Files[i].Path < list.Files[j].Path })
	states := make([]TrustState, len(list.Files))
	for i, t := range list.Files {
		states[i] = o.trustState(t)
	}
	return list.Files, states, nil
}

func (o *Options) trustState(t TrustedFile) TrustState {
	b, err := readBounded(t.Path, o.user().Open)
	switch {
	case err != nil:
		return StateMissing
	case (&file{raw: b}).hash() != t.SHA256:
		return StateChanged
	default:
		return StateTrusted
	}
}

// trustFile returns the path of the list. A project file cannot change it.
func (o *Options) trustFile(own *layer) (string, error) {
	var layers []*layer
	if own != nil {
		layers = append(layers, own)
	}
	dir := o.folder(text(o.one(layers, "data_dir").value))
	if dir == "" {
		return "", fault.Hint(fault.New(fault.Usage, "there is no home folder to keep trust in"), "export HOME=DIR, or WHCTL_DATA_DIR=DIR")
	}
	return filepath.Join(dir, trustName), nil
}

// readTrust reads the list. A missing list is empty.
func (o *Options) readTrust(own *layer) (trustList, error) {
	path, err := o.trustFile(own)
	if err != nil {
		return trustList{}, err
	}
	return o.readTrustAt(path)
}

// readTrustAt reads a list that only the user can have written.
func (o *Options) readTrustAt(path string) (list trustList, err error) {
	var b []byte
	if _, err = o.user().Folder(filepath.Dir(path)); err == nil {
		var r *os.File
		if r, err = o.user().Open(path); err == nil {
			b, err = io.ReadAll(io.LimitReader(r, maxTrustFile))
			_ = r.Close()
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return list, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &list)
	}
	if notUsed, ok := errors.AsType[*files.NotUsedError](err); ok {
		return list, fault.WithStep(fault.Wrap(fault.Storage, err, "cannot read which project files are trusted"), nextStep(notUsed))
	}
	err = fault.Wrap(fault.Storage, err, "cannot read which project files are trusted")
	return list, fault.Hint(err, "%s, and trust them again: whctl config trust", fault.Command("rm", path))
}

// changeTrust changes the list under a lock.
func (o *Options) changeTrust(ctx context.Context, own *layer, change func(*trustList)) error {
	const cannot = "cannot write which project files are trusted"
	path, err := o.trustFile(own)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fault.Wrap(fault.Storage, err, cannot)
	}
	release, err := o.user().Lock(ctx, path+".lock", files.Wait{Limit: trustWait})
	if err != nil {
		return fault.Wrap(fault.Storage, err, cannot)
	}
	defer release()
	list, err := o.readTrustAt(path)
	if err != nil {
		return err
	}
	change(&list)
	b, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return fault.Wrap(fault.Internal, err, cannot)
	}
	return fault.Wrap(fault.Storage, o.user().Replace(path, append(b, '\n')), cannot)
}
