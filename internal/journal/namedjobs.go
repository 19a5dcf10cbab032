package journal

// Finding the jobs that a person names.

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// NamedJobs gives the jobs that a text names, newest first, at least one: a job's id, or all jobs of a delivery (its id, a unique prefix,
// last, last~N) or of the deliveries of an event (its id). A whole id is found in any profile, everything else in the given one. An
// ambiguous text is a usage fault that names candidates, one that names nothing a refused fault.
func (j *Journal) NamedJobs(ctx context.Context, profile, text string) ([]ListedJob, error) {
	delivery, place := cutPlace(text)
	ids, err := j.named(ctx, profile, delivery)
	if err != nil {
		return nil, err
	}
	var jobs []ListedJob
	for _, id := range ids {
		err := j.EachJob(ctx, JobFilter{Delivery: id, Place: place}, func(l *ListedJob) error {
			jobs = append(jobs, *l)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	switch {
	case len(jobs) > 0:
		return jobs, nil
	case len(ids) == 0:
		return nil, fault.Hint(fault.New(fault.Refused, "no job %q in profile %q", text, profile), "list what there is: whctl queue list --all")
	case place > 0:
		return nil, fault.Hint(fault.New(fault.Refused, "delivery %s has no job %d", ids[0], place), "see what it has: %s", fault.Command("whctl journal show", ids[0]))
	default:
		return nil, fault.Hint(fault.New(fault.Refused, "delivery %s has no job: it was not to be handed on", ids[0]), "see why: %s", fault.Command("whctl journal show", ids[0]))
	}
}

// cutPlace takes the id of a job apart. Any other text is given back with place 0: the id of an event may end in a number too.
func cutPlace(text string) (delivery string, place int) {
	delivery, number, found := strings.Cut(text, ".")
	n, err := strconv.Atoi(number)
	if !found || err != nil || n <= 0 || strconv.Itoa(n) != number {
		return text, 0
	}
	if r, err := parseRef(delivery); err != nil || !r.last && !r.ok {
		return text, 0
	}
	return delivery, n
}

// named gives the ids of the deliveries that a text names, none if it names nothing.
func (j *Journal) named(ctx context.Context, profile, text string) ([]string, error) {
	r, err := parseRef(text)
	if err != nil {
		return nil, err
	}
	var found names
	switch {
	case r.last:
		return j.deliveryIDs(ctx, "+profile = ? ORDER BY id DESC LIMIT 1 OFFSET ?", profile, r.back)
	case r.ok && r.lo == r.hi:
		found, _, err = j.inRange(ctx, "", r)
	case r.ok:
		found, _, err = j.inRange(ctx, profile, r)
	}
	if err != nil || found.n == 1 {
		return found.ids, err
	}
	ids, err := j.deliveryIDs(ctx, "event_id = ? AND +profile = ? ORDER BY id DESC", text, profile)
	if err == nil && len(ids) == 0 && found.n > 1 {
		return nil, fault.Hint(fault.New(fault.Usage, "%q names more than one delivery: %s", text, found.list()), "give more of the id, or last")
	}
	return ids, err
}

// deliveryIDs gives the ids of the deliveries that a condition selects.
func (j *Journal) deliveryIDs(ctx context.Context, where string, args ...any) (ids []string, err error) {
	err = j.query(ctx, "SELECT id FROM deliveries WHERE "+where, args, func(rows *sql.Rows) (bool, error) {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, formatID(id))
		return true, err
	})
	return ids, err
}
