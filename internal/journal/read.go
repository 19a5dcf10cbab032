package journal

// Queries: what passes a filter, the attempts of a delivery, what the journal holds.

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// contains searches all that a person knows a delivery by for a lower-case text.
func contains(d *record.Delivery, text []byte) bool {
	in := func(s []byte) bool { return bytes.Contains(bytes.ToLower(s), text) }
	for _, s := range []string{d.ID, d.EventType, d.EventID, d.Path, d.Host} {
		if in([]byte(s)) {
			return true
		}
	}
	for name, values := range d.Header {
		for _, v := range values {
			if in([]byte(name + ": " + v)) {
				return true
			}
		}
	}
	// ToLower changes bytes that are not UTF-8, so the body is searched as it is, too.
	return bytes.Contains(d.Body, text) || in(d.Body)
}

// query runs a query and hands each row to fn until that says to stop. An empty journal has no rows.
func (j *Journal) query(ctx context.Context, query string, args []any, fn func(*sql.Rows) (bool, error)) error {
	if err := j.enter(); err != nil {
		return err
	}
	defer j.calls.Done()
	if j.readers == nil {
		return nil
	}
	const doing = "read the journal"
	rows, err := j.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return storage(err, j.path, doing)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		more, err := fn(rows)
		if err != nil {
			return storage(err, j.path, doing)
		}
		if !more {
			return nil
		}
	}
	return storage(rows.Err(), j.path, doing)
}

// format is that of the file. Another process may bring an older one to the newest meanwhile.
func (j *Journal) format(ctx context.Context) (format int, err error) {
	if j.current.Load() {
		return schemaVersion, nil
	}
	err = j.query(ctx, "PRAGMA user_version", nil, func(rows *sql.Rows) (bool, error) { return false, rows.Scan(&format) })
	if format == schemaVersion {
		j.current.Store(true)
	}
	return format, err
}

// facts gives the format of the file, and the table of deliveries as a query by their facts names it. Then it is read by the index that
// has these facts. An index may be missing, which only costs time.
func (j *Journal) facts(ctx context.Context) (format int, table string, err error) {
	if format, err = j.format(ctx); err != nil {
		return 0, "", err
	}
	table = "deliveries"
	err = j.query(ctx, "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = 'deliveries_facts'", nil, func(*sql.Rows) (bool, error) {
		table = "deliveries INDEXED BY deliveries_facts"
		return false, nil
	})
	return format, table, err
}

// Attempts gives the attempts of one delivery, in the order they were recorded, with their answers' bodies.
func (j *Journal) Attempts(ctx context.Context, deliveryID string) ([]record.Attempt, error) {
	delivery, ok := parseID(deliveryID)
	if !ok {
		return nil, notFound(deliveryID, "")
	}
	format, err := j.format(ctx)
	if err != nil {
		return nil, err
	}
	out := []record.Attempt{}
	query := "SELECT " + selected(newAttemptRow().columns(), format) + " FROM attempts WHERE delivery = ? ORDER BY id"
	err = j.query(ctx, query, []any{delivery}, func(rows *sql.Rows) (bool, error) {
		a, err := scanAttempt(rows)
		out = append(out, a)
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Stats is what a journal holds.
type Stats struct {
	Deliveries int64
	Attempts   int64
	Duplicates int64
	Received   int64                 // bytes of all bodies as they were received
	FileBytes  int64                 // size on disk of the whole journal, write-ahead log included
	Reasons    map[sign.Reason]int64 // deliveries by verdict
	Profiles   map[string]int64      // deliveries by profile
	Oldest     time.Time             // received first; zero in an empty journal
	Newest     time.Time             // received last
}

// Stats counts what the journal holds for a profile; "" means all. It reads the whole file.
func (j *Journal) Stats(ctx context.Context, profile string) (Stats, error) {
	s := Stats{Reasons: map[sign.Reason]int64{}, Profiles: map[string]int64{}}
	where, args := "", []any{}
	if profile != "" {
		where, args = " WHERE profile = ?", []any{profile}
	}
	var oldest, newest int64
	err := j.query(ctx, `SELECT profile, reason, count(*), count(duplicate_of), sum(size), min(received_at), max(received_at)
		FROM deliveries`+where+` GROUP BY profile, reason`, args, func(rows *sql.Rows) (bool, error) {
		var name string
		var reason sign.Reason
		var n, duplicates, size, first, last int64
		if err := rows.Scan(&name, &reason, &n, &duplicates, &size, &first, &last); err != nil {
			return false, err
		}
		if s.Deliveries == 0 || first < oldest {
			oldest = first
		}
		newest = max(newest, last)
		s.Deliveries += n
		s.Duplicates += duplicates
		s.Received += size
		s.Reasons[reason] += n
		s.Profiles[name] += n
		return true, nil
	})
	if err != nil {
		return s, err
	}
	s.Oldest, s.Newest = unclock(oldest), unclock(newest)
	query := "SELECT count(*) FROM attempts"
	if profile != "" {
		query += " WHERE delivery IN (SELECT id FROM deliveries WHERE profile = ?)"
	}
	err = j.query(ctx, query, args, func(rows *sql.Rows) (bool, error) { return true, rows.Scan(&s.Attempts) })
	for _, side := range []string{"", "-wal", "-shm"} {
		if info, statErr := os.Stat(j.file + side); statErr == nil {
			s.FileBytes += info.Size()
		}
	}
	return s, err
}

func notFound(ref, profile string) error {
	if profile != "" {
		return fault.Hint(fault.New(fault.Refused, "no delivery %q in profile %q", ref, profile),
			"list those of every profile with: whctl journal list --all")
	}
	return fault.Hint(fault.New(fault.Refused, "no delivery %q in the journal", ref), "list them with: whctl journal list --all")
}
