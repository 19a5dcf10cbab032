package listen

// What is recorded and told in place of what --scrub names. What is handed on stays as it came.

import (
	"time"

	"github.com/whctl/whctl/internal/record"
)

// scrub makes the record of a delivery one without what the rules name. Everything that looks at what came has done so. Of a refused
// body no more is searched than is kept, so that a stranger cannot use up the machine.
func (l *Listener) scrub(in *incoming) {
	if l.o.Scrub == nil {
		return
	}
	clean, own := l.o.Scrub.Delivery(*in.d)
	if clean.EventTime != in.d.EventTime {
		in.about.at = time.Time{} // a mark would tell it
	}
	if clean.Scrubbed > 0 && in.jm.Rules != nil { // as the journal is read later
		in.about.object = in.judge.Event(in.jm.Rules, clean.Header, clean.Body).Object
	}
	in.d, in.scrub = &clean, own
}

// asReceived is a delivery for targets that are given more of it than a request: secrets are masked, and nothing is scrubbed.
func (l *Listener) asReceived(in *incoming) *record.Delivery {
	if in.scrub == nil {
		return in.d
	}
	d := *in.d
	d.Header, d.Path, d.Body = in.judge.Mask(in.r.Header), originForm(in.r.RequestURI), in.body
	return &d
}

// scrubbed is an attempt as it is recorded.
func (j handOver) scrubbed(a *record.Attempt) *record.Attempt {
	if j.scrub == nil {
		return a
	}
	clean := j.scrub.Attempt(*a)
	return &clean
}

// scrubbed is a diagnosis as it is recorded.
func (t task) scrubbed(d *record.Diagnosis) *record.Diagnosis {
	if t.scrub == nil {
		return d
	}
	clean := t.scrub.Diagnosis(*d)
	return &clean
}
