package queue

// What a job looks like to people.

import (
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

func paint(style term.Style, s record.JobState) func(string) string {
	switch s {
	case record.JobDead, record.JobFailed:
		return style.Bad
	case record.JobWaiting, record.JobInterrupted:
		return style.Warn
	case record.JobDelivered:
		return style.Good
	case record.JobDropped:
		return style.Dim
	case record.JobQueued, record.JobSending:
	}
	return nil
}

// due is when a job is tried next.
func due(now time.Time, l *journal.ListedJob) string {
	switch {
	case l.State == record.JobQueued:
		return "in turn"
	case l.State != record.JobWaiting:
		return ""
	case l.Due.After(now.Add(time.Second)):
		return render.Ago(now, l.Due)
	default:
		return "now"
	}
}

// reason says why a job is where it is: why it is dead, and how its last try ended.
func reason(l *journal.ListedJob) string {
	var words []string
	if l.Reason != "" {
		words = append(words, string(l.Reason))
	}
	switch {
	case l.State == record.JobDelivered:
	case l.Status != 0:
		words = append(words, strconv.Itoa(l.Status))
	case l.Outcome != "":
		words = append(words, string(l.Outcome))
	}
	return strings.Join(words, ", ")
}
