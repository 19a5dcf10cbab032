package broker

// The headers of a broker's message: the event as CloudEvents names it, what whctl found out, and the provider's own headers.

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

const (
	millis = "2006-01-02T15:04:05.000Z07:00"
	// unnamed is the type of an event whose body does not say it. CloudEvents asks for one.
	unnamed = "webhook"
	// ownHeader begins the names of the provider's headers.
	ownHeader = "wh-h-"
	// longestID bounds the id by which a stream finds duplicates, in bytes.
	longestID = 300
)

// binding is how a broker's messages name the attributes of CloudEvents, and write their values, in binary content mode.
type binding struct {
	prefix      string
	contentType string // the name of datacontenttype
	value       func(string) string
}

// natsBinding is CloudEvents' NATS protocol binding, 3.1.
func natsBinding() binding {
	return binding{prefix: "ce-", contentType: "ce-datacontenttype", value: percent}
}

// kafkaBinding is CloudEvents' Kafka protocol binding, 3.2.
func kafkaBinding() binding {
	return binding{prefix: "ce_", contentType: "content-type", value: func(value string) string { return strings.ToValidUTF8(value, "\uFFFD") }}
}

// header makes the headers of the message for a delivery, by names in small letters. With them and the body a consumer can verify
// the delivery again: the provider's headers are as they came, but for secrets, which are masked. A token in the query is masked where the
// signature says nothing of the URL: it is for the handler, and not for everybody who reads the stream.
func (b binding) header(m target.Message) map[string][]string {
	d := m.Delivery
	path := masking.RequestTarget(d.Path)
	if m.URLSigned {
		path = d.Path
	}
	h := make(map[string][]string, len(d.Header)+16)
	set := func(name, value string) {
		if value != "" {
			h[name] = []string{value}
		}
	}
	set(b.prefix+"specversion", "1.0")
	set(b.prefix+"id", b.value(cmp.Or(d.EventID, identity(d))))
	set(b.prefix+"source", b.value("whctl:"+cmp.Or(d.Verdict.Scheme, "unknown")))
	set(b.prefix+"type", b.value(cmp.Or(d.EventType, unnamed)))
	set(b.prefix+"time", eventTime(d).UTC().Format(millis))
	set(b.contentType, b.value(d.Header.Get("Content-Type")))
	set("wh-verdict", string(d.Verdict.Reason))
	set("wh-scheme", d.Verdict.Scheme)
	set("wh-key", d.KeyName)
	set("wh-received", d.ReceivedAt.UTC().Format(millis))
	set("wh-delivery", d.ID)
	set("wh-method", d.Method)
	set("wh-path", path)
	set("wh-host", d.Host)
	set("wh-public-url", d.PublicURL)
	for name, values := range d.Header {
		h[ownHeader+strings.ToLower(name)] = values
	}
	return h
}

// hopHeader names each listener that a delivery has passed, this one too.
const hopHeader = "Whctl-Hop"

// addHops adds the marks by which a listener that takes the message finds a circle.
func addHops(message map[string][]string, sent http.Header) {
	if marks := sent[hopHeader]; len(marks) > 0 {
		message[ownHeader+strings.ToLower(hopHeader)] = marks
	}
}

// eventTime is when an event happened, or where it does not say that, when it came.
func eventTime(d *record.Delivery) time.Time {
	if at, ok := event.ParseTime(d.EventTime); ok {
		return at
	}
	return d.ReceivedAt
}

// messageID is what a stream finds duplicates by, and the key of a message of Kafka.
func messageID(d *record.Delivery) string {
	id := percent(d.Verdict.Scheme + ":" + identity(d))
	if len(id) > longestID {
		return percent(d.Verdict.Scheme) + ":" + hashed(id)
	}
	return id
}

// percent writes a value with the printable characters of ASCII alone (CloudEvents, NATS protocol binding, 3.1.3.2). No value can begin
// another header.
func percent(value string) string {
	plain := func(c byte) bool { return c > ' ' && c < 0x7f && c != '"' && c != '%' }
	var b strings.Builder
	for i := range len(value) {
		if c := value[i]; plain(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
