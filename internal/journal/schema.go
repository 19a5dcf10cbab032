package journal

// The tables of the newest format, and the check that a file has no others.

import (
	"context"
	"fmt"
	"strings"
)

const (
	applicationID = 0x7768636a // "whcj", in the file's header
	schemaVersion = 6          // user_version of the file
)

// schema is format 6. Times are nanoseconds since 1970, except signed_at, which is decimal seconds: a sender may claim any
// year. A job is known by its delivery and its target, which an attempt names too. place is the job's number among those of
// its delivery. old_targets is where formats 1 and 2 had what stands in jobs now, and old_event_key where formats before 6 had the keys of
// events: nothing uses them, and to take them away would rewrite every delivery. The columns of deliveries5 and attempts4 are as in package record.
const schema = "CREATE TABLE deliveries (" + deliveries6 + ");" +
	"CREATE TABLE attempts (" + attempts4 + ");" +
	"CREATE TABLE jobs (" + jobs3 + ", " + jobs4 + jobsKey + ";" +
	fileMark + diagnoses + lanes + eventRuns + indexes

// fileMark says whose file it is.
const fileMark = `PRAGMA application_id = 2003329898;`

// deliveries3, attempts3 and jobs3 are the columns of format 3. jobsKey ends the table of jobs.
const (
	deliveries3 = untilKey + "event_key" + fromKey

	untilKey = `
	id INTEGER PRIMARY KEY,
	duplicate_of INTEGER,
	duplicate_answered INTEGER NOT NULL DEFAULT 0,
	`

	fromKey = ` INTEGER,
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
	old_targets TEXT,
	header TEXT NOT NULL,
	body BLOB,
	key_name TEXT NOT NULL DEFAULT '',
	public_url TEXT NOT NULL DEFAULT '',
	params TEXT NOT NULL DEFAULT '',
	route TEXT NOT NULL DEFAULT ''`

	attempts3 = `
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
	body BLOB,
	origin TEXT NOT NULL DEFAULT 'forward',
	outcome TEXT NOT NULL DEFAULT '',
	repeated INTEGER NOT NULL DEFAULT 0`

	jobs3 = `
	delivery INTEGER NOT NULL,
	target TEXT NOT NULL,
	place INTEGER NOT NULL,
	state TEXT NOT NULL,
	due INTEGER NOT NULL,
	tries INTEGER NOT NULL,
	origin TEXT NOT NULL,
	last_attempt INTEGER`

	jobsKey = `, PRIMARY KEY (delivery, target)) WITHOUT ROWID`
)

// deliveries4 and attempts4 are the columns of format 4.
const (
	deliveries4 = deliveries3 + skipped4
	skipped4    = `, skipped TEXT NOT NULL DEFAULT ''`
	attempts4   = attempts3 + `, signing TEXT NOT NULL DEFAULT '', overtook INTEGER NOT NULL DEFAULT 0`
)

// deliveries5 are what format 5 adds to a delivery. replay_of and conflict are ids of others; late is in nanoseconds.
const deliveries5 = `
	replay_of INTEGER,
	conflict INTEGER,
	scrubbed INTEGER NOT NULL DEFAULT 0,
	late INTEGER NOT NULL DEFAULT 0,
	out_of_order INTEGER NOT NULL DEFAULT 0`

// deliveries6 are the columns of format 6.
const deliveries6 = untilKey + "old_event_key" + fromKey + skipped4 + ", " + deliveries5

// eventRuns are the keys of events, by which a delivery is found to repeat one. event_runs has a row for each run, with its filter; last is
// the delivery that it ends with. event_keys has its keys, each with the id of its delivery, in parts. See keyrun.go.
const eventRuns = `
CREATE TABLE event_runs (
	last INTEGER PRIMARY KEY,
	deliveries INTEGER NOT NULL,
	filter BLOB NOT NULL
);
CREATE TABLE event_keys (
	part INTEGER PRIMARY KEY,
	keys BLOB NOT NULL
);
`

// jobs4 are what format 4 adds to a job: the profile of its delivery, when the time began after which the job is given up, the bytes
// of the delivery, and why the job is dead. Whoever sends the jobs of a lane keeps to itself which one it is sending: only a job that
// answers a sender is stored as such.
const jobs4 = `
	profile TEXT NOT NULL DEFAULT '',
	since INTEGER NOT NULL DEFAULT 0,
	size INTEGER NOT NULL DEFAULT 0,
	reason TEXT NOT NULL DEFAULT ''`

// diagnoses holds one JSON object for each delivery that was explained.
const diagnoses = `
CREATE TABLE diagnoses (
	delivery INTEGER PRIMARY KEY,
	found TEXT NOT NULL
);
`

// lanes says which lanes a user has paused.
const lanes = `
CREATE TABLE lanes (
	profile TEXT NOT NULL,
	target TEXT NOT NULL,
	PRIMARY KEY (profile, target)
) WITHOUT ROWID;
`

// indexes3 are the indexes of format 3.
const indexes3 = indexes34 + `
CREATE INDEX IF NOT EXISTS jobs_due ON jobs(target, state, due) WHERE state IN ('queued', 'waiting');
`

// indexes are made where they are missing. Some are asked for by name. deliveries_facts and attempts_facts hold what filters and figures
// ask of each row, so that nobody reads a million bodies to count. They grow at their end alone, which costs an append little.
const indexes = indexesEver + indexes45 + `
CREATE INDEX IF NOT EXISTS deliveries_facts ON deliveries(id, received_at, profile, event_type, ok, reason, event_id, path, size, answer,
	duplicate_of, replay_of, scheme, conflict, late, out_of_order, skipped);
CREATE INDEX IF NOT EXISTS attempts_facts ON attempts(delivery, target, number, status, outcome, duration, answer);
`

// indexes4 are the indexes of format 4.
const indexes4 = indexes34 + indexes45

// indexes45 are those that formats from 4 on share. They hold all that a start asks of open jobs.
const indexes45 = `
CREATE INDEX IF NOT EXISTS jobs_queued ON jobs(profile, target, delivery, size) WHERE state = 'queued';
CREATE INDEX IF NOT EXISTS jobs_waiting ON jobs(profile, target, due, size) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS jobs_sending ON jobs(profile, target, delivery) WHERE state = 'sending';
CREATE INDEX IF NOT EXISTS jobs_dead ON jobs(profile, target, delivery) WHERE state = 'dead';
`

// indexes34 are those that formats 3 and 4 share.
const indexes34 = indexesEver + eventIndex + `
CREATE INDEX IF NOT EXISTS deliveries_profile ON deliveries(profile);
CREATE INDEX IF NOT EXISTS attempts_delivery ON attempts(delivery);
`

// eventIndex is what formats before 6 had in place of eventRuns.
const eventIndex = `
CREATE INDEX IF NOT EXISTS deliveries_event ON deliveries(event_key) WHERE event_key IS NOT NULL;
`

// indexesEver are those that formats from 3 on share. Their conditions have no list of three or more: SQLite makes a table of such a list in
// each insert, which costs as much as the insert.
const indexesEver = `
CREATE INDEX IF NOT EXISTS deliveries_refused ON deliveries(id) WHERE ok = 0 AND reason <> 'unverified';
CREATE INDEX IF NOT EXISTS deliveries_answered ON deliveries(id) WHERE answer BETWEEN 400 AND 499;
CREATE INDEX IF NOT EXISTS attempts_refused ON attempts(delivery) WHERE outcome = 'refused';
CREATE INDEX IF NOT EXISTS attempts_failed ON attempts(delivery) WHERE outcome = 'failed' OR outcome = 'unreachable' OR outcome = 'timeout';
`

// checkSchema compares what a file says of its tables with what whctl makes of them, as SQLite runs what stands there: a
// trigger would act at each delivery, and a view or a computed column would answer in place of what was recorded. Indexes may
// be missing, which only costs time. The plain tables of Litestream and of SQLite's statistics stay.
func checkSchema(ctx context.Context, db queryer, version int) error {
	rows, err := db.QueryContext(ctx, "SELECT type, name, coalesce(sql, '') FROM sqlite_schema")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	missing := objects(formats()[version-1])
	known := objects(formats()[version-1] + `
		CREATE TABLE sqlite_stat1(tbl,idx,stat); CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample);
		CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER); CREATE TABLE _litestream_lock (id INTEGER)`)
	for rows.Next() {
		var typ, name, text string
		if err := rows.Scan(&typ, &name, &text); err != nil {
			return err
		}
		text = spaced(text)
		if !known[text] {
			return fmt.Errorf("%w: the %s %q", errSchema, typ, name)
		}
		delete(missing, text)
	}
	for text := range missing {
		if words := strings.Fields(text); words[1] == "TABLE" && rows.Err() == nil {
			return fmt.Errorf("%w: %s", errHalf, words[2])
		}
	}
	return rows.Err()
}

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

// spaced writes a statement with one space between its parts. ALTER TABLE spaces them its own way.
func spaced(text string) string {
	apart := strings.NewReplacer("(", " ( ", ")", " ) ", ",", " , ").Replace(text)
	return strings.Join(strings.Fields(apart), " ")
}
