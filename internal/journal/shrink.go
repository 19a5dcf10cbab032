package journal

// Giving the room of what was dropped back, and taking away what it held: SQLite leaves deleted rows where they stood until something
// else is written there, and the log has older states of the file.

import (
	"context"
	"fmt"
	"math"
	"time"
)

const (
	shrinkPages = 512                  // that one step gives back
	foldWait    = 2 * time.Second      // for those who read or write
	stepPause   = 2 * time.Millisecond // between steps, for those who wait for the lock
)

// What is deleted is overwritten where it stands, as far as that writes no further pages, or it is not.
const (
	overwrite = "PRAGMA secure_delete = FAST"
	leave     = "PRAGMA secure_delete = OFF"
)

// set runs a statement that sets something for the connection.
func (w *writer) set(ctx context.Context, pragma string) error {
	_, err := w.conn.ExecContext(ctx, pragma)
	return err
}

// shrink gives the free pages of the file back in small steps, then folds the log as long as others let it.
func (j *Journal) shrink(ctx context.Context) error {
	for left := int64(math.MaxInt64); ; {
		var free int64
		err := j.do(ctx, func(w *writer) error {
			return w.transact(ctx, w.tuning.stepWait, func() error {
				if _, err := w.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", shrinkPages)); err != nil {
					return err
				}
				return w.conn.QueryRowContext(ctx, "PRAGMA freelist_count").Scan(&free)
			})
		})
		if err != nil {
			return storage(err, j.path, "give room back")
		}
		if free == 0 || free >= left {
			break
		}
		left = free
		if err := pause(ctx); err != nil {
			return err
		}
	}
	for deadline := time.Now().Add(foldWait); ; {
		var busy bool
		err := j.do(ctx, func(w *writer) error {
			var frames, folded int64
			return w.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &folded)
		})
		if err != nil {
			return storage(err, j.path, "fold the log")
		}
		if !busy || !time.Now().Before(deadline) {
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// pause waits a moment between two steps.
func pause(ctx context.Context) error {
	select {
	case <-time.After(stepPause):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
