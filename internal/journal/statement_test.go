package journal

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAppendsMakeNoTables: a statement that makes a table for itself, for a list or a sub-select, costs several times what it inserts.
func TestAppendsMakeNoTables(t *testing.T) {
	j, err := Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	d := benchDelivery()
	if err := j.AppendDelivery(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	for _, text := range j.writer.inserts() {
		if ops := opcodes(t.Context(), t, j, text); slices.Contains(ops, "OpenEphemeral") || slices.Contains(ops, "SorterOpen") {
			t.Errorf("%s\nmakes a table: %q", text, ops)
		}
	}
}

// TestNothingOfAStatementThatFailed: a search that has what it looks for ends its other readers while these prepare theirs, and they close
// what they have.
func TestNothingOfAStatementThatFailed(t *testing.T) {
	j := openTest(t, Options{})
	conn, err := j.readers.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ended, end := context.WithCancel(t.Context())
	end()
	if s, err := newStatement(ended, conn, "SELECT 1"); s != nil || err == nil {
		t.Errorf("%v, %v", s, err)
	}
}

// opcodes are what SQLite does for a statement.
func opcodes(ctx context.Context, t *testing.T, j *Journal, text string) (ops []string) {
	t.Helper()
	rows, err := j.readers.QueryContext(ctx, "EXPLAIN "+text, make([]any, strings.Count(text, "?"))...)
	if err != nil {
		t.Fatal(text, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var op string
		var rest [7]any
		if err := rows.Scan(&rest[0], &op, &rest[1], &rest[2], &rest[3], &rest[4], &rest[5], &rest[6]); err != nil {
			t.Fatal(err)
		}
		ops = append(ops, op)
	}
	return ops
}
