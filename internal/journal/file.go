package journal

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"github.com/whctl/whctl/internal/fault"
)

const (
	applicationID = 0x7768636a // "whcj", in the file's header
	schemaVersion = 2          // user_version of the file
)

// schema is format 2. Times are nanoseconds since 1970, save signed_at, which is decimal seconds (a sender may claim
// any year). Bodies come last, so that reading the other columns does not walk through them.
const schema = `
CREATE TABLE deliveries (
	id INTEGER PRIMARY KEY,
	duplicate_of INTEGER,
	duplicate_answered INTEGER NOT NULL DEFAULT 0,
	event_key INTEGER,
	received_at INTEGER NOT NULL,
	profile TEXT NOT NULL,
	ok INTEGER NOT NULL,
	reason TEXT NOT NULL,
	scheme TEXT NOT NULL,
	event_type TEXT NOT NULL,
	event_id TEXT NOT NULL,
	event_time TEXT NOT NULL,
	key_index INTEGER NOT NULL,
	signed_at TEXT,
	skew INTEGER NOT NULL,
	message_id TEXT NOT NULL,
	detail TEXT NOT NULL,
	remote_addr TEXT NOT NULL,
	method TEXT NOT NULL,
	path TEXT NOT NULL,
	host TEXT NOT NULL,
	size INTEGER NOT NULL,
	sha256 TEXT NOT NULL,
	answer INTEGER NOT NULL,
	targets TEXT,
	header TEXT NOT NULL,
	body BLOB
);
CREATE INDEX deliveries_event ON deliveries(event_key) WHERE event_key IS NOT NULL;
CREATE INDEX deliveries_profile ON deliveries(profile);
CREATE INDEX deliveries_refused ON deliveries(id) WHERE ok = 0 AND reason <> 'unverified';
CREATE TABLE attempts (
	id INTEGER PRIMARY KEY,
	delivery INTEGER NOT NULL,
	number INTEGER NOT NULL,
	answer INTEGER NOT NULL,
	target TEXT NOT NULL,
	started_at INTEGER NOT NULL,
	duration INTEGER NOT NULL,
	status INTEGER NOT NULL,
	body_size INTEGER NOT NULL,
	error TEXT NOT NULL,
	hint TEXT NOT NULL,
	header TEXT NOT NULL,
	body BLOB
);
CREATE INDEX attempts_delivery ON attempts(delivery);
PRAGMA application_id = 2003329898;
` + toFormat2 + refusals

// toFormat2 brings a file of format 1 up to date. What is found in a diagnosis is a JSON object.
const toFormat2 = `
CREATE TABLE diagnoses (
	delivery INTEGER PRIMARY KEY,
	found TEXT NOT NULL
);
PRAGMA user_version = 2;
`

// dsn names the file for the driver. It never creates a file: that is done before, with the right mode.
func dsn(path, mode string, pragmas ...string) string {
	slashed := filepath.ToSlash(path)
	if runtime.GOOS == "windows" && filepath.VolumeName(path) != "" && slashed[0] != '/' {
		slashed = "/" + slashed // file:///C:/…
	}
	q := url.Values{"mode": {mode}, "_pragma": append([]string{"busy_timeout(5000)"}, pragmas...)}
	if mode == "immutable" {
		q.Set("mode", "ro")
		q.Set("immutable", "1")
	}
	u := url.URL{Scheme: "file", Path: slashed, RawQuery: q.Encode()}
	return u.String()
}

func makeFolder(path string) error {
	return storage(os.MkdirAll(filepath.Dir(path), 0o700), path, "make the journal's folder")
}

// create makes the file where it is missing, readable by their owner alone, and takes rights on an
// existing file away from others.
func create(path string) error {
	const doing = "make the journal's file"
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return nil // another process was faster
		}
		if err != nil {
			return storage(err, path, doing)
		}
		return storage(f.Close(), path, doing)
	case err != nil:
		return storage(err, path, doing)
	case !info.Mode().IsRegular():
		return notAFile(path)
	case info.Mode().Perm()&0o077 != 0:
		// A file that only its owner could tighten stays as it is for others who may write to it.
		_ = os.Chmod(path, 0o600)
	}
	return nil
}

func notAFile(path string) error {
	return fault.Hint(fault.New(fault.Storage, "the journal %s is not a file", path), "use another folder: WHCTL_DATA_DIR=DIR")
}

// exists says whether there is a journal file at path.
func exists(path string) (bool, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, storage(err, path, "read the journal")
	case !info.Mode().IsRegular():
		return false, notAFile(path)
	}
	return true, nil
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
}

func identify(ctx context.Context, db queryer) (identity, error) {
	var i identity
	err := db.QueryRowContext(ctx, `SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
		FROM pragma_application_id, pragma_user_version`).Scan(&i.application, &i.version, &i.tables)
	return i, err
}

// probe looks at an existing file without changing it or leaving anything beside it, and fails when it is damaged,
// foreign or newer. SQLite is asked even for the header: closing a descriptor of our own would drop the locks of
// any other journal this process has open on the file.
func probe(ctx context.Context, path string) (identity, error) {
	mode := "immutable" // takes no locks and does not look for a write-ahead log
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		mode = "ro"
	}
	db, err := sql.Open("sqlite", dsn(path, mode))
	if err != nil {
		return identity{}, storage(err, path, "open the journal")
	}
	defer func() { _ = db.Close() }()
	i, err := identify(ctx, db)
	if err == nil {
		err = i.check(path)
	}
	if err == nil && !i.blank() {
		// Reading both ends of each table finds a file that was cut off.
		var n sql.NullInt64
		err = db.QueryRowContext(ctx, `SELECT (SELECT min(id) FROM deliveries) + (SELECT max(id) FROM deliveries)
			+ (SELECT min(id) FROM attempts) + (SELECT max(id) FROM attempts)`).Scan(&n)
		if err != nil && primary(err) == 1 { // a table is missing
			err = damaged(path, err)
		}
	}
	return i, storage(err, path, "open the journal")
}
