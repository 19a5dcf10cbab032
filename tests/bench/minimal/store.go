package main

// Deliveries in SQLite, with one commit for all that wait.

import (
	"context"
	"database/sql"
	"errors"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// most is how many deliveries one commit takes.
const most = 256

type entry struct {
	body []byte
	done chan error
}

type store struct {
	db      *sql.DB
	insert  *sql.Stmt
	entries chan entry
}

func openStore(path string) (*store, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	ctx := context.Background()
	if _, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL)`); err != nil {
		return nil, err
	}
	insert, err := db.PrepareContext(ctx, `INSERT INTO events (at, body) VALUES (?, ?)`)
	if err != nil {
		return nil, err
	}
	s := &store{db: db, insert: insert, entries: make(chan entry, most)}
	go s.run(ctx)
	return s, nil
}

// append returns once the body is on the disk.
func (s *store) append(body []byte) error {
	e := entry{body, make(chan error, 1)}
	s.entries <- e
	return <-e.done
}

func (s *store) run(ctx context.Context) {
	for first := range s.entries {
		batch := []entry{first}
		for more := true; more && len(batch) < most; {
			select {
			case e := <-s.entries:
				batch = append(batch, e)
			default:
				more = false
			}
		}
		err := s.commit(ctx, batch)
		for _, e := range batch {
			e.done <- err
		}
	}
}

func (s *store) commit(ctx context.Context, batch []entry) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	insert := tx.StmtContext(ctx, s.insert)
	for _, e := range batch {
		if _, err := insert.ExecContext(ctx, time.Now().UnixNano(), e.body); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}
