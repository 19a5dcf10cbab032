package broker

// The topic of the message for a delivery. Each placeholder becomes a part of its name.

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// topic is the topic of the message for a delivery. A dot within the scheme's name is written otherwise, as the dot often parts it from the type.
func topic(t target.Target, d *record.Delivery) string {
	name := strings.NewReplacer(target.OfScheme, topicPart(d.Verdict.Scheme, "_"), target.OfType, topicPart(d.EventType, "_.")).Replace(t.Subject)
	if name == "." || name == ".." { // which Kafka takes for no names of topics
		return strings.ReplaceAll(name, ".", "-2E")
	}
	return name
}

// topicPart writes a value as a part of a topic's name. What is neither a letter of ASCII, a digit, nor one of those kept becomes -XX, so that no
// two values become one. A long value becomes its hash, and none becomes -none: no X is a small letter.
func topicPart(value, kept string) string {
	if value == "" {
		return "-none"
	}
	var b strings.Builder
	for i := range len(value) {
		c := value[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte(kept, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "-%02X", c)
		}
		if b.Len() > target.LongestTopicPart {
			sum := sha256.Sum256([]byte(value))
			return "-sha256-" + hex.EncodeToString(sum[:])
		}
	}
	return b.String()
}
