package journal

// Runs: the keys of the events of so many deliveries in a row, sorted. One index of all keys would be a tree in which nearly each append
// changes another page, as keys are hashes. A run is written at the end of its tables, and its filter tells without the file that it does
// not have a key.

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"
)

const (
	entryBytes   = 16      // of a key and the id of its delivery
	partsInRun   = 1 << 10 // of a run
	filterBits   = 16      // for a key, so that of a thousand keys that are not there one seems to be
	filterProbes = 6
	leastFilter  = 8       // bytes
	mostFilter   = 1 << 20 // bytes
	partFilter   = 1 << 8  // bytes of filter for each part of a run, which is about one page then
)

// keyRun is what is kept in memory of a run.
type keyRun struct {
	last       int64 // the delivery that it ends with, which is its name; it begins after the end of the run before
	deliveries int64 // that it was made of; some have no event, some are dropped since
	filter     filter
}

// entry is an event's key and the id of a delivery of it.
type entry struct{ key, id int64 }

// filter is a Bloom filter (Bloom, Space/Time Trade-offs in Hash Coding with Allowable Errors, 1970). Its length is a power of two.
type filter []byte

func newFilter(keys int) filter {
	size := leastFilter
	for size*8 < keys*filterBits && size < mostFilter {
		size *= 2
	}
	return make(filter, size)
}

func (f filter) add(h uint64) {
	for range filterProbes {
		bit := f.bit(h)
		f[bit/8] |= 1 << (bit % 8)
		h = nextProbe(h)
	}
}

// has says whether a key may be among those that were added. Both take it as spread gives it.
func (f filter) has(h uint64) bool {
	for range filterProbes {
		bit := f.bit(h)
		if f[bit/8]&(1<<(bit%8)) == 0 {
			return false
		}
		h = nextProbe(h)
	}
	return true
}

func (f filter) bit(h uint64) uint64 { return h & (uint64(len(f))*8 - 1) }

// nextProbe is the hash of the next probe. The upper half, which stays, is how far it is from the one before.
func nextProbe(h uint64) uint64 { return h&^0xffff_ffff | (h+(h>>32|1))&0xffff_ffff }

// spread lets each bit of a key change all others, as keys of ids that differ in their last letter have equal upper bits. It is the end
// of SplitMix64 (Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, 2014).
func spread(key int64) uint64 {
	h := uint64(key) //nolint:gosec // the bits matter, not the number
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// part is the row of event_keys that has a key, as spread gives it.
func (r *keyRun) part(h uint64) int64 {
	parts := max(len(r.filter)/partFilter, 1)
	return r.last*partsInRun + int64(h>>32%uint64(parts)) //nolint:gosec // below partsInRun
}

// encodePart writes entries, sorted.
func encodePart(entries []entry) []byte {
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id)) })
	out := make([]byte, 0, entryBytes*len(entries))
	for _, e := range entries {
		out = binary.BigEndian.AppendUint64(out, uint64(e.key)) //nolint:gosec // see spread
		out = binary.BigEndian.AppendUint64(out, uint64(e.id))  //nolint:gosec // ids are not negative
	}
	return out
}

// decodePart gives the entries of a part that has as many bytes as they need.
func decodePart(part []byte) func(i int) entry {
	return func(i int) entry {
		b := part[i*entryBytes:]
		return entry{int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:]))} //nolint:gosec // as they were written
	}
}

// partOf gives a part as it stands in the file.
func partOf(value driver.Value) (part []byte, entries int, err error) {
	part, _ = value.([]byte)
	if len(part)%entryBytes != 0 {
		return nil, 0, fmt.Errorf("%w: the keys of events have %d bytes", errRow, len(part))
	}
	return part, len(part) / entryBytes, nil
}

const (
	insertRun  = "INSERT INTO event_runs (last, deliveries, filter) VALUES (?, ?, ?)"
	insertPart = "INSERT INTO event_keys (part, keys) VALUES (?, ?)"
	allRuns    = "SELECT last, deliveries, filter FROM event_runs ORDER BY last"
	oneRun     = "SELECT keys FROM event_keys WHERE part BETWEEN ? AND ?"
	deleteRun  = "DELETE FROM event_runs WHERE last = ?"
	deleteKeys = "DELETE FROM event_keys WHERE part BETWEEN ? AND ?"
	onePart    = "SELECT keys, (SELECT min(id) FROM deliveries) FROM event_keys WHERE part = ?"
)

// writeRun writes a run and gives it its filter, inside the transaction that is open.
func (w *writer) writeRun(ctx context.Context, r *keyRun, entries []entry) error {
	r.filter = newFilter(len(entries))
	parts := map[int64][]entry{}
	for _, e := range entries {
		h := spread(e.key)
		r.filter.add(h)
		parts[r.part(h)] = append(parts[r.part(h)], e)
	}
	if err := w.insertRun.exec(ctx, r.last, r.deliveries, []byte(r.filter)); err != nil {
		return err
	}
	for part := r.last * partsInRun; part < (r.last+1)*partsInRun; part++ {
		if entries := parts[part]; len(entries) > 0 {
			if err := w.insertPart.exec(ctx, part, encodePart(entries)); err != nil {
				return err
			}
		}
	}
	return nil
}

// readRuns gives the runs of the file.
func (w *writer) readRuns(ctx context.Context) (runs []keyRun, err error) {
	err = w.allRuns.query(ctx, func(row []driver.Value) error {
		var r keyRun
		r.last, _ = row[0].(int64)
		r.deliveries, _ = row[1].(int64)
		bits, _ := row[2].([]byte)
		if len(bits) < leastFilter || len(bits) > mostFilter || len(bits)&(len(bits)-1) != 0 {
			return fmt.Errorf("%w: the filter of a run has %d bytes", errRow, len(bits))
		}
		r.filter = slices.Clone(bits)
		runs = append(runs, r)
		return nil
	})
	return runs, err
}

// entries gives all entries of a run.
func (w *writer) entries(ctx context.Context, last int64) (all []entry, err error) {
	err = w.oneRun.query(ctx, func(row []driver.Value) error {
		part, n, err := partOf(row[0])
		at := decodePart(part)
		for i := range n {
			all = append(all, at(i))
		}
		return err
	}, last*partsInRun, (last+1)*partsInRun-1)
	return all, err
}

// inRun gives the deliveries of a key in a run that its filter does not rule out, oldest first. Those that were too old or too much are
// left out.
func (w *writer) inRun(ctx context.Context, r *keyRun, key int64) (ids []int64, err error) {
	err = w.onePart.query(ctx, func(row []driver.Value) error {
		part, n, err := partOf(row[0])
		oldest, _ := row[1].(int64)
		at := decodePart(part)
		for i := sort.Search(n, func(i int) bool { return at(i).key >= key }); i < n && at(i).key == key; i++ {
			if id := at(i).id; id >= oldest {
				ids = append(ids, id)
			}
		}
		return err
	}, r.part(spread(key)))
	return ids, err
}

// removeRun takes a run away, inside the transaction that is open.
func (w *writer) removeRun(ctx context.Context, last int64) error {
	if err := w.deleteKeys.exec(ctx, last*partsInRun, (last+1)*partsInRun-1); err != nil {
		return err
	}
	return w.deleteRun.exec(ctx, last)
}
