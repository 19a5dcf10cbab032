package journal

// Finding the jobs that a person names.

import (
	"context"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// NamedJobs gives the jobs that a text names, newest first, at least one: a job's id, or all jobs of a delivery (its id, a unique prefix,
// last, last~N) or of the deliveries of an event (its id). A whole id is found in any profile, everything else in the given one. An
// ambiguous text is a usage fault that names candidates, one that names nothing a refused fault.
func (j *Journal) NamedJobs(ctx context.Context, profile, text string) ([]ListedJob, error) {
	ids, place, err := j.namedPlace(ctx, profile, text)
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

// namedPlace gives the deliveries that a text names, and the place of the job if it names one job alone; 0 for all. The id of an event may
// look like that of a job.
func (j *Journal) namedPlace(ctx context.Context, profile, text string) (ids []string, place int, err error) {
	delivery, number, _ := strings.Cut(text, ".")
	if n, bad := strconv.Atoi(number); bad == nil && n > 0 && strconv.Itoa(n) == number {
		if ids, _, err = j.referred(ctx, profile, delivery); len(ids) == 1 {
			return ids, n, err
		}
	}
	whole, wrong := j.named(ctx, profile, text)
	if len(whole) == 0 && err != nil {
		return nil, 0, err
	}
	return whole, 0, wrong
}

// named gives the ids of the deliveries that a text names, none if it names nothing.
func (j *Journal) named(ctx context.Context, profile, text string) ([]string, error) {
	ids, _, err := j.referred(ctx, profile, text)
	if len(ids) > 0 || text == "" {
		return ids, err
	}
	ofEvent, wrong := j.ofEvent(ctx, profile, text)
	if len(ofEvent) == 0 && err != nil {
		return nil, err
	}
	return ofEvent, wrong
}
