package journal

// Which deliveries are asked for.

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// Filter says which deliveries are asked for. The zero value means all that were received, of all profiles, without their bodies.
type Filter struct {
	Profile string    // "": of all
	Types   []string  // patterns of event types, of which one must match; none: any type
	Verdict Verdict   // "": any
	Outcome Outcome   // "": any
	Target  string    // with a job for this target. With an Outcome, the outcome of that job alone
	Since   time.Time // received at this time or later; zero: from the beginning
	Until   time.Time // received earlier; zero: to the end
	After   string    // the id of a delivery; those that were recorded after it. "": all
	Event   string    // the id of the event, or the beginning of some, see ofEvent; "": any
	Events  []string  // the ids of events, of which one must match; none: any
	Path    string    // a pattern of the request's path, in which * is any text; "": any. It sees the query if it has a ?
	Search  string    // text that stands in path, headers, event or body, whatever its case; "": any
	Replays bool      // replays too

	// Match is given each delivery that passes all else, with its body, and says whether it is one; nil: each is. It keeps nothing.
	Match func(ctx context.Context, d *record.Delivery) (bool, error)

	Limit  int  // 0: no limit
	Bodies bool // give the bodies too
}

// narrow says whether the facts of deliveries tell that most are not asked for.
func (f *Filter) narrow() bool {
	return len(f.Types) > 0 || f.Verdict != "" || f.Outcome != "" || f.Target != "" || f.Event != "" || f.Path != ""
}

// Verdict is a reason, or one of many reasons at once.
type Verdict string

// Verdicts that are no reason.
const (
	VerdictOK      Verdict = "ok"      // the signature held
	VerdictRefused Verdict = "refused" // it did not, although there was a key
)

// Verdicts are all that a filter may ask for.
func Verdicts() []string {
	list := []string{string(VerdictOK), string(VerdictRefused)}
	for _, r := range sign.Reasons() {
		list = append(list, string(r))
	}
	return list
}

// Outcome is what came of handing a delivery on.
type Outcome string

// The outcomes. A delivery may have more than one of them.
const (
	OutcomeDelivered Outcome = "delivered" // each of its jobs is, and there is one
	OutcomeWaiting   Outcome = "waiting"   // one of its jobs is open
	OutcomeFailed    Outcome = "failed"    // one of its jobs failed, or was cut off
	OutcomeDead      Outcome = "dead"      // one of its jobs was given up
	OutcomeNone      Outcome = "none"      // it has no job
)

// Outcomes are all that a filter may ask for.
func Outcomes() []string {
	return []string{string(OutcomeDelivered), string(OutcomeWaiting), string(OutcomeFailed), string(OutcomeDead), string(OutcomeNone)}
}

// States are those of the one job that is enough for this outcome.
func (o Outcome) States() []record.JobState {
	switch o {
	case OutcomeWaiting:
		return slices.DeleteFunc(record.JobStates(), func(s record.JobState) bool { return !s.Open() })
	case OutcomeFailed:
		return []record.JobState{record.JobFailed, record.JobInterrupted}
	case OutcomeDead:
		return []record.JobState{record.JobDead}
	case OutcomeDelivered, OutcomeNone:
	}
	return nil
}

// conditions are what a query must hold, as SQL, with their arguments.
type conditions struct {
	list []string
	args []any
}

func (c *conditions) add(condition string, args ...any) {
	c.list, c.args = append(c.list, condition), append(c.args, args...)
}

// where is them as SQL says it.
func (c *conditions) where() string {
	if len(c.list) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.list, " AND ")
}

// where are the conditions of a filter on a file of this format, as far as SQL can tell. Those on the times by which ids go narrow the
// search, as an id is never earlier than the receipt.
func (f *Filter) where(format int) conditions {
	var c conditions
	if f.Profile != "" {
		c.add("profile = ?", f.Profile)
	}
	if !f.Replays && format >= 5 {
		c.add("replay_of IS NULL")
	}
	if !f.Since.IsZero() {
		c.add("id >= ?", idAt(f.Since))
		c.add("received_at >= ?", clock(f.Since))
	}
	if !f.Until.IsZero() {
		c.add("received_at < ?", clock(f.Until))
	}
	if f.After != "" {
		after, _ := parseID(f.After)
		c.add("id > ?", after)
	}
	switch f.Verdict {
	case "":
	case VerdictOK:
		c.add("ok = 1")
	case VerdictRefused:
		c.add("ok = 0 AND reason <> 'unverified'")
	default:
		c.add("reason = ?", string(f.Verdict))
	}
	if f.Event != "" {
		f.ofEvent(format, &c)
	}
	if len(f.Events) > 0 {
		list, _ := json.Marshal(f.Events) // texts cannot fail
		c.add("event_id IN (SELECT value FROM json_each(?))", string(list))
	}
	f.ofTypes(&c)
	f.onPath(&c)
	f.handedOn(&c)
	return c
}

// shownOfEvent is how many characters of an event's id a listener shows at least, of those that are longer.
const shownOfEvent = 8

// ofEvent asks for an event by its id or, where no delivery has that id, for those whose ids begin so, from as many characters on as lists show.
func (f *Filter) ofEvent(format int, c *conditions) {
	if utf8.RuneCountInString(f.Event) < shownOfEvent || format < 2 {
		c.add("event_id = ?", f.Event)
		return
	}
	c.add("(event_id = ? OR substr(event_id, 1, length(?)) = ? AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event_id = ?))", f.Event, f.Event, f.Event, f.Event)
}

// ofTypes asks for event types as event.MatchAny reads them.
func (f *Filter) ofTypes(c *conditions) {
	if len(f.Types) == 0 || slices.Contains(f.Types, "*") {
		return
	}
	var types conditions
	for _, pattern := range f.Types {
		if category, is := event.Category(pattern); is { // an exclusive end: / is the character after the dot
			types.add("event_type >= ? AND event_type < ?", category+".", category+"/")
		} else {
			types.add("event_type = ?", pattern)
		}
	}
	c.add("("+strings.Join(types.list, " OR ")+")", types.args...)
}

// onPath asks for a path. In GLOB, ? and [ are special too.
func (f *Filter) onPath(c *conditions) {
	if f.Path == "" {
		return
	}
	path := "path"
	if !strings.Contains(f.Path, "?") {
		path = "substr(path, 1, instr(path || '?', '?') - 1)"
	}
	c.add(path+" GLOB ?", strings.NewReplacer("[", "[[]", "?", "[?]").Replace(f.Path))
}

// handedOn asks for what came of the jobs.
func (f *Filter) handedOn(c *conditions) {
	job, args := "EXISTS (SELECT 1 FROM jobs WHERE delivery = deliveries.id", []any(nil)
	if f.Target != "" {
		job, args = job+" AND target = ?", []any{f.Target}
	}
	switch f.Outcome {
	case "":
		if f.Target != "" {
			c.add(job+")", args...)
		}
	case OutcomeNone:
		c.add("NOT "+job+")", args...)
	case OutcomeDelivered:
		c.add(job+" AND state = 'delivered')", args...)
		if f.Target == "" { // a target has one job
			c.add("NOT " + job + " AND state <> 'delivered')")
		}
	default:
		c.add(job+" AND state IN "+statesList(f.Outcome.States())+")", args...)
	}
}

func statesList(states []record.JobState) string {
	quoted := make([]string, len(states))
	for i, s := range states {
		quoted[i] = fmt.Sprintf("'%s'", s)
	}
	return "(" + strings.Join(quoted, ", ") + ")"
}
