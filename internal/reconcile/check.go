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
	ids := make([]string, 0, len(view.Events))
	for _, e := range view.Events {
		ids = append(ids, e.ID)
	}
	arrived, err := o.Journal.Arrivals(ctx, ids)
	if err != nil {
		return r, err
	}
	now := latest(o.Platform.Now(), view.Events)
	for _, e := range view.Events {
		row, err := o.row(ctx, e, arrived[e.ID], now)
		if err != nil {
			return r, err
		}
		row.Early = !r.First.IsZero() && e.Created.Before(r.First.Add(r.Ahead))
		r.Rows = append(r.Rows, row)
	}
	return r, nil
}

// latest is the platform's time. The clock of a sandbox can be moved, and then only its events tell.
func latest(now time.Time, events []Event) time.Time {
	for _, e := range events {
		if e.Created.After(now) {
			now = e.Created
		}
	}
	return now
}

// row compares one event, and asks the platform what it tried where the event did not get through.
func (o Options) row(ctx context.Context, e Event, arrivals []Arrival, now time.Time) (Row, error) {
	if o.Webhook != "" {
		arrivals = slices.DeleteFunc(arrivals, func(a Arrival) bool { return a.Webhook != "" && a.Webhook != o.Webhook })
	}
	row := compare(e, arrivals)
	if !row.Gap() {
		return row, nil
	}
	full, its, err := o.Platform.Attempts(ctx, e)
	if err != nil {
		return row, err
	}
	row.Event = full
	switch {
	case row.State == Missing && !its:
		row.State = Elsewhere
	case full.Phase == Trying && now.Sub(full.Created) < o.Grace:
		row.State, row.By = InFlight, ""
	}
	return row, nil
}
