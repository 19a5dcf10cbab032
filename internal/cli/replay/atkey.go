package replay

// A delivery that is sent again because a key was pressed in a listener.

import (
	"context"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// AtKey sends a delivery of a listener again, to each target that it went to there. One that did not verify goes as it came: the
// listener has no reason to sign it. It gives a line for each target.
func AtKey(ctx context.Context, e *cmdkit.Env, p cmdkit.Pressed) (string, error) {
	d, _, err := p.Journal.Get(ctx, "", p.Delivery)
	if err != nil {
		return "", err
	}
	jobs, err := p.Journal.Jobs(ctx, journal.JobFilter{Delivery: d.ID})
	if err != nil {
		return "", err
	}
	if len(jobs) == 0 {
		return "", fault.Hint(fault.New(fault.Usage, "delivery %s went to no target", d.ID), "say where to send it: %s", fault.Command("whctl replay", d.ID).Flag("--to", "URL"))
	}
	o := &options{env: e, atKey: true, asCaptured: !d.Verdict.OK}
	s := &session{options: o, maker: &maker{o: o, signers: p.Keys}, journal: p.Journal}
	var b strings.Builder
	for i := range jobs {
		text, err := s.pressed(ctx, &d, jobs[i].Target, p)
		if err != nil {
			return b.String(), err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// pressed sends a delivery to one target. A broker is given it by its lane, as the listener owns that.
func (s *session) pressed(ctx context.Context, d *record.Delivery, label string, p cmdkit.Pressed) (string, error) {
	at := slices.IndexFunc(p.Targets, func(t target.Target) bool { return t.Label() == label })
	if at < 0 {
		return "", fault.Hint(fault.New(fault.Usage, "delivery %s went to %s, which is no target of this run", d.ID, label),
			"name another with %s", fault.Command("whctl replay", d.ID).Flag("--to", "URL"))
	}
	to := place{Target: p.Targets[at], label: label, known: !p.Targets[at].Broker(), before: true}
	r, err := s.maker.ready(ctx, d, &to)
	if err != nil {
		return "", err
	}
	if !to.known {
		err := s.journal.AppendReplay(ctx, &r.row, []record.Job{r.row.Job(label, record.OriginReplay)})
		return s.shown(s.waiting(r, &to)), err
	}
	sender := p.Open(to.Target)
	defer func() { _ = sender.Close() }()
	s.senders = []target.Sender{sender}
	a, err := s.direct(ctx, r, &to, 0)
	if a == nil {
		return "", err
	}
	l := s.outcome(r, a)
	if len(r.left) > 0 {
		l.below = append(l.below, "it went without "+strings.Join(r.left, ", ")+": the journal has no secrets")
	}
	return s.shown(l) + s.env.HintText(a.Hint), err
}

// shown is a line with those below it, as it fits the terminal.
func (s *session) shown(l line) string {
	return strings.Join(l.fit("", s.env.IO.Width()), "\n") + "\n"
}
