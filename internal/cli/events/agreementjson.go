package events

// A check as JSON. Its fields are a contract; docs/json.md describes them.

import (
	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/reconcile"
)

type agreementObject struct {
	Platform  string         `json:"platform"`
	API       string         `json:"api"`
	Profile   string         `json:"profile"`
	Webhook   *webhookObject `json:"webhook"` // null: all
	CheckedAt api.Time       `json:"checkedAt"`
	Since     api.Time       `json:"since"` // null: everything that the platform lists
	AheadMs   int64          `json:"platformAheadMs"`
	Journal   journalObject  `json:"journal"`
	Ranges    []rangeObject  `json:"ranges"`
	Whole     bool           `json:"whole"`
	Summary   summaryObject  `json:"summary"`
	Events    []rowObject    `json:"events"`
	Fix       *fixObject     `json:"fix,omitempty"`
	Notes     []string       `json:"notes"`
}

type webhookObject struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	URL        string   `json:"url"`
	EventTypes []string `json:"eventTypes"`
	IsActive   bool     `json:"isActive"`
}

type journalObject struct {
	Path  string   `json:"path"`
	First api.Time `json:"first"` // null: it has no delivery of the profile
}

type rangeObject struct {
	Status string   `json:"status"`
	Seen   int      `json:"seen"`
	Total  *int     `json:"total"` // null: the platform does not say
	From   api.Time `json:"from"`
	To     api.Time `json:"to"`
	Whole  bool     `json:"whole"`
}

type summaryObject struct {
	Events       int `json:"events"`
	Gaps         int `json:"gaps"`
	Missing      int `json:"missing"`
	Refused      int `json:"refused"`
	InFlight     int `json:"inFlight"`
	Waiting      int `json:"waiting"`
	Accepted     int `json:"accepted"`
	Replayed     int `json:"replayed"`
	NotSent      int `json:"notSent"`
	OtherWebhook int `json:"otherWebhook"`
	Again        int `json:"again"`
	Early        int `json:"early"`
}

type rowObject struct {
	EventID   string            `json:"eventId"`
	EventType string            `json:"eventType"`
	CreatedAt api.Time          `json:"createdAt"`
	Status    string            `json:"platformStatus"`
	State     string            `json:"state"`
	Gap       bool              `json:"gap"`
	By        string            `json:"by,omitempty"`
	Again     bool              `json:"again"`
	Early     bool              `json:"early"`
	Attempts  []attemptedObject `json:"platformAttempts"`
	Arrivals  []arrivalObject   `json:"arrivals"`
	Replays   []arrivalObject   `json:"replays,omitempty"`
}

type attemptedObject struct {
	Time   api.Time `json:"time"`
	Status int      `json:"status"`
	Error  string   `json:"error"`
}

type arrivalObject struct {
	DeliveryID string      `json:"deliveryId"`
	Time       api.Time    `json:"time"`
	Reason     string      `json:"reason"`
	Answer     int         `json:"answer"`
	Skipped    string      `json:"skipped"`
	Jobs       []jobObject `json:"jobs"`
}

type jobObject struct {
	Target  string `json:"target"`
	State   string `json:"state"`
	Status  int    `json:"status"`
	Outcome string `json:"outcome"`
	Tries   int    `json:"tries"`
}

type fixObject struct {
	Asked []askedObject `json:"asked"`
	Left  int           `json:"left"`
}

type askedObject struct {
	EventID string `json:"eventId"`
	By      string `json:"by"`
	Error   string `json:"error"`
}

func (a *agreement) json() any {
	r := &a.report
	o := agreementObject{
		Platform: a.subject.kind, API: a.subject.api, Profile: a.journal.profile, CheckedAt: api.At(r.At), Since: api.At(r.Since),
		AheadMs: r.Ahead.Milliseconds(), Journal: journalObject{Path: a.journal.journal.Path(), First: api.At(r.First)},
		Ranges: rangesOf(r.Ranges), Whole: r.Whole(), Events: []rowObject{}, Notes: append([]string{}, a.notes()...),
		Summary: summaryObject{
			Events: len(r.Rows), Gaps: len(r.Gaps()), Missing: r.Count(reconcile.Missing), Refused: r.Count(reconcile.Refused),
			InFlight: r.Count(reconcile.InFlight), Waiting: r.Count(reconcile.Waiting), Accepted: r.Count(reconcile.Accepted),
			Replayed: r.Count(reconcile.Replayed), NotSent: r.Count(reconcile.NotSent), OtherWebhook: r.Count(reconcile.Elsewhere),
			Again: a.again(), Early: a.early(),
		},
	}
	if s := a.subject; s.id != "" {
		o.Webhook = &webhookObject{ID: s.id, Name: s.name, URL: s.url, EventTypes: append([]string{}, s.types...), IsActive: s.active}
	}
	for i := range r.Rows {
		o.Events = append(o.Events, rowOf(&r.Rows[i]))
	}
	if a.asked != nil {
		o.Fix = &fixObject{Asked: []askedObject{}, Left: len(r.Gaps())}
		for _, asked := range a.asked {
			v := askedObject{EventID: asked.ID, By: string(asked.Way)}
			if asked.Err != nil {
				v.Error = a.env.Screen(asked.Err.Error())
			}
			o.Fix.Asked = append(o.Fix.Asked, v)
		}
	}
	return o
}

func rowOf(row *reconcile.Row) rowObject {
	o := rowObject{
		EventID: row.ID, EventType: row.Type, CreatedAt: api.At(row.Created), Status: row.Status, State: string(row.State), Gap: row.Gap(),
		By: string(row.By), Again: row.Again, Early: row.Early, Attempts: []attemptedObject{}, Arrivals: []arrivalObject{},
	}
	for _, t := range row.Attempts {
		o.Attempts = append(o.Attempts, attemptedObject{Time: api.At(t.At), Status: t.Status, Error: t.Error})
	}
	for i := range row.Arrivals {
		o.Arrivals = append(o.Arrivals, arrivalOf(&row.Arrivals[i]))
	}
	for i := range row.Replays {
		o.Replays = append(o.Replays, arrivalOf(&row.Replays[i]))
	}
	return o
}

func arrivalOf(a *reconcile.Arrival) arrivalObject {
	o := arrivalObject{
		DeliveryID: a.ID, Time: api.At(a.At), Reason: string(a.Reason), Answer: a.Answer, Skipped: string(a.Skipped), Jobs: []jobObject{},
	}
	for _, j := range a.Jobs {
		o.Jobs = append(o.Jobs, jobObject{Target: j.Target, State: string(j.State), Status: j.Status, Outcome: string(j.Outcome), Tries: j.Attempts})
	}
	return o
}
