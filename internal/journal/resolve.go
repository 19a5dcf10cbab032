package journal

// Finding the delivery that a person names.

import (
	"cmp"
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// maxCandidates is how many ids an ambiguous reference names.
const maxCandidates = 5

// ref is a parsed reference: either the delivery that is back places before the newest one, or an id or prefix of one.
type ref struct {
	last   bool
	back   int64
	lo, hi int64
	ok     bool // lo and hi are set; false: no id can look like that
}

// parseRef reads last, last~N, an id or a prefix of one. Only a wrong text after last~ is a usage fault: any other text may be an
// id, and names nothing.
func parseRef(text string) (ref, error) {
	switch {
	case text == "":
		return ref{}, fault.Hint(fault.New(fault.Usage, "empty delivery reference"), "give an id, the beginning of one, last or last~2")
	case text == "last":
		return ref{last: true}, nil
	case strings.HasPrefix(text, "last~"):
		n, err := strconv.ParseInt(text[len("last~"):], 10, 64)
		if err != nil || n < 0 || text[len("last~")] == '+' || text[len("last~")] == '-' {
			return ref{}, fault.Hint(fault.New(fault.Usage, "%q is not a delivery reference", text), "write a number after last~, for example last~2")
		}
		return ref{last: true, back: n}, nil
	}
	lo, hi, ok := idRange(text)
	return ref{lo: lo, hi: hi, ok: ok}, nil
}

// Get gives the delivery that ref names, with its body, and its attempts in order. ref is an id, a unique prefix of one, last or last~N,
// which count received deliveries alone, or the id of an event or the beginning of one as a listener shows it, for its newest delivery. A
// whole id is found in any profile, everything else in the given one; "" means all. An ambiguous ref is a usage fault that names
// candidates, one that names nothing a refused fault.
func (j *Journal) Get(ctx context.Context, profile, ref string) (record.Delivery, []record.Attempt, error) {
	d, err := j.find(ctx, profile, ref)
	if err != nil {
		return record.Delivery{}, nil, err
	}
	attempts, err := j.Attempts(ctx, d.ID)
	return d, attempts, err
}

func (j *Journal) find(ctx context.Context, profile, text string) (record.Delivery, error) {
	ids, elsewhere, err := j.referred(ctx, profile, text)
	if err == nil && len(ids) == 0 {
		ids, err = j.ofEvent(ctx, profile, text)
	}
	if err == nil && len(ids) == 0 {
		ids, err = j.ofWholeEvent(ctx, "", text)
	}
	missing := notFound(text, profile)
	switch {
	case err != nil:
		return record.Delivery{}, err
	case len(ids) == 0 && elsewhere != "" && elsewhere != profile:
		return record.Delivery{}, fault.Hint(missing, "it is one of profile %s: add %s or --all", fault.Word(elsewhere), fault.Command("").Flag("--profile", elsewhere))
	case len(ids) == 0:
		return record.Delivery{}, missing
	}
	id, _ := parseID(ids[0])
	return j.selected(ctx, " WHERE id = ?", []any{id}, missing) // it may be pruned since
}

// referred gives the id of the delivery that a reference names, none if it names nothing, or the name of another profile that has some.
// An ambiguous one is a usage fault.
func (j *Journal) referred(ctx context.Context, profile, text string) (ids []string, elsewhere string, err error) {
	r, err := parseRef(text)
	switch {
	case err != nil:
		return nil, "", err
	case r.last:
		if ids, err = j.lastReceived(ctx, profile, r.back); err == nil && len(ids) == 0 {
			elsewhere, err = j.profileOfLast(ctx, r.back)
		}
		return ids, elsewhere, err
	case !r.ok:
		return nil, "", nil
	case r.lo == r.hi:
		profile = "" // a whole id is found in any
	}
	found, elsewhere, err := j.inRange(ctx, profile, r)
	if err == nil && found.n > 1 {
		return nil, "", fault.Hint(fault.New(fault.Usage, "%q names more than one delivery: %s", text, found.list()), "give more of the id, or last")
	}
	return found.ids, elsewhere, err
}

// lastReceived gives the id of the delivery that is back places before the newest one, none if there is none.
func (j *Journal) lastReceived(ctx context.Context, profile string, back int64) (ids []string, err error) {
	err = j.received(ctx, "id", Filter{Profile: profile}, func(rows *sql.Rows) (bool, error) {
		if back--; back >= 0 {
			return true, nil
		}
		ids, err = scanIDs(rows, ids)
		return false, err
	})
	return ids, err
}

// profileOfLast gives the profile of the delivery that is back places before the newest one of all profiles, "" if there is none.
func (j *Journal) profileOfLast(ctx context.Context, back int64) (profile string, err error) {
	err = j.received(ctx, "profile", Filter{}, func(rows *sql.Rows) (bool, error) {
		if back--; back >= 0 {
			return true, nil
		}
		err := rows.Scan(&profile)
		return false, err
	})
	return profile, err
}

// ofEvent gives the ids of the received deliveries of the event that a text names as Filter.Event has it, newest first. The beginning of
// several events is a usage fault.
func (j *Journal) ofEvent(ctx context.Context, profile, text string) (ids []string, err error) {
	var first string
	var newest names // of each event
	err = j.received(ctx, "id, event_id", Filter{Profile: profile, Event: text}, func(rows *sql.Rows) (bool, error) {
		var id int64
		var event string
		err := rows.Scan(&id, &event)
		if newest.n == 0 || event != first {
			newest.add(formatID(id))
		}
		if newest.n == 1 {
			first, ids = event, append(ids, formatID(id))
		}
		return newest.n <= maxCandidates, err
	})
	if err == nil && newest.n > 1 {
		return nil, fault.Hint(fault.New(fault.Usage, "%q is the beginning of the ids of several events, of deliveries %s", text, newest.list()), "give more of the id")
	}
	return ids, err
}

// ofWholeEvent gives the ids of the received deliveries of the event with an id, newest first.
func (j *Journal) ofWholeEvent(ctx context.Context, profile, id string) (ids []string, err error) {
	err = j.received(ctx, "id", Filter{Profile: profile, Events: []string{id}}, func(rows *sql.Rows) (bool, error) {
		ids, err = scanIDs(rows, ids)
		return true, err
	})
	return ids, err
}

// received hands columns of the received deliveries that pass a filter to fn, newest first, until that says to stop.
func (j *Journal) received(ctx context.Context, columns string, f Filter, fn func(*sql.Rows) (bool, error)) error {
	format, table, err := j.facts(ctx)
	if err != nil {
		return err
	}
	c := f.where(format)
	return j.query(ctx, "SELECT "+columns+" FROM "+table+c.where()+" ORDER BY id DESC", c.args, fn)
}

func scanIDs(rows *sql.Rows, ids []string) ([]string, error) {
	var id int64
	err := rows.Scan(&id)
	return append(ids, formatID(id)), err
}

// inRange gives the ids in the range of r, of a profile, or the name of another profile that has some.
func (j *Journal) inRange(ctx context.Context, profile string, r ref) (ids names, elsewhere string, err error) {
	err = j.query(ctx, "SELECT id, profile FROM deliveries WHERE id BETWEEN ? AND ? ORDER BY id DESC", []any{r.lo, r.hi},
		func(rows *sql.Rows) (bool, error) {
			var id int64
			var name string
			if err := rows.Scan(&id, &name); err != nil {
				return false, err
			}
			if profile == "" || name == profile {
				ids.add(formatID(id))
			} else {
				elsewhere = name
			}
			return ids.n <= maxCandidates, nil
		})
	return ids, elsewhere, err
}

// selected gives the one delivery that a condition selects, its body included. missing is the error when there is none.
func (j *Journal) selected(ctx context.Context, where string, args []any, missing error) (d record.Delivery, err error) {
	format, err := j.format(ctx)
	if err != nil {
		return d, err
	}
	err = j.query(ctx, "SELECT "+deliveryColumns(format, true)+" FROM deliveries"+where, args, func(rows *sql.Rows) (more bool, err error) {
		missing = nil
		d, err = scanDelivery(rows, true)
		return false, err
	})
	return d, cmp.Or(err, missing)
}
