package journal

// What the journal holds, in numbers. The indexes of facts are read, in parts that several connections share.

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// Stats is what the journal holds of the deliveries that a filter names. Replays are left out.
type Stats struct {
	Deliveries int
	Attempts   int
	Received   int64 // bytes of all bodies as they were received
	FileBytes  int64 // size on disk of the whole journal, whatever the filter says
	Duplicates int
	Conflicts  int
	Late       int
	OutOfOrder int
	Skipped    map[record.Skip]int
	Verdicts   map[sign.Reason]int
	Outcomes   map[record.OutcomeKind]int // of the last attempt at each target
	Waiting    int                        // jobs that are still owed
	Dead       int                        // jobs that were given up
	Types      []TypeStats                // those that came most often first
	MoreTypes  int                        // deliveries of types that are not told apart, as there are too many
	Oldest     time.Time                  // received first; zero without deliveries
	Newest     time.Time                  // received last
}

// TypeStats is what Stats has of one event type of one scheme.
type TypeStats struct {
	Type, Scheme string
	Deliveries   int
	Tries        int // first tries of them, at each target, that whctl did not give up by itself
	Took         Took
	Slow         int // took longer than the sender waits
	Failed       int // were in time, and answered so that the sender would have sent it again, or not answered
}

// Took is how long tries took that had an answer or ran out of time. All are 0 without any.
type Took struct{ P50, P95, P99, Most time.Duration }

// Budget is what the sender of an event grants whoever receives it.
type Budget struct {
	Answer   time.Duration // how long it waits; 0: not known
	Final4xx bool          // it does not send again what was answered 4xx
}

// mostTypes is how many types are told apart. Whoever can send unsigned requests can send any type.
const mostTypes = 1000

// statsReaders is how many connections count at once.
const statsReaders = 3

// Stats counts the deliveries that a filter names. budget gives that of a scheme. It fails with a storage fault, or with the error of
// the filter's Match.
func (j *Journal) Stats(ctx context.Context, f Filter, budget func(scheme string) Budget) (Stats, error) {
	f.Replays = false
	t := newTally()
	r := counter{j: j, target: f.Target, all: t}
	var err error
	if r.format, r.table, err = j.facts(ctx); err == nil {
		err = r.openJobs(ctx)
	}
	switch {
	case err != nil || j.readers == nil:
	case f.Match == nil:
		err = r.countParts(ctx, f.where(r.format))
	default:
		err = j.eachStep(ctx, f, "", func(found []named) error { return r.countNamed(ctx, found) })
	}
	s := t.stats(budget)
	s.FileBytes = j.FileBytes()
	if err == nil {
		s.Oldest, s.Newest, err = r.received(ctx)
	}
	return s, err
}

// received says when the oldest and the newest of the deliveries came.
func (r *counter) received(ctx context.Context) (oldest, newest time.Time, err error) {
	if r.all.Deliveries == 0 {
		return oldest, newest, nil
	}
	query := "SELECT min(received_at), max(received_at) FROM " + r.table + " WHERE id IN (?, ?)"
	err = r.j.query(ctx, query, []any{r.all.oldest, r.all.newest}, func(rows *sql.Rows) (bool, error) {
		var first, last int64
		err := rows.Scan(&first, &last)
		oldest, newest = unclock(first), unclock(last)
		return false, err
	})
	return oldest, newest, err
}

// counter counts deliveries.
type counter struct {
	j      *Journal
	format int
	table  string // that has the facts of deliveries
	target string // whose attempts alone count; "": of all

	waiting, dead map[int64]int // jobs by their delivery

	mu  sync.Mutex
	all *tally
}

// countNamed counts deliveries that are named.
func (r *counter) countNamed(ctx context.Context, found []named) error {
	list, err := json.Marshal(idsOf(found))
	if err != nil {
		return err
	}
	var c conditions
	c.add("id IN (SELECT value FROM json_each(?))", string(list))
	return r.count(ctx, c, found[0].id, found[len(found)-1].id)
}

// countParts counts the deliveries for which conditions hold, part by part.
func (r *counter) countParts(ctx context.Context, c conditions) error {
	ends, err := r.ends(ctx)
	if err != nil {
		return err
	}
	parts := make(chan [2]int64, len(ends))
	for i, end := range ends[1:] {
		parts <- [2]int64{ends[i] + 1, end}
	}
	close(parts)
	var group sync.WaitGroup
	for range statsReaders {
		group.Go(func() {
			for p := range parts {
				if failed := r.count(ctx, c, p[0], p[1]); failed != nil {
					r.mu.Lock()
					err = cmp.Or(err, failed)
					r.mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	return err
}

// ends are the ids with which parts end. The first of them is before all. The runs of event keys know where so many deliveries end; a file
// of an older format is one part.
func (r *counter) ends(ctx context.Context) ([]int64, error) {
	ends := []int64{noRun}
	if r.format >= 6 {
		err := r.j.query(ctx, "SELECT last FROM event_runs ORDER BY last", nil, func(rows *sql.Rows) (bool, error) {
			var last int64
			err := rows.Scan(&last)
			ends = append(ends, last)
			return true, err
		})
		if err != nil {
			return nil, err
		}
	}
	return append(ends, idMax), nil
}

// openJobs reads which deliveries have open and dead jobs, which the indexes of these know.
func (r *counter) openJobs(ctx context.Context) error {
	r.waiting, r.dead = map[int64]int{}, map[int64]int{}
	if r.format < 4 {
		return nil
	}
	at, args := "", []any{}
	if r.target != "" {
		at, args = " AND target = ?", []any{r.target}
	}
	for _, state := range record.JobStates() {
		counts := r.dead
		if state.Open() {
			counts = r.waiting
		} else if state != record.JobDead {
			continue
		}
		query := fmt.Sprintf("SELECT delivery FROM jobs WHERE state = '%s'%s", state, at)
		err := r.j.query(ctx, query, args, func(rows *sql.Rows) (bool, error) {
			var id int64
			err := rows.Scan(&id)
			counts[id]++
			return true, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// count counts the deliveries between two ids for which conditions hold.
func (r *counter) count(ctx context.Context, c conditions, from, to int64) error {
	conn, err := r.j.readers.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	p := partTally{tally: newTally(), counter: r}
	if err = p.deliveries(ctx, conn, c, from, to); err == nil {
		err = p.attempts(ctx, conn, from, to)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all.add(p.tally)
	return storage(err, r.j.path, "count deliveries")
}
