package broker

// The durable consumer of a stream: found as somebody made it, or made.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/target"
)

const (
	shortestAckWait = 5 * time.Second
	endlessAckWait  = time.Minute // where targets are waited for for ever
	mostUnacked     = 1000        // in all machines, where the order does not count
)

// Numbers of JetStream's errors (server/errors.json of nats-server).
const consumerNotFound = 10014

// consumer is a durable consumer.
type consumer struct {
	stream  string
	name    string
	wait    time.Duration // after which a message is given again that nobody acknowledged
	pull    time.Duration // for which a question for a message waits at the broker
	most    int           // how often a message is given; 0 or less: for as long as it takes
	misfits string        // what of it is not as whctl makes one; "": nothing
}

// consumerConfig is what JetStream knows of a consumer. Durations are nanoseconds.
type consumerConfig struct {
	Durable       string        `json:"durable_name"`
	Name          string        `json:"name"`
	Description   string        `json:"description,omitempty"`
	DeliverPolicy string        `json:"deliver_policy"`
	AckPolicy     string        `json:"ack_policy"`
	AckWait       time.Duration `json:"ack_wait"`
	MaxDeliver    int           `json:"max_deliver"`
	MaxAckPending int           `json:"max_ack_pending"`
	Filter        string        `json:"filter_subject,omitempty"`
	Filters       []string      `json:"filter_subjects,omitempty"`
	Replay        string        `json:"replay_policy"`
	DeliverTo     string        `json:"deliver_subject,omitempty"`
	MaxExpires    time.Duration `json:"max_expires,omitempty"`
	HeadersOnly   bool          `json:"headers_only,omitempty"`
}

// consumerInfo is what JetStream tells of a consumer.
type consumerInfo struct {
	Config  consumerConfig `json:"config"`
	Pending int64          `json:"num_pending"`
}

// consumer finds the consumer, and makes it where there is none.
func (s *NATSSource) consumer(ctx context.Context, l *link) (*consumer, error) {
	stream, err := s.stream(ctx, l)
	if err != nil {
		return nil, err
	}
	var info consumerInfo
	err = s.nats.ask(ctx, l, "CONSUMER.INFO."+stream+"."+s.o.Source.Group, nil, &info)
	if isNumber(err, consumerNotFound) {
		if made := s.make(ctx, l, stream, &info); made != nil {
			if s.nats.ask(ctx, l, "CONSUMER.INFO."+stream+"."+s.o.Source.Group, nil, &info) != nil { // another machine made it meanwhile
				return nil, made
			}
		}
		err = nil
	}
	if err != nil {
		return nil, err
	}
	s.found = true
	s.lag.Store(info.Pending)
	misfits, err := s.misfits(stream, &info.Config)
	c := &consumer{stream: stream, name: s.o.Source.Group, wait: max(info.Config.AckWait, time.Second), pull: pullTime, most: info.Config.MaxDeliver, misfits: misfits}
	if info.Config.MaxExpires > 0 {
		c.pull = min(pullTime, info.Config.MaxExpires)
	}
	return c, err
}

// stream finds the one stream that has the subject.
func (s *NATSSource) stream(ctx context.Context, l *link) (string, error) {
	filter := s.o.Source.Filter()
	names, err := s.nats.streams(ctx, l, filter)
	switch {
	case err != nil:
		return "", err
	case len(names) == 0:
		return "", fault.Hint(fault.New(fault.Unreachable, "no stream has subject %s", filter),
			"make one, %s, where JetStream is on: nats-server -js", fault.Command("nats stream add WEBHOOKS").Flag("--subjects", filter))
	case len(names) > 1:
		return "", fault.Hint(fault.New(fault.Unreachable, "several streams have subject %s: %s", filter, short(strings.Join(names, ", "))), "name a subject that one of them has: --from 'nats://HOST/SUBJECT'")
	}
	return names[0], nil
}

// make makes the consumer.
func (s *NATSSource) make(ctx context.Context, l *link, stream string, info *consumerInfo) error {
	c := consumerConfig{
		Durable: s.o.Source.Group, Name: s.o.Source.Group, Description: "made by whctl listen", DeliverPolicy: "all", AckPolicy: "explicit", Replay: "instant",
		AckWait: endlessAckWait, MaxDeliver: -1, MaxAckPending: mostUnacked, Filter: s.o.Source.Filter(),
	}
	if s.o.Timeout > 0 {
		c.AckWait = max(2*s.o.Timeout, shortestAckWait)
	}
	if s.ordered() {
		c.MaxAckPending = 1
	}
	question, err := json.Marshal(map[string]any{"stream_name": stream, "config": c, "action": "create"})
	if err != nil {
		return err
	}
	err = s.nats.ask(ctx, l, "CONSUMER.CREATE."+stream+"."+c.Name+"."+c.Filter, question, info)
	if refused, is := errors.AsType[apiError](err); is { // as where a stream lets each message be taken once, and others take it
		return fault.Hint(fault.New(fault.Unreachable, "stream %s has no consumer %s, and takes none: %s", stream, c.Name, said(refused.streamError)), "name one that it has: --from NAME=nats://HOST/SUBJECT")
	}
	if err == nil && s.found {
		s.health.hint(fmt.Sprintf("consumer %s of stream %s was gone and is made anew: it begins with the oldest message, so those that were taken may come again", c.Name, stream))
	}
	return err
}

// misfits says what of a consumer is not as whctl makes one. The error is what cannot be used.
func (s *NATSSource) misfits(stream string, c *consumerConfig) (string, error) {
	group, filter := s.o.Source.Group, s.o.Source.Filter()
	another := func(why string) error {
		return fault.Hint(fault.New(fault.Unreachable, "consumer %s of stream %s %s", group, stream, why), "give this run another: --from NAME=nats://HOST/SUBJECT")
	}
	filters := c.Filters
	if c.Filter != "" {
		filters = []string{c.Filter}
	}
	switch {
	case c.DeliverTo != "":
		return "", another("pushes its messages, and is not asked for them")
	case c.HeadersOnly:
		return "", another("gives messages without their bodies")
	case len(filters) > 0 && !meets(filters, filter):
		return "", another("has other messages: " + short(strings.Join(filters, ", ")))
	}
	var odd []string
	if len(filters) != 1 || filters[0] != filter {
		odd = append(odd, "it has the messages of "+orAll(filters)+", and not those of "+filter)
	}
	if c.AckPolicy != "explicit" {
		odd = append(odd, "its ack policy is "+short(c.AckPolicy)+", so messages may be lost")
	}
	if c.MaxDeliver > 0 {
		odd = append(odd, fmt.Sprintf("it gives up a message after %d times", c.MaxDeliver))
	}
	if s.ordered() && c.MaxAckPending != 1 {
		odd = append(odd, "it lets several messages be unacknowledged, so their order is not kept")
	}
	if !s.ordered() && c.MaxAckPending == 1 {
		odd = append(odd, "it lets one message be unacknowledged, so no others are taken meanwhile")
	}
	if len(odd) == 0 {
		return "", nil
	}
	return fmt.Sprintf("consumer %s of stream %s is used as it is: %s", group, stream, strings.Join(odd, "; ")), nil
}

func meets(filters []string, filter string) bool {
	for _, f := range filters {
		if target.SubjectsMeet(f, filter) {
			return true
		}
	}
	return false
}

func orAll(filters []string) string {
	if len(filters) == 0 {
		return "all subjects"
	}
	return short(strings.Join(filters, ", "))
}

// look asks how many messages nobody has been given.
func (s *NATSSource) look(ctx context.Context, l *link, c *consumer) error {
	var info consumerInfo
	if err := s.nats.ask(ctx, l, "CONSUMER.INFO."+c.stream+"."+c.name, nil, &info); err != nil {
		return err
	}
	s.lag.Store(info.Pending)
	return nil
}
