package render

// The JSON of deliveries, attempts and verdicts. It is a contract: fields are only ever added. docs/json.md describes them.

import (
	"encoding/base64"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
)

type verdictObject struct {
	OK       bool        `json:"ok"`
	Reason   sign.Reason `json:"reason"`
	Scheme   string      `json:"scheme"`
	KeyIndex *int        `json:"keyIndex"` // from 0; null: no key matched
	KeyName  string      `json:"keyName,omitempty"`
	SignedAt *string     `json:"signedAt"` // null: no readable time
	SkewMs   *float64    `json:"skewMs"`   // null with signedAt; positive is age
	ID       string      `json:"id,omitempty"`
	Detail   string      `json:"detail,omitempty"`
	Warning  string      `json:"warning,omitempty"` // who refuses what is valid for whctl
}

type deliveryObject struct {
	Type        string        `json:"type"`
	Time        string        `json:"time"`
	Seq         int64         `json:"seq,omitempty"`
	ID          string        `json:"id"`
	Profile     string        `json:"profile"`
	Verdict     verdictObject `json:"verdict"`
	EventType   string        `json:"eventType"`
	EventID     string        `json:"eventId"`
	EventTime   string        `json:"eventTime"`
	EventAt     *string       `json:"eventAt"` // the same in one form; null when there is none that can be read
	Duplicate   bool          `json:"duplicate"`
	DuplicateOf *string       `json:"duplicateOf"`       // id of the first delivery of the event; null when this is the first
	Answered    *bool         `json:"duplicateAnswered"` // the first was answered 2xx; null with duplicateOf
	Conflict    *string       `json:"conflict"`          // id of the first delivery of the event, which had other bytes; null when none had
	LateMs      *float64      `json:"lateMs"`            // from the event's own time to its receipt; null when it is not late
	OutOfOrder  bool          `json:"outOfOrder"`
	RemoteAddr  string        `json:"remoteAddr"`
	Method      string        `json:"method"`
	Path        string        `json:"path"`
	Host        string        `json:"host"`
	headersObject
	bodyObject
	Size       int64       `json:"size"`
	BodySHA256 string      `json:"bodySha256"`
	Truncated  bool        `json:"truncated"`
	Damaged    bool        `json:"bodyDamaged,omitempty"` // the journal's bytes are not those received, and are left out
	Answer     int         `json:"answer"`
	Targets    []string    `json:"targets"`
	Route      string      `json:"route"`
	Skipped    record.Skip `json:"skipped"`
	ReplayOf   string      `json:"replayOf,omitempty"` // id of the delivery that this one sends again
	Scrubbed   int         `json:"scrubbed,omitempty"` // places that were replaced before it was recorded
}

// headersObject holds headers as text. HTTP allows values that are not UTF-8, which JSON cannot hold: a header with one stands
// in base64 as well.
type headersObject struct {
	Headers       map[string][]string `json:"headers"`
	HeadersBase64 map[string][][]byte `json:"headersBase64,omitempty"`
}

// bodyObject holds a body as text, or in base64 when it is not UTF-8; neither when it is left out.
type bodyObject struct {
	Body       *bodyText `json:"body,omitempty"`
	BodyBase64 *string   `json:"bodyBase64,omitempty"`
}

// bodyText is a body that is UTF-8. It is encoded as a string is, from the bytes that it came in.
type bodyText []byte

// MarshalText gives the bytes. It never fails.
func (b bodyText) MarshalText() ([]byte, error) { return b, nil }

type attemptObject struct {
	Type       string  `json:"type"`
	Time       string  `json:"time"` // when it ended
	Seq        int64   `json:"seq,omitempty"`
	ID         string  `json:"id"`
	DeliveryID string  `json:"deliveryId"`
	Target     string  `json:"target"`
	Number     int     `json:"number"`
	StartedAt  string  `json:"startedAt"`
	DurationMs float64 `json:"durationMs"`
	Status     int     `json:"status"`
	headersObject
	bodyObject
	BodySize int64  `json:"bodySize"`
	Error    string `json:"error"`
	Hint     string `json:"hint,omitempty"`
	Answer   int    `json:"answer"`
	Repeated bool   `json:"repeated,omitempty"`
	Outcome  string `json:"outcome"`
	Origin   string `json:"origin"`
	Resigned bool   `json:"resigned"`
	Outdated bool   `json:"outdated,omitempty"` // sent with a signature that is too old, as the key cannot sign
	Overtook bool   `json:"overtook,omitempty"`
}

type jobObject struct {
	Type       string `json:"type"`
	Time       string `json:"time"`
	Seq        int64  `json:"seq,omitempty"`
	ID         string `json:"id"`
	DeliveryID string `json:"deliveryId"`
	Profile    string `json:"profile"`
	Target     string `json:"target"`
	State      string `json:"state"`
	Tries      int    `json:"tries"`
	DueAt      string `json:"dueAt"`
	Since      string `json:"since"`
	Size       int64  `json:"size"`
	Origin     string `json:"origin"`
	Reason     string `json:"reason,omitempty"`
}

type diagnosisObject struct {
	Type       string            `json:"type"`
	Time       string            `json:"time"`
	Seq        int64             `json:"seq,omitempty"`
	DeliveryID string            `json:"deliveryId"`
	Findings   []explain.Finding `json:"findings"`
	Tried      int               `json:"tried"`
	ElapsedMs  float64           `json:"elapsedMs"`
	CutOff     bool              `json:"cutOff"`
	Next       string            `json:"next,omitempty"`
	Steps      explain.Steps     `json:"steps,omitempty"`
	LooksLike  string            `json:"looksLike,omitempty"` // the scheme whose an unverified delivery looks like
}

// VerdictJSON is the object of a verdict in every JSON output. key is the name of the key that matched, or "".
func VerdictJSON(v sign.Verdict, key string) any { return verdictOf(v, key) }

func verdictOf(v sign.Verdict, key string) verdictObject {
	o := verdictObject{OK: v.OK, Reason: v.Reason, Scheme: v.Scheme, ID: v.ID, Detail: v.Detail.String(), Warning: v.Warning}
	if keyMatched(v) {
		o.KeyIndex, o.KeyName = &v.KeyIndex, key
	}
	if y := v.SignedAt.UTC().Year(); !v.SignedAt.IsZero() && y >= 0 && y <= 9999 { // RFC 3339 has the years 0 to 9999 only
		at, skew := Stamp(v.SignedAt), Millis(v.Skew)
		o.SignedAt, o.SkewMs = &at, &skew
	}
	return o
}

// keyMatched says whether KeyIndex names a key. It does when the time is wrong, which is checked after the signature.
func keyMatched(v sign.Verdict) bool {
	return v.KeyIndex >= 0 && (v.OK || v.Reason == sign.TooOld || v.Reason == sign.TooNew)
}

// DeliveryJSON is the object of a delivery in every JSON output.
func DeliveryJSON(d record.Delivery, withBody bool) any { return objectOf(d, withBody) }

func objectOf(d record.Delivery, withBody bool) deliveryObject {
	o := deliveryObject{
		Type: typeDelivery, Time: Stamp(d.ReceivedAt), Seq: d.Seq, ID: d.ID, Profile: d.Profile, Verdict: verdictOf(d.Verdict, d.KeyName),
		EventType: d.EventType, EventID: d.EventID, EventTime: d.EventTime, RemoteAddr: d.RemoteAddr,
		Method: d.Method, Path: masking.RequestTarget(d.Path), Host: d.Host, headersObject: headersOf(d.Header), Size: d.Size,
		BodySHA256: d.BodySHA256, Truncated: d.Truncated(), Answer: d.Answer, Targets: list(d.Targets),
		Route: d.Route, Skipped: d.Skipped, OutOfOrder: d.OutOfOrder, ReplayOf: d.ReplayOf, Scrubbed: d.Scrubbed,
	}
	if at, ok := event.ParseTime(d.EventTime); ok {
		o.EventAt = new(Stamp(at))
	}
	if d.Conflict != "" {
		o.Conflict = new(d.Conflict)
	}
	if d.Late > 0 {
		o.LateMs = new(Millis(d.Late))
	}
	if d.Duplicate != nil {
		o.Duplicate = true
		o.DuplicateOf, o.Answered = new(d.Duplicate.ID), new(d.Duplicate.Answered)
	}
	if o.Damaged = d.BodyDamaged; o.Damaged {
		o.Truncated = false
	} else if withBody {
		o.bodyObject = bodyOf(d.Body)
	} else if d.Body == nil {
		o.Truncated = false // not loaded; what is stored may be whole
	}
	return o
}

// ExportJSON is the object of a delivery with its body and its attempts, for a file of such lines.
func ExportJSON(d record.Delivery, attempts []record.Attempt) any {
	objects := []any{}
	for _, a := range attempts {
		objects = append(objects, AttemptJSON(a))
	}
	return struct {
		deliveryObject
		Attempts []any `json:"attempts"`
	}{objectOf(d, true), objects}
}

// AttemptJSON is the object of an attempt in every JSON output.
func AttemptJSON(a record.Attempt) any { return attemptObjectOf(a) }

func attemptObjectOf(a record.Attempt) attemptObject {
	return attemptObject{
		Type: typeAttempt, Time: Stamp(a.StartedAt.Add(a.Duration)), Seq: a.Seq, ID: a.ID, DeliveryID: a.DeliveryID,
		Target: a.Target, Number: a.Number, StartedAt: Stamp(a.StartedAt), DurationMs: Millis(a.Duration),
		Status: a.Status, headersObject: headersOf(a.Header), bodyObject: bodyOf(a.Body), BodySize: a.BodySize,
		Error: a.Error, Hint: a.Hint.String(), Answer: a.Answer, Repeated: a.Repeated, Outcome: string(a.Outcome), Origin: string(a.Origin),
		Resigned: a.Signing == record.Resigned, Outdated: a.Signing == record.Outdated, Overtook: a.Overtook,
	}
}

// JobJSON is the object of a job in every JSON output, as the job was at a time.
func JobJSON(j record.Job, at time.Time) any { return jobObjectOf(j, at) }

func jobObjectOf(j record.Job, at time.Time) jobObject {
	return jobObject{
		Type: typeJob, Time: Stamp(at), ID: j.ID(), DeliveryID: j.DeliveryID, Profile: j.Profile, Target: j.Target, State: string(j.State),
		Tries: j.Tries, DueAt: Stamp(j.Due), Since: Stamp(j.Since), Size: j.Size, Origin: string(j.Origin), Reason: string(j.Reason),
	}
}

func diagnosisOf(d record.Diagnosis) diagnosisObject {
	o := diagnosisObject{
		DeliveryID: d.DeliveryID, Findings: list(d.Findings), Tried: d.Tried, ElapsedMs: Millis(d.Elapsed), CutOff: d.CutOff, Next: d.Next.String(), Steps: d.Next,
	}
	if d.Look != nil {
		o.LooksLike = d.Look.Scheme
	}
	return o
}

// Stamp is RFC 3339 in UTC with milliseconds. It stops at the years 0 and 9999, as RFC 3339 does.
func Stamp(t time.Time) string {
	switch y := t.UTC().Year(); {
	case y < 0:
		return "0000-01-01T00:00:00.000Z"
	case y > 9999:
		return "9999-12-31T23:59:59.999Z"
	default:
		return t.UTC().Format("2006-01-02T15:04:05.000Z")
	}
}

// Millis is a number of milliseconds with microseconds, which matter on loopback.
func Millis(d time.Duration) float64 { return float64(d.Round(time.Microsecond).Microseconds()) / 1000 }

func bodyOf(b []byte) bodyObject {
	if utf8.Valid(b) {
		return bodyObject{Body: new(bodyText(b))}
	}
	s := base64.StdEncoding.EncodeToString(b)
	return bodyObject{BodyBase64: &s}
}

func headersOf(h http.Header) headersObject {
	o := headersObject{Headers: h}
	if h == nil {
		o.Headers = map[string][]string{}
	}
	for name, values := range h {
		if !slices.ContainsFunc(values, func(v string) bool { return !utf8.ValidString(v) }) {
			continue
		}
		if o.HeadersBase64 == nil {
			o.HeadersBase64 = map[string][][]byte{}
		}
		for _, v := range values {
			o.HeadersBase64[name] = append(o.HeadersBase64[name], []byte(v))
		}
	}
	return o
}

// list makes nil an empty JSON array.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
