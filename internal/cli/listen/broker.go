package listen

// Brokers as targets: their credentials, and what --ack and --dedupe ask of them.

import (
	"context"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/broker"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/target"
)

// withAccess gives brokers what they ask for. The user's credentials do not go to a broker that only a project file names.
func (s *session) withAccess(to *directions) {
	withheld := false
	for _, t := range to.used() {
		switch {
		case !t.Broker():
		case t.foreign:
			withheld = true
		default:
			t.Access = s.accessTo(t.Target)
		}
		t.Dedupe = target.Dedupe(s.set.Dedupe)
	}
	if withheld && s.set.NATSCreds+s.set.NATSCert+s.set.KafkaCreds+s.set.KafkaCert != "" {
		s.env.Warn("your credentials are not sent to a broker that a project file names; to send them, name it yourself: --forward TARGET")
	}
}

// checkBrokers holds --ack sink and --dedupe subject against the targets of a run, and puts the broker that answers senders first.
func (o *options) checkBrokers(d *directions) error {
	if o.set.Dedupe == string(target.DedupeSubject) {
		for _, to := range d.used() {
			switch {
			case to.Kafka():
				return fault.Hint(fault.New(fault.Usage, "--dedupe subject is for a stream of NATS, and %s is Kafka, which finds no duplicates of several producers", to.Name),
					"leave it out; consumers know an event that comes twice by the header ce_id")
			case to.Broker() && !to.OneSubjectEach():
				return fault.Hint(fault.New(fault.Usage, "--dedupe subject needs a subject of its own for each event, and %s has none", to.Name),
					"write {scheme} and {id} into it, as in 'nats://localhost:4222/webhooks.{scheme}.{type}.{id}'")
			}
		}
	}
	if o.set.Ack != ackSink {
		return nil
	}
	if len(d.used()) == 0 || len(d.rest) > 0 && !brokerFirst(d.rest, func(to *destination) bool { return to.Broker() }) {
		return noBroker("--forward")
	}
	for i := range d.routes {
		isBroker := func(label string) bool {
			return slices.ContainsFunc(d.known, func(k *destination) bool { return k.Label() == label && k.Broker() })
		}
		if !brokerFirst(d.routes[i].Targets, isBroker) {
			return noBroker("route " + d.routes[i].Name)
		}
	}
	return nil
}

// ackSink is the --ack that answers senders once a broker has the delivery.
const ackSink = "sink"

func noBroker(where string) error {
	return fault.Hint(fault.New(fault.Usage, "--ack sink answers once a broker has a delivery, and %s names none", where),
		"add --forward 'nats://localhost:4222/webhooks.{scheme}'")
}

// brokerFirst moves the first broker of a list before the others, which keep their order. It is false where there is none.
func brokerFirst[T any](list []T, is func(T) bool) bool {
	i := slices.IndexFunc(list, is)
	if i < 0 {
		return false
	}
	broker := list[i]
	copy(list[1:i+1], list[:i])
	list[0] = broker
	return true
}

// windowTime bounds how long a start waits for a broker to tell of its streams.
const windowTime = 2 * time.Second

// meanwhile says what becomes of deliveries while a broker is away, and what to do about it.
func (s *session) meanwhile(next fault.Step) string {
	text := "Until it answers, senders get 502 and send again"
	if s.set.Ack == "now" {
		text = "Until it answers, deliveries wait in the queue"
	}
	if next == (fault.Step{}) {
		return text
	}
	return text + "; " + next.String()
}

// warnAboutWindow tells where a stream forgets an event sooner than its provider sends it again.
func (s *session) warnAboutWindow(ctx context.Context, to *directions, j *judge.Judge) {
	if s.set.Dedupe == string(target.DedupeSubject) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, windowTime)
	defer cancel()
	for _, t := range to.used() {
		if !t.Broker() {
			continue
		}
		if t.Kafka() {
			if err := broker.NewKafka(t.Target).Check(ctx); err != nil {
				s.env.Warn("%s: %s. %s", t.Name, err, s.meanwhile(fault.HintOf(err)))
			}
			continue
		}
		stream, err := broker.NewNATS(t.Target).Stream(ctx)
		if err != nil {
			s.env.Warn("%s: %s, so whether it keeps duplicates out is not known. %s", t.Name, err, s.meanwhile(fault.HintOf(err)))
			continue
		}
		if s.keys.Auto() {
			continue
		}
		scheme := j.Rules().Scheme()
		again := time.Duration(0)
		for _, seconds := range scheme.Retry {
			again += time.Duration(seconds * float64(time.Second))
		}
		if stream.Window < again {
			s.env.Warn("%s: stream %s finds duplicates for %s, and %s sends an event again for %s. Give the stream a longer window (nats stream edit %s --dupe-window %s), or each event a subject of its own: --dedupe subject",
				t.Name, fault.Quote(stream.Name), stream.Window, scheme.Name, again.Round(time.Second), fault.Quote(stream.Name), again.Round(time.Second))
		}
	}
}
