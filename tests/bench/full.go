package main

// A journal that has run for long: a million deliveries, and a hundred thousand jobs that are owed.

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver
)

const (
	fullDeliveries = 1_000_000
	fullJobs       = 100_000
	closedTarget   = "127.0.0.1:9" // nothing listens there, so the jobs stay
)

// full starts whctl on such a journal, which is made once.
func (s *stage) full(ctx context.Context, name string) (*server, error) {
	if s.fullDir == "" {
		if err := s.makeFull(ctx); err != nil {
			return nil, fmt.Errorf("make a full journal: %w", err)
		}
	}
	return s.onFull(ctx, name)
}

func (s *stage) onFull(ctx context.Context, name string) (*server, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	p, err := start(ctx, s.fullDir, "whctl", whctlEnv(s.fullDir), s.bin.whctl,
		"listen", "--scheme", "stripe", "--addr", addr, "--forward", closedTarget, "--ack", "now", "--max-queue", "200000")
	return ready(ctx, name, addr, p, err)
}

// makeFull has whctl record one delivery, and multiplies it. The next one has it make the keys of the events that were multiplied.
func (s *stage) makeFull(ctx context.Context) (err error) {
	if s.fullDir, _, err = s.place(ctx); err != nil {
		return err
	}
	if err := s.recordOne(ctx); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.fullDir, "journal.db"))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	err = multiply(ctx, db, "deliveries", fullDeliveries, map[string]string{"id": "id - n", "event_id": "event_id || n"})
	if err == nil {
		err = multiply(ctx, db, "jobs", fullJobs, map[string]string{"delivery": "delivery - n"})
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	return s.recordOne(ctx)
}

func (s *stage) recordOne(ctx context.Context) error {
	srv, err := s.onFull(ctx, "full")
	if err != nil {
		return err
	}
	defer srv.stop()
	return post(ctx, srv.addr)
}

// post sends one signed delivery.
func post(ctx context.Context, addr string) error {
	body, at := event("full", 0, 0), strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(signer))
	_, _ = mac.Write(append([]byte(at+"."), body...))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/webhooks", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Stripe-Signature", fmt.Sprintf("t=%s,v1=%x", at, mac.Sum(nil)))
	res, err := new(http.Client).Do(r)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		err = fmt.Errorf("answered %s", res.Status)
	}
	return errors.Join(err, res.Body.Close())
}

// multiply writes the only row of a table n times more, with other values in some columns.
func multiply(ctx context.Context, db *sql.DB, table string, n int, change map[string]string) error {
	rows, err := db.QueryContext(ctx, "SELECT name FROM pragma_table_info(?)", table)
	if err != nil {
		return err
	}
	var names, values []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return errors.Join(err, rows.Close())
		}
		value, changed := change[name]
		if !changed {
			value = name
		}
		names, values = append(names, name), append(values, value)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, fmt.Sprintf(`WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < %d)
		INSERT INTO %s (%s) SELECT %s FROM more, (SELECT * FROM %[2]s LIMIT 1)`, n, table, strings.Join(names, ", "), strings.Join(values, ", ")))
	return err
}
