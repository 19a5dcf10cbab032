package render

// What came of a delivery, in a few words.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/term"
)

// mostPlace is how wide the address of a redirect may be on a line.
const mostPlace = 40

// waiting stands in place of an answer that has not come yet.
const waiting = "… waiting"

func outcomeWaiting(st term.Style, target string) string {
	return st.Warn(waiting) + gap + ShortTarget(target)
}

// outcomeQueued is of a job that waits for its turn.
func outcomeQueued(st term.Style, target string) string {
	return st.Dim("queued") + gap + ShortTarget(target)
}

// outcomeAnswered is the status that whctl answered by itself.
func outcomeAnswered(st term.Style, d *record.Delivery) string {
	if d.Answer == 0 {
		return none
	}
	text := status(st, d.Answer)
	if d.Refused() {
		text += ", not forwarded"
	}
	if d.Skipped != "" {
		text += gap + string(d.Skipped)
	}
	return text
}

// OutcomeOf is a target's answer, or why there is none.
func OutcomeOf(st term.Style, a *record.Attempt) string {
	var b strings.Builder
	switch {
	case a.Error != "":
		if a.Answer != 0 {
			b.WriteString(status(st, a.Answer) + " ")
		}
		b.WriteString(st.Bad(term.Clean(a.Error)))
	case a.Status == 0: // a broker has it
		b.WriteString(st.Good("acknowledged") + " in " + Dur(a.Duration))
	default:
		b.WriteString(status(st, a.Status))
		if to := a.Header.Get("Location"); to != "" && a.Status >= 300 && a.Status < 400 {
			b.WriteString(" to " + term.Cut(term.Clean(refusal.Place(to)), mostPlace))
		}
		b.WriteString(" in " + Dur(a.Duration))
	}
	if next := nextOf(st, a); next != "" { // before the target: the end of a line may be cut off
		b.WriteString(gap + next)
	}
	if target := ShortTarget(a.Target); target != "" {
		b.WriteString(gap + target)
	}
	if a.Number > 1 {
		fmt.Fprintf(&b, "%sattempt %d", gap, a.Number)
	}
	for _, mark := range marksOf(st, a) {
		b.WriteString(gap + mark)
	}
	return b.String()
}

// marksOf are what an attempt has that others do not.
func marksOf(st term.Style, a *record.Attempt) (out []string) {
	if a.Repeated {
		out = append(out, "repeated")
	}
	switch a.Signing {
	case record.Resigned:
		out = append(out, "resigned")
	case record.Outdated:
		out = append(out, st.Warn("with its old signature"))
	case record.AsCaptured:
	}
	if a.Overtook {
		out = append(out, "overtook")
	}
	return out
}

// nextOf is what becomes of the job after an attempt, or "" where nothing is left to do.
func nextOf(st term.Style, a *record.Attempt) string {
	if a.Job == nil {
		return ""
	}
	end := a.StartedAt.Add(a.Duration)
	switch a.Job.State {
	case record.JobWaiting:
		return fmt.Sprintf("retry %d in %s", a.Job.Tries, inMarks(max(a.Job.Due.Sub(end), 0)))
	case record.JobQueued:
		return "stays queued"
	case record.JobDead:
		if a.Job.Reason == record.ReasonExpired {
			return st.Bad("dead after " + inMarks(end.Sub(a.Job.Since)))
		}
		return st.Bad("dead: " + string(a.Job.Reason))
	case record.JobSending, record.JobDelivered, record.JobFailed, record.JobInterrupted, record.JobDropped:
	}
	return ""
}

// inMarks is a duration in whole seconds or hours, as settings have it: 4 s, 72 h.
func inMarks(d time.Duration) string {
	switch {
	case d >= time.Hour:
		return fmt.Sprintf("%d h", d.Round(time.Hour)/time.Hour)
	case d >= time.Second && d < time.Minute:
		return fmt.Sprintf("%d s", d.Round(time.Second)/time.Second)
	default:
		return Dur(d)
	}
}

func status(st term.Style, code int) string {
	text := strconv.Itoa(code)
	switch {
	case code >= 200 && code < 300:
		return st.Good(text)
	case code >= 500:
		return st.Bad(text)
	default:
		return st.Warn(text)
	}
}

// ShortTarget is a target as people name it, cleaned for a terminal.
func ShortTarget(label string) string { return netname.ShortTarget(term.Clean(label)) }

// DiagnosisLine is the best finding on one line: what is wrong, how it is known, what to do. It is "" when there was no search
// because the verdict says it all.
func DiagnosisLine(d record.Diagnosis) string {
	if len(d.Findings) == 0 {
		if !searched(d.Tried, d.CutOff) {
			return ""
		}
		text := fmt.Sprintf("no known mistake explains it, %d tried in %s", d.Tried, Dur(d.Elapsed))
		if d.CutOff {
			text += ", more were left out"
		}
		return text
	}
	f := d.Findings[0]
	text := term.Clean(f.Title)
	if f.Evidence != "" {
		text += ": " + term.Clean(f.Evidence)
	}
	if f.Fix != "" {
		text = strings.TrimRight(text, ".") + ". " + term.Clean(f.Fix)
	}
	return text
}

// more is the line below a diagnosis. It says where the rest is, or what to do next if there was no search.
func more(d record.Diagnosis) string {
	why := fault.Command("whctl why", d.DeliveryID).String()
	switch n := len(d.Findings); {
	case n > 1:
		return fmt.Sprintf("%d more: %s", n-1, why)
	case n == 1 && slices.ContainsFunc(d.Findings[0].Recipes, func(r explain.Recipe) bool { return r.Framework == explain.ConfigFile }):
		return "these lines: " + why
	case n == 1:
		return ""
	case searched(d.Tried, d.CutOff):
		return "details: " + why
	default:
		return term.Clean(d.Next.String())
	}
}
