package render

// The command that sends a delivery again, below an outcome after which nothing else does.

import (
	"slices"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// failureKind is what is told once: how a target did not take a delivery.
type failureKind struct {
	target  string
	outcome record.OutcomeKind
	status  int
}

// again is the command that has a job tried again, the first time that its target does not take a delivery in this way. There is none
// where the job is tried again by itself. targets are those of the delivery, in the order of its jobs.
func (p *text) again(a *record.Attempt, targets []string) []string {
	switch {
	case a.Outcome == record.OutcomeDelivered || a.Outcome == record.OutcomeCancelled || a.Outcome == "":
		return nil
	case a.Job != nil && a.Job.State.Open():
		return nil
	}
	kind := failureKind{a.Target, a.Outcome, a.Status}
	if p.offered[kind] {
		return nil
	}
	p.offered[kind] = true
	job := record.Job{DeliveryID: a.DeliveryID, Place: max(slices.Index(targets, a.Target), 0)}
	if a.Job != nil {
		job = *a.Job
	}
	return below(p.t.Style().Accent("send it again:")+" "+fault.Command("whctl queue retry", job.ID()).String(), p.t.Width(), nil)
}
