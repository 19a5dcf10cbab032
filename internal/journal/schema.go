package journal

import (
	"context"
	"fmt"
	"strings"
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
PRAGMA application_id = 2003329898;
` + ownIndexes + toFormat2 + refusals

// ownIndexes are made where they are missing. Some are asked for by name.
const ownIndexes = `
CREATE INDEX IF NOT EXISTS deliveries_event ON deliveries(event_key) WHERE event_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_profile ON deliveries(profile);
CREATE INDEX IF NOT EXISTS deliveries_refused ON deliveries(id) WHERE ok = 0 AND reason <> 'unverified';
CREATE INDEX IF NOT EXISTS attempts_delivery ON attempts(delivery);
`

// toFormat2 brings a file of format 1 up to date. What is found in a diagnosis is a JSON object.
const toFormat2 = `
CREATE TABLE diagnoses (
	delivery INTEGER PRIMARY KEY,
	found TEXT NOT NULL
);
PRAGMA user_version = 2;
`

// checkSchema compares what a file says of its tables with what whctl makes of them, as SQLite runs what stands there: a
// trigger would act at each delivery, a view or a column that is worked out would answer in the place of what was recorded.
// Indexes may be missing, which only costs time. The plain tables of Litestream and of SQLite's statistics stay.
func checkSchema(ctx context.Context, db queryer, version int) error {
	rows, err := db.QueryContext(ctx, "SELECT type, name, coalesce(sql, '') FROM sqlite_schema")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	missing := map[string]bool{"deliveries": true, "attempts": true, "diagnoses": version > 1}
	known := objects(schema + refusals + refusedBefore)
	for rows.Next() {
		var typ, name, text string
		if err := rows.Scan(&typ, &name, &text); err != nil {
			return err
		}
		switch text = spaced(text); {
		case known[text]:
			missing[name] = false
		case text == "CREATE TABLE sqlite_stat1(tbl,idx,stat)", text == "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)": // of ANALYZE
		case text == "CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)", text == "CREATE TABLE _litestream_lock (id INTEGER)":
		default:
			return fmt.Errorf("%w: the %s %q", errSchema, typ, name)
		}
	}
	for name, is := range missing {
		if is && rows.Err() == nil {
			return fmt.Errorf("%w: %s", errHalf, name)
		}
	}
	return rows.Err()
}

// refusedBefore is how the first journals had this index.
const refusedBefore = "CREATE INDEX deliveries_refused ON deliveries(profile) WHERE ok = 0 AND reason <> 'unverified';"

// objects are the statements of a text that make something, as SQLite keeps them.
func objects(text string) map[string]bool {
	out := map[string]bool{}
	for s := range strings.SplitSeq(text, ";") {
		if s = spaced(strings.ReplaceAll(s, " IF NOT EXISTS", "")); strings.HasPrefix(s, "CREATE ") {
			out[s] = true
		}
	}
	return out
}

// spaced has one space where a text has any white space.
func spaced(text string) string { return strings.Join(strings.Fields(text), " ") }
