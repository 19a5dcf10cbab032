package journal

// Reading many deliveries. A walk reads some of them and lets go of the journal before it hands them on: while it reads, the log
// cannot be folded, and a list in a pager may stay open for an hour.

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

const (
	walkRows  = 512
	walkBytes = 4 << 20
)

// List gives the deliveries that pass the filter, newest first. See Each for what an error means.
func (j *Journal) List(ctx context.Context, f Filter) ([]record.Delivery, error) {
	out := []record.Delivery{}
	err := j.Each(ctx, f, func(d *record.Delivery) error {
		out = append(out, *d)
		return nil
	})
	return out, err
}

// Each calls fn for every delivery that passes the filter, newest first, and holds only a few in memory; fn may keep it. An error
// of fn ends the walk and is returned. What cannot be read is left out; a storage fault then comes at the end, and says how many
// and which.
func (j *Journal) Each(ctx context.Context, f Filter, fn func(*record.Delivery) error) error {
	return (&walk{j: j, f: f, search: searchFor(f.Search), fn: fn, last: math.MaxInt64, beyond: "<", order: "DESC"}).run(ctx)
}

// EachForward is Each, oldest first.
func (j *Journal) EachForward(ctx context.Context, f Filter, fn func(*record.Delivery) error) error {
	return (&walk{j: j, f: f, search: searchFor(f.Search), fn: fn, beyond: ">", order: "ASC"}).run(ctx)
}

// Count is how many deliveries pass a filter. What only their bodies can tell is refused with an internal fault.
func (j *Journal) Count(ctx context.Context, f Filter) (n int, err error) {
	if f.Match != nil || f.Search != "" {
		return 0, fault.New(fault.Internal, "deliveries are counted by their facts alone")
	}
	format, table, err := j.facts(ctx)
	if err != nil {
		return 0, err
	}
	where := f.where(format)
	err = j.query(ctx, withJobs(format, "SELECT count(*) FROM "+table+where.where()), where.args, func(rows *sql.Rows) (bool, error) {
		return false, rows.Scan(&n)
	})
	return n, err
}

// searchFor is what a filter's text is searched for with; nil for none.
func searchFor(text string) *needle {
	if text == "" {
		return nil
	}
	return newNeedle(text)
}

// walk is one reading of the list.
type walk struct {
	j      *Journal
	f      Filter
	search *needle // nil for none
	fn     func(*record.Delivery) error
	format int    // of the file
	table  string // what is read from
	last   int64  // the id that was read last
	beyond string // how the id that is read next compares with it
	order  string
	given  int
	full   bool // as many as were asked for are given
	ended  bool // nothing is left to read
	lost   lost
}

func (w *walk) run(ctx context.Context) error {
	for !w.ended {
		var err error
		if w.format, w.table, err = w.j.facts(ctx); err != nil {
			return err
		}
		batch, err := w.read(ctx)
		for i := range batch {
			if err := w.give(ctx, &batch[i]); err != nil {
				return err
			}
			if w.full {
				return w.lost.err(w.j.path)
			}
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !unreadable(err):
			return err
		case err != nil:
			return w.oneByOne(ctx)
		}
	}
	return w.lost.err(w.j.path)
}

// unreadable says whether an error comes from one place in the file, so that others can still be read.
func unreadable(err error) bool {
	return errors.Is(err, errRow) || errors.Is(err, errDamaged) || primary(err) == sqlite3.SQLITE_IOERR
}

// query selects what passes the filter, from a table, with one more condition on the id.
func (w *walk) query(table, more string) (query string, args []any, body bool) {
	where := w.f.where(w.format)
	where.add(more, w.last)
	body = w.f.Bodies || w.f.Search != "" || w.f.Match != nil
	return withJobs(w.format, "SELECT "+deliveryColumns(w.format, body)+" FROM "+table+where.where()), where.args, body
}

// read gives the next deliveries.
func (w *walk) read(ctx context.Context) ([]record.Delivery, error) {
	query, args, body := w.query(w.table, "id "+w.beyond+" ?")
	most := walkRows
	if w.f.Limit > 0 && w.f.Match == nil && w.f.Search == "" {
		most = min(most, w.f.Limit-w.given)
	}
	var out []record.Delivery
	size, rows, more := 0, 0, false
	err := w.j.query(ctx, query+" ORDER BY id "+w.order, args, func(r *sql.Rows) (bool, error) {
		d, err := scanDelivery(r, body)
		id, ok := parseID(d.ID)
		if err != nil && !ok {
			return false, err
		}
		w.last = id
		rows++
		if err != nil {
			w.lost.rows.add(d.ID)
		} else if w.found(&d) {
			size += len(d.Body) + len(d.Path)
			out = append(out, d)
		}
		more = rows >= most || size >= walkBytes
		return !more, nil
	})
	w.ended = err == nil && !more
	return out, err
}

// found applies what the query does not, save Match. It searches all that a person knows a delivery by.
func (w *walk) found(d *record.Delivery) bool {
	n := w.search
	return n == nil || n.in([]byte(strings.Join([]string{d.ID, d.EventType, d.EventID, d.Host}, "\n"))) || len(n.places(d)) > 0
}

func (w *walk) give(ctx context.Context, d *record.Delivery) error {
	if w.f.Match != nil {
		if is, err := w.f.Match(ctx, d); err != nil || !is {
			return err
		}
	}
	if d.BodyDamaged {
		w.lost.bodies.add(d.ID)
	}
	if !w.f.Bodies {
		d.Body = nil
	}
	w.given++
	err := w.fn(d)
	w.full = w.f.Limit > 0 && w.given >= w.f.Limit
	return err
}

// oneByOne reads each delivery on its own, because a page cannot be read. An index, which is on other pages, tells which there are.
func (w *walk) oneByOne(ctx context.Context) error {
	index := "deliveries_facts"
	if w.format < 5 {
		index = "deliveries_profile"
	}
	ids, err := w.ids(ctx, "deliveries INDEXED BY "+index)
	if err != nil {
		if most, again := w.ids(ctx, "deliveries NOT INDEXED"); again == nil || len(most) > len(ids) {
			ids, err = most, again
		}
	}
	w.lost.uncounted = err != nil
	slices.Sort(ids)
	if w.order == "DESC" {
		slices.Reverse(ids)
	}
	for _, id := range ids {
		w.last = id
		d, err := w.single(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !unreadable(err):
			return err
		case err != nil:
			w.lost.rows.add(formatID(id))
		case d != nil && w.found(d):
			if err := w.give(ctx, d); err != nil {
				return err
			}
			if w.full {
				return w.lost.err(w.j.path)
			}
		}
	}
	return w.lost.err(w.j.path)
}

// single reads the delivery whose id is the last, nil when it does not pass. Where its jobs cannot be read it has no targets.
func (w *walk) single(ctx context.Context) (d *record.Delivery, err error) {
	query, args, body := w.query("deliveries NOT INDEXED", "id = ?")
	scan := func(r *sql.Rows) (bool, error) {
		got, err := scanDelivery(r, body)
		d = &got
		return false, err
	}
	err = w.j.query(ctx, query, args, scan)
	if err == nil || !unreadable(err) {
		return d, err
	}
	if again := w.j.query(ctx, strings.Replace(query, jobTargets, "NULL", 1), args, scan); again != nil {
		return nil, err
	}
	if d != nil {
		w.lost.targets.add(d.ID)
	}
	return d, nil
}

// ids gives the ids that are left, as far as a table or an index can be read.
func (w *walk) ids(ctx context.Context, from string) (ids []int64, err error) {
	err = w.j.query(ctx, "SELECT id FROM "+from+" WHERE id "+w.beyond+" ?", []any{w.last}, func(r *sql.Rows) (bool, error) {
		var id int64
		err := r.Scan(&id)
		ids = append(ids, id)
		return true, err
	})
	return ids, err
}

// lost is what a walk left out.
type lost struct {
	rows, bodies, targets names
	uncounted             bool // there may be more
}

// names counts ids and has the first few of them.
type names struct {
	n   int
	ids []string
}

func (n *names) add(id string) {
	if n.n++; len(n.ids) < maxCandidates {
		n.ids = append(n.ids, id)
	}
}

// String is a number with some of the ids.
func (n names) String() string {
	noun := "deliveries"
	if n.n == 1 {
		noun = "delivery"
	}
	return fmt.Sprintf("%d %s (%s)", n.n, noun, n.list())
}

func (n names) list() string {
	if n.n > len(n.ids) {
		return strings.Join(n.ids, ", ") + ", …"
	}
	return strings.Join(n.ids, ", ")
}

// err says what was left out; nil when nothing was.
func (l *lost) err(path string) error {
	var words []string
	if l.rows.n > 0 {
		words = append(words, l.rows.String()+" cannot be read")
	}
	if l.uncounted {
		words = append(words, "others may be missing, as what lists them cannot be read either")
	}
	if l.bodies.n > 0 {
		words = append(words, "the body of "+l.bodies.String()+" is no longer what was received")
	}
	if l.targets.n > 0 {
		words = append(words, "the targets of "+l.targets.String()+" cannot be read")
	}
	if len(words) == 0 {
		return nil
	}
	return fault.Hint(fault.New(fault.Storage, "the journal %s is damaged: %s", path, strings.Join(words, "; ")),
		"all others are given; what SQLite can still read: %s", fault.Command("sqlite3", path, ".recover"))
}
