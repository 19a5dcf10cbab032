package target

// The topic of Kafka's messages, as a URL names it: fixed text, and placeholders.

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

const (
	// topicCharacters are those of which Kafka makes the names of topics.
	topicCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	// longestTopic bounds the name of a topic, in bytes (org.apache.kafka.common.internals.Topic, MAX_NAME_LENGTH).
	longestTopic = 249
	// LongestTopicPart bounds what stands for one placeholder of a topic, in bytes: a hash and its mark.
	LongestTopicPart = 72
)

// topicOf reads the topic of a URL, with its placeholders.
func topicOf(u *url.URL) (string, error) {
	topic := strings.TrimPrefix(u.Path, "/")
	if why := badTopic(u, topic); why != "" {
		return "", fault.Hint(fault.New(fault.Usage, "cannot forward to kafka://%s: %s", u.Host, why),
			"write it as kafka://HOST/TOPIC, such as 'kafka://localhost:9092/webhooks.{scheme}'")
	}
	return topic, nil
}

// badTopic says what is wrong about a topic, or "". Names that begin with __ belong to Kafka itself.
func badTopic(u *url.URL, topic string) string {
	fixed := strings.NewReplacer(OfScheme, "", OfType, "").Replace(topic)
	parts := strings.Count(topic, OfScheme) + strings.Count(topic, OfType)
	switch {
	case topic == "":
		return "it names no topic"
	case u.RawQuery != "" || u.ForceQuery:
		return "a topic has no query"
	case strings.Contains(topic, OfID):
		return "a topic for each event is more than Kafka can hold; the id is part of the key"
	case strings.ContainsAny(fixed, "{}"):
		return "its placeholders are {scheme} and {type}"
	case strings.ContainsFunc(fixed, func(r rune) bool { return !strings.ContainsRune(topicCharacters, r) }):
		return "a topic has letters of ASCII, digits, dots, _ and -"
	case fixed == "." && parts == 0, fixed == ".." && parts == 0:
		return "that is no name of a topic"
	case len(fixed)+parts*LongestTopicPart > longestTopic:
		return fmt.Sprintf("the topic can become longer than %d bytes", longestTopic)
	case strings.HasPrefix(topic, "__"):
		return "that topic belongs to Kafka itself"
	}
	return ""
}
