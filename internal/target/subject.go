package target

// The subject of a broker's messages: fixed text, and placeholders that each become a part of one token.

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

const (
	// longestSubject bounds the text of a subject, and longestValue what stands for one placeholder, in bytes. A NATS server ends a
	// connection over a line of more than 4096 (max_control_line).
	longestSubject = 1000
	longestValue   = 150
)

// The placeholders of a subject.
const (
	ofScheme = "{scheme}"
	ofType   = "{type}"
	ofID     = "{id}"
)

// subjectOf reads the subject of a URL, with its placeholders.
func subjectOf(u *url.URL) (string, error) {
	subject := strings.TrimPrefix(u.Path, "/")
	if why := badSubject(u, subject); why != "" {
		return "", fault.Hint(fault.New(fault.Usage, "cannot forward to nats://%s: %s", u.Host, why),
			"write it as nats://HOST/SUBJECT, such as 'nats://localhost:4222/webhooks.{scheme}.{type}.{id}'")
	}
	return subject, nil
}

// badSubject says what is wrong about a subject, or "". Names that begin with $ and _INBOX belong to the server and its clients.
func badSubject(u *url.URL, subject string) string {
	fixed := strings.NewReplacer(ofScheme, "x", ofType, "x", ofID, "x").Replace(subject)
	odd := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("*>/\\", r) }
	first, _, _ := strings.Cut(fixed, ".")
	switch {
	case subject == "":
		return "it names no subject"
	case u.RawQuery != "" || u.ForceQuery:
		return "a subject has no query"
	case len(subject) > longestSubject:
		return fmt.Sprintf("the subject is longer than %d bytes", longestSubject)
	case strings.ContainsAny(fixed, "{}"):
		return "its placeholders are {scheme}, {type} and {id}"
	case strings.ContainsFunc(fixed, odd):
		return "a subject has no blanks, wildcards or slashes"
	case strings.HasPrefix(fixed, ".") || strings.HasSuffix(fixed, ".") || strings.Contains(fixed, ".."):
		return "a part of the subject between dots is empty"
	case strings.HasPrefix(first, "$") || first == "_INBOX":
		return "that subject belongs to the server"
	}
	return ""
}

// fixed says whether all messages have one subject.
func (t Target) fixed() bool { return !strings.Contains(t.Subject, "{") }

// subject is the subject of the message for a delivery.
func (t Target) subject(d *record.Delivery) string {
	return strings.NewReplacer(ofScheme, token(d.Verdict.Scheme), ofType, token(d.EventType), ofID, token(identity(d))).Replace(t.Subject)
}

// token writes a value as a part of one token of a subject. What is neither a letter of ASCII nor a digit, - or _ becomes %XX, so that no value makes
// another subject, and no two values one. A long value becomes its hash, and none becomes _.
func token(value string) string {
	if value == "" {
		return "_"
	}
	var b strings.Builder
	for i := range len(value) {
		c := value[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
		if b.Len() > longestValue {
			return hashed(value)
		}
	}
	return b.String()
}

// hashed stands for a value that is too long. No value that is not hashed has such a text: its % is written otherwise.
func hashed(value string) string {
	sum := sha256.Sum256([]byte(value))
	return "%sha256-" + hex.EncodeToString(sum[:])
}

// identity is what tells an event from others of its scheme: its id, where a signature vouches for it. What nothing vouches for may have
// taken another's id, so it is told apart by the delivery, and never takes the place of a verified event.
func identity(d *record.Delivery) string {
	if d.Verdict.OK && d.EventID != "" {
		return d.EventID
	}
	return deliveryIdentity(d)
}

// deliveryIdentity tells a delivery from all others. Two journals may give one id to two deliveries, in one moment.
func deliveryIdentity(d *record.Delivery) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %s", d.ID, d.ReceivedAt.UTC().Format("2006-01-02T15:04:05.000"), d.RemoteAddr, d.BodySHA256))
	return "delivery-" + d.ID + "-" + hex.EncodeToString(sum[:8])
}
