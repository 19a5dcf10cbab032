package sandbox

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
	storeVersion = 1
	compactFrom  = 64 << 20 // bytes written since the last compaction
)

// store is the data file: lines of JSON, each one change, on disk before the change is answered. A line that the end
// of the process cut off is dropped at the next start. The sandbox's lock guards it.
type store struct {
	path    string
	file    *os.File
	unlock  func()
	written int64
	err     error // the first failure; nothing is written after it
}

// saved is one line. Exactly one member is set.
type saved struct {
	Head    *head        `json:"head,omitempty"`
	Webhook *webhook     `json:"hook,omitempty"`
	Deleted string       `json:"unhook,omitempty"`
	Event   *eventRecord `json:"event,omitempty"`
	State   *savedState  `json:"state,omitempty"`
	Log     *attempt     `json:"log,omitempty"`
	Forget  []string     `json:"forget,omitempty"`
	Clock   *int64       `json:"clock,omitempty"` // ms ahead of the wall clock
	Reset   bool         `json:"reset,omitempty"`
}

type head struct {
	Version int    `json:"whctlSandbox"`
	Scheme  string `json:"scheme"`
	NextSeq uint64 `json:"nextSeq"`
	NextOrd int    `json:"nextOrd"`
}

// savedState is what changes of an event, without its body.
type savedState struct {
	ID string `json:"id"`
	progress
}

func stateOf(e *eventRecord) *savedState { return &savedState{e.ID, e.progress} }

// save puts changes on disk. The caller holds the lock.
func (s *Sandbox) save(lines ...saved) error {
	if s.store == nil || len(lines) == 0 {
		return nil
	}
	if s.store.err == nil {
		s.store.err = s.store.write(lines)
	}
	if s.store.err == nil && s.store.written > compactFrom {
		s.store.err = s.compact()
	}
	if s.store.err != nil {
		s.queue.Wake() // Run ends with it
		return fault.Wrap(fault.Storage, s.store.err, "the sandbox's data file cannot be written")
	}
	return nil
}

// storeError is why the data file cannot be written any more, or nil.
func (s *Sandbox) storeError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store == nil || s.store.err == nil {
		return nil
	}
	return fault.Wrap(fault.Storage, s.store.err, "the sandbox's data file cannot be written")
}

func (s *Sandbox) saveClock() error {
	ms := s.clock.offset.Milliseconds()
	return s.save(saved{Clock: &ms})
}

func (st *store) write(lines []saved) error {
	var b bytes.Buffer
	if err := encodeLines(&b, lines); err != nil {
		return err
	}
	n, err := st.file.Write(b.Bytes())
	st.written += int64(n)
	if err != nil {
		return err
	}
	return st.file.Sync()
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

// openStore reads the data file, if there is one, and writes it anew without what has become of no use.
func (s *Sandbox) openStore() error {
	path := s.o.DataFile
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	// The file is written anew beside and put in its place: a device, a pipe or a folder must not be replaced like that.
	if fi, err := os.Stat(path); err == nil && !fi.Mode().IsRegular() {
		return fault.Hint(fault.New(fault.Usage, "the data file %s is no plain file", path), "give another --data file")
	}
	st := &store{path: path}
	s.store = st
	if err := st.takeLock(); err != nil {
		return err
	}
	files.Me().Sweep(path, unfinished, filepath.Base(path)+".new-")
	file, err := files.Me().Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return s.unusable(err, "the data file cannot be read")
	default:
		err = s.load(file)
		_ = file.Close()
		if err != nil {
			return fault.Hint(fault.Wrap(fault.Storage, err, "the data file %s", path), "move it away, or give another --data file: %s", fault.Command("mv", path, path+".damaged"))
		}
	}
	if err := s.compact(); err != nil {
		return fault.Hint(fault.Wrap(fault.Storage, err, "the data file cannot be written"), "give a --data file in a folder that can be written to")
	}
	return nil
}

// unusable is a file that cannot be had, with what to do about it.
func (s *Sandbox) unusable(err error, what string) error {
	if refused, ok := errors.AsType[*files.NotUsedError](err); ok {
		if refused.Command != nil {
			return fault.Hint(fault.Wrap(fault.Storage, err, "%s", what), "look at it and close it, or give another --data file: %s", fault.Command("", refused.Command...))
		}
		return fault.Hint(fault.Wrap(fault.Storage, err, "%s", what), "give another --data file")
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	return fault.Hint(fault.Wrap(fault.Storage, err, "%s: %s", what, s.store.path), "give a --data file in a folder of your own")
}

// takeLock makes sure that one process at a time uses the file.
func (st *store) takeLock() error {
	unlock, err := files.Me().Lock(context.Background(), st.path+".lock", files.Wait{})
	switch {
	case err == nil:
		st.unlock = unlock
		return nil
	case isHeld(err):
		return fault.Hint(fault.New(fault.Storage, "the data file %s is in use", st.path), "end the other sandbox, or give this one another --data file")
	}
	if pe, is := errors.AsType[*fs.PathError](err); is {
		err = pe.Err
	}
	return fault.Hint(fault.Wrap(fault.Storage, err, "the data file %s cannot be locked", st.path), "give a --data file in a folder that can be written to")
}

func isHeld(err error) bool {
	_, held := errors.AsType[*files.HeldError](err)
	return held
}

// unfinished says whether a file begins as a data file does, or was cut off before that much was written.
func unfinished(start []byte) bool {
	const head = `{"head":{"whctlSandbox":`
	return strings.HasPrefix(string(start), head) || strings.HasPrefix(head, string(start))
}

func (s *Sandbox) closeStore() error {
	if s.store == nil {
		return nil
	}
	st := s.store
	s.store = nil
	var err error
	if st.file != nil {
		err = st.file.Close()
	}
	if st.unlock != nil {
		st.unlock()
	}
	return err
}

// load replays the file. A last line without its end was cut off and does not count; the first one is always whole, so
// that a file of something else is not taken for an empty one.
func (s *Sandbox) load(file io.Reader) error {
	in := bufio.NewReaderSize(file, 1<<16)
	for n := 1; ; n++ {
		line, err := readLine(in)
		if errors.Is(err, io.EOF) && (n > 1 || len(line) == 0) {
			break
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		v, err := readSaved(line, n)
		if errors.Is(err, errNoLine) && n > 1 && atEnd(in) {
			break
		}
		if err != nil {
			return err
		}
		if err := s.take(v, n); err != nil {
			return err
		}
	}
	for _, e := range s.state.events {
		s.requeue(e)
	}
	return s.makeRoom()
}

// take takes over one line, and makes room from time to time.
func (s *Sandbox) take(v saved, n int) error {
	if err := s.replay(v); err != nil {
		return err
	}
	if n%1000 == 0 || s.state.eventBytes > 2*s.o.Keep {
		return s.makeRoom()
	}
	return nil
}

// errNoLine says that a line is not even JSON of the right form.
var errNoLine = errors.New("or no data file of a sandbox")

// readSaved reads line n of the file and looks whether it can be.
func readSaved(line []byte, n int) (v saved, err error) {
	if err := json.Unmarshal(line, &v); err != nil || n == 1 && v.Head == nil {
		return v, fmt.Errorf("is damaged in line %d, %w", n, errNoLine)
	}
	err = v.check()
	if err == nil && n > 1 && v.Head != nil {
		err = errors.New("is a second beginning")
	}
	if err != nil {
		return v, fmt.Errorf("is damaged: line %d %s", n, problem(err))
	}
	return v, nil
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

// makeRoom forgets what is too much while the file is read.
func (s *Sandbox) makeRoom() error {
	_, gone := s.state.prune(s.clock.now())
	s.countLost(gone)
	if s.state.eventBytes > 2*s.o.Keep {
		return fmt.Errorf("holds more than %d MiB of events that are still to be delivered", 2*s.o.Keep>>20)
	}
	return nil
}

func atEnd(in *bufio.Reader) bool {
	_, err := in.Peek(1)
	return err != nil
}

// compact writes the state to a new file and puts it in the place of the old one. The caller holds the lock, or has
// the sandbox for itself.
func (s *Sandbox) compact() (err error) {
	st := s.store
	if st.file != nil { // some systems replace no file that is open
		if err := st.file.Close(); err != nil {
			return err
		}
		st.file = nil
	}
	if err := files.Me().ReplaceWith(st.path, s.dump); err != nil { // 0600: signing keys are in it
		return err
	}
	st.file, err = os.OpenFile(st.path, os.O_WRONLY|os.O_APPEND, 0o600)
	st.written = 0
	return err
}

func (s *Sandbox) dump(w io.Writer) error {
	ms := s.clock.offset.Milliseconds()
	lines := []saved{
		{Head: &head{storeVersion, s.scheme.Name, s.state.nextSeq, s.state.nextOrd}},
		{Clock: &ms},
	}
	for _, hook := range s.state.webhooks {
		lines = append(lines, saved{Webhook: hook})
	}
	for _, e := range s.state.events {
		lines = append(lines, saved{Event: e})
	}
	for _, a := range s.state.logs {
		if a.Outcome != "processing" || a.event.fixture() { // one under way is logged when it is over
			lines = append(lines, saved{Log: a})
		}
	}
	return encodeLines(w, lines)
}
