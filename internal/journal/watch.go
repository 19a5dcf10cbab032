package journal

// Whether the file is still the one that was opened, and whole.

import (
	"context"
	"errors"
	"os"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// watch knows how the file and its log were after the last commit. SQLite goes on without complaint when they are moved,
// replaced or cut off, and what it writes then is lost. A comparison costs one stat of each.
type watch struct {
	path      string
	file, log os.FileInfo // as they were at the last comparison; nil before the first
	gone      error       // what only a new start can mend
	torn      bool        // the log is no longer whole
	said      bool        // people know that something is wrong
}

var (
	errMoved   = errors.New("the file is not at its place")
	errLogGone = errors.New("the log is not at its place")
	errShrunk  = errors.New("less is there than was written")
)

// begin takes file and log as they are now.
func (w *watch) begin() {
	w.file, _ = os.Stat(w.path)
	w.log, _ = os.Stat(w.path + "-wal")
}

// compare compares what is there with what was. Its error says what may be wrong; prove finds out whether it is.
func (w *watch) compare() error {
	if w.gone != nil {
		return w.gone
	}
	file, err := os.Stat(w.path)
	if w.file != nil && (err != nil || !os.SameFile(file, w.file)) {
		return errMoved
	}
	log, err := os.Stat(w.path + "-wal")
	if w.log != nil && (err != nil || !os.SameFile(log, w.log)) {
		return errLogGone
	}
	if w.file != nil && file.Size() < w.file.Size() || w.log != nil && log.Size() < w.log.Size() {
		return errShrunk
	}
	w.file, w.log = file, log
	return nil
}

// logSize is how long the log was at the last comparison.
func (w *watch) logSize() int64 {
	if w.log == nil {
		return 0
	}
	return w.log.Size()
}

// inspect fails when what is written would be lost. No transaction may be open.
func (w *writer) inspect(ctx context.Context) error {
	err := w.watch.compare()
	if errors.Is(err, errShrunk) {
		if err = w.prove(ctx); err == nil {
			w.watch.begin()
		}
	}
	if errors.Is(err, errLogGone) {
		err = w.logGone(ctx)
	}
	if errors.Is(err, errMoved) { // which somebody may undo
		err = fault.Hint(fault.New(fault.Storage, "the journal %s was removed or replaced while in use", w.path),
			"put it back; or, to go on with what is there now, start the listener again")
	}
	return err
}

// inspectIdle inspects the file while nothing is written: otherwise whoever writes gets the error. It also tells what was
// dropped since.
func (w *writer) inspectIdle() {
	err := w.inspect(context.Background())
	if said := err != nil; said != w.watch.said {
		w.watch.said = said
		s := record.Changed{State: record.JournalRecovered, Message: "the journal is at its place again"}
		if said {
			s = record.Changed{State: record.JournalLost, Message: err.Error() + ". Senders are answered 503. " + fault.HintOf(err).String()}
		}
		w.tell(s)
	}
	w.sayGone(false)
}

// prove finds out whether the file or its log is shorter because another program folded the log or gave room back, or
// because somebody cut it off. SQLite's own index of the log knows how much of it there has to be.
func (w *writer) prove(ctx context.Context) error {
	var busy, frames, folded, pages, pageSize int64
	err := w.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(NOOP)").Scan(&busy, &frames, &folded)
	if err == nil {
		err = w.conn.QueryRowContext(ctx, "PRAGMA page_size").Scan(&pageSize)
	}
	if err == nil {
		err = w.conn.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages)
	}
	log, lost := os.Stat(w.watch.path + "-wal")
	switch {
	case lost != nil:
		return w.cutOff("log", lost)
	case err != nil && w.watch.log != nil && log.Size() < w.watch.log.Size(): // a page that has to be in the log is not there
		return w.cutOff("log", err)
	case err != nil:
		return w.cutOff("file", err)
	}
	const frameHeader = 24
	if frames > 0 && log.Size() < logHeader+frames*(pageSize+frameHeader) {
		if folded < frames || w.fold(ctx) != nil { // nothing was lost, but the next change must begin a new log
			return w.cutOff("log", nil)
		}
	}
	file, err := os.Stat(w.watch.path)
	if err != nil || file.Size() == 0 || pages-file.Size()/pageSize > frames { // there are pages that are in neither
		return w.cutOff("file", err)
	}
	return nil
}

// cutOff ends the recording until a new start: what was cut off is nowhere else.
func (w *writer) cutOff(what string, cause error) error {
	w.watch.torn = true
	name := w.watch.path
	if what == "log" {
		name += "-wal"
	}
	err := fault.New(fault.Storage, "the journal's %s %s was cut off while in use, and what it held since the log was last folded may be lost", what, name)
	if cause != nil {
		err = fault.Wrap(fault.Storage, cause, "the journal's %s %s was cut off while in use", what, name)
	}
	w.watch.gone = fault.Hint(err, "keep a copy of the files, and start the listener again: %s", fault.Command("cp", w.watch.path, w.watch.path+"-wal", "DIR"))
	return w.watch.gone
}

// logGone ends the recording until a new start, because what is written goes into a file without a name. What that file holds is
// folded into the journal at once, as long as the index that all programs share is the same.
func (w *writer) logGone(ctx context.Context) error {
	outcome := "what it held is in the journal"
	if err := w.fold(ctx); err != nil {
		outcome = "what it held is lost when this process is killed"
	}
	w.watch.gone = fault.Hint(fault.New(fault.Storage, "the journal's log %s-wal was removed or replaced while in use; %s", w.watch.path, outcome),
		"start the listener again")
	return w.watch.gone
}
