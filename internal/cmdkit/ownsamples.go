package cmdkit

// Samples of the user's own: a folder of files NAME.json.

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/pflag"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
)

// The bounds of a folder of samples.
const (
	maxSample      = 1 << 20 // bytes of one
	maxSamples     = 500     // how many
	maxSampleBytes = 16 << 20
	maxSampleName  = 128
	maxEntries     = 10_000 // files and folders that are looked at
	sampleEnd      = ".json"
)

// errLeadsOut is about a folder that a project file names and that is a link to somewhere else.
var errLeadsOut = errors.New("it leads out of the project")

// errNoFolder is about what is no folder.
var errNoFolder = errors.New("it is no folder")

// SamplesFlag is the flag that names a folder of samples.
func SamplesFlag(fs *pflag.FlagSet, to *string) {
	fs.StringVar(to, "samples", "", "`folder` with samples of your own: TYPE.json or TYPE/VARIANT.json, sent with a fresh id and time")
}

// OwnSamples reads the samples of the folder that a flag names, or else that of the setting; none when neither does. What is no
// plain JSON file of a plain name is refused.
func (e *Env) OwnSamples(flag string) (event.Own, error) {
	dir, inside := flag, ""
	if flag == "" {
		s, err := e.Settings()
		if err != nil || s.Samples == "" {
			return nil, err
		}
		dir, inside = s.Samples, s.SamplesIn
	}
	root, err := openSamples(dir, inside)
	if inside != "" && err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errNoFolder) {
		err = errLeadsOut
	}
	if err != nil {
		return nil, fault.Hint(fault.New(fault.Usage, "cannot read the samples in %s: %s", fault.Quote(dir), PathWords(err)), "name a folder that has them with --samples DIR, or take the setting samples out")
	}
	defer func() { _ = root.Close() }()
	r := reading{root: root, dir: dir, own: event.Own{}}
	if err = fs.WalkDir(fewEntries{root.FS()}, ".", r.visit); err != nil {
		if _, known := errors.AsType[*fault.Error](err); !known {
			err = sampleFault(dir, "%s", PathWords(err))
		}
		return nil, err
	}
	return r.own, nil
}

// fewEntries is files of which no folder is read further than it takes to see that there are too many.
type fewEntries struct{ fs.FS }

// ReadDir is for fs.WalkDir. A folder that does not fit is given in part, with one entry more than a walk takes.
func (f fewEntries) ReadDir(name string) ([]fs.DirEntry, error) {
	dir, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = dir.Close() }()
	list, is := dir.(fs.ReadDirFile)
	if !is {
		return nil, errNoFolder
	}
	entries, err := list.ReadDir(maxEntries + 1)
	if errors.Is(err, io.EOF) { // it is empty
		err = nil
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

// reading is a walk through a folder of samples.
type reading struct {
	root *os.Root
	dir  string
	own  event.Own
	seen int // files and folders
	size int
}

// visit reads a sample. Hidden files, what is in hidden folders, and files of other kinds are none.
func (r *reading) visit(file string, d fs.DirEntry, err error) error {
	if err != nil {
		return err
	}
	if r.seen++; r.seen > maxEntries {
		return sampleFault(r.dir, "it holds more than %d files and folders", maxEntries)
	}
	link, hidden := d.Type()&fs.ModeSymlink != 0, file != "." && strings.HasPrefix(d.Name(), ".")
	switch {
	case d.IsDir() && !link:
		if hidden {
			return fs.SkipDir
		}
		return nil
	case hidden, path.Ext(file) != sampleEnd && !link:
		return nil
	}
	body, err := readSample(r.root, file, d)
	if err != nil {
		return err
	}
	if r.size += len(body); r.size > maxSampleBytes || len(r.own) >= maxSamples {
		return sampleFault(r.dir, "there are more than %d samples, or more than %d MiB of them", maxSamples, maxSampleBytes>>20)
	}
	r.own[strings.TrimSuffix(file, sampleEnd)] = body
	return nil
}

// openSamples opens a folder. One that a project file names must be inside the project, whatever its links say.
func openSamples(dir, inside string) (*os.Root, error) {
	if inside == "" {
		return openFolder(os.Stat, os.OpenRoot, dir)
	}
	project, err := os.OpenRoot(inside)
	if err != nil {
		return nil, err
	}
	defer func() { _ = project.Close() }()
	below, err := filepath.Rel(inside, dir)
	if err != nil {
		return nil, err
	}
	return openFolder(project.Stat, project.OpenRoot, below)
}

// openFolder looks before it opens: to open a pipe would wait for its other end.
func openFolder(look func(string) (fs.FileInfo, error), open func(string) (*os.Root, error), dir string) (*os.Root, error) {
	fi, err := look(dir)
	if err == nil && !fi.IsDir() {
		err = errNoFolder
	}
	if err != nil {
		return nil, err
	}
	return open(dir)
}

func readSample(root *os.Root, file string, d fs.DirEntry) ([]byte, error) {
	name := strings.TrimSuffix(file, sampleEnd)
	odd := func(c rune) bool { return !unicode.IsPrint(c) || strings.ContainsRune("\\\"'` ", c) }
	switch {
	case d.Type()&fs.ModeSymlink != 0:
		return nil, sampleFault(file, "it is a link: put the file itself there")
	case !d.Type().IsRegular():
		return nil, sampleFault(file, "it is no plain file")
	case len(name) > maxSampleName || strings.HasPrefix(name, "-") || strings.ContainsFunc(name, odd) || slices.Contains(strings.Split(name, "/"), ""):
		return nil, sampleFault(file, "its name is no event type: letters, digits, dots and the like, at most %d", maxSampleName)
	}
	f, err := root.Open(file)
	if err != nil {
		return nil, sampleFault(file, "%s", PathWords(err))
	}
	defer func() { _ = f.Close() }()
	body, err := io.ReadAll(io.LimitReader(f, maxSample+1))
	switch {
	case err != nil:
		return nil, sampleFault(file, "%s", PathWords(err))
	case len(body) > maxSample:
		return nil, sampleFault(file, "it is larger than %d MiB", maxSample>>20)
	case !json.Valid(body):
		return nil, sampleFault(file, "it is no JSON")
	}
	return body, nil
}

func sampleFault(file, format string, args ...any) error {
	return fault.Hint(fault.New(fault.Usage, "sample %s is not used: "+format, append([]any{fault.Quote(file)}, args...)...), "take it out of the folder, or name another one: --samples DIR")
}

// OwnNames lists the names of the user's own samples for people and completion. A folder that cannot be read has none.
func (e *Env) OwnNames() []string {
	own, err := e.OwnSamples("")
	if err != nil {
		return nil
	}
	return own.Names()
}
