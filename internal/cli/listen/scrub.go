package listen

// What --scrub replaces in a run, and what it cannot go with.

import (
	"github.com/whctl/whctl/internal/fault"
)

// checkScrub refuses what would send from the journal. What a target gets is what came, and the journal does not have that.
func (o *options) checkScrub(to *directions) error {
	const why = "the queue sends what the journal has, and with --scrub that is not what came"
	switch {
	case len(o.set.Scrub) == 0:
		return nil
	case o.set.Ack == "now":
		return fault.Hint(fault.New(fault.Usage, "--scrub does not go with --ack now: "+why), "leave one of them out: with --ack forward each delivery is handed on as it came")
	}
	for _, r := range to.all() {
		if len(r.Targets) > 1 {
			return fault.Hint(fault.New(fault.Usage, "--scrub does not go with two targets for one delivery: "+why+"; the first target alone gets what came"),
				"give each route, and --forward, one target")
		}
	}
	return nil
}

// trace takes what --debug shows, without what --scrub replaces.
func (s *session) trace() func(string) {
	lines := s.env.TraceLines()
	if lines == nil || s.scrub == nil {
		return lines
	}
	return func(line string) { lines(s.scrub.Text(line)) }
}
