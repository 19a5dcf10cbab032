package reconcile

// One check: every event of the platform, compared.

import (
	"context"
	"slices"
	"time"
)

// Options are what a check is made of.
type Options struct {
	Platform Platform
	Journal  Journal
	Webhook  string        // the id of the webhook whose events are checked; "": those of all webhooks
	Since    time.Duration // only events that were created this long ago or later; 0: all that the platform lists
	Grace    time.Duration // how long the platform may take with an event before it counts as a gap
	Now      func() time.Time
	Also     []Event // compared too where the platform no longer lists them
}

// Report is what a check found.
type Report struct {
	At     time.Time // of the check, by this machine's clock
	Since  time.Time // by the platform's clock; zero: everything that it lists
	Ahead  time.Duration
	First  time.Time // when the journal's oldest delivery was received; zero: there is none
	Ranges []Range
	Rows   []Row // newest first
}

// Count is the number of events in a state.
func (r *Report) Count(s State) (n int) {
	for i := range r.Rows {
		if r.Rows[i].State == s {
			n++
		}
	}
	return n
}

// Gaps are the events that did not get through.
func (r *Report) Gaps() []Row {
	return slices.DeleteFunc(slices.Clone(r.Rows), func(row Row) bool { return !row.Gap() })
}

// Whole says whether everything that was asked for was seen.
func (r *Report) Whole() bool {
	return !slices.ContainsFunc(r.Ranges, func(p Range) bool { return !p.Whole })
}

// Check asks the platform for its events and compares each with what was recorded. Errors are those of platform and journal.
func Check(ctx context.Context, o Options) (Report, error) {
	r := Report{At: o.Now()}
	r.Ahead = o.Platform.Now().Sub(r.At)
	if o.Since > 0 {
		r.Since = o.Platform.Now().Add(-o.Since)
	}
	view, err := o.Platform.Events(ctx, r.Since)
	if err != nil {
		return r, err
	}
	r.Ranges = view.Ranges
	view.Events = append(view.Events, slices.DeleteFunc(slices.Clone(o.Also), func(e Event) bool {
		return slices.ContainsFunc(view.Events, func(listed Event) bool { return listed.ID == e.ID })
	})...)
	if r.First, err = o.Journal.First(ctx); err != nil {
		return r, err
	}
	if r.Rows, err = o.rows(ctx, view.Events); err != nil {
		return r, err
	}
	return r, o.ask(ctx, &r)
}

// rows compares events with what arrived of them.
func (o Options) rows(ctx context.Context, events []Event) ([]Row, error) {
	ids := make([]string, 0, len(events))
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	arrived, err := o.Journal.Arrivals(ctx, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, 0, len(events))
	for _, e := range events {
		arrivals := slices.DeleteFunc(arrived[e.ID], func(a Arrival) bool {
			return o.Webhook != "" && a.Webhook != "" && a.Webhook != o.Webhook
		})
		rows = append(rows, compare(e, arrivals))
	}
	return rows, nil
}

// ask asks the platform about each event that did not get through: what it tried, and whether it is one of the webhook's. The events are
// compared again afterwards, as they may have arrived since they were listed.
func (o Options) ask(ctx context.Context, r *Report) error {
	var (
		events []Event
		others = map[string]bool{}
		place  = map[string]int{}
		now    = latest(o.Platform.Now(), r.Rows)
	)
	for i := range r.Rows {
		row := &r.Rows[i]
		if !row.Gap() {
			continue
		}
		full, its, err := o.Platform.Attempts(ctx, row.Event)
		if err != nil {
			return err
		}
		events, place[full.ID], others[full.ID] = append(events, full), i, !its
	}
	rows, err := o.rows(ctx, events)
	if err != nil {
		return err
	}
	for _, row := range rows {
		switch {
		case row.State == Missing && others[row.ID]:
			row.State = Elsewhere
		case row.Gap() && row.Phase == Trying && now.Sub(row.Created) < o.Grace:
			row.State, row.By = InFlight, ""
		}
		// The first event there is comes before the first delivery, too.
		row.Early = !r.First.IsZero() && row.Created.Add(o.Grace).Before(r.First.Add(r.Ahead))
		r.Rows[place[row.ID]] = row
	}
	return nil
}

// latest is the platform's time. The clock of a sandbox can be moved, and then only its events tell.
func latest(now time.Time, rows []Row) time.Time {
	for i := range rows {
		if rows[i].Created.After(now) {
			now = rows[i].Created
		}
	}
	return now
}
