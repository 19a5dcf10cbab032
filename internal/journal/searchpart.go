package journal

// Reading a part of the deliveries for a search. Bytes are compared as they are stored; only what holds the text is decoded.

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/record"
)

// mostFound is how many places in a delivery are named.
const mostFound = 8

// Place is a part of a delivery.
type Place string

// The places that are looked through.
const (
	InPath   Place = "path"
	InHeader Place = "header"
	InBody   Place = "body"
)

// Found is a place that holds the text.
type Found struct {
	In       Place
	Name     string // of the header
	Excerpt  []byte // what stands around the text
	From, To int    // the text, in Excerpt
	// CutBefore and CutAfter say that the place has more than the excerpt.
	CutBefore, CutAfter bool
}

// partRead is what came of reading a part.
type partRead struct {
	Searched
	hits []Hit    // newest first
	lost []string // the ids of those that cannot be read
	err  error    // of the rows
	miss error    // of what was found in them
}

// partReader reads parts on a connection of its own.
type partReader struct {
	s          *search
	conn       *sql.Conn
	rows, ends *statement
	args       []any // of the filter
}

func (s *search) newPartReader(ctx context.Context) (*partReader, error) {
	conn, err := s.j.readers.Conn(ctx)
	if err != nil {
		return nil, err
	}
	table := "deliveries NOT INDEXED" // the order in which they are stored
	if s.f.narrow() {
		table = s.table
	}
	c := s.f.where(s.format)
	r := &partReader{s: s, conn: conn, args: c.args}
	c.add("id >= ? AND id < ?")
	query := "SELECT id, CAST(path AS BLOB), CAST(header AS BLOB), body FROM " + table + c.where() + " ORDER BY id"
	if r.rows, err = newStatement(ctx, conn, withJobs(s.format, query)); err == nil {
		r.ends, err = newStatement(ctx, conn, fmt.Sprintf("SELECT id FROM %s WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET %d", s.table, partRows-1))
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *partReader) close() {
	for _, s := range []*statement{r.rows, r.ends} {
		if s != nil {
			_ = s.Close()
		}
	}
	_ = r.conn.Close()
}

// begin gives the id with which a part begins that ends before another. Where that cannot be read it divides what there is.
func (r *partReader) begin(ctx context.Context, oldest, below int64) int64 {
	id, err := r.ends.number(ctx, below)
	if err != nil {
		return oldest + (below-oldest)/2
	}
	return max(id, oldest)
}

// read reads a part. Where a page cannot be read, the others are.
func (r *partReader) read(ctx context.Context, p *part) partRead {
	out := r.between(ctx, p.from, p.to)
	if err := cmp.Or(out.err, out.miss); err != nil && unreadable(err) {
		return r.oneByOne(ctx, p)
	}
	return out
}

// oneByOne reads each delivery of a part on its own. An index, which is on other pages, tells which there are.
func (r *partReader) oneByOne(ctx context.Context, p *part) (out partRead) {
	var ids []int64
	out.err = r.s.j.query(ctx, "SELECT id FROM "+r.s.table+" WHERE id >= ? AND id < ? ORDER BY id", []any{p.from, p.to}, func(rows *sql.Rows) (bool, error) {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return true, err
	})
	for _, id := range slices.Backward(ids) {
		one := r.between(ctx, id, id+1)
		out.Deliveries += one.Deliveries
		out.Compressed += one.Compressed
		out.hits = append(out.hits, one.hits...)
		if one.err != nil && one.Deliveries == 0 || one.miss != nil { // the row after it may be what cannot be read
			out.lost = append(out.lost, formatID(id))
		}
	}
	return out
}

// between reads the deliveries from an id up to another, from the beginning on.
func (r *partReader) between(ctx context.Context, from, to int64) (out partRead) {
	var ids []int64
	out.err = r.rows.query(ctx, func(row []driver.Value) error {
		id, _ := row[0].(int64)
		path, header, body := bytesOf(row[1]), bytesOf(row[2]), bytesOf(row[3])
		out.Deliveries++
		if bytes.Contains(header, []byte(`"Content-Encoding":`)) {
			out.Compressed++
		}
		if n := r.s.needle; n.in(body) || n.in(path) || n.mayBeIn(header) {
			ids = append(ids, id)
		}
		return nil
	}, append(slices.Clone(r.args), from, to)...)
	out.err = storage(out.err, r.s.j.path, "search the journal")
	if len(ids) > 0 {
		out.hits, out.miss = r.hits(ctx, ids)
	}
	return out
}

func bytesOf(v driver.Value) []byte {
	b, _ := v.([]byte)
	return b
}

// hits reads those of the deliveries that pass the filter, and looks where they hold the text.
func (r *partReader) hits(ctx context.Context, ids []int64) (hits []Hit, err error) {
	f := &r.s.f
	err = r.s.j.eachID(ctx, ids, func(d *record.Delivery) error {
		found := r.s.needle.places(d)
		if len(found) == 0 {
			return nil
		}
		if f.Match != nil {
			if is, err := f.Match(ctx, d); err != nil || !is {
				return err
			}
		}
		d.Body = nil
		hits = append(hits, Hit{*d, found})
		return nil
	})
	return hits, err
}

// places are where a delivery holds the text.
func (n *needle) places(d *record.Delivery) (found []Found) {
	add := func(in Place, name string, text []byte) {
		if from, to := n.index(text); from >= 0 && len(found) < mostFound {
			f := excerpt(text, from, to)
			f.In, f.Name = in, name
			found = append(found, f)
		}
	}
	add(InPath, "", []byte(d.Path))
	for _, name := range slices.Sorted(maps.Keys(d.Header)) {
		for _, value := range d.Header[name] {
			add(InHeader, name, []byte(name+": "+value))
		}
	}
	add(InBody, "", d.Body)
	return found
}

// How much is shown around a text, in bytes.
const (
	shownBefore = 40
	shownAfter  = 80
	shownMost   = 200 // of the text itself
)

// excerpt cuts out what stands around b[from:to], between whole characters.
func excerpt(b []byte, from, to int) Found {
	to = min(to, from+shownMost)
	begin, end := max(from-shownBefore, 0), min(to+shownAfter, len(b))
	for begin > 0 && begin < from && !utf8.RuneStart(b[begin]) {
		begin++
	}
	for end < len(b) && end > to && !utf8.RuneStart(b[end]) {
		end--
	}
	return Found{Excerpt: bytes.Clone(b[begin:end]), From: from - begin, To: to - begin, CutBefore: begin > 0, CutAfter: end < len(b)}
}
