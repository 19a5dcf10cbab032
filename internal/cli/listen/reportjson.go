package listen

// The outcome of whctl expect in JSON; docs/json.md lists the fields.

import (
	"time"

	"github.com/whctl/whctl/internal/expect"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
)

type expectationObject struct {
	Types    []string `json:"types"`
	Matches  []string `json:"matches"`
	Count    int      `json:"count"`
	WithinMs float64  `json:"withinMs"`
	Ordered  bool     `json:"ordered"`
	Verified bool     `json:"verified"`
}

type expectObject struct {
	Expectation expectationObject `json:"expectation"`
	Outcome     string            `json:"outcome"`
	ExitCode    int               `json:"exitCode"`
	Message     string            `json:"message"`
	TookMs      float64           `json:"tookMs"`
	Came        int               `json:"came"`
	OfType      int               `json:"ofType"`
	Counted     int               `json:"counted"`
	MatchCounts []int             `json:"matchCounts"`
	Missed      int               `json:"missed"`
	Command     *commandObject    `json:"command"`
	Deliveries  []seenObject      `json:"deliveries"`
}

type commandObject struct {
	Name     string `json:"name"`
	ExitCode *int   `json:"exitCode"`
}

type seenObject struct {
	Delivery any         `json:"delivery"`
	Counts   bool        `json:"counts"`
	Met      []int       `json:"met"`
	Miss     expect.Miss `json:"miss"`
	Error    string      `json:"error,omitempty"`
}

// object is the outcome in JSON. err is the error of the run.
func (r *report) object(err error) expectObject {
	o := expectObject{
		Expectation: expectationObject{
			Types: append([]string{}, r.want.Types...), Matches: append([]string{}, r.matches...), Count: r.want.Count,
			WithinMs: milliseconds(r.within), Ordered: r.ordered, Verified: r.verified,
		},
		Outcome: r.outcome(), TookMs: milliseconds(r.took), Came: r.Came, OfType: r.OfType, Counted: r.Counted,
		MatchCounts: append([]int{}, r.Each...), Missed: r.Missed, Deliveries: []seenObject{},
	}
	if err != nil {
		o.ExitCode, o.Message = fault.KindOf(err).ExitCode(), r.env.Screen(err.Error())
	}
	if len(r.command) > 0 {
		o.Command = &commandObject{r.command[0], r.exit}
	}
	for _, s := range r.Seen {
		seen := seenObject{Delivery: render.DeliveryJSON(s.Delivery, false), Counts: s.Miss == expect.Counts, Met: []int{}, Miss: s.Miss, Error: s.Error}
		for _, i := range s.Met {
			seen.Met = append(seen.Met, i+1)
		}
		o.Deliveries = append(o.Deliveries, seen)
	}
	return o
}

func milliseconds(d time.Duration) float64 { return float64(d.Round(time.Millisecond).Milliseconds()) }
