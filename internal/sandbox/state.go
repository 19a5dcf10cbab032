package sandbox

// What the platform knows, as types.

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/sign/scheme"
)

const (
	platform = "baanx"
	tenant   = "sandbox"
)

// state is everything that the platform knows. The sandbox's lock guards it.
type state struct {
	scheme *scheme.Scheme
	clock  clock
	seeded bool  // a reset starts the numbers of events again
	keep   int64 // bytes of events, and as many of logs

	webhooks []*webhook // in order of creation
	events   []*eventRecord
	byID     map[string]*eventRecord // by record id
	byEvent  map[string]*eventRecord // by event id: the newest one with it
	logs     []*attempt              // oldest first
	jobs     jobs

	eventBytes, logBytes int64  // about what events and logs take in memory
	nextSeq              uint64 // number of the next event; not used twice, since a seed makes ids from it
	calls                uint64 // of the platform's API
	calm                 bool   // no call goes wrong on purpose now
	nextOrd              int    // number of the newest webhook
}

// reset forgets webhooks, events, logs and jobs.
func (st *state) reset() {
	st.webhooks, st.events, st.logs = nil, nil, nil
	st.byID, st.byEvent = map[string]*eventRecord{}, map[string]*eventRecord{}
	st.eventBytes, st.logBytes, st.nextOrd = 0, 0, 0
	if st.seeded {
		st.nextSeq, st.calls = 0, 0
	}
	st.jobs.store.Clear()
	st.jobs.waiting, st.jobs.held = map[string]*job{}, map[string]*job{}
}

// webhook is a registration. The JSON of this and the next types is that of the data file.
type webhook struct {
	ID       string                     `json:"id"`
	Ordinal  int                        `json:"ordinal"`
	Name     string                     `json:"name"`
	URL      string                     `json:"url"`
	Key      string                     `json:"key"`               // what a receiver verifies with
	Private  string                     `json:"private,omitempty"` // what signs; "": Key does
	Given    bool                       `json:"given,omitempty"`   // the user gave the key: nothing of it is shown
	Types    []string                   `json:"types"`
	Active   bool                       `json:"active"`
	Metadata map[string]json.RawMessage `json:"metadata,omitempty"`
	Created  time.Time                  `json:"created"`
	Updated  time.Time                  `json:"updated"`

	asked string // the place whose handshake was asked; "": none was
}

func (w *webhook) wants(typ string) bool {
	return slices.ContainsFunc(w.Types, func(p string) bool { return event.Match(p, typ) })
}

// view returns the webhook as the API shows it, with its key masked.
func (w *webhook) view() api.Webhook {
	v := api.Webhook{
		ID: w.ID, Tenant: tenant, Name: w.Name, URL: w.URL, APIKey: masking.Key(w.Key), EventTypes: w.Types, IsActive: w.Active,
		Metadata: w.Metadata, CreatedAt: api.At(w.Created), UpdatedAt: api.At(w.Updated),
	}
	if w.Given {
		v.APIKey = masking.Mask
	}
	if v.Metadata == nil {
		v.Metadata = map[string]json.RawMessage{}
	}
	return v
}

// viewWithKey returns the webhook as the API shows it once, when its key is new.
func (w *webhook) viewWithKey() api.Webhook {
	v := w.view()
	v.APIKey = w.Key
	return v
}

// eventRecord is what the platform keeps of an event.
type eventRecord struct {
	ID      string        `json:"id"`
	EventID string        `json:"eventId"`
	Seq     uint64        `json:"seq"`
	Type    string        `json:"type"`
	Body    []byte        `json:"body"`
	Fields  []event.Field `json:"fields,omitempty"` // headers of its deliveries
	Created time.Time     `json:"created"`
	progress
	logs   []*attempt
	sample string // what it was made of
}

// progress is the part of an event that changes.
type progress struct {
	Status    string    `json:"status"`
	Processed time.Time `json:"processed,omitzero"`
	Queued    time.Time `json:"queued,omitzero"`
	Runs      int       `json:"runs"` // manual retries so far
	Jobs      []*job    `json:"shipments,omitempty"`
}

// job is one event owed to one webhook: one run of attempts.
type job struct {
	Webhook string    `json:"webhook"`
	Run     int       `json:"run"`     // 0: because the event happened; from 1: the manual retry of this number
	Attempt int       `json:"attempt"` // the next one, from 1
	Stage   stage     `json:"stage"`
	Due     time.Time `json:"due"`
	Order   uint64    `json:"order"`           // among those due at the same moment: that of raising, whatever attempts take
	Extra   bool      `json:"extra,omitempty"` // a duplicate that chaos made
	Named   bool      `json:"named,omitempty"` // the retry names this webhook, which need not be active

	event *eventRecord
	id    string // the delivery, for the queue
}

// stage says how far a job is.
type stage string

const (
	waiting   stage = "waiting"
	running   stage = "running"
	delivered stage = "delivered"
	failed    stage = "failed"
	cancelled stage = "cancelled" // the webhook is gone or inactive, or a manual retry took its place
)

func (j *job) over() bool { return j.Stage != waiting && j.Stage != running }

// attempt is one entry of the delivery log.
type attempt struct {
	ID       string            `json:"id"`
	Event    string            `json:"event"` // record id
	Webhook  string            `json:"webhook"`
	Number   int               `json:"number"`
	URL      string            `json:"url"`
	Header   map[string]string `json:"header"`
	Body     []byte            `json:"body,omitempty"` // nil: the event's
	Status   *int              `json:"status"`
	Answer   *string           `json:"answer"`
	Error    *string           `json:"error"`
	Outcome  string            `json:"outcome"`
	Duration *int64            `json:"duration"` // ms
	Created  time.Time         `json:"created"`
	Next     time.Time         `json:"next,omitzero"`

	event   *eventRecord
	counted int64 // what it adds to logBytes; 0 if it was forgotten
}

func (a *attempt) view() api.DeliveryLog {
	body := a.Body
	if body == nil {
		body = a.event.Body
	}
	return api.DeliveryLog{
		ID: a.ID, EventID: a.event.EventID, WebhookID: a.Webhook, AttemptNumber: a.Number, RequestURL: a.URL, RequestHeaders: a.Header,
		RequestBody: jsonBody(body), ResponseStatus: a.Status, ResponseBody: a.Answer, ErrorMessage: a.Error,
		DeliveryStatus: a.Outcome, DurationMs: a.Duration, CreatedAt: api.At(a.Created), NextRetryAt: api.At(a.Next),
	}
}

// open reports whether an event is still to be delivered.
func (e *eventRecord) open() bool {
	return e.Status == api.StatusPending || e.Status == api.StatusProcessing
}

func (e *eventRecord) view() api.Event {
	category, _, _ := strings.Cut(e.Type, ".")
	v := api.Event{
		ID: e.ID, EventID: e.EventID, Tenant: tenant, EventType: e.Type, Payload: jsonBody(e.Body), SourceService: category + "-service",
		Status: e.Status, CreatedAt: api.At(e.Created), ProcessedAt: api.At(e.Processed), QueuedAt: api.At(e.Queued),
	}
	if info := event.Extract(event.Spec{ID: []string{"user_id"}}, nil, e.Body); info.ID != "" {
		v.UserID = &info.ID
	}
	return v
}

// jsonBody returns a body as a JSON value: as it is, or as a string if it is no JSON.
func jsonBody(b []byte) json.RawMessage {
	if json.Valid(b) {
		return json.RawMessage(strings.ToValidUTF8(string(b), "\ufffd"))
	}
	text, _ := json.Marshal(string(b)) // any string can be written
	return text
}

// webhook returns the webhook with this id, or nil.
func (st *state) webhook(id string) *webhook {
	at := slices.IndexFunc(st.webhooks, func(w *webhook) bool { return w.ID == id })
	if at < 0 {
		return nil
	}
	return st.webhooks[at]
}

// putWebhook adds a webhook, or replaces the one with its id.
func (st *state) putWebhook(w *webhook) {
	st.nextOrd = max(st.nextOrd, w.Ordinal)
	if old := st.webhook(w.ID); old != nil {
		*old = *w
		return
	}
	st.webhooks = append(st.webhooks, w)
}

func (st *state) dropWebhook(id string) {
	st.webhooks = slices.DeleteFunc(st.webhooks, func(w *webhook) bool { return w.ID == id })
}

func (st *state) addEvent(e *eventRecord) {
	st.events = append(st.events, e)
	st.byID[e.ID] = e
	st.byEvent[e.EventID] = e
	st.eventBytes += e.bytes()
}

func (st *state) addLog(a *attempt) {
	st.logs = append(st.logs, a)
	a.event.logs = append(a.event.logs, a)
	st.count(a)
}
