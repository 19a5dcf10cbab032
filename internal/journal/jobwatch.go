package journal

// Following jobs: which of them are new, have changed or are no longer asked for since the last look.

import (
	"cmp"
	"context"
	"database/sql"
	"os"
	"slices"

	"github.com/whctl/whctl/internal/record"
)

// JobWatch follows the jobs of a filter. It keeps a few words of each. One goroutine uses it, and closes it before the journal.
type JobWatch struct {
	j       *Journal
	f       JobFilter
	opened  os.FileInfo
	conn    *sql.Conn // on which commits of others are seen
	version int64     // of what the last look saw
	known   map[jobKey]jobMark
	looks   int
}

// jobMark is how a job was at a look.
type jobMark struct {
	state record.JobState
	tries int
	look  int
}

// WatchJobs begins to follow the jobs of f, whose Limit and Order do not count.
func (j *Journal) WatchJobs(f JobFilter) *JobWatch {
	opened, _ := os.Stat(j.file)
	if len(f.States) == 0 {
		f.States = record.JobStates()
	}
	return &JobWatch{j: j, f: f, opened: opened, known: map[jobKey]jobMark{}}
}

// Close gives back what the watch holds of the journal.
func (w *JobWatch) Close() error {
	if w.conn == nil {
		return nil
	}
	return w.conn.Close()
}

// Look calls fn for each job that is new, has another state or was tried since the last look, and for each that no longer has one of the
// states, oldest first; only for the newest so many of them unless most is 0. While nobody commits anything it reads no job. The error is a
// storage fault, that of fn, or ErrReplaced.
func (w *JobWatch) Look(ctx context.Context, most int, fn func(*ListedJob) error) error {
	if w.j.replaced(w.opened) {
		return ErrReplaced
	}
	if w.j.readers == nil {
		return nil
	}
	committed, err := w.committed(ctx)
	if err != nil || !committed {
		return err
	}
	if has, err := w.j.HasQueue(ctx); err != nil || !has {
		return err
	}
	keys, err := w.compare(ctx)
	if err != nil {
		return err
	}
	if most > 0 {
		keys = keys[max(len(keys)-most, 0):]
	}
	for batch := range slices.Chunk(keys, walkRows) {
		jobs, err := w.j.listed(ctx, batch)
		if err != nil {
			return err
		}
		for i := range jobs {
			w.shown(&jobs[i])
			if err := fn(&jobs[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// committed says whether anybody has committed something since the last call.
func (w *JobWatch) committed(ctx context.Context) (bool, error) {
	if err := w.j.enter(); err != nil {
		return false, err
	}
	defer w.j.calls.Done()
	const doing = "look at the journal"
	if w.conn == nil {
		var err error
		if w.conn, err = w.j.readers.Conn(ctx); err != nil {
			return false, storage(err, w.j.path, doing)
		}
	}
	before := w.version
	err := w.conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&w.version) // sqlite.org/pragma.html#pragma_data_version
	return w.version != before || w.looks == 0, storage(err, w.j.path, doing)
}

// compare gives the keys of the jobs that are not as they were at the last look, oldest first.
func (w *JobWatch) compare(ctx context.Context) (keys []jobKey, err error) {
	w.looks++
	err = w.j.ofEachState(ctx, "delivery, place, tries", "", w.f, func(rows *sql.Rows, state record.JobState) error {
		var k jobKey
		now := jobMark{state: state, look: w.looks}
		err := rows.Scan(&k[0], &k[1], &now.tries)
		was, known := w.known[k]
		w.known[k] = now
		if !known || was.state != now.state || was.tries != now.tries {
			keys = append(keys, k)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for k, mark := range w.known {
		if mark.look != w.looks {
			delete(w.known, k)
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b jobKey) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	return slices.Compact(keys), nil // one may move on between two states' turns
}

// shown keeps how a job was when it was read to be shown, which may be later than when it was compared.
func (w *JobWatch) shown(l *ListedJob) {
	delivery, _ := parseID(l.DeliveryID)
	k := jobKey{delivery, int64(l.Place)}
	if !slices.Contains(w.f.States, l.State) {
		delete(w.known, k)
		return
	}
	w.known[k] = jobMark{l.State, l.Tries, w.looks}
}
