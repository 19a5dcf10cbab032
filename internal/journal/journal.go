// Package journal is the durable local record of deliveries and attempts: one SQLite file, written in groups.
package journal

import (
	"context"
	"errors"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// Options are the settings of a journal. The zero value is a writable journal with the default limits.
type Options struct {
	Now      func() time.Time // the clock; nil: time.Now
	MaxBytes int64            // what the file may hold before the oldest deliveries go; 0: 1 GiB, negative: no limit
	MaxAge   time.Duration    // how long a delivery is kept; 0: 30 days, negative: for ever
	ReadOnly bool             // nothing is created or written; a file that is not there reads as an empty journal
}

// Filter says which deliveries List gives. The zero value means all of them, without bodies.
type Filter struct {
	Profile string      // "": of all profiles
	Type    string      // event type pattern; "": any
	Reason  sign.Reason // "": any
	Since   time.Time   // received at or after; zero: from the beginning
	Search  string      // text that stands in path, headers, event or body, whatever its case; "": any
	Limit   int         // 0: no limit
	Bodies  bool        // give the bodies too
}

// Stats is what a journal holds.
type Stats struct {
	Deliveries int64
	Attempts   int64
	Duplicates int64
	Received   int64                 // bytes of all bodies as they were received
	FileBytes  int64                 // size on disk, write-ahead log included
	Reasons    map[sign.Reason]int64 // deliveries by verdict
	Profiles   map[string]int64      // deliveries by profile
	Oldest     time.Time             // zero in an empty journal
	Newest     time.Time
}

// Pruned is what a pruning took away.
type Pruned struct {
	Deliveries int64
	Attempts   int64
}

// Journal is an open journal. It is safe for use by many goroutines.
type Journal struct {
	path    string
	warning string
}

var errNotBuilt = errors.New("not built yet")

// Open opens the journal at path, creating file (0600) and folder (0700) when they are not there.
// A damaged, foreign or newer file is a storage fault and stays untouched.
func Open(_ context.Context, path string, _ Options) (*Journal, error) {
	return &Journal{path: path}, nil
}

// AppendDelivery records d and returns once it is durable. It sets d.ID and d.Duplicate. A context cancelled
// after d was accepted changes nothing. It fails with a storage fault.
func (j *Journal) AppendDelivery(context.Context, *record.Delivery) error { return errNotBuilt }

// AppendAttempt records a and returns once it is durable. It sets a.ID, and a.Number when that is 0.
func (j *Journal) AppendAttempt(context.Context, *record.Attempt) error { return errNotBuilt }

// List gives the deliveries that pass the filter, newest first.
func (j *Journal) List(context.Context, Filter) ([]record.Delivery, error) { return nil, errNotBuilt }

// Get gives the delivery that ref names, with its attempts in order. ref is an id, a unique prefix of one, last or
// last~N; profile "" means all. An ambiguous ref is a usage fault, one that names nothing a refused fault.
func (j *Journal) Get(context.Context, string, string) (record.Delivery, []record.Attempt, error) {
	return record.Delivery{}, nil, errNotBuilt
}

// LastRefused gives the newest delivery whose signature did not hold, or a refused fault when there is none.
func (j *Journal) LastRefused(context.Context, string) (record.Delivery, error) {
	return record.Delivery{}, errNotBuilt
}

// Attempts gives the attempts of one delivery, in the order they were recorded.
func (j *Journal) Attempts(context.Context, string) ([]record.Attempt, error) {
	return nil, errNotBuilt
}

// Stats counts what the journal holds for a profile; "" means all.
func (j *Journal) Stats(context.Context, string) (Stats, error) { return Stats{}, errNotBuilt }

// Prune deletes every delivery received longer ago than olderThan, with its attempts, and gives the room back.
func (j *Journal) Prune(context.Context, time.Duration) (Pruned, error) { return Pruned{}, errNotBuilt }

// Path is the journal's file.
func (j *Journal) Path() string { return j.path }

// Warning says what endangers this journal, such as a network file system, or "".
func (j *Journal) Warning() string { return j.warning }

// Close records what still waits and closes the file.
func (j *Journal) Close() error { return nil }
