package main

// Whether targets, sandbox and journal tell the same.

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/record"
)

// verdict gathers what does not hold.
type verdict struct{ errs []error }

func (v *verdict) holds(ok bool, format string, args ...any) {
	if !ok {
		v.errs = append(v.errs, fmt.Errorf(format, args...))
	}
}

func (v *verdict) err() error { return errors.Join(v.errs[:min(len(v.errs), 20)]...) }

// check compares all three. The listeners have ended. Each kill may repeat one delivery, and one job of each target.
func (w *world) check(p *platform, b *books, kills int) error {
	var v verdict
	again := len(b.deliveries) - len(p.ids)
	v.holds(again >= 0 && again <= kills, "%d deliveries for %d events, with %d kills", len(b.deliveries), len(p.ids), kills)
	w.say("%d events acknowledged, %d deliveries recorded, %d kills", len(p.ids), len(b.deliveries), kills)
	for _, t := range w.targets {
		v.target(t, p, b, kills)
		w.say("%s", t.figures(b))
	}
	return v.err()
}

// target checks one target.
func (v *verdict) target(t *target, p *platform, b *books, kills int) {
	v.holds(len(t.bad) == 0, "%s refused %d: %s", t.name, len(t.bad), strings.Join(t.bad[:min(3, len(t.bad))], "; "))
	// A target may not have noticed yet that the sender of a request was killed.
	v.holds(t.both <= kills, "%s was sent %d requests while it had another, with %d kills", t.name, t.both, kills)
	taken := map[string]int{}
	var order []string
	for _, a := range t.seen {
		if a.whole {
			taken[a.event]++
			order = append(order, a.event)
		}
	}
	for _, id := range p.ids {
		v.holds(taken[id] > 0, "%s never took event %s", t.name, id)
	}
	for _, job := range b.jobs[t.name] {
		v.holds(job.State == record.JobDelivered, "%s: job %s is %s", t.name, job.ID(), job.State)
	}
	v.holds(len(b.jobs[t.name]) == len(b.deliveries), "%s has %d jobs for %d deliveries", t.name, len(b.jobs[t.name]), len(b.deliveries))

	// What the target took is what the journal says it took, in that order, save what was cut off by a kill.
	var told []string
	for _, a := range b.attempts[t.name] {
		if a.Outcome == record.OutcomeDelivered {
			told = append(told, b.event[a.DeliveryID])
		}
	}
	extra, ok := without(order, told)
	v.holds(ok, "%s took others, or in another order, than the journal says", t.name)
	v.holds(len(extra) <= kills, "%s took %d that the journal does not know, with %d kills", t.name, len(extra), kills)
	v.order(t.name, b)
}

// without gives what a list has besides those of another, which must stand in it in the same order.
func without(list, others []string) (extra []string, ok bool) {
	for _, s := range list {
		if len(others) > 0 && others[0] == s {
			others = others[1:]
		} else {
			extra = append(extra, s)
		}
	}
	return extra, len(others) == 0
}

// order checks that attempts are in the order of their deliveries, and that each one that overtakes says so.
func (v *verdict) order(name string, b *books) {
	var open []string // the deliveries that the target is owed, oldest first
	for _, job := range b.jobs[name] {
		open = append(open, job.DeliveryID)
	}
	dead := map[string]bool{}
	for _, a := range b.attempts[name] {
		i, owed := slices.BinarySearch(open, a.DeliveryID)
		v.holds(owed || dead[a.DeliveryID], "%s: attempt %s of %s, which was over", name, a.ID, a.DeliveryID)
		switch {
		case !owed:
			v.holds(a.Origin == record.OriginRetry, "%s: attempt %s of a dead letter is no retry", name, a.ID)
		case i > 0:
			v.holds(a.Overtook, "%s: attempt %s of %s overtook %s, and no mark says so", name, a.ID, a.DeliveryID, open[0])
		default:
			v.holds(!a.Overtook, "%s: attempt %s of %s overtook nothing, and a mark says it did", name, a.ID, a.DeliveryID)
		}
		over := a.Outcome == record.OutcomeDelivered
		if a.Outcome == record.OutcomeRefused {
			over, dead[a.DeliveryID] = true, true
		}
		if over && owed {
			open = slices.Delete(open, i, i+1)
		}
	}
}

// figures tells what a target went through.
func (t *target) figures(b *books) string {
	var faults []string
	for k := fails; k < kinds; k++ {
		if n := t.count(k); n > 0 {
			faults = append(faults, fmt.Sprintf("%d %s", n, k))
		}
	}
	marks := map[string]int{}
	for _, a := range b.attempts[t.name] {
		for mark, is := range map[string]bool{
			"overtook": a.Overtook, "repeated": a.Repeated, "resigned": a.Signing == record.Resigned, "retry": a.Origin == record.OriginRetry,
		} {
			if is {
				marks[mark]++
			}
		}
	}
	return fmt.Sprintf("%s: %d taken of %d sent, %d attempts (%d retry, %d overtook, %d repeated, %d resigned); answered badly: %s", t.name, t.count(none), len(t.seen),
		len(b.attempts[t.name]), marks["retry"], marks["overtook"], marks["repeated"], marks["resigned"], strings.Join(faults, ", "))
}
