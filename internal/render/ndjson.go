package render

// Events of a listener as lines of JSON.

import (
	"bytes"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/term"
)

// The "type" of a line, and the state of the line that says how much this output missed.
const (
	typeReady     = "ready"
	typeDelivery  = "delivery"
	typeAttempt   = "attempt"
	typeJob       = "job"
	typeDiagnosis = "diagnosis"
	typeState     = "state"
	typeError     = "error"

	stateDropped = "dropped"
)

type readyObject struct {
	Type       string        `json:"type"`
	Time       string        `json:"time"`
	Seq        int64         `json:"seq,omitempty"`
	Addr       string        `json:"addr"`
	URL        string        `json:"url"`
	From       []string      `json:"from,omitempty"`
	Targets    []string      `json:"targets"`
	Names      []string      `json:"targetNames,omitempty"`
	Routes     []routeObject `json:"routes,omitempty"`
	Scheme     string        `json:"scheme"`
	Keys       int           `json:"keys"`
	SandboxURL string        `json:"sandboxUrl,omitempty"`
	SandboxKey string        `json:"sandboxKey,omitempty"`
	Journal    string        `json:"journal"`
	AdminURL   string        `json:"adminUrl,omitempty"`
}

type routeObject struct {
	Route   string   `json:"route"`
	Targets []string `json:"targets"`
}

type stateObject struct {
	Type       string       `json:"type"`
	Time       string       `json:"time"`
	Seq        int64        `json:"seq,omitempty"`
	State      record.State `json:"state"`
	Message    string       `json:"message"`
	DeliveryID string       `json:"deliveryId,omitempty"`
	Target     string       `json:"target,omitempty"`
	Count      int          `json:"count"`
}

type errorObject struct {
	Type       string `json:"type"`
	Time       string `json:"time"`
	Seq        int64  `json:"seq,omitempty"`
	Message    string `json:"message"`
	Hint       string `json:"hint,omitempty"`
	DeliveryID string `json:"deliveryId,omitempty"`
}

// ndjson prints each event as it comes.
type ndjson struct {
	t      *term.IO
	filter *filter
	buf    bytes.Buffer
	err    error
}

// NewNDJSON prints each event as one line of JSON, through the jq expression unless that is "". The first Print reports a
// broken expression; CheckJQ finds it before.
func NewNDJSON(t *term.IO, jq string) Printer {
	p := &ndjson{t: t}
	if jq != "" {
		p.filter, p.err = newFilter(flagJQ, jq)
	}
	return p
}

// Print writes one line, or as many as the filter makes of it.
func (p *ndjson) Print(s hub.Stamped) error {
	if p.err != nil {
		return p.err
	}
	v := eventJSON(s)
	if v == nil {
		return nil
	}
	if p.filter == nil {
		b, err := encodeInto(&p.buf, v)
		if err == nil {
			err = writeJSON(p.t, b)
		}
		if p.buf.Cap() > mostOut {
			p.buf = bytes.Buffer{}
		}
		return err
	}
	err := p.filter.write(p.t, v)
	if fault.KindOf(err) == fault.Usage {
		return fault.Hint(err, `to look at deliveries only, start with: select(.type == "delivery")`)
	}
	return err
}

// Flush has nothing to do: nothing is held.
func (p *ndjson) Flush() error { return nil }

// Event is the line of JSON that stands for a listener's event, with its line break.
func Event(s hub.Stamped) ([]byte, error) { return encode(eventJSON(s)) }

// eventJSON is the object of a listener's event, with its place in the stream. It is nil for events of a sandbox, which has its own.
func eventJSON(s hub.Stamped) any {
	at := Stamp(s.Time)
	switch e := s.Event.(type) {
	case record.Ready:
		return readyObject{
			Type: typeReady, Time: at, Seq: s.Seq, Addr: e.Addr, URL: e.URL, From: e.From, Targets: list(e.Targets), Names: e.Names, Routes: routesOf(e.Routes), Scheme: e.Scheme, Keys: e.Keys,
			SandboxURL: e.SandboxURL, SandboxKey: e.SandboxKey, Journal: e.Journal, AdminURL: e.AdminURL,
		}
	case record.Received:
		o := objectOf(*e.Delivery, true)
		o.Seq = s.Seq
		return o
	case record.Asked:
		o := handshakeJSON(e, at)
		o.Seq = s.Seq
		return o
	case record.Attempted:
		o := attemptObjectOf(*e.Attempt)
		o.Seq = s.Seq
		return o
	case record.JobChanged:
		o := jobObjectOf(*e.Job, s.Time)
		o.Seq = s.Seq
		return o
	case record.Explained:
		d := diagnosisOf(*e.Diagnosis)
		d.Type, d.Time, d.Seq = typeDiagnosis, at, s.Seq
		return d
	case record.Changed:
		return stateObject{
			Type: typeState, Time: at, Seq: s.Seq, State: e.State, Message: e.Message, DeliveryID: e.DeliveryID, Target: e.Target, Count: e.Count,
		}
	case record.Missed:
		return stateObject{Type: typeState, Time: at, Seq: s.Seq, State: stateDropped, Message: missedWords(e), Count: e.Count}
	case record.Failed:
		return errorObject{Type: typeError, Time: at, Seq: s.Seq, Message: e.Message, Hint: e.Hint.String(), DeliveryID: e.DeliveryID}
	case record.Raised, record.Tried, record.Settled, record.WebhookChanged, record.Forgotten:
	}
	return nil
}

func routesOf(routes []record.Route) (list []routeObject) {
	for _, r := range routes {
		list = append(list, routeObject{r.Name, r.Targets})
	}
	return list
}
