// Package journal is the durable local record of deliveries and attempts: one SQLite file, written in groups.
package journal

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/record"
)

const (
	// DefaultMaxBytes is what a file may hold unless told otherwise, in bytes.
	DefaultMaxBytes = 1 << 30
	defaultMaxAge   = 30 * 24 * time.Hour
)

// Options are the settings of a journal. The zero value is a writable journal with the default limits.
type Options struct {
	Now      func() time.Time // the clock; nil: time.Now
	MaxBytes int64            // what the file may hold before the oldest deliveries go; 0: 1 GiB, negative: no limit
	MaxAge   time.Duration    // how long a delivery is kept; 0: 30 days, negative: for ever
	ReadOnly bool             // nothing is created or written; a file that is not there reads as an empty journal
	// Tell is told what the journal drops or waits for; it must not block. nil: nobody is told.
	Tell func(record.Changed)
	User *files.User // who must own the files; nil: the user of this process
}

// tuning is what only tests and benchmarks set.
type tuning struct {
	openWait time.Duration // how long opening waits for another process
	lockWait time.Duration // how long a record waits to be written; its sender must have an answer within 5 s
	stepWait time.Duration // how long work between commits waits, as records wait behind it
	maxBatch int           // how many appends one commit takes
	patience time.Duration // how long a record that may be late waits for others to share a commit with
	settle   int64         // bytes written between two checks of the size
	mode     string        // how the writer opens the file
	logTold  int64         // bytes of log that people are told of
	logMost  int64         // bytes of log beyond which nothing is recorded

	runDeliveries int64  // see known.go
	waiting       func() // called each time another process holds the lock; may be nil
	held          func() // called when a record waits for others to share a commit with; may be nil
}

func defaultTuning() tuning {
	return tuning{
		openWait: 5 * time.Second, lockWait: 4 * time.Second, stepWait: 500 * time.Millisecond,
		maxBatch: 512, patience: 5 * time.Millisecond, settle: 1 << 20, mode: "rw", logTold: 64 << 20, logMost: 256 << 20,
		runDeliveries: runDeliveries,
	}
}

// Journal is an open journal. It is safe for use by many goroutines.
type Journal struct {
	path    string // as it was asked for
	file    string // behind the links at path
	warning string
	writer  *writer // nil when read-only
	readers *sql.DB // nil when there is no file

	current atomic.Bool // the file is known to have the newest format

	mu     sync.RWMutex
	closed bool
	calls  sync.WaitGroup // appends and reads under way
}

var errClosed = errors.New("the journal is closed")

// Open opens the journal at path, creating file (0600) and folder (0700) when they are not there.
// A damaged, foreign or newer file is a storage fault and stays untouched.
func Open(ctx context.Context, path string, o Options) (*Journal, error) {
	return open(ctx, path, o, defaultTuning())
}

func open(ctx context.Context, path string, o Options, t tuning) (*Journal, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.MaxBytes, o.MaxAge = cmp.Or(o.MaxBytes, DefaultMaxBytes), cmp.Or(o.MaxAge, defaultMaxAge)
	if o.User == nil {
		o.User = new(files.Me())
	}
	if o.Tell == nil {
		o.Tell = func(record.Changed) {}
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fault.Wrap(fault.Storage, err, "cannot find the journal %s", path)
	}
	j := &Journal{path: abs}
	begin := j.openWritable
	if o.ReadOnly {
		begin = j.openReadOnly
	}
	if err := begin(ctx, o, t); err != nil {
		return nil, err
	}
	return j, nil
}

func (j *Journal) openReadOnly(ctx context.Context, o Options, t tuning) (err error) {
	var there bool
	if j.file, there, err = place(*o.User, j.path); err != nil || !there {
		return err
	}
	i, err := probe(ctx, j.path, j.file, true)
	if err != nil { // it may be in the making
		release, lockErr := guard(ctx, j.path, o, t.openWait)
		if lockErr != nil {
			return lockErr
		}
		i, err = probe(ctx, j.path, j.file, true)
		release()
	}
	if err != nil || i.blank() {
		return err
	}
	return j.openReaders(ctx)
}

func (j *Journal) openWritable(ctx context.Context, o Options, t tuning) (err error) {
	if _, _, err = place(*o.User, j.path); err != nil {
		return err
	}
	if err = os.MkdirAll(filepath.Dir(j.path), 0o700); err != nil {
		return storage(err, j.path, "make the journal's folder")
	}
	begun := time.Now()
	release, err := guard(ctx, j.path, o, t.openWait)
	if err != nil {
		return err
	}
	defer release()
	var there bool
	if j.file, there, err = place(*o.User, j.path); err != nil {
		return err
	}
	if !there {
		if err = create(j.file); err != nil {
			return err
		}
	}
	i, err := probe(ctx, j.path, j.file, false)
	if err != nil {
		return err
	}
	tighten(j.file)
	t.openWait -= time.Since(begun)
	w, err := newWriter(ctx, j.path, j.file, i.blank(), o, t)
	if err != nil {
		return err
	}
	j.writer = w
	j.readers, err = sql.Open("sqlite", dsn(j.file, "rw", "query_only(1)"))
	if err != nil {
		return errors.Join(storage(err, j.path, "open the journal"), w.close())
	}
	j.readers.SetMaxOpenConns(4)
	j.warning = networkWarning(j.path, fileSystem(filepath.Dir(j.file)))
	return nil
}

// guard lets one process at a time open a journal in a folder: SQLite's own locks do not cover the switch to a write-ahead log,
// and a half-made file seems damaged. The lock is on the folder. It leaves nothing beside the file, and SQLite's locks are safe
// from it: closing a descriptor of the file would drop them. Where no lock can be had, opening goes on and says what is wrong.
func guard(ctx context.Context, path string, o Options, limit time.Duration) (release func(), err error) {
	release, err = files.LockFolder(ctx, filepath.Dir(path), files.Wait{Limit: limit, Say: func(e *files.HeldError) {
		o.Tell(record.Changed{State: record.Waiting, Message: "waiting: " + e.Error()})
	}})
	if _, isHeld := errors.AsType[*files.HeldError](err); isHeld || ctx.Err() != nil {
		return nil, storage(err, path, "open the journal")
	}
	if err != nil {
		return func() {}, nil //nolint:nilerr // see above
	}
	return release, nil
}

// openReaders opens a journal for reading only. The connections could write, so that they clear away what a killed process left
// beside the file. Where that is not allowed, as on a read-only medium, they read the file alone.
func (j *Journal) openReaders(ctx context.Context) error {
	var err error
	for _, mode := range []string{"rw", "immutable"} {
		if j.readers, err = sql.Open("sqlite", dsn(j.file, mode, "query_only(1)")); err != nil {
			return storage(err, j.path, "open the journal")
		}
		j.readers.SetMaxOpenConns(4)
		if _, err = identify(ctx, j.readers); err == nil {
			if info, statErr := os.Stat(j.file + "-wal"); mode == "immutable" && statErr == nil && info.Size() > logHeader {
				j.warning = fmt.Sprintf("the log %s-wal cannot be read in this place: the newest deliveries are missing here", j.file)
			}
			return nil
		}
		_ = j.readers.Close()
	}
	return storage(err, j.path, "open the journal")
}

// enter counts a call, or fails when the journal is closed. Each success needs one j.calls.Done.
func (j *Journal) enter() error {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if j.closed {
		return fault.Wrap(fault.Internal, errClosed, "cannot use %s", j.path)
	}
	j.calls.Add(1)
	return nil
}

// submit hands op to the writer and waits for its outcome. ctx ends the wait only until the writer accepts op: after that the
// caller must know whether the record is there.
func (j *Journal) submit(ctx context.Context, op *op) error {
	if err := j.enter(); err != nil {
		return err
	}
	defer j.calls.Done()
	if j.writer == nil {
		return fault.New(fault.Storage, "the journal %s is open for reading only", j.path)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	op.done = make(chan error, 1)
	op.until = time.Now().Add(j.writer.tuning.lockWait)
	select {
	case j.writer.ops <- op:
	case <-ctx.Done():
		return ctx.Err()
	}
	return storage(<-op.done, j.path, op.doing)
}

// Path is the journal's file.
func (j *Journal) Path() string { return j.path }

// Warning says what endangers this journal, such as a network file system, or "".
func (j *Journal) Warning() string { return j.warning }

// Close writes what still waits and closes the file. Later calls do nothing.
func (j *Journal) Close() error {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		return nil
	}
	j.closed = true
	j.mu.Unlock()
	j.calls.Wait()
	var err error
	if j.readers != nil {
		err = j.readers.Close()
	}
	if j.writer != nil {
		err = errors.Join(err, j.writer.close())
	}
	return storage(err, j.path, "close the journal")
}
