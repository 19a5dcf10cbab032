package journal

// A statement of an append. It runs on the driver itself, because what database/sql does for each value costs as much as to insert it.

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// statement is a prepared statement of a connection. Only one goroutine runs it.
type statement struct {
	conn     *sql.Conn
	prepared prepared
	args     []driver.NamedValue // of the last run; the next one uses them again
}

type prepared interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// errDriver is for a driver without what a statement needs.
var errDriver = errors.New("the driver does not run statements")

func newStatement(ctx context.Context, conn *sql.Conn, text string) (*statement, error) {
	s := &statement{conn: conn}
	err := conn.Raw(func(driverConn any) error {
		c, ok := driverConn.(driver.ConnPrepareContext)
		if !ok {
			return errDriver
		}
		stmt, err := c.PrepareContext(ctx, text)
		if err != nil {
			return err
		}
		if s.prepared, ok = stmt.(prepared); !ok {
			return errors.Join(errDriver, stmt.Close())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Close gives the statement back. The connection must be open.
func (s *statement) Close() error {
	return s.conn.Raw(func(any) error { return s.prepared.Close() })
}

// exec runs a statement that changes something.
func (s *statement) exec(ctx context.Context, args ...any) error {
	for i, arg := range args {
		if err := s.set(i, arg); err != nil {
			return err
		}
	}
	return s.run(ctx)
}

// insert runs a statement with what stands in the fields of a row.
func (s *statement) insert(ctx context.Context, columns []column) error {
	for i, c := range columns {
		if err := s.set(i, c.field); err != nil {
			return err
		}
	}
	return s.run(ctx)
}

func (s *statement) run(ctx context.Context) error {
	defer s.forget()
	return s.conn.Raw(func(any) error {
		_, err := s.prepared.ExecContext(ctx, s.args)
		return err
	})
}

// query hands each row to fn, as a slice that is only good until fn returns. fn runs no statement.
func (s *statement) query(ctx context.Context, fn func(row []driver.Value) error, args ...any) error {
	for i, arg := range args {
		if err := s.set(i, arg); err != nil {
			return err
		}
	}
	defer s.forget()
	return s.conn.Raw(func(any) error {
		rows, err := s.prepared.QueryContext(ctx, s.args)
		if err != nil {
			return err
		}
		return errors.Join(eachRow(rows, fn), rows.Close())
	})
}

func eachRow(rows driver.Rows, fn func(row []driver.Value) error) error {
	row := make([]driver.Value, len(rows.Columns()))
	for {
		if err := rows.Next(row); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if err := fn(row); err != nil {
			return err
		}
	}
}

// number runs a query that gives one number. It is 0 where there is none.
func (s *statement) number(ctx context.Context, args ...any) (n int64, err error) {
	err = s.query(ctx, func(row []driver.Value) error {
		n, _ = row[0].(int64)
		return nil
	}, args...)
	return n, err
}

// forget lets go of bodies, which may be large.
func (s *statement) forget() {
	for i := range s.args {
		if _, is := s.args[i].Value.([]byte); is {
			s.args[i].Value = nil
		}
	}
}

// set gives a parameter its value. arg is a value or points to one.
func (s *statement) set(i int, arg any) (err error) {
	if i == len(s.args) {
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1})
	}
	value := &s.args[i].Value
	switch arg := arg.(type) {
	case *string:
		*value = same(*value, *arg)
	case *int64:
		*value = same(*value, *arg)
	case *int:
		*value = same(*value, int64(*arg))
	case *time.Duration:
		*value = same(*value, int64(*arg))
	case *bool:
		*value = *arg
	case *[]byte:
		*value = *arg
	case *sign.Reason:
		*value = same(*value, string(*arg))
	case *record.Origin:
		*value = same(*value, string(*arg))
	case *record.OutcomeKind:
		*value = same(*value, string(*arg))
	case *sql.NullInt64:
		if *value = nil; arg.Valid {
			*value = arg.Int64
		}
	case *sql.NullString:
		if *value = nil; arg.Valid {
			*value = arg.String
		}
	default:
		*value, err = driver.DefaultParameterConverter.ConvertValue(arg)
	}
	return err
}

// same is v as an interface, the one of the last row if that holds the same: most columns repeat, and nothing is allocated then.
func same[T comparable](last any, v T) any {
	if was, is := last.(T); is && was == v {
		return last
	}
	return v
}
