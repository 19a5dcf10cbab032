package journal

// From one format of the file to the next.

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// migrations bring a file to the next format; the first makes 2 of 1. A new format is one more entry here and in formats.
func migrations() []string { return []string{diagnoses, toFormat3, toFormat4, toFormat5, toFormat6} }

// formats are what a file of each format may hold.
func formats() []string {
	return []string{format1, format1 + diagnoses, format3, format4, format5, schema}
}

// Work that others wait for is told of when it has taken this long, and then every so often.
const (
	slowWork   = time.Second
	againEvery = 5 * time.Second
)

// migrate brings the file to the newest format, inside the transaction that is open: another process sees all of it or
// nothing, and so does the next start after a crash or on a full disk.
func (w *writer) migrate(ctx context.Context, version int) error {
	var steps []string
	for _, statements := range migrations()[version-1:] {
		steps = append(steps, strings.SplitAfter(strings.TrimRight(strings.TrimSpace(statements), ";"), ";")...)
	}
	var step atomic.Int64
	words := func() string {
		return fmt.Sprintf("the journal is being brought from format %d to %d, step %d of %d, which may take a minute; interrupt to leave it as it is",
			version, schemaVersion, step.Load(), len(steps)+1) // the last one makes the runs
	}
	return w.telling(words, func() error {
		for _, statement := range steps {
			step.Add(1)
			if _, err := w.conn.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		step.Add(1)
		if err := w.sync(ctx); err != nil {
			return err
		}
		_, err := w.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion))
		return err
	})
}

// index makes the indexes that are missing.
func (w *writer) index(ctx context.Context) error {
	words := func() string {
		return "an index of the journal is being made, which may take a minute; interrupt to leave it as it is"
	}
	return w.telling(words, func() error {
		_, err := w.conn.ExecContext(ctx, indexes)
		return err
	})
}

// telling does work, and tells people of it when it takes long.
func (w *writer) telling(words func() string, work func() error) error {
	done := make(chan struct{})
	var teller sync.WaitGroup
	teller.Go(func() {
		for wait := slowWork; ; wait = againEvery {
			select {
			case <-done:
				return
			case <-time.After(wait):
				w.tell(record.Changed{State: record.Migrating, Message: words()})
			}
		}
	})
	err := work()
	close(done)
	teller.Wait()
	return err
}

// format1 holds the tables of formats 1 and 2, and the indexes that whctl made for them over time.
const format1 = `
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
CREATE INDEX deliveries_event ON deliveries(event_key) WHERE event_key IS NOT NULL;
CREATE INDEX deliveries_profile ON deliveries(profile);
CREATE INDEX deliveries_refused ON deliveries(profile) WHERE ok = 0 AND reason <> 'unverified';
CREATE INDEX deliveries_refused ON deliveries(id) WHERE ok = 0 AND reason <> 'unverified';
CREATE INDEX deliveries_answered ON deliveries(id) WHERE answer BETWEEN 400 AND 499;
CREATE INDEX attempts_delivery ON attempts(delivery);
CREATE INDEX attempts_refused ON attempts(delivery) WHERE status IN (400, 401, 403, 498);
CREATE INDEX attempts_turned ON attempts(delivery) WHERE status IN (301, 302, 303, 307, 308, 419, 422);
`

// oldColumns are what a format does not have as a column. It is worked out from what there is, both to read a file and to migrate
// it.
func oldColumns(format int) map[string]string {
	old := map[string]string{}
	if format < 3 {
		old = map[string]string{
			"key_name": "''", "public_url": "''", "params": "''", "route": "''", jobTargets: oldTargets,
			"origin": "'forward'", "header": oldHeader, "outcome": oldOutcome, "repeated": oldRepeated,
		}
	}
	if format < 4 {
		old["skipped"], old["signing"], old["overtook"] = "''", "''", "0"
	}
	if format < 5 {
		old["replay_of"], old["conflict"], old["scrubbed"], old["late"], old["out_of_order"] = "NULL", "NULL", "0", "0", "0"
	}
	return old
}

const (
	// oldOutcome goes by the words of the error where there was no answer: nothing else was stored.
	oldOutcome = `CASE
		WHEN status IN (301, 302, 303, 307, 308, 400, 401, 403, 419, 422, 498) THEN 'refused'
		WHEN error = '' THEN iif(status BETWEEN 200 AND 299, 'delivered', 'failed')
		WHEN error = 'stopped before there was an answer' THEN 'cancelled'
		WHEN answer = 504 OR error LIKE 'no answer in %' OR error LIKE 'no HTTP answer in %' OR error LIKE 'no connection to % in %'
			OR error LIKE 'no TLS handshake in %' OR error LIKE 'host % was not found in %' THEN 'timeout'
		WHEN error = 'connection refused' OR error LIKE 'host % cannot be found' OR error LIKE 'TLS: %' THEN 'unreachable'
		ELSE 'failed' END`

	// An attempt that was sent twice has this mark among its headers; no header can have a colon in its name.
	oldRepeated = `instr(header, '":repeated":["1"]') > 0`
	oldHeader   = `replace(replace(replace(header, ',":repeated":["1"]', ''), '":repeated":["1"],', ''), '":repeated":["1"]', '')`

	// oldTargets is a number where the stored text is no list.
	oldTargets = `CASE
		WHEN targets IS NULL THEN NULL
		WHEN NOT json_valid(targets) THEN -1
		WHEN json_type(targets) <> 'array' THEN -1
		ELSE (SELECT group_concat(value, char(0)) FROM json_each(targets)) END`
)

// oldJobs stands before a query that asks for jobs, on a file whose format has none.
const oldJobs = `WITH jobs (delivery, target, state) AS (
	SELECT d.id, t.value, ` + oldState + `
	FROM deliveries AS d, json_each(iif(json_valid(d.targets), d.targets, '[]')) AS t
	LEFT JOIN (SELECT id, delivery, target, ` + oldOutcome + ` AS outcome FROM attempts) AS a
		ON a.id = (SELECT max(id) FROM attempts WHERE delivery = d.id AND target = t.value)
	WHERE d.targets IS NOT NULL) `

// withJobs is a query whose conditions ask for jobs, for a file of a format.
func withJobs(format int, query string) string {
	if format < 3 {
		return oldJobs + query
	}
	return query
}

// oldState is the state of a job whose last attempt is a.
const oldState = `CASE a.outcome WHEN 'delivered' THEN 'delivered' WHEN 'cancelled' THEN 'interrupted' ELSE iif(a.id IS NULL, 'interrupted', 'failed') END`

// toFormat3 makes jobs of the targets that each delivery was handed on to. A job without an attempt was cut off by a crash. It
// leaves the deliveries where they are. Their column has another name then, so that an older whctl that still has the file
// open fails to record, instead of recording without jobs.
const toFormat3 = "CREATE TABLE jobs (" + jobs3 + jobsKey + ";" + `
ALTER TABLE deliveries ADD COLUMN key_name TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN public_url TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN params TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN route TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN origin TEXT NOT NULL DEFAULT 'forward';
ALTER TABLE attempts ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN repeated INTEGER NOT NULL DEFAULT 0;
UPDATE attempts SET outcome = ` + oldOutcome + `, repeated = ` + oldRepeated + `, header = ` + oldHeader + `;
CREATE INDEX IF NOT EXISTS attempts_delivery ON attempts(delivery);
INSERT OR IGNORE INTO jobs (delivery, target, place, state, due, tries, origin, last_attempt)
	SELECT d.id, t.value, t.key, ` + oldState + `,
		d.received_at, coalesce(a.number, 0), 'forward', a.id
	FROM deliveries AS d, json_each(iif(json_valid(d.targets), d.targets, '[]')) AS t
	LEFT JOIN attempts AS a ON a.id = (SELECT max(id) FROM attempts WHERE delivery = d.id AND target = t.value)
	WHERE d.targets IS NOT NULL;
ALTER TABLE deliveries RENAME COLUMN targets TO old_targets;
DROP INDEX IF EXISTS deliveries_refused;
DROP INDEX IF EXISTS attempts_refused;
DROP INDEX IF EXISTS attempts_turned;
` + indexes3

// format3 is what a file of format 3 holds.
const format3 = "CREATE TABLE deliveries (" + deliveries3 + "); CREATE TABLE attempts (" + attempts3 + "); CREATE TABLE jobs (" + jobs3 + jobsKey + ";" +
	fileMark + diagnoses + indexes3

// toFormat4 adds what a queue of jobs needs. The jobs of before are over, except those that a crash cut off.
const toFormat4 = `
ALTER TABLE deliveries ADD COLUMN skipped TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN signing TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN overtook INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN profile TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN reason TEXT NOT NULL DEFAULT '';
UPDATE jobs SET profile = coalesce((SELECT profile FROM deliveries WHERE id = delivery), ''), since = due
	WHERE state IN ('queued', 'sending', 'waiting');
DROP INDEX IF EXISTS jobs_due;
` + lanes + indexes4

// format4 is what a file of format 4 holds.
const format4 = "CREATE TABLE deliveries (" + deliveries4 + "); CREATE TABLE attempts (" + attempts4 + "); CREATE TABLE jobs (" + jobs3 + ", " + jobs4 +
	jobsKey + ";" + fileMark + diagnoses + lanes + indexes4

// toFormat5 adds what a delivery is marked with, which changes no row, and the indexes that hold all that a filter asks.
const toFormat5 = `
ALTER TABLE deliveries ADD COLUMN replay_of INTEGER;
ALTER TABLE deliveries ADD COLUMN conflict INTEGER;
ALTER TABLE deliveries ADD COLUMN scrubbed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN late INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN out_of_order INTEGER NOT NULL DEFAULT 0;
DROP INDEX IF EXISTS deliveries_profile;
DROP INDEX IF EXISTS attempts_delivery;
` + indexes

// format5 is what a file of format 5 holds.
const format5 = "CREATE TABLE deliveries (" + deliveries4 + ", " + deliveries5 + "); CREATE TABLE attempts (" + attempts4 + "); CREATE TABLE jobs (" + jobs3 +
	", " + jobs4 + jobsKey + ";" + fileMark + diagnoses + lanes + eventIndex + indexes

// toFormat6 makes room for the runs that the keys of events are in; the keys are those that the deliveries have. An older whctl that still
// has the file open fails to record then, instead of recording what it does not know to be a duplicate.
const toFormat6 = `
DROP INDEX IF EXISTS deliveries_event;
ALTER TABLE deliveries RENAME COLUMN event_key TO old_event_key;
` + eventRuns + indexes
