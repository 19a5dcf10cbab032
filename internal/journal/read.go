package journal

// Queries: what passes a filter, the attempts of a delivery, what the journal holds.

import (
	"context"
	"database/sql"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

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

// Profiles gives the profiles that have deliveries, by name. It fails with a storage fault.
func (j *Journal) Profiles(ctx context.Context) (names []string, err error) {
	_, table, err := j.facts(ctx)
	if err != nil {
		return nil, err
	}
	err = j.query(ctx, "SELECT DISTINCT profile FROM "+table+" ORDER BY profile", nil, func(rows *sql.Rows) (bool, error) {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return true, err
	})
	return names, err
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

// notFound says that a text names no delivery, and what names one. With profile "" all were looked through.
func notFound(ref, profile string) error {
	if profile != "" {
		return fault.Hint(fault.New(fault.Refused, "no delivery %q in profile %q", ref, profile), howNamed, fault.Command("whctl journal list").Switch("--all"))
	}
	return fault.Hint(fault.New(fault.Refused, "no delivery %q in the journal", ref), howNamed, fault.Command("whctl journal list").Switch("--all"))
}

// howNamed says what a reference to a delivery can be, and which command lists ids.
const howNamed = "give an id such as 35fbmb0001, the beginning of one, an event id, last or last~2; list those of every profile: %s"
