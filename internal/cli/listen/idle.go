package listen

// Flags that were given and change nothing in a run. What a config file or the environment says may be for other runs, so it is not told.

import (
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/target"
)

// idle are flags that change nothing where why holds.
type idle struct {
	flags []string
	why   string
	holds bool
}

// warnAboutIdle tells which flags change nothing, a line for each reason.
func (s *session) warnAboutIdle(to *directions) {
	for _, row := range s.idle(to) {
		var given []string
		for _, name := range row.flags {
			if row.holds && s.given(name) {
				given = append(given, "--"+name)
			}
		}
		if len(given) > 0 {
			s.env.Warn("%s: %s", strings.Join(given, ", "), row.why)
		}
	}
}

// idle is the table of them.
func (s *session) idle(to *directions) []idle {
	targets := to.targets()
	all := slices.Clone(targets)
	for _, source := range s.sources {
		all = append(all, source.Target)
	}
	queue := []string{"retries", "retry-on", "max-queue"}
	if len(s.sources) == 0 { // messages are taken side by side too
		queue = append(queue, "lane-width")
	}
	aimed := append([]string{"header", "max-down", "notify"}, queue...)
	if len(s.sources) == 0 { // these are for its broker too
		aimed = append(aimed, "timeout", "insecure")
	}
	fans := slices.ContainsFunc(to.all(), func(r listen.Route) bool { return len(r.Targets) > 1 })
	return []idle{
		{
			aimed, "no delivery of this run is handed on, as there is no target; add --forward localhost:3000",
			len(targets) == 0,
		},
		{ // jobs of another run may be there
			queue, "no delivery of this run is queued, as each is tried once while its sender waits; add --ack now",
			len(targets) > 0 && s.set.Ack != "now" && !fans,
		},
		{
			[]string{"dedupe"},
			"no target of this run is a stream of NATS; add --forward 'nats://localhost:4222/webhooks.{scheme}'",
			!slices.ContainsFunc(targets, isNATS),
		},
		{
			[]string{"nats-creds", "nats-ca", "nats-cert"},
			"this run has nothing to do with NATS; add --forward 'nats://localhost:4222/webhooks.{scheme}'",
			!slices.ContainsFunc(all, isNATS),
		},
		{
			[]string{"kafka-creds", "kafka-sasl", "kafka-ca", "kafka-cert"},
			"this run has nothing to do with Kafka; add --forward kafka://localhost:9092/webhooks",
			!slices.ContainsFunc(all, isKafka),
		},
	}
}

func isNATS(t target.Target) bool  { return t.Broker() && !t.Kafka() }
func isKafka(t target.Target) bool { return t.Kafka() }
