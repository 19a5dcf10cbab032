package render

import (
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/term"
)

type readyObject struct {
	Type       record.ActivityType `json:"type"`
	Time       string              `json:"time"`
	Addr       string              `json:"addr"`
	URL        string              `json:"url"`
	Targets    []string            `json:"targets"`
	Scheme     string              `json:"scheme"`
	Keys       int                 `json:"keys"`
	SandboxURL string              `json:"sandboxUrl,omitempty"`
	SandboxKey string              `json:"sandboxKey,omitempty"`
	Journal    string              `json:"journal"`
}

type diagnosisLine struct {
	Type record.ActivityType `json:"type"`
	Time string              `json:"time"`
	diagnosisObject
}

type stateObject struct {
	Type       record.ActivityType `json:"type"`
	Time       string              `json:"time"`
	State      string              `json:"state"`
	Message    string              `json:"message"`
	DeliveryID string              `json:"deliveryId,omitempty"`
	Target     string              `json:"target,omitempty"`
	Count      int                 `json:"count"`
}

type errorObject struct {
	Type       record.ActivityType `json:"type"`
	Time       string              `json:"time"`
	Message    string              `json:"message"`
	Hint       string              `json:"hint,omitempty"`
	DeliveryID string              `json:"deliveryId,omitempty"`
}

// ndjson prints each activity as it comes.
type ndjson struct {
	t      *term.IO
	filter *filter
	err    error
}

// NewNDJSON prints each activity as one JSON object a line, through the jq expression unless that is empty. A broken
// expression is reported by the first Print; use CheckJQ to know before.
func NewNDJSON(t *term.IO, jq string) ActivityPrinter {
	p := &ndjson{t: t}
	if jq != "" {
		p.filter, p.err = newFilter(jq)
	}
	return p
}

// Print writes one line, or as many as the filter makes of it.
func (p *ndjson) Print(a record.Activity) error {
	if p.err != nil {
		return p.err
	}
	v := ActivityJSON(a)
	if v == nil {
		return nil
	}
	if p.filter == nil {
		return JSON(p.t, v)
	}
	err := p.filter.write(p.t, v)
	if fault.KindOf(err) == fault.Usage {
		return fault.Hint(err, `to look at deliveries only, start with: select(.type == "delivery")`)
	}
	return err
}

// Flush has nothing to do: nothing is held.
func (p *ndjson) Flush() error { return nil }

// ActivityJSON is the object that stands for an activity in a stream; nil for an activity without its member.
func ActivityJSON(a record.Activity) any {
	at := stamp(a.Time)
	switch {
	case a.Type == record.TypeReady && a.Ready != nil:
		r := a.Ready
		return readyObject{
			Type: a.Type, Time: at, Addr: r.Addr, URL: r.URL, Targets: list(r.Targets), Scheme: r.Scheme, Keys: r.Keys,
			SandboxURL: r.SandboxURL, SandboxKey: r.SandboxKey, Journal: r.Journal,
		}
	case a.Type == record.TypeDelivery && a.Delivery != nil:
		return DeliveryJSON(*a.Delivery, true)
	case a.Type == record.TypeAttempt && a.Attempt != nil:
		return AttemptJSON(*a.Attempt)
	case a.Type == record.TypeDiagnosis && a.Diagnosis != nil:
		return diagnosisLine{Type: a.Type, Time: at, diagnosisObject: diagnosisOf(*a.Diagnosis)}
	case a.Type == record.TypeState && a.State != nil:
		s := a.State
		return stateObject{
			Type: a.Type, Time: at, State: s.State, Message: s.Message, DeliveryID: s.DeliveryID, Target: s.Target, Count: s.Count,
		}
	case a.Type == record.TypeError && a.Error != nil:
		e := a.Error
		return errorObject{Type: a.Type, Time: at, Message: e.Message, Hint: e.Hint.String(), DeliveryID: e.DeliveryID}
	default:
		return nil
	}
}
