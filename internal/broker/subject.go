package broker

// The subject of the message for a delivery. Each placeholder becomes a part of one token.

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// longestValue bounds what stands for one placeholder, in bytes.
const longestValue = 150

// subject is the subject of the message for a delivery.
func subject(t target.Target, d *record.Delivery) string {
	return strings.NewReplacer(target.OfScheme, token(d.Verdict.Scheme), target.OfType, token(d.EventType), target.OfID, token(identity(d))).Replace(t.Subject)
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
