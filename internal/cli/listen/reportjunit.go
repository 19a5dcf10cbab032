package listen

// The outcome of whctl expect for CI systems: --junit.

import (
	"fmt"
	"strings"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/render"
)

// writeJUnit writes the report: a case for the command, and one for each --match or for the deliveries.
func (r *report) writeJUnit() error {
	if r.junit == "" {
		return nil
	}
	suite := render.JUnitSuite{Name: "whctl expect"}
	if len(r.command) > 0 {
		c := render.JUnitCase{Name: "command " + r.command[0]}
		if r.outcome() == outcomeFailed {
			c.Error = r.failed.failure()
		}
		suite.Cases = append(suite.Cases, c)
	}
	suite.Cases = append(suite.Cases, r.cases()...)
	for i := range suite.Cases {
		c := &suite.Cases[i]
		c.Class = suite.Name
		for _, text := range []*string{&c.Name, &c.Failure, &c.Error, &c.Text} {
			*text = r.env.Screen(*text)
		}
	}
	if err := files.Me().Replace(r.junit, render.JUnit(suite)); err != nil {
		return fault.Hint(fault.New(fault.Storage, "cannot write %s: %s", r.junit, cmdkit.PathWords(err)), "name a file that whctl may replace, or one that is not there yet: --junit FILE")
	}
	return nil
}

// cases are what is expected, each with what came.
func (r *report) cases() (list []render.JUnitCase) {
	var came strings.Builder
	for _, s := range r.Seen {
		fmt.Fprintf(&came, "%s %s %s %s: %s\n", typeWords(s), s.Delivery.ID, eventWords(s), s.Delivery.Verdict.Reason, r.why(s))
	}
	name := deliveries(r.want.Count) + r.ofType()
	if r.want.Count == 0 {
		name = "nothing" + r.ofType()
	}
	for i, n := range r.Each {
		c := render.JUnitCase{Name: r.matchWords(i) + ": " + name}
		if short := n < r.want.Count || r.want.Count == 0 && n > 0; short {
			r.fail(&c, fmt.Sprintf("it holds for %s", deliveries(n)))
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		list = []render.JUnitCase{{Name: name}}
		if r.outcome() != outcomeMet {
			r.fail(&list[0], r.lacking())
		}
	}
	for i := range list {
		list[i].Took, list[i].Text = r.took, came.String()
	}
	return list
}

// fail says that a case did not hold, or why nobody knows whether it would have.
func (r *report) fail(c *render.JUnitCase, how string) {
	switch r.outcome() {
	case outcomeFailed:
		c.Skipped = "the command failed first"
	case outcomeStopped:
		c.Error = "stopped before the end"
	default:
		c.Failure = how
	}
}
