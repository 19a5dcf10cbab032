package journal

// The bound of the write-ahead log.

import (
	"context"
	"fmt"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/record"
)

// The bytes of SQLite's index of the log that stand for a reader (sqlite.org/walformat.html, 2.3).
const (
	firstReadLock = 123
	lastReadLock  = 127
)

// foldAgain is the time between two tries to fold a log that is too long.
const foldAgain = 200 * time.Millisecond

// logBound is the state of a log that cannot be folded because another program reads an older state of the file.
type logBound struct {
	told  bool
	tried time.Time
}

// bounded keeps the log from growing for ever. SQLite folds it at 8 MiB, except for what a program with an open transaction may
// still read. At first people are told; beyond the bound nothing is recorded.
func (w *writer) bounded(ctx context.Context) error {
	b, size := &w.long, w.watch.logSize()
	if size <= w.tuning.logTold {
		if b.told {
			b.told = false
			w.tell(record.Changed{State: record.LogFolded, Message: "the journal's log is folded again"})
		}
		return nil
	}
	if size > w.tuning.logMost && time.Since(b.tried) >= foldAgain {
		_ = w.fold(ctx)
		b.tried = time.Now()
		if err := w.inspect(ctx); err != nil {
			return err
		}
		size = w.watch.logSize()
	}
	if !b.told {
		b.told = true
		w.tell(record.Changed{State: record.LogGrowing, Message: fmt.Sprintf(
			"the journal's log has grown to %d MiB, because %s reads the journal and does not end: close it before the log has %d MiB, when nothing more is recorded",
			size>>20, w.readers(), w.tuning.logMost>>20)})
	}
	if size <= w.tuning.logMost {
		return nil
	}
	return fault.Hint(fault.New(fault.Storage, "the journal's log %s-wal has grown to %d MiB, because %s reads the journal and does not end",
		w.watch.path, size>>20, w.readers()), "close that program; senders are answered 503 until then")
}

// readers names the programs that hold the log, as far as the system tells.
func (w *writer) readers() string {
	return files.Names(files.HoldersOf(w.watch.path+"-shm", firstReadLock, lastReadLock))
}
