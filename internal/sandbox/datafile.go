package sandbox

// The data file as a file: locked, appended to, rewritten.

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
)

const (
	compactFrom = 64 << 20 // bytes appended, after which the whole file is rewritten
	maxLine     = 64 << 20 // bytes of one line, far above the largest event
)

// dataFile is lines of JSON. Each is one change of the state, and is on disk before the change is answered. A line that was
// cut off at the end is dropped at the next start. The sandbox's lock guards it.
type dataFile struct {
	path    string
	file    *os.File
	unlock  func()
	written int64
	err     error // the first failure; nothing is written after it
}

// openDataFile locks a data file, which need not exist yet. The errors are storage faults, or usage faults for what is no file.
func openDataFile(path string) (*dataFile, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	// Rewriting replaces the file. A device, a pipe or a folder must not be replaced.
	if fi, err := os.Stat(path); err == nil && !fi.Mode().IsRegular() {
		return nil, fault.Hint(fault.New(fault.Usage, "the data file %s is no plain file", path), "give another --data file")
	}
	unlock, err := files.Me().Lock(context.Background(), path+".lock", files.Wait{})
	if _, held := errors.AsType[*files.HeldError](err); held {
		return nil, fault.Hint(fault.New(fault.Storage, "the data file %s is in use", path), "end the other sandbox, or give this one another --data file")
	}
	if err != nil {
		if pe, is := errors.AsType[*fs.PathError](err); is {
			err = pe.Err
		}
		return nil, fault.Hint(fault.Wrap(fault.Storage, err, "the data file %s cannot be locked", path), "give a --data file in a folder that can be written to")
	}
	files.Me().Sweep(path, unfinished, filepath.Base(path)+".new-")
	return &dataFile{path: path, unlock: unlock}, nil
}

// unfinished reports whether a file begins as a data file does, or was cut off within its beginning.
func unfinished(start []byte) bool {
	const head = `{"head":{"whctlSandbox":`
	return strings.HasPrefix(string(start), head) || strings.HasPrefix(head, string(start))
}

// read loads the file, if there is one. Its errors have a hint.
func (d *dataFile) read(load func(io.Reader) error) error {
	file, err := files.Me().Open(d.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return d.unusable(err)
	}
	defer func() { _ = file.Close() }()
	if err := load(file); err != nil {
		return fault.Hint(fault.Wrap(fault.Storage, err, "the data file %s", d.path), "move it away, or give another --data file: %s", fault.Command("mv", d.path, d.path+".damaged"))
	}
	return nil
}

// unusable returns why the file cannot be read, with a hint.
func (d *dataFile) unusable(err error) error {
	const what = "the data file cannot be read"
	if refused, ok := errors.AsType[*files.NotUsedError](err); ok {
		if refused.Command != nil {
			return fault.Hint(fault.Wrap(fault.Storage, err, what), "look at it and close it, or give another --data file: %s", fault.Command("", refused.Command...))
		}
		return fault.Hint(fault.Wrap(fault.Storage, err, what), "give another --data file")
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	return fault.Hint(fault.Wrap(fault.Storage, err, what+": %s", d.path), "give a --data file in a folder of your own")
}

// readLines calls take with each line, numbered from 1. A last line without an end is left out, unless it is the first: a file
// of something else is not taken for an empty one.
func readLines(file io.Reader, take func(line saved, n int) error) error {
	in := bufio.NewReaderSize(file, 1<<16)
	for n := 1; ; n++ {
		text, err := readLine(in)
		if errors.Is(err, io.EOF) && (n > 1 || len(text) == 0) {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		line, err := parseLine(text, n)
		if errors.Is(err, errNoLine) && n > 1 && atEnd(in) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := take(line, n); err != nil {
			return err
		}
	}
}

// readLine reads a line of bounded length.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return nil, fmt.Errorf("holds a line of more than %d MiB", maxLine>>20)
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, err
		}
	}
}

func atEnd(in *bufio.Reader) bool {
	_, err := in.Peek(1)
	return err != nil
}

// start writes the file for the first time.
func (d *dataFile) start(lines []saved) error {
	if d.replace(lines); d.err != nil {
		return fault.Hint(fault.Wrap(fault.Storage, d.err, "the data file cannot be written"), "give a --data file in a folder that can be written to")
	}
	return nil
}

// append adds lines to the file.
func (d *dataFile) append(lines []saved) {
	if d.err != nil {
		return
	}
	var b bytes.Buffer
	if d.err = encodeLines(&b, lines); d.err != nil {
		return
	}
	n, err := d.file.Write(b.Bytes())
	d.written += int64(n)
	if d.err = err; err == nil {
		d.err = d.file.Sync()
	}
}

// replace rewrites the file with these lines alone.
func (d *dataFile) replace(lines []saved) {
	if d.err != nil {
		return
	}
	if d.file != nil { // Windows replaces no open file
		if d.err = d.file.Close(); d.err != nil {
			return
		}
		d.file = nil
	}
	// 0600: signing keys are in it.
	if d.err = files.Me().ReplaceWith(d.path, func(w io.Writer) error { return encodeLines(w, lines) }); d.err != nil {
		return
	}
	d.file, d.err = os.OpenFile(d.path, os.O_WRONLY|os.O_APPEND, 0o600)
	d.written = 0
}

func encodeLines(w io.Writer, lines []saved) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range lines {
		if err := enc.Encode(&lines[i]); err != nil {
			return err
		}
	}
	return nil
}

// failure returns why the file can no longer be written, or nil. No file does not fail.
func (d *dataFile) failure() error {
	if d == nil || d.err == nil {
		return nil
	}
	return fault.Wrap(fault.Storage, d.err, "the sandbox's data file cannot be written")
}

func (d *dataFile) close() (err error) {
	if d.file != nil {
		err = d.file.Close()
	}
	d.unlock()
	return err
}
