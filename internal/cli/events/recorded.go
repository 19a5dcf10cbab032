package events

// What the journal has of events, as reconcile.Journal wants it.

import (
	"context"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/reconcile"
	"github.com/whctl/whctl/internal/record"
)

// recorded is the journal of a profile.
type recorded struct {
	journal  *journal.Journal
	profile  string
	webhooks map[string]string // the id of the webhook that has a key, by the key's name
	gitHub   bool              // deliveries name their webhook in a header
}

// openRecorded opens the journal for reading, as it is: one that does not exist reads as empty.
func openRecorded(ctx context.Context, e *cmdkit.Env, s *subject) (*recorded, error) {
	settings, err := e.Settings()
	if err != nil {
		return nil, err
	}
	store, err := e.Store()
	if err != nil {
		return nil, err
	}
	keys, err := store.ListKeys(ctx, settings.Profile)
	if err != nil {
		return nil, err
	}
	r := &recorded{profile: settings.Profile, webhooks: map[string]string{}, gitHub: s.kind == cmdkit.PlatformGitHub}
	for _, k := range keys {
		for _, label := range k.Labels() {
			if slices.Contains(s.all, k.WebhookID) {
				r.webhooks[label] = k.WebhookID
			}
		}
	}
	r.journal, err = journal.Open(ctx, settings.JournalPath, journal.Options{
		Now: e.Now, ReadOnly: true, Tell: func(c record.Changed) { e.Warn("%s", c.Message) },
	})
	return r, err
}

// First is for reconcile.Journal.
func (r *recorded) First(ctx context.Context) (time.Time, error) {
	return r.journal.Oldest(ctx, r.profile)
}

// Arrivals is for reconcile.Journal.
func (r *recorded) Arrivals(ctx context.Context, ids []string) (map[string][]reconcile.Arrival, error) {
	out := map[string][]reconcile.Arrival{}
	if len(ids) == 0 {
		return out, nil
	}
	f := journal.Filter{Profile: r.profile, Events: ids, Replays: true}
	err := r.journal.EachForward(ctx, f, func(d *record.Delivery) error {
		a, err := r.arrival(ctx, d)
		out[d.EventID] = append(out[d.EventID], a)
		return err
	})
	return out, err
}

func (r *recorded) arrival(ctx context.Context, d *record.Delivery) (reconcile.Arrival, error) {
	a := reconcile.Arrival{
		ID: d.ID, Event: d.EventID, At: d.ReceivedAt, Key: d.KeyName, Webhook: r.webhooks[d.KeyName],
		Reason: d.Verdict.Reason, Answer: d.Answer, Skipped: d.Skipped, ReplayOf: d.ReplayOf,
	}
	if r.gitHub { // the guid of an event is the same in the deliveries to all webhooks that take it
		a.Webhook = d.Header.Get("X-GitHub-Hook-ID")
	}
	if len(d.Targets) == 0 {
		return a, nil
	}
	attempts, err := r.journal.Attempts(ctx, d.ID)
	if err != nil {
		return a, err
	}
	queued, err := r.journal.HasQueue(ctx)
	if err != nil {
		return a, err
	}
	states := map[string]record.JobState{}
	if queued {
		err = r.journal.EachJob(ctx, journal.JobFilter{Delivery: d.ID}, func(l *journal.ListedJob) error {
			states[l.Target] = l.State
			return nil
		})
	}
	for _, target := range d.Targets {
		a.Jobs = append(a.Jobs, jobOf(target, states[target], attempts))
	}
	return a, err
}

// jobOf is a target's part of a delivery. A file from before the queue has no state of it, so its last attempt says how it ended.
func jobOf(target string, state record.JobState, attempts []record.Attempt) reconcile.Job {
	j := reconcile.Job{Target: target, State: state}
	for _, a := range attempts {
		if a.Target == target {
			j.Status, j.Outcome = a.Status, a.Outcome
			j.Attempts++
		}
	}
	if j.State == "" && j.Attempts == 0 {
		j.State = record.JobInterrupted
	} else if j.State == "" {
		j.State = j.Outcome.Once()
	}
	return j
}
