package events

// What a check found, and what has to be said about how far it can be trusted.

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/reconcile"
)

// skewTold is how far the clocks may be apart before it is said.
const skewTold = time.Minute

// agreement is a report with what is said about it.
type agreement struct {
	env     *cmdkit.Env
	subject *subject
	journal *recorded
	report  reconcile.Report
	asked   []reconcile.Asked // with --fix; nil: without
	blind   error             // why the checks after that did not come to their end; nil: they did
	others  []string          // other profiles that the journal has deliveries of, where it has none of this one
}

// know finds out what the journal has at all.
func (a *agreement) know(ctx context.Context) error {
	if !a.report.First.IsZero() {
		return nil
	}
	oldest, err := a.journal.journal.Oldest(ctx, "")
	if err != nil || oldest.IsZero() {
		return err
	}
	a.others, err = a.journal.journal.Profiles(ctx)
	return err
}

// notes say in words what the numbers alone would hide.
func (a *agreement) notes() []string {
	var notes []string
	note := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	r, s := &a.report, a.subject
	switch {
	case len(a.others) > 0:
		note("the journal has no delivery of profile %s, only of %s: choose one with --profile", a.journal.profile, strings.Join(a.others, ", "))
	case r.First.IsZero():
		note("the journal %s has no delivery: no listener has recorded anything here", a.journal.journal.Path())
	}
	if early := a.early(); early > 0 {
		note("%d of the events that did not get through came before the oldest delivery that the journal has, of %s", early, r.First.Local().Format(time.RFC3339))
	}
	switch {
	case s.id == "" && len(s.all) == 0:
		note("there is no webhook, so the platform sends nothing")
	case s.id == "":
		note("the events of all %d webhooks were checked, as no --webhook was named", len(s.all))
	case !s.active:
		note("webhook %s is disabled, so the platform sends it nothing new", s.name)
	}
	if n := r.Count(reconcile.Elsewhere); n > 0 {
		note("left out, for going to other webhooks only: %s", fault.Plural(n, "event"))
	}
	if n := r.Count(reconcile.NotSent); n > 0 {
		note("%s went to no webhook: none was active and took their type", fault.Plural(n, "event"))
	}
	if n := r.Count(reconcile.InFlight); n > 0 {
		note("the platform still tries to deliver %s: check again later", fault.Plural(n, "event"))
	}
	if n := r.Count(reconcile.Waiting); n > 0 {
		note("the queue still has to hand on %s: whctl queue list", fault.Plural(n, "event"))
	}
	if r.Ahead.Abs() >= skewTold {
		note("the platform's clock is %s: ages and --since go by the platform's", skew(r.Ahead))
	}
	for _, p := range r.Ranges {
		if !p.Whole {
			notes = append(notes, unseen(p))
		}
	}
	if a.blind != nil {
		note("what came of %s is not known: no check after it came to its end", fault.Plural(len(a.asked), "redelivery"))
	}
	return notes
}

func skew(ahead time.Duration) string {
	if ahead < 0 {
		return fmt.Sprintf("%s behind this machine's", ahead.Abs().Round(time.Second))
	}
	return fmt.Sprintf("%s ahead of this machine's", ahead.Round(time.Second))
}

// unseen says what the platform does not show.
func unseen(p reconcile.Range) string {
	if p.Total < 0 {
		return fmt.Sprintf("there are more than the newest %d events, and they were not checked", p.Seen)
	}
	return fmt.Sprintf("%d of %d %s events were not checked: the platform lists no more than %d", p.Total-p.Seen, p.Total, p.Status, p.Seen)
}

func (a *agreement) early() (n int) {
	for _, row := range a.report.Gaps() {
		if row.Early {
			n++
		}
	}
	return n
}

// again is how many events arrived after they were accepted.
func (a *agreement) again() (n int) {
	for i := range a.report.Rows {
		if a.report.Rows[i].Again {
			n++
		}
	}
	return n
}

// verdict is the error that the command ends with. What could not be seen weighs more than a gap.
func (a *agreement) verdict(o *reconcileOptions) error {
	var worst error
	left := 0
	for _, asked := range a.asked {
		switch {
		case asked.Left:
			left++
		case asked.Err != nil:
			a.env.Warn("%s: %s", fault.Word(asked.ID), asked.Err)
		}
		worst = fault.Worse(worst, asked.Err)
	}
	if left > 0 {
		a.env.Warn("%s not asked for: the platform does not answer", fault.Plural(left, "more event"))
	}
	if gaps := a.report.Gaps(); len(gaps) > 0 {
		err := fault.New(fault.Unverified, "%d of %s did not get through", len(gaps), fault.Plural(len(a.report.Rows), "event"))
		if !o.fix {
			err = fault.Hint(err, "add --fix to deliver them again")
		} else {
			err = fault.Hint(err, "whctl journal list shows what arrived, and why it was refused")
		}
		worst = fault.Worse(worst, err)
	}
	if !a.report.Whole() {
		err := fault.New(fault.Refused, "not all events could be checked, as the platform does not list them all")
		worst = fault.Worse(worst, fault.Hint(err, "narrow it with --since: the newest are listed"))
	}
	if worst != nil && len(a.asked) > 0 && fault.KindOf(worst) != fault.Unverified && a.report.Whole() {
		return fault.Wrap(fault.KindOf(worst), worst, "not every gap was delivered again")
	}
	return worst
}
