package journal

// The one connection that writes, in groups.

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"

	"github.com/whctl/whctl/internal/record"
)

// maxCommit bounds what one commit gathers, in bytes, so that nobody waits for the bodies of everybody.
const maxCommit = 16 << 20

// writer owns the one connection that writes. Its goroutine commits whatever waits as one transaction, so that one sync of the
// disk makes dozens of deliveries durable.
type writer struct {
	path   string // for people; what is opened is behind links
	now    func() time.Time
	tuning tuning
	keep   retention
	watch  watch
	long   logBound
	gone   gone
	tell   func(record.Changed)

	db   *sql.DB
	conn *sql.Conn
	ops  chan *op

	batch    []*op            // what the next commit writes
	size     int64            // of the batch, in bytes
	pressing int              // of the batch, how many do not wait for others
	crowded  bool             // the last commit had more than one of those, so more are about to come
	late     <-chan time.Time // when the batch is written in any case; nil while nothing waits for others

	quit chan struct{}
	done chan struct{}
	once sync.Once

	prepared []io.Closer // database/sql leaves the statements of a connection to us, and an open one keeps the file open

	begin, commitStmt, rollback   *sql.Stmt
	insertDelivery, insertAttempt *statement
	insertDiagnosis               *statement
	insertJob, settleJob          *statement
	lastIDs, nextNumber           *statement
	firstOfEvent, eventsAfter     *statement
	insertRun, insertPart         *statement
	deleteRun, deleteKeys         *statement
	allRuns, oneRun, onePart      *statement
	idsBetween                    *statement
	wasAnswered, markAnswered     *statement
	ready                         bool // the statements of an append are prepared
	delivery                      writtenDelivery
	attempt                       writtenAttempt
	known                         known
	lastDelivery, lastAttempt     int64
	others                        bool                                     // others recorded deliveries since tellJobs was told
	enqueued                      []record.Job                             // by the transaction under way
	tellJobs                      atomic.Pointer[func([]record.Job, bool)] // told of them once they are durable
}

func newWriter(ctx context.Context, path, file string, fresh bool, o Options, t tuning) (*writer, error) {
	// The log is folded back every 8 MiB: seldom enough that a page that many appends touch is copied once for them, and little enough to
	// be read through after a crash.
	pragmas := []string{"journal_mode(wal)", "synchronous(full)", "wal_autocheckpoint(2000)", "journal_size_limit(16777216)"}
	if fresh { // it only counts before anything is written
		pragmas = append([]string{"auto_vacuum(incremental)"}, pragmas...)
	}
	// A commit waits for what it wrote and for the file's length, as with the SQLite of every distribution, and not for the file's times. A
	// system that cannot leave them out syncs all.
	_, _ = sqlite.Fdatasync(true)
	db, err := sql.Open("sqlite", dsn(file, t.mode, pragmas...))
	if err != nil {
		return nil, storage(err, path, "open the journal")
	}
	w := &writer{
		path: path, now: o.Now, tuning: t, keep: newRetention(o, t), db: db, tell: o.Tell, watch: watch{path: file},
		ops: make(chan *op, t.maxBatch), quit: make(chan struct{}), done: make(chan struct{}),
	}
	db.SetMaxOpenConns(1)
	if w.conn, err = db.Conn(ctx); err == nil {
		err = w.setUp(ctx)
	}
	if err != nil {
		_ = w.release()
		return nil, storage(err, path, "open the journal")
	}
	go w.loop()
	return w, nil
}

// setUp makes the tables of a new file, and proves that the file can be written: a listener must not find out with its first
// delivery. It switches off SQLite's own waiting, as lock waits better.
func (w *writer) setUp(ctx context.Context) error {
	if _, err := w.conn.ExecContext(ctx, "PRAGMA busy_timeout = 0"); err != nil {
		return err
	}
	if err := w.writable(); err != nil {
		return err
	}
	err := w.prepare(ctx, map[**sql.Stmt]string{&w.begin: "BEGIN IMMEDIATE", &w.commitStmt: "COMMIT", &w.rollback: "ROLLBACK"})
	if err != nil {
		return err
	}
	changed := false
	err = w.transact(ctx, w.tuning.openWait, func() (err error) {
		changed, err = w.prepareFile(ctx)
		return err
	})
	if err == nil && changed {
		// Into the file itself, so that a later look at its header says what it is. Failing that it stands in the log.
		_ = w.fold(ctx)
	}
	if err == nil {
		w.watch.begin()
	}
	return err
}

// prepareFile makes the tables of a new file, or brings those of an old one to the newest format. It says whether it did.
func (w *writer) prepareFile(ctx context.Context) (changed bool, err error) {
	i, err := identify(ctx, w.conn)
	switch {
	case err != nil:
		return false, err
	case i.blank():
		_, err = w.conn.ExecContext(ctx, schema+fmt.Sprintf("PRAGMA user_version = %d", schemaVersion))
		return true, err
	}
	if err := i.check(w.path); err != nil {
		return false, err
	}
	if err := checkSchema(ctx, w.conn, i.version); err != nil {
		return false, err
	}
	if i.version < schemaVersion {
		return true, w.migrate(ctx, i.version)
	}
	return false, w.index(ctx)
}

// fold moves what the log holds into the file and cuts the log off. A reader or another writer may be in the way;
// then it is done in part.
func (w *writer) fold(ctx context.Context) error {
	_, err := w.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

// writable fails where SQLite opened the file for reading only. SQLite does so silently, and even begins a transaction for
// writing there.
func (w *writer) writable() error {
	return w.conn.Raw(func(driverConn any) error {
		c, ok := driverConn.(interface {
			IsReadOnly(schema string) (bool, error)
		})
		if !ok {
			return nil
		}
		readOnly, err := c.IsReadOnly("main")
		if err == nil && readOnly {
			err = errReadOnly
		}
		return err
	})
}

// prepareInserts prepares the statements of an append. The first append calls it, as most commands write nothing.
func (w *writer) prepareInserts(ctx context.Context) error {
	if w.ready {
		return nil
	}
	w.delivery, w.attempt = newWrittenDelivery(), newWrittenAttempt()
	for stmt, text := range w.inserts() {
		if *stmt != nil {
			continue
		}
		made, err := newStatement(ctx, w.conn, text)
		if err != nil {
			return err
		}
		*stmt, w.prepared = made, append(w.prepared, made)
	}
	w.ready = true
	return nil
}

// inserts are the statements of an append.
func (w *writer) inserts() map[**statement]string {
	return map[**statement]string{
		&w.insertDelivery:  insertInto("deliveries", w.delivery.columns),
		&w.insertAttempt:   insertInto("attempts", w.attempt.columns),
		&w.insertDiagnosis: insertDiagnosis,
		&w.insertJob:       insertJob,
		&w.settleJob:       settleJob,

		&w.lastIDs:      lastIDs,
		&w.nextNumber:   "SELECT coalesce(max(number), 0) + 1 FROM attempts WHERE delivery = ? AND target = ?",
		&w.firstOfEvent: firstOfEvent,
		&w.eventsAfter:  eventsAfter,
		&w.insertRun:    insertRun,
		&w.insertPart:   insertPart,
		&w.allRuns:      allRuns,
		&w.oneRun:       oneRun,
		&w.onePart:      onePart,
		&w.deleteRun:    deleteRun,
		&w.deleteKeys:   deleteKeys,
		&w.idsBetween:   idsBetween,
		&w.wasAnswered:  wasAnswered,
		&w.markAnswered: markAnswered,
	}
}

func (w *writer) prepare(ctx context.Context, texts map[**sql.Stmt]string) error {
	for stmt, text := range texts {
		if *stmt != nil {
			continue
		}
		var err error
		if *stmt, err = w.conn.PrepareContext(ctx, text); err != nil {
			return err
		}
		w.prepared = append(w.prepared, *stmt)
	}
	return nil
}

// close ends the goroutine once it has written what it accepted, and closes the file. No append may be under way.
func (w *writer) close() error {
	w.once.Do(func() { close(w.quit) })
	<-w.done
	return w.release()
}

// release closes the connection. The last one on the file folds the log into it. It leaves a log that was cut off: folding the
// rest would put a part of a change into the file, while whoever opens it next finds the whole changes.
func (w *writer) release() error {
	if w.watch.torn {
		return nil
	}
	var err error
	for _, stmt := range w.prepared {
		err = errors.Join(err, stmt.Close())
	}
	if w.conn != nil {
		err = errors.Join(err, w.conn.Close())
	}
	return errors.Join(err, w.db.Close())
}

// idleEvery is how often a writer that nothing comes to looks whether its file is still in place.
const idleEvery = 5 * time.Second

func (w *writer) loop() {
	defer close(w.done)
	defer w.sayGone(true)
	hour := time.NewTicker(time.Hour) // a listener that hears nothing still drops what has become too old
	defer hour.Stop()
	around := time.NewTicker(idleEvery)
	defer around.Stop()
	for {
		if w.keep.pending {
			select {
			case o := <-w.ops:
				w.serve(o)
			case <-w.late:
				w.flush()
			case <-w.quit:
				return
			default:
			}
			if w.keep.pending { // what came may have seen to it
				w.keepWithin()
			}
			continue
		}
		select {
		case o := <-w.ops:
			w.serve(o)
		case <-w.late:
			w.flush()
		case <-hour.C:
			w.keep.pending = true
		case <-around.C:
			w.inspectIdle()
		case <-w.quit:
			return
		}
	}
}

// serve commits first, and all that waits behind it, as one.
func (w *writer) serve(first *op) {
	for o := first; o != nil; {
		if o.run != nil {
			w.flush()
			o.done <- o.run(w)
		} else {
			w.add(o)
		}
		o = nil
		if !w.full() {
			o = w.next()
		}
	}
	switch {
	case len(w.batch) == 0:
	case w.full(), w.pressing > 0:
		w.flush()
	case w.late == nil:
		w.late = time.After(w.tuning.patience)
		if w.tuning.held != nil {
			w.tuning.held()
		}
	}
}

// add puts an append into the batch.
func (w *writer) add(o *op) {
	w.batch, w.size = append(w.batch, o), w.size+o.size
	if !o.late {
		w.pressing++
	}
}

// next is what waits, nil for nothing. In a crowd the goroutines of others that can run are let run before, as far as their appends: a
// commit costs about the same for many as for one.
func (w *writer) next() *op {
	if w.crowded && len(w.ops) == 0 {
		runtime.Gosched()
	}
	select {
	case o := <-w.ops:
		return o
	default:
		return nil
	}
}

// full says whether the batch is as much as one commit takes.
func (w *writer) full() bool { return len(w.batch) >= w.tuning.maxBatch || w.size >= maxCommit }

// flush commits the batch.
func (w *writer) flush() {
	w.late = nil
	w.commit(w.batch)
	w.crowded = w.pressing > 1
	w.batch, w.size, w.pressing = w.batch[:0], 0, 0
}

func (w *writer) commit(batch []*op) {
	if len(batch) == 0 {
		return
	}
	// Nobody's context ends a commit: the callers wait for the outcome and must be told the truth.
	left, err := w.write(context.Background(), batch)
	if tell := w.tellJobs.Load(); tell != nil && err == nil && len(left) > 0 && len(w.enqueued) > 0 {
		(*tell)(w.enqueued, w.others)
		w.others = false
	}
	var size int64
	for _, o := range left {
		size += o.size
		o.done <- err
	}
	clear(batch) // the array outlives the bodies
	if err == nil {
		w.keep.wrote(size, w.now())
	}
}

// write makes a batch durable. It returns those that have no answer yet; the others waited too long for other processes.
func (w *writer) write(ctx context.Context, batch []*op) (left []*op, err error) {
	if w.watch.gone != nil {
		return batch, w.watch.gone
	}
	if err := w.prepareInserts(ctx); err != nil {
		return batch, err
	}
	if err := w.bounded(ctx); err != nil {
		return batch, err
	}
	left = batch
	err = w.lock(ctx, func(now time.Time, busy error) bool {
		left = expire(left, now, busy)
		return len(left) > 0
	})
	if err == nil && w.watch.compare() != nil {
		// Whether it is as bad as it looks cannot be found out inside a transaction.
		_, _ = w.rollback.ExecContext(ctx)
		if err = w.inspect(ctx); err == nil {
			err = w.lock(ctx, until(time.Now().Add(w.tuning.stepWait)))
		}
	}
	if err != nil || len(left) == 0 {
		return left, err
	}
	if err = w.finish(ctx, func() error { return w.insert(ctx, left) }); err == nil {
		w.knowVersion()
		err = w.inspect(ctx)
	}
	return left, err
}

// expire answers those of a batch that have waited long enough, and gives the others.
func expire(batch []*op, now time.Time, busy error) []*op {
	return slices.DeleteFunc(batch, func(o *op) bool {
		if now.Before(o.until) {
			return false
		}
		o.done <- busy
		return true
	})
}

// transact runs f inside a transaction that holds the write lock.
func (w *writer) transact(ctx context.Context, limit time.Duration, f func() error) error {
	if err := w.lock(ctx, until(time.Now().Add(limit))); err != nil {
		return err
	}
	return w.finish(ctx, f)
}

// finish ends the transaction that is open with what f does in it.
func (w *writer) finish(ctx context.Context, f func() error) error {
	err := f()
	if err == nil {
		_, err = w.commitStmt.ExecContext(ctx)
	}
	if err != nil {
		// SQLite ends the transaction by itself after some errors, then this fails and no harm is done.
		_, _ = w.rollback.ExecContext(context.WithoutCancel(ctx))
		w.known.forget()
	}
	return err
}

// until is a wait that ends at a time.
func until(deadline time.Time) func(time.Time, error) bool {
	return func(now time.Time, _ error) bool { return now.Before(deadline) }
}

// lock begins a transaction. It waits for other processes as long as again says so. SQLite's own waiting tries ten times a
// second in the end, which is a lottery between two busy listeners; trying every millisecond is fair, and free without them.
func (w *writer) lock(ctx context.Context, again func(now time.Time, busy error) bool) error {
	for wait := 100 * time.Microsecond; ; wait = min(2*wait, time.Millisecond) {
		_, err := w.begin.ExecContext(ctx)
		if err == nil || !busy(err) {
			return err
		}
		if w.tuning.waiting != nil {
			w.tuning.waiting()
		}
		if !again(time.Now(), err) {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// do has the writer run f between two commits. Records wait behind it, so f waits for other processes briefly or not at all.
func (j *Journal) do(ctx context.Context, f func(w *writer) error) error {
	const pause = 10 * time.Millisecond
	deadline := time.Now().Add(defaultTuning().openWait)
	for {
		err := j.submit(ctx, &op{run: f, done: make(chan error, 1)})
		if !errors.Is(err, errBusy) || !time.Now().Before(deadline) {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
