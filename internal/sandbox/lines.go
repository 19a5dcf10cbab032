package sandbox

// The lines of the data file, and what they may say.

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/api"
)

// formatVersion is that of the data file.
const formatVersion = 1

// Bounds of what a line may say, since anybody may have written the file.
const (
	maxOrder    = 1 << 62 // room to count on from there
	maxCount    = 1 << 30
	maxID       = 256
	maxWebhooks = 100 // the API takes five
	maxDuration = 366 * 24 * time.Hour
)

// saved is one line of the data file. Exactly one field is set. The JSON of webhook, eventRecord, job and attempt belongs to the
// format.
type saved struct {
	Head    *head        `json:"head,omitempty"`
	Webhook *webhook     `json:"hook,omitempty"`
	Deleted string       `json:"unhook,omitempty"` // id of a webhook
	Event   *eventRecord `json:"event,omitempty"`
	State   *savedState  `json:"state,omitempty"`
	Log     *attempt     `json:"log,omitempty"`
	Forget  []string     `json:"forget,omitempty"` // record ids of events
	Clock   *int64       `json:"clock,omitempty"`  // ms ahead of the wall clock
	Reset   bool         `json:"reset,omitempty"`
}

type head struct {
	Version int    `json:"whctlSandbox"`
	Scheme  string `json:"scheme"`
	NextSeq uint64 `json:"nextSeq"`
	NextOrd int    `json:"nextOrd"`
}

// savedState is the part of an event that changes.
type savedState struct {
	ID string `json:"id"`
	progress
}

func stateOf(e *eventRecord) saved { return saved{State: &savedState{e.ID, e.progress}} }

// errNoLine says that a line is no JSON of the right form.
var errNoLine = errors.New("or no data file of a sandbox")

// parseLine reads line n of the file and checks what it says.
func parseLine(text []byte, n int) (line saved, err error) {
	if err := json.Unmarshal(text, &line); err != nil || n == 1 && line.Head == nil {
		return line, fmt.Errorf("is damaged in line %d, %w", n, errNoLine)
	}
	err = line.check()
	if err == nil && n > 1 && line.Head != nil {
		err = errors.New("is a second beginning")
	}
	if err != nil {
		return line, fmt.Errorf("is damaged: line %d %s", n, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return line, nil
}

// replay makes the change that a line says.
func (st *state) replay(line saved) error {
	switch {
	case line.Head != nil:
		return st.begin(line.Head)
	case line.Webhook != nil:
		if st.putWebhook(line.Webhook); len(st.webhooks) > maxWebhooks {
			return fmt.Errorf("is damaged: it holds more than %d webhooks", maxWebhooks)
		}
	case line.Deleted != "":
		st.dropWebhook(line.Deleted)
	case line.Event != nil:
		if st.byID[line.Event.ID] != nil {
			return errors.New("is damaged: it holds an event twice")
		}
		st.addEvent(line.Event)
		st.nextSeq = max(st.nextSeq, line.Event.Seq+1)
	case line.State != nil:
		if e := st.byID[line.State.ID]; e != nil {
			e.progress = line.State.progress
		}
	case line.Log != nil:
		if e := st.byID[line.Log.Event]; e != nil {
			line.Log.event = e
			st.addLog(line.Log)
		}
	case line.Forget != nil:
		st.forget(line.Forget)
	case line.Clock != nil:
		st.clock.offset = time.Duration(*line.Clock) * time.Millisecond
	case line.Reset:
		st.reset()
		st.clock.offset = 0
	}
	return nil
}

func (st *state) begin(h *head) error {
	if h.Version != formatVersion {
		return fmt.Errorf("was written by another version of whctl (format %d)", h.Version)
	}
	if h.Scheme != st.scheme.Name {
		return fmt.Errorf("belongs to a sandbox with --scheme %s", h.Scheme)
	}
	st.nextSeq, st.nextOrd = h.NextSeq, h.NextOrd
	return nil
}

// lines returns the state as the lines of a new file.
func (st *state) lines() []saved {
	lines := []saved{{Head: &head{formatVersion, st.scheme.Name, st.nextSeq, st.nextOrd}}, st.clockLine()}
	for _, w := range st.webhooks {
		lines = append(lines, saved{Webhook: w})
	}
	for _, e := range st.events {
		lines = append(lines, saved{Event: e})
	}
	for _, a := range st.logs {
		if a.Outcome != api.DeliveryProcessing || a.event.fixture() { // an attempt under way is saved when it is over
			lines = append(lines, saved{Log: a})
		}
	}
	return lines
}

// clockLine says how far the clock is ahead.
func (st *state) clockLine() saved {
	return saved{Clock: new(st.clock.offset.Milliseconds())}
}

// check returns what is wrong with a line.
func (line *saved) check() error {
	set := 0
	for _, there := range []bool{
		line.Head != nil, line.Webhook != nil, line.Deleted != "", line.Event != nil, line.State != nil, line.Log != nil, line.Forget != nil, line.Clock != nil, line.Reset,
	} {
		if there {
			set++
		}
	}
	switch {
	case set != 1:
		return fmt.Errorf("tells %d things, and not one", set)
	case line.Head != nil:
		return inRange("a count", line.Head.NextSeq <= maxOrder, line.Head.NextOrd >= 0, line.Head.NextOrd <= maxCount)
	case line.Webhook != nil:
		return line.Webhook.check()
	case line.Event != nil:
		return line.Event.check()
	case line.State != nil:
		return errors.Join(checkID(line.State.ID), line.State.check())
	case line.Log != nil:
		return line.Log.check()
	case line.Clock != nil:
		return inRange("a clock that is more than a hundred years off", *line.Clock >= -maxAhead.Milliseconds(), *line.Clock <= maxAhead.Milliseconds())
	default:
		return nil
	}
}

func inRange(what string, holds ...bool) error {
	if slices.Contains(holds, false) {
		return fmt.Errorf("holds %s that cannot be", what)
	}
	return nil
}

func checkID(id string) error {
	if id == "" || len(id) > maxID {
		return errors.New("holds no usable id")
	}
	return nil
}

// plausible reports whether the sandbox can calculate with these times.
func plausible(times ...time.Time) bool {
	return !slices.ContainsFunc(times, func(t time.Time) bool { return !t.IsZero() && (t.Year() < 1970 || t.Year() > 2400) })
}

func (w *webhook) check() error {
	return errors.Join(checkID(w.ID), inRange("a webhook", w.Ordinal >= 0, w.Ordinal <= maxCount, plausible(w.Created, w.Updated)))
}

func (e *eventRecord) check() error {
	return errors.Join(checkID(e.ID), checkID(e.EventID), e.progress.check(),
		inRange("an event", e.Seq < maxOrder, plausible(e.Created), len(e.Body) <= maxTriggerBody))
}

func (p *progress) check() error {
	if err := inRange("an event", slices.Contains(api.EventStatuses(), p.Status), p.Runs >= 0, p.Runs <= maxCount, plausible(p.Processed, p.Queued)); err != nil {
		return err
	}
	for _, j := range p.Jobs {
		if j == nil {
			return errors.New("holds a delivery that is null")
		}
		known := slices.Contains([]stage{waiting, running, delivered, failed, cancelled}, j.Stage)
		if err := inRange("a delivery", known, j.Run >= 0, j.Run <= maxCount, j.Attempt >= 1, j.Attempt <= maxCount, j.Order <= maxOrder, plausible(j.Due)); err != nil {
			return err
		}
	}
	return nil
}

func (a *attempt) check() error {
	outcomes := []string{api.DeliveryPending, api.DeliveryProcessing, api.DeliverySuccess, api.DeliveryFailed}
	status, took := value(a.Status), value(a.Duration)
	return errors.Join(checkID(a.ID), inRange("an attempt", a.Number >= 0, a.Number <= maxCount, status >= 0, status <= 999,
		took >= 0, took <= maxDuration.Milliseconds(), plausible(a.Created, a.Next), slices.Contains(outcomes, a.Outcome)))
}
