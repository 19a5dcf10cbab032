package api

// Times as the API writes them.

import (
	"bytes"
	"encoding/json"
	"sort"
	"time"
)

// timeLayout is how the API writes times: UTC with milliseconds.
const timeLayout = "2006-01-02T15:04:05.000Z"

// Time is a time as the API writes it. The zero value is null. What is no time is read as zero, since one odd time must not make
// a whole answer unreadable.
type Time struct{ time.Time }

// At returns t, cut to the API's milliseconds.
func At(t time.Time) Time { return Time{t.UTC().Truncate(time.Millisecond)} }

// MarshalJSON writes UTC with milliseconds, or null.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + t.UTC().Format(timeLayout) + `"`), nil
}

// UnmarshalJSON reads RFC 3339 in any precision.
func (t *Time) UnmarshalJSON(b []byte) error {
	t.Time = time.Time{}
	if len(b) < 2 || b[0] != '"' {
		return nil
	}
	if v, err := time.Parse(time.RFC3339Nano, string(b[1:len(b)-1])); err == nil {
		t.Time = v.UTC()
	}
	return nil
}

// Headers are those of a logged request. A value that is no string is kept as its JSON text.
type Headers map[string]string

// UnmarshalJSON reads any object.
func (h *Headers) UnmarshalJSON(b []byte) error {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	*h = make(Headers, len(m))
	for k, v := range m {
		var s string
		if json.Unmarshal(v, &s) != nil {
			s = string(v)
		}
		(*h)[k] = s
	}
	return nil
}

// decode reads b into v, whose type has no UnmarshalJSON, and keeps a copy of b.
func decode(b []byte, v any, raw *json.RawMessage) error {
	if err := json.Unmarshal(b, v); err != nil {
		return err
	}
	*raw = bytes.Clone(b)
	return nil
}

// encode returns raw if there is any, else v as JSON.
func encode(v any, raw json.RawMessage) ([]byte, error) {
	if raw != nil {
		return raw, nil
	}
	return json.Marshal(v)
}

// merge returns v as JSON, followed by those fields of raw that v does not have.
func merge(v any, raw json.RawMessage) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil || raw == nil {
		return b, err
	}
	var known, all map[string]json.RawMessage
	if err := json.Unmarshal(b, &known); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	var names []string
	for name := range all {
		if _, ok := known[name]; !ok {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	b = b[:len(b)-1]
	for _, name := range names {
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		b = append(append(append(append(b, ','), key...), ':'), all[name]...)
	}
	return append(b, '}'), nil
}

// UnmarshalJSON keeps what came in Raw.
func (w *Webhook) UnmarshalJSON(b []byte) error {
	type plain Webhook
	return decode(b, (*plain)(w), &w.Raw)
}

// MarshalJSON returns Raw, or else the fields.
func (w Webhook) MarshalJSON() ([]byte, error) {
	type plain Webhook
	return encode(plain(w), w.Raw)
}

// UnmarshalJSON keeps what came in Raw.
func (e *Event) UnmarshalJSON(b []byte) error {
	type plain Event
	return decode(b, (*plain)(e), &e.Raw)
}

// MarshalJSON returns Raw, or else the fields.
func (e Event) MarshalJSON() ([]byte, error) {
	type plain Event
	return encode(plain(e), e.Raw)
}

// UnmarshalJSON keeps what came in Raw.
func (e *EventStatus) UnmarshalJSON(b []byte) error {
	type plain EventStatus
	return decode(b, (*plain)(e), &e.Raw)
}

// MarshalJSON returns Raw, or else the fields.
func (e EventStatus) MarshalJSON() ([]byte, error) {
	type plain EventStatus
	return encode(plain(e), e.Raw)
}

// UnmarshalJSON keeps what came in Raw.
func (l *DeliveryLog) UnmarshalJSON(b []byte) error {
	type plain DeliveryLog
	return decode(b, (*plain)(l), &l.Raw)
}

// MarshalJSON returns Raw, or else the fields.
func (l DeliveryLog) MarshalJSON() ([]byte, error) {
	type plain DeliveryLog
	return encode(plain(l), l.Raw)
}

// UnmarshalJSON keeps what came in Raw.
func (r *Retried) UnmarshalJSON(b []byte) error {
	type plain Retried
	return decode(b, (*plain)(r), &r.Raw)
}

// MarshalJSON returns Raw, or else the fields.
func (r Retried) MarshalJSON() ([]byte, error) {
	type plain Retried
	return encode(plain(r), r.Raw)
}

// UnmarshalJSON keeps what came in Raw.
func (l *EventList) UnmarshalJSON(b []byte) error {
	type plain EventList
	return decode(b, (*plain)(l), &l.Raw)
}

// MarshalJSON returns the fields, then the other fields of Raw.
func (l EventList) MarshalJSON() ([]byte, error) {
	type plain EventList
	if l.Events == nil {
		l.Events = []Event{}
	}
	return merge(plain(l), l.Raw)
}

// UnmarshalJSON keeps what came in Raw.
func (l *WebhookLogs) UnmarshalJSON(b []byte) error {
	type plain WebhookLogs
	return decode(b, (*plain)(l), &l.Raw)
}

// MarshalJSON returns the fields, then the other fields of Raw.
func (l WebhookLogs) MarshalJSON() ([]byte, error) {
	type plain WebhookLogs
	if l.Logs == nil {
		l.Logs = []DeliveryLog{}
	}
	return merge(plain(l), l.Raw)
}

// UnmarshalJSON keeps what came in Raw.
func (l *EventLogs) UnmarshalJSON(b []byte) error {
	type plain EventLogs
	return decode(b, (*plain)(l), &l.Raw)
}

// MarshalJSON returns the fields, then the other fields of Raw.
func (l EventLogs) MarshalJSON() ([]byte, error) {
	type plain EventLogs
	if l.Logs == nil {
		l.Logs = []DeliveryLog{}
	}
	return merge(plain(l), l.Raw)
}
