package reconcile

// What became of one event: the platform's side against what arrived.

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/whctl/whctl/internal/record"
)

// State is what became of an event.
type State string

// The states. Those in which an event did not get through are gaps.
const (
	Accepted  State = "accepted"      // it arrived, and everything that should have it took it
	Replayed  State = "replayed"      // it arrived, and a target took a replay of it
	Waiting   State = "waiting"       // it arrived, and the queue still owes it to a target
	InFlight  State = "in_flight"     // the platform still tries
	Refused   State = "refused"       // it arrived, and whctl or a target did not take it: a gap
	Missing   State = "missing"       // it never arrived: a gap
	NotSent   State = "not_sent"      // the platform sent it to no webhook
	Elsewhere State = "other_webhook" // it goes to other webhooks only
)

// States are all states, gaps first.
func States() []State {
	return []State{Missing, Refused, InFlight, Waiting, Accepted, Replayed, NotSent, Elsewhere}
}

// By says who did not take an event that arrived.
type By string

// Those who refuse.
const (
	ByWhctl  By = "whctl"
	ByTarget By = "target"
)

// Row is one event, compared.
type Row struct {
	Event

	State    State
	By       By        // who refused; "" in any other state
	Arrivals []Arrival // oldest first, replays left out
	Replays  []Arrival
	Again    bool // it arrived again after it was accepted
	Early    bool // a gap that is from before the first delivery that the journal has
}

// Gap says whether the event did not get through.
func (r *Row) Gap() bool { return r.State == Missing || r.State == Refused }

// Last is the arrival that decides the state: the last one that whctl took, else the last one. nil: nothing arrived.
func (r *Row) Last() *Arrival {
	var last *Arrival
	for i := range r.Arrivals {
		if a := &r.Arrivals[i]; a.taken() || last == nil || !last.taken() {
			last = a
		}
	}
	return last
}

// ToReplay is the arrival of a gap that only a target did not take, so that the journal has what to send it again; nil for any other event.
func (r *Row) ToReplay() *Arrival {
	if r.State == Refused && r.By == ByTarget {
		return r.Last()
	}
	return nil
}

// taken says whether whctl took a delivery: it was handed on, or answered as a success.
func (a *Arrival) taken() bool { return len(a.Jobs) > 0 || a.Answer/100 == http.StatusOK/100 }

// accepted says whether everything that should have the delivery took it.
func (a *Arrival) accepted() bool {
	return a.taken() && !slices.ContainsFunc(a.Jobs, func(j Job) bool { return j.State != record.JobDelivered })
}

// compare works out what became of an event from what arrived of it. The caller settles what needs a clock or the platform.
func compare(e Event, arrivals []Arrival) Row {
	r := Row{Event: e}
	for _, a := range arrivals {
		if a.ReplayOf != "" {
			r.Replays = append(r.Replays, a)
		} else {
			r.Arrivals = append(r.Arrivals, a)
		}
	}
	r.Again = again(r.Arrivals)
	last := r.Last()
	switch {
	case last == nil && e.Phase == Unsent:
		r.State = NotSent
	case last == nil:
		r.State = Missing
	case !last.taken():
		r.State, r.By = Refused, ByWhctl
	default:
		r.State = settled(last.Jobs, r.Arrivals)
		if r.State == Refused && settled(last.Jobs, slices.Concat(r.Arrivals, r.Replays)) == Accepted {
			r.State = Replayed
		}
		if r.State == Refused {
			r.By = ByTarget
		}
	}
	return r
}

// settled is the state of an event whose last delivery made these jobs. A target that took it once has it.
func settled(jobs []Job, arrivals []Arrival) State {
	state := Accepted
	for _, j := range jobs {
		switch best(j.Target, arrivals) {
		case record.JobDelivered:
		case record.JobQueued:
			if state == Accepted {
				state = Waiting
			}
		default:
			return Refused
		}
	}
	return state
}

// best is how far an event came with a target: delivered, queued for any open state, or failed for every other.
func best(target string, arrivals []Arrival) record.JobState {
	state := record.JobFailed
	for _, a := range arrivals {
		for _, j := range a.Jobs {
			switch {
			case j.Target != target:
			case j.State == record.JobDelivered:
				return j.State
			case j.State.Open():
				state = record.JobQueued
			}
		}
	}
	return state
}

// again says whether a delivery that whctl took came after one that was accepted. Two webhooks may send the same event here, each with
// its own key, so only deliveries with the same key count.
func again(arrivals []Arrival) bool {
	accepted := map[string]bool{}
	for _, a := range arrivals {
		from := cmp.Or(a.Webhook, a.Key)
		if accepted[from] && a.taken() {
			return true
		}
		accepted[from] = accepted[from] || a.accepted()
	}
	return false
}
