package journal

// Following: what is recorded by any process is handed on soon after. The journal is looked at again and again, which costs one look
// into an index.

import (
	"context"
	"database/sql"
	"errors"
	"os"

	"github.com/whctl/whctl/internal/record"
)

// ErrReplaced says that the file at the journal's path is not the one that was opened. It has to be opened again.
var ErrReplaced = errors.New("the journal's file was removed or replaced")

// LastID is the id of the newest delivery, whatever its profile; "" when there is none. It fails with a storage fault.
func (j *Journal) LastID(ctx context.Context) (string, error) {
	var newest sql.NullInt64
	err := j.query(ctx, "SELECT max(id) FROM deliveries", nil, func(rows *sql.Rows) (bool, error) { return false, rows.Scan(&newest) })
	return nameOf(newest), err
}

// Follow calls fn for the deliveries that the filter names and that come after the one with the id after, oldest first, as they are
// recorded. It calls wait before each look but the first. It ends with an error: that of fn, of wait, of the filter's Match or of the
// storage, or ErrReplaced.
func (j *Journal) Follow(ctx context.Context, f Filter, after string, wait func(context.Context) error, fn func(*record.Delivery) error) error {
	opened, _ := os.Stat(j.file)
	f.After = after
	for {
		if j.replaced(opened) {
			return ErrReplaced
		}
		newest, err := j.LastID(ctx)
		if err != nil {
			return err
		}
		if newest > f.After { // as text they sort as they do as numbers
			err := j.EachForward(ctx, f, func(d *record.Delivery) error {
				newest = max(newest, d.ID)
				return fn(d)
			})
			if err != nil {
				return err
			}
			f.After = newest
		}
		if err := wait(ctx); err != nil {
			return err
		}
	}
}

// replaced says whether the file at the journal's path is another one than the one that was opened. opened is nil when there was none.
func (j *Journal) replaced(opened os.FileInfo) bool {
	now, _ := os.Stat(j.path)
	if j.readers == nil {
		return now != nil
	}
	return !os.SameFile(opened, now)
}
