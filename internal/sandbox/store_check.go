package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/api"
)

// The data file may have been written by anybody: a backup that was cut, another program, a colleague. What it says is
// checked before any of it is believed.

const (
	maxLine     = 64 << 20 // bytes of one line; the largest event that can be raised is far below
	maxOrder    = 1 << 62  // room to count on from there
	maxCount    = 1 << 30
	maxID       = 256
	maxWebhooks = 100 // the API takes five
	maxDuration = 366 * 24 * time.Hour
)

// check says what is wrong with one line of the data file.
func (v *saved) check() error {
	set := 0
	for _, there := range []bool{
		v.Head != nil, v.Webhook != nil, v.Deleted != "", v.Event != nil, v.State != nil, v.Log != nil, v.Forget != nil, v.Clock != nil, v.Reset,
	} {
		if there {
			set++
		}
	}
	switch {
	case set != 1:
		return fmt.Errorf("tells %d things, and not one", set)
	case v.Head != nil:
		return inRange("a count", v.Head.NextSeq <= maxOrder, v.Head.NextOrd >= 0, v.Head.NextOrd <= maxCount)
	case v.Webhook != nil:
		return v.Webhook.check()
	case v.Event != nil:
		return v.Event.check()
	case v.State != nil:
		return errors.Join(checkID(v.State.ID), v.State.check())
	case v.Log != nil:
		return v.Log.check()
	case v.Clock != nil:
		return inRange("a clock that is more than a hundred years off", *v.Clock >= -maxAhead.Milliseconds(), *v.Clock <= maxAhead.Milliseconds())
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

// plausible says whether a time is one that the sandbox can reckon with.
func plausible(times ...time.Time) bool {
	for _, t := range times {
		if !t.IsZero() && (t.Year() < 1970 || t.Year() > 2400) {
			return false
		}
	}
	return true
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
	status, took := 200, int64(0)
	if a.Status != nil {
		status = *a.Status
	}
	if a.Duration != nil {
		took = *a.Duration
	}
	return errors.Join(checkID(a.ID), inRange("an attempt", a.Number >= 0, a.Number <= maxCount, status >= 0, status <= 999,
		took >= 0, took <= maxDuration.Milliseconds(), plausible(a.Created, a.Next), slices.Contains(outcomes, a.Outcome)))
}

// problem is what is wrong with a line, in one line of its own.
func problem(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
