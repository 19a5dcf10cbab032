package journal

// What an operator asks of a journal that is written.

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
)

// Alive waits until the writer has come to what was put before it. It fails when that takes longer than ctx lasts. It says nothing
// about whether a record could be written.
func (j *Journal) Alive(ctx context.Context) error {
	if err := j.enter(); err != nil {
		return err
	}
	defer j.calls.Done()
	o := &op{run: func(*writer) error { return nil }, done: make(chan error, 1)}
	select {
	case j.writer.ops <- o:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-o.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// probeRoom is what the log takes besides a record, in bytes.
const probeRoom = 64 << 10

// Probe writes what stands in the file already, the way a record is written. Its error is that of a record of that many bytes.
func (j *Journal) Probe(ctx context.Context, size int64) error {
	if free := files.Free(filepath.Dir(j.file)); free >= 0 && free < size+probeRoom {
		return fault.New(fault.Storage, "the disk of the journal %s has %s left", j.path, fault.Plural(free, "byte"))
	}
	return j.submit(ctx, &op{doing: "write to the journal", write: func(ctx context.Context, c *commit) error {
		_, err := c.w.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion))
		return err
	}})
}

// Room is how much space a journal takes and has, in bytes.
type Room struct {
	Used  int64 // by the file and its log
	Limit int64 // for the two; negative: none
	Free  int64 // on the disk; negative: not known
}

// Room looks at the file of a journal that is written, and at its disk.
func (j *Journal) Room() Room {
	return Room{Used: j.FileBytes(), Limit: j.writer.keep.full, Free: files.Free(filepath.Dir(j.file))}
}

// FileBytes is what the file and its log take on the disk; 0 where there is none.
func (j *Journal) FileBytes() (used int64) {
	for _, name := range []string{j.file, j.file + "-wal"} {
		if info, err := os.Stat(name); err == nil {
			used += info.Size()
		}
	}
	return used
}
