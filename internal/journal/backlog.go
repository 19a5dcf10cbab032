package journal

// The jobs of one profile, as whoever sends them needs them.

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/record"
)

// Backlog is the jobs of one profile. Its errors are storage faults.
type Backlog struct {
	j       *Journal
	profile string
	from    From
	user    files.User
	start   string // jobs of earlier deliveries are those of other runs
	version int64  // of the file, as SQLite counts the changes of other processes
}

// From says what becomes of the jobs that other runs left.
type From int

// The choices.
const (
	TakeUp   From = iota // they are sent
	DropThem             // they are dropped, as this run has nothing to do with those before it
)

// Backlog gives the jobs of a profile.
func (j *Journal) Backlog(profile string, from From) *Backlog {
	return &Backlog{j: j, profile: profile, from: from, user: files.Me(), start: formatID(idAt(j.writer.now()))}
}

// Notify has f given the queued jobs of each commit, in the order of their deliveries and before anybody is told that these are
// recorded. others says that other processes recorded deliveries since f was last called. f must not block or keep the list.
func (b *Backlog) Notify(f func(jobs []record.Job, others bool)) { b.j.writer.tellJobs.Store(&f) }

// Queued returns up to n queued jobs for a target, those of the oldest deliveries first.
func (b *Backlog) Queued(ctx context.Context, target string, n int) ([]record.Job, error) {
	return b.j.Jobs(ctx, JobFilter{Profile: b.profile, Target: target, States: []record.JobState{record.JobQueued}, Limit: n})
}

// Waiting returns up to n waiting jobs for a target, the first due first.
func (b *Backlog) Waiting(ctx context.Context, target string, n int) ([]record.Job, error) {
	return b.j.Jobs(ctx, JobFilter{Profile: b.profile, Target: target, States: []record.JobState{record.JobWaiting}, Limit: n, Order: DueFirst})
}

// Size returns how many open jobs there are for a target, and the bytes of their bodies.
func (b *Backlog) Size(ctx context.Context, target string) (jobs int, bytes int64, err error) {
	err = b.j.query(ctx, `SELECT count(*), coalesce(sum(size), 0) FROM (
		SELECT size FROM jobs WHERE profile = ?1 AND target = ?2 AND state = 'queued' UNION ALL
		SELECT size FROM jobs WHERE profile = ?1 AND target = ?2 AND state = 'waiting')`, []any{b.profile, target}, func(rows *sql.Rows) (bool, error) {
		return true, rows.Scan(&jobs, &bytes)
	})
	return jobs, bytes, err
}

// AppendTry records an attempt as AppendAttempts does, without waiting for others, and makes next of the job that was before.
func (b *Backlog) AppendTry(ctx context.Context, a *record.Attempt, before, next record.Job) error {
	e, err := newAttemptEntry(a, settlement{next.State, next.Tries - before.Tries, next.Due, next.Reason})
	if err != nil {
		return err
	}
	if err := b.j.submit(ctx, &op{doing: "record the attempt", size: e.size(), write: e.write}); err != nil {
		return err
	}
	e.tell(a)
	return nil
}

// Delivery returns a delivery with its body.
func (b *Backlog) Delivery(ctx context.Context, id string) (record.Delivery, error) {
	return b.j.find(ctx, "", id)
}

// Own makes this process the owner of the lane of a target, until it is released or the process ends. It is nil if another process owns
// the lane.
func (b *Backlog) Own(ctx context.Context, target string) (*record.OwnedLane, error) {
	lock := b.j.laneLock(b.profile, target)
	if err := os.MkdirAll(filepath.Dir(lock), 0o700); err != nil {
		return nil, storage(err, b.j.path, "own a lane")
	}
	if _, err := b.user.Folder(filepath.Dir(lock)); err != nil { // who can write there can own any lane
		return nil, storage(err, b.j.path, "own a lane")
	}
	release, err := b.lock(ctx, lock)
	if release == nil {
		return nil, storage(err, b.j.path, "own a lane")
	}
	o, err := b.takeOver(ctx, target)
	if err != nil {
		release()
		return nil, storage(err, b.j.path, "own a lane")
	}
	o.Release = release
	return o, nil
}

// lock takes the lock of a lane; release is nil where another process owns it. LaneOwner has that lock for a moment, and on a busy machine
// the moment may be long: as long as only those who ask have it, it is waited for.
func (b *Backlog) lock(ctx context.Context, lock string) (release func(), err error) {
	const asked = 20 * time.Millisecond
	for {
		release, err = b.user.Lock(ctx, lock, files.Wait{Limit: asked})
		if _, held := errors.AsType[*files.HeldError](err); !held {
			return release, err
		}
		if _, owned, err := b.user.LockOwner(lock); owned || err != nil {
			return nil, err
		}
	}
}

// laneLock is the file whose lock the owner of a lane has.
func (j *Journal) laneLock(profile, target string) string {
	sum := sha256.Sum256([]byte(profile + "\x00" + target))
	return filepath.Join(j.file+"-lanes", hex.EncodeToString(sum[:8]))
}

// LaneOwner says whether a process owns a lane, and which, as far as the system tells. It fails with a storage fault.
func (j *Journal) LaneOwner(profile, target string) (owner []files.Process, owned bool, err error) {
	owner, owned, err = files.Me().LockOwner(j.laneLock(profile, target))
	return owner, owned, storage(err, j.path, "ask who owns a lane")
}

// takeOver brings the jobs of a lane in order that another process may have left. A job that is answering a sender of a process that
// lives is cut off too: its attempt, once it is recorded, says what came of it.
func (b *Backlog) takeOver(ctx context.Context, target string) (o *record.OwnedLane, err error) {
	o = &record.OwnedLane{}
	lane := JobFilter{Profile: b.profile, Target: target}
	cut, err := b.j.ChangeJobs(ctx, lane, CutOff)
	if o.Interrupted = len(cut); err != nil {
		return o, err
	}
	if b.from == DropThem {
		before := lane
		before.Before = b.start
		dropped, err := b.j.ChangeJobs(ctx, before, DropOpen)
		if o.Dropped = len(dropped); err != nil {
			return o, err
		}
	}
	err = b.j.query(ctx, "SELECT 1 FROM lanes WHERE profile = ? AND target = ?", []any{b.profile, target}, func(*sql.Rows) (bool, error) {
		o.Paused = true
		return false, nil
	})
	return o, err
}

// Resume ends a user's pause of the lane of a target.
func (b *Backlog) Resume(ctx context.Context, target string) error {
	return b.j.ResumeLane(ctx, b.profile, target)
}

// Expire gives up for a target up whose time began before since, and returns them, those of the oldest deliveries first.
func (b *Backlog) Expire(ctx context.Context, target string, since time.Time, n int) ([]record.Job, error) {
	lane := JobFilter{Profile: b.profile, Target: target, States: []record.JobState{record.JobQueued, record.JobWaiting}, Since: since}
	listed := lane
	listed.Limit = n
	jobs, err := b.j.Jobs(ctx, listed)
	if err != nil || len(jobs) == 0 {
		return nil, err
	}
	if len(jobs) == n {
		lane.Before = jobs[n-1].DeliveryID
		jobs = jobs[:n-1]
	}
	for i := range jobs {
		jobs[i].State, jobs[i].Reason = record.JobDead, record.ReasonExpired
	}
	_, err = b.j.ChangeJobs(ctx, lane, ExpireJobs)
	return jobs, err
}

// Lanes returns the lanes of the profile that have an open or a dead job, or are paused.
func (b *Backlog) Lanes(ctx context.Context) ([]record.Lane, error) {
	return b.j.Lanes(ctx, b.profile)
}

// Changed says whether another process has changed the journal since the last call. One goroutine calls it.
func (b *Backlog) Changed(ctx context.Context) (bool, error) {
	before := b.version
	err := b.j.do(ctx, func(w *writer) error {
		return w.conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&b.version)
	})
	return b.version != before, storage(err, b.j.path, "look at the journal")
}
