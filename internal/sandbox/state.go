package sandbox

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/masking"
)

const (
	platform = "baanx"
	tenant   = "sandbox"
)

// state is everything the platform knows. The sandbox's lock guards it.
type state struct {
	hooks   []*hook // in order of creation
	events  []*happening
	byID    map[string]*happening // by record id
	byEvent map[string]*happening // by event id, the newest that has it
	logs    []*attempt            // oldest first

	eventBytes, logBytes int64  // what events and logs take
	keep                 int64  // bytes of either
	nextSeq              uint64 // of events; never used twice, so that a seed's ids are not either
	nextOrd              int    // of webhooks
}

// hook is a webhook. The JSON form of this and the next types is that of the data file.
type hook struct {
	ID       string                     `json:"id"`
	Ordinal  int                        `json:"ordinal"`
	Name     string                     `json:"name"`
	URL      string                     `json:"url"`
	Key      string                     `json:"key"`               // what a receiver verifies with
	Private  string                     `json:"private,omitempty"` // what signs, when that is another one
	Given    bool                       `json:"given,omitempty"`   // the key was brought along: nothing of it is shown
	Types    []string                   `json:"types"`
	Active   bool                       `json:"active"`
	Metadata map[string]json.RawMessage `json:"metadata,omitempty"`
	Created  time.Time                  `json:"created"`
	Updated  time.Time                  `json:"updated"`
}

func (h *hook) signingKey() string {
	if h.Private != "" {
		return h.Private
	}
	return h.Key
}

func (h *hook) wants(typ string) bool {
	return slices.ContainsFunc(h.Types, func(p string) bool { return event.Match(p, typ) })
}

// view is the webhook as the API gives it, its key masked unless it was just made.
func (h *hook) view(showKey bool) api.Webhook {
	w := api.Webhook{
		ID: h.ID, Tenant: tenant, Name: h.Name, URL: h.URL, APIKey: masking.Key(h.Key), EventTypes: h.Types, IsActive: h.Active,
		Metadata: h.Metadata, CreatedAt: api.At(h.Created), UpdatedAt: api.At(h.Updated),
	}
	switch {
	case h.Given:
		w.APIKey = maskedWhole
	case showKey:
		w.APIKey = h.Key
	}
	if w.Metadata == nil {
		w.Metadata = map[string]json.RawMessage{}
	}
	return w
}

// happening is an event.
type happening struct {
	ID      string        `json:"id"`
	EventID string        `json:"eventId"`
	Seq     uint64        `json:"seq"`
	Type    string        `json:"type"`
	Body    []byte        `json:"body"`
	Fields  []event.Field `json:"fields,omitempty"` // headers that go with it
	Created time.Time     `json:"created"`
	progress
	logs []*attempt
}

// progress is the part of an event that changes.
type progress struct {
	Status    string      `json:"status"`
	Processed time.Time   `json:"processed,omitzero"`
	Queued    time.Time   `json:"queued,omitzero"`
	Runs      int         `json:"runs"` // manual retries start a new one
	Shipments []*shipment `json:"shipments,omitempty"`
}

// shipment is the delivery of one event to one webhook: one run of attempts.
type shipment struct {
	Webhook string    `json:"webhook"`
	Run     int       `json:"run"` // 0: by the event; from 1: by manual retries
	Attempt int       `json:"attempt"`
	Stage   stage     `json:"stage"`
	Due     time.Time `json:"due"`
	Order   uint64    `json:"order"` // among those due at the same moment
	Extra   bool      `json:"extra,omitempty"`
	Named   bool      `json:"named,omitempty"` // a retry asked for this webhook, active or not

	ev    *happening
	index int // in the heap; -1: not there
}

// stage is how far a shipment is.
type stage string

const (
	waiting   stage = "waiting"
	running   stage = "running"
	delivered stage = "delivered"
	failed    stage = "failed"
	cancelled stage = "cancelled" // its webhook is gone or inactive, or a newer run took its place
)

func (s *shipment) over() bool { return s.Stage != waiting && s.Stage != running }

// attempt is one entry of the delivery log.
type attempt struct {
	ID       string            `json:"id"`
	Event    string            `json:"event"` // record id
	Webhook  string            `json:"webhook"`
	Number   int               `json:"number"`
	URL      string            `json:"url"`
	Header   map[string]string `json:"header"`
	Body     []byte            `json:"body,omitempty"` // when it is not the event's
	Status   *int              `json:"status"`
	Answer   *string           `json:"answer"`
	Error    *string           `json:"error"`
	Outcome  string            `json:"outcome"`
	Duration *int64            `json:"duration"` // ms
	Created  time.Time         `json:"created"`
	Next     time.Time         `json:"next,omitzero"`

	ev      *happening
	counted int64 // of logBytes; 0 while it is not held
}

func (a *attempt) view() api.DeliveryLog {
	body := a.Body
	if body == nil {
		body = a.ev.Body
	}
	l := api.DeliveryLog{
		ID: a.ID, EventID: a.ev.EventID, WebhookID: a.Webhook, AttemptNumber: a.Number, RequestURL: a.URL, RequestHeaders: a.Header,
		RequestBody: jsonBody(body), ResponseStatus: a.Status, ResponseBody: a.Answer, ErrorMessage: a.Error,
		DeliveryStatus: a.Outcome, DurationMs: a.Duration, CreatedAt: api.At(a.Created),
	}
	if !a.Next.IsZero() {
		l.NextRetryAt = api.At(a.Next)
	}
	return l
}

func (e *happening) view() api.Event {
	v := api.Event{
		ID: e.ID, EventID: e.EventID, Tenant: tenant, EventType: e.Type, Payload: jsonBody(e.Body), UserID: userOf(e.Body),
		SourceService: sourceOf(e.Type), Status: e.Status, CreatedAt: api.At(e.Created),
	}
	if !e.Processed.IsZero() {
		v.ProcessedAt = api.At(e.Processed)
	}
	if !e.Queued.IsZero() {
		v.QueuedAt = api.At(e.Queued)
	}
	return v
}

// jsonBody gives a body as a JSON value: itself, or a string of what is no JSON.
func jsonBody(b []byte) json.RawMessage {
	if json.Valid(b) {
		return json.RawMessage(strings.ToValidUTF8(string(b), "\ufffd"))
	}
	text, err := json.Marshal(string(b))
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}

func userOf(body []byte) *string {
	info := event.Extract(event.Spec{ID: []string{"user_id"}}, nil, body)
	if info.ID == "" {
		return nil
	}
	return &info.ID
}

func sourceOf(typ string) string {
	category, _, _ := strings.Cut(typ, ".")
	return category + "-service"
}

func (s *Sandbox) reset() {
	s.state = state{byID: map[string]*happening{}, byEvent: map[string]*happening{}, nextSeq: s.state.nextSeq, nextOrd: 0, keep: s.o.Keep}
	s.queue = queue{lanes: map[string]*lane{}, held: map[string]*shipment{}, idle: s.queue.idle, inflight: s.queue.inflight, paused: s.queue.paused}
	if s.o.Seed != nil {
		s.state.nextSeq = 0
	}
}

func (st *state) hook(id string) *hook {
	for _, h := range st.hooks {
		if h.ID == id {
			return h
		}
	}
	return nil
}

func (st *state) addEvent(e *happening) {
	st.events = append(st.events, e)
	st.byID[e.ID] = e
	st.byEvent[e.EventID] = e
	st.eventBytes += e.bytes()
}

func (st *state) addLog(a *attempt) {
	st.logs = append(st.logs, a)
	a.ev.logs = append(a.ev.logs, a)
	st.count(a)
}
