package target

// Where deliveries are taken from: a stream of a broker, as a URL names it.

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
)

// usualGroup is the name under which machines share the work where none is given.
const usualGroup = "whctl"

// Source is where deliveries are taken from.
type Source struct {
	Target        // the broker, and the subject with its wildcards and placeholders
	Group  string // the name under which several machines share the work
}

// ParseSource reads [NAME=]nats://HOST[:PORT][,HOST…]/SUBJECT, or kafka://HOST[:PORT][,HOST…]/TOPIC.
func ParseSource(text string) (Source, error) {
	name, rest := netname.CutName(text)
	scheme, ok := netname.Broker(rest)
	if !ok {
		return Source{}, badSource(fault.New(fault.Usage, "--from names no broker"))
	}
	u, err := netname.ParseTarget(rest)
	switch {
	case errors.Is(err, netname.ErrUserInfo):
		return Source{}, fault.Hint(fault.New(fault.Usage, "cannot take deliveries from a URL with a user name, password or token in it"),
			"leave it out, write USER:PASSWORD or the token into a file, and add --nats-creds FILE")
	case err != nil:
		return Source{}, badSource(fault.New(fault.Usage, "cannot take deliveries from what --from names: %s", err))
	}
	s := Source{Group: cmp.Or(name, usualGroup)}
	if scheme == netname.Kafka {
		s.Subject, err = topicToTake(u)
	} else {
		s.Subject, err = subjectToTake(u)
	}
	s.URL, s.Name = scheme+"://"+u.Host+"/"+s.Subject, u.Host+"/"+s.Subject
	return s, err
}

func badSource(err error) error {
	return fault.Hint(err, "write it as --from 'nats://localhost:4222/webhooks.>'")
}

// subjectToTake reads the subject of a URL, which may have wildcards.
func subjectToTake(u *url.URL) (string, error) {
	subject := strings.TrimPrefix(u.Path, "/")
	tokens := strings.Split(subject, ".")
	for i, token := range tokens {
		if token == "*" || token == ">" && i == len(tokens)-1 {
			tokens[i] = "x"
		}
	}
	if why := badSubject(u, strings.Join(tokens, ".")); why != "" {
		return "", badSource(fault.New(fault.Usage, "cannot take deliveries from nats://%s: %s", u.Host, why))
	}
	return subject, nil
}

// topicToTake reads the topic of a URL.
func topicToTake(u *url.URL) (string, error) {
	topic := strings.TrimPrefix(u.Path, "/")
	if why := badTopic(u, topic); why != "" {
		return "", fault.Hint(fault.New(fault.Usage, "cannot take deliveries from kafka://%s: %s", u.Host, why), "write it as --from kafka://localhost:9092/webhooks")
	}
	return topic, nil
}

// Filter is the subject with a wildcard in the place of each token that has a placeholder.
func (s Source) Filter() string { return Wildcards(s.Subject) }

// EachAlone says whether each event has a subject of its own.
func (s Source) EachAlone() bool { return strings.Contains(s.Subject, OfID) }

// Feeds says whether what a target is given comes back from the source.
func (s Source) Feeds(t Target) bool {
	meet := SubjectsMeet
	if s.Kafka() {
		meet = topicsMeet
	}
	if !t.Broker() || t.Kafka() != s.Kafka() || !meet(s.Subject, t.Subject) {
		return false
	}
	return slices.ContainsFunc(s.Hosts(), func(host string) bool {
		return slices.ContainsFunc(t.Hosts(), func(other string) bool { return netname.SameHost(host, other) })
	})
}

// Wildcards is a subject with a wildcard in the place of each token that has a placeholder.
func Wildcards(subject string) string {
	tokens := strings.Split(subject, ".")
	for i, text := range tokens {
		if strings.Contains(text, "{") {
			tokens[i] = "*"
		}
	}
	return strings.Join(tokens, ".")
}

// topicsMeet says whether two topics may be one. Of those with placeholders the text before the first counts.
func topicsMeet(a, b string) bool {
	fixedA, _, openA := strings.Cut(a, "{")
	fixedB, _, openB := strings.Cut(b, "{")
	switch {
	case openA && openB:
		return strings.HasPrefix(fixedA, fixedB) || strings.HasPrefix(fixedB, fixedA)
	case openA:
		return strings.HasPrefix(b, fixedA)
	case openB:
		return strings.HasPrefix(a, fixedB)
	default:
		return a == b
	}
}

// SubjectsMeet says whether some subject matches both of two filters, which may have placeholders.
func SubjectsMeet(a, b string) bool {
	as, bs := strings.Split(Wildcards(a), "."), strings.Split(Wildcards(b), ".")
	for i := range min(len(as), len(bs)) {
		switch x, y := as[i], bs[i]; {
		case x == ">" || y == ">":
			return true
		case x != y && x != "*" && y != "*":
			return false
		}
	}
	return len(as) == len(bs)
}
