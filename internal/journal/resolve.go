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

// Get gives the delivery that ref names, with its body, and its attempts in order. ref is an id, a unique prefix of
// one, last or last~N; profile "" means all. An ambiguous ref is a usage fault that names candidates, one that names
// nothing a refused fault.
func (j *Journal) Get(ctx context.Context, profile, ref string) (record.Delivery, []record.Attempt, error) {
	d, err := j.find(ctx, profile, ref)
	if err != nil {
		return record.Delivery{}, nil, err
	}
	attempts, err := j.Attempts(ctx, d.ID)
	return d, attempts, err
}

func (j *Journal) find(ctx context.Context, profile, text string) (record.Delivery, error) {
	r, err := parseRef(text)
	if err != nil {
		return record.Delivery{}, err
	}
	switch {
	case r.last:
		where, args := "", []any{}
		if profile != "" {
			where, args = " WHERE profile = ?", []any{profile}
		}
		return j.selected(ctx, where+" ORDER BY id DESC LIMIT 1 OFFSET ?", append(args, r.back), notFound(text, profile))
	case r.ok:
		return j.byID(ctx, profile, text, r)
	default:
		return record.Delivery{}, notFound(text, profile)
	}
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

// byID finds the one delivery whose id is in the range of r.
func (j *Journal) byID(ctx context.Context, profile, text string, r ref) (record.Delivery, error) {
	ids, elsewhere, err := j.inRange(ctx, profile, r)
	switch {
	case err != nil:
		return record.Delivery{}, err
	case ids.n > 1:
		return record.Delivery{}, fault.Hint(fault.New(fault.Usage, "%q names more than one delivery: %s", text, ids.list()), "give more of the id, or last")
	case ids.n == 0 && elsewhere != "":
		return record.Delivery{}, fault.Hint(fault.New(fault.Refused, "no delivery %q in profile %q", text, profile),
			"it is one of profile %s: add %s or --all", fault.Word(elsewhere), fault.Command("").Flag("--profile", elsewhere))
	case ids.n == 0:
		return record.Delivery{}, notFound(text, profile)
	}
	id, _ := parseID(ids.ids[0])
	return j.selected(ctx, " WHERE id = ?", []any{id}, notFound(text, profile)) // it may be pruned since
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
