package journal

// What a file says of itself before it is used.

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
)

// dsn names the file for the driver. It never creates a file: that is done before, with the right mode.
func dsn(path, mode string, pragmas ...string) string {
	slashed := filepath.ToSlash(path)
	if runtime.GOOS == "windows" && filepath.VolumeName(path) != "" && slashed[0] != '/' {
		slashed = "/" + slashed // file:///C:/…
	}
	q := url.Values{"mode": {mode}, "_pragma": append([]string{"busy_timeout(5000)", "trusted_schema(0)"}, pragmas...)}
	if mode == "immutable" {
		q.Set("mode", "ro")
		q.Set("immutable", "1")
	}
	u := url.URL{Scheme: "file", Path: slashed, RawQuery: q.Encode()}
	return u.String()
}

// identity is what a file says of itself.
type identity struct {
	application int
	version     int
	tables      int
}

func (i identity) blank() bool { return i == identity{} }

// check fails for every file that is not a journal this whctl knows.
func (i identity) check(path string) error {
	switch {
	case i.blank():
		return nil
	case i.application != applicationID:
		return foreign(path)
	case i.version > schemaVersion:
		return newer(path, i.version)
	case i.version < 1:
		return damaged(path, errors.New("its format number is missing"))
	}
	return nil
}

// queryer is a database or one connection to it.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// identify asks for nothing that a file can replace, as it can a table by a view.
func identify(ctx context.Context, db queryer) (identity, error) {
	var i identity
	err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&i.application)
	if err == nil {
		err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&i.version)
	}
	if err == nil {
		err = db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&i.tables)
	}
	return i, err
}

// probe reads an existing file without changing it or leaving anything beside it. It fails when the file is damaged, foreign,
// newer or holds what whctl did not make. Even the header is read by SQLite: closing a descriptor of our own would drop the locks
// of any other journal that this process has open on the file. path is the name for people.
func probe(ctx context.Context, path, file string, reading bool) (identity, error) {
	mode := "immutable" // takes no locks and does not look for a write-ahead log
	if info, err := os.Stat(file + "-wal"); err == nil && info.Size() > 0 {
		mode = "ro"
	}
	db, err := sql.Open("sqlite", dsn(file, mode))
	if err != nil {
		return identity{}, storage(err, path, "open the journal")
	}
	defer func() { _ = db.Close() }()
	i, err := identify(ctx, db)
	if err == nil {
		err = i.check(path)
	}
	if err == nil && !i.blank() {
		if err = checkSchema(ctx, db, i.version); err == nil {
			err = checkEnds(ctx, db, reading)
		}
	}
	return i, storage(err, path, "open the journal")
}

// checkEnds reads both ends of each table, which finds a file that was cut off. For reading, one end of the deliveries is enough:
// one bad page must not hide the others.
func checkEnds(ctx context.Context, db queryer, reading bool) error {
	var ends []error
	tables := []string{"deliveries", "attempts"}
	if reading {
		tables = tables[:1]
	}
	for _, table := range tables {
		for _, end := range []string{"min", "max"} {
			var n sql.NullInt64
			err := db.QueryRowContext(ctx, "SELECT "+end+"(id) FROM "+table+" NOT INDEXED").Scan(&n)
			if err == nil && reading {
				return nil
			}
			ends = append(ends, err)
		}
	}
	return cmp.Or(ends...)
}
