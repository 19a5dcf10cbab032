package journal

// How a delivery, its way and the answers to it look.

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// mostAttempts is how many attempts are shown, the newest of them. A job may have hundreds.
const mostAttempts = 20

func (o *showOptions) text(s *shown) error {
	b := render.NewCard(o.env.IO.Style(), 10)
	o.facts(b, s)
	o.way(b, s)
	o.request(b, &s.delivery)
	o.answers(b, s)
	b.Line("")
	for i, command := range s.next {
		b.Row(map[bool]string{true: "next", false: " "}[i == 0], command)
	}
	return b.Print(o.env.IO)
}

func (o *showOptions) facts(b *render.Card, s *shown) {
	style, d := o.env.IO.Style(), &s.delivery
	b.Row("id", d.ID)
	if o.all {
		b.Row("profile", term.Clean(d.Profile))
	}
	b.Row("received", d.ReceivedAt.UTC().Format("2006-01-02T15:04:05.000Z")+from(d))
	b.Row("verdict", render.Mark(style, d.Verdict)+verdictDetail(d))
	b.Row("event", term.Clean(strings.TrimSpace(d.EventType+" "+d.EventID)))
	if d.Duplicate != nil {
		b.Row("duplicate", "of "+d.Duplicate.ID+map[bool]string{true: ", which had been answered 2xx", false: ", which had not been answered 2xx"}[d.Duplicate.Answered])
	}
	b.Row("marks", strings.Join(render.Marks(d), ", "))
	if d.Scrubbed > 0 {
		b.Row("scrubbed", "it does not verify any more as it is recorded, and cannot be sent again")
	}
	if d.ReplayOf != "" {
		b.Row("replay", "of "+d.ReplayOf)
	}
	if n := len(s.replays); n > 0 {
		b.Row("replays", strings.Join(s.replays[max(0, n-mostAttempts):], ", "))
	}
	b.Row("request", term.Clean(d.Method+" "+masking.RequestTarget(d.Path)))
	b.Row("size", render.Size(d.Size))
	if d.Route != "" {
		b.Row("route", term.Clean(d.Route)+" → "+term.Clean(strings.Join(d.Targets, ", ")))
	}
	if d.Answer != 0 {
		b.Row("answer", strings.TrimSpace(fmt.Sprintf("%d %s  %s", d.Answer, http.StatusText(d.Answer), d.Skipped)))
	}
}

// from is the sender; a replay has none.
func from(d *record.Delivery) string {
	if d.RemoteAddr == "" {
		return ""
	}
	return " from " + term.Clean(d.RemoteAddr)
}

func verdictDetail(d *record.Delivery) string {
	var parts []string
	if d.Verdict.Scheme != "" {
		parts = append(parts, "scheme "+d.Verdict.Scheme)
	}
	if d.KeyName != "" {
		parts = append(parts, "key "+d.KeyName)
	}
	if !d.Verdict.SignedAt.IsZero() {
		parts = append(parts, "signed "+d.Verdict.SignedAt.UTC().Format(time.RFC3339))
	}
	if !d.Verdict.Detail.IsZero() {
		parts = append(parts, d.Verdict.Detail.String())
	}
	if len(parts) == 0 {
		return ""
	}
	return "  " + term.Clean(strings.Join(parts, ", "))
}

// way is what was done with the delivery, each step with how long after the receipt it was, and how its jobs are now.
func (o *showOptions) way(b *render.Card, s *shown) {
	first := max(0, len(s.attempts)-mostAttempts)
	if first > 0 {
		b.Row("attempts", fault.Plural(first, "earlier one")+": -o json has them")
	}
	told := map[fault.Step]bool{{}: true}
	for i := range s.attempts[first:] {
		a := &s.attempts[first+i]
		b.Row("attempt", fmt.Sprintf("%s  after %s", render.OutcomeOf(o.env.IO.Style(), a), render.Dur(max(a.StartedAt.Sub(s.delivery.ReceivedAt), 0))))
		if !told[a.Hint] {
			b.Row("hint", term.Clean(a.Hint.String()))
		}
		told[a.Hint] = true
	}
	for i := range s.jobs {
		b.Row("job", o.jobWords(&s.jobs[i]))
	}
}

// jobWords is a job as it is now.
func (o *showOptions) jobWords(job *record.Job) string {
	words := []string{job.ID(), netname.ShortTarget(term.Clean(job.Target)), string(job.State)}
	if job.Reason != "" {
		words[2] += ": " + string(job.Reason)
	}
	if job.Tries > 0 {
		words = append(words, fault.Plural(job.Tries, "try"))
	}
	if job.State == record.JobWaiting {
		words = append(words, "next try "+render.Ago(o.env.Now(), job.Due))
	}
	return strings.Join(words, "  ")
}

// request shows headers and body as they came.
func (o *showOptions) request(b *render.Card, d *record.Delivery) {
	style := o.env.IO.Style()
	b.Line("")
	headers(b, style, d.Header, signatureHeaders(o.env, *d))
	b.Line("")
	if d.BodyDamaged {
		b.Line(style.Bad("the body is not shown: its bytes are not those that were received"))
		return
	}
	for _, line := range render.Body(style, d.Body, render.BodyOptions{Width: o.env.IO.Width(), MaxLines: -1, MaxBytes: -1, ContentType: d.Header.Get("Content-Type"), Size: d.Size}) {
		b.Line(line)
	}
}

// headers shows headers by name. Of signatures only the beginning is shown: all of it is in -o json.
func headers(b *render.Card, style term.Style, h http.Header, signatures []string) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, v := range h[name] {
			if slices.Contains(signatures, name) {
				v = masking.Signature(v)
			}
			b.Line(style.Dim(term.Clean(name)+":") + " " + term.Clean(v))
		}
	}
}

// answers shows what the targets answered. An answer that was given before stands there once.
func (o *showOptions) answers(b *render.Card, s *shown) {
	style := o.env.IO.Style()
	var last *record.Attempt // with an answer that is shown
	for i := range s.attempts {
		a := &s.attempts[i]
		if a.Status == 0 || i < len(s.attempts)-mostAttempts {
			continue
		}
		title := fmt.Sprintf("%s answered %s", netname.ShortTarget(term.Clean(a.Target)), strings.TrimSpace(fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status))))
		b.Line("")
		if last != nil && last.Target == a.Target && last.Status == a.Status && bytes.Equal(last.Body, a.Body) {
			b.Line(style.Bold(title) + fmt.Sprintf(" to attempt %d, with the same body as before", cmp.Or(a.Number, i+1)))
			continue
		}
		last = a
		b.Line(style.Bold(title) + fmt.Sprintf(" to attempt %d", cmp.Or(a.Number, i+1)))
		headers(b, style, a.Header, nil)
		if a.BodySize > 0 {
			b.Line("")
		}
		for _, line := range render.Body(style, a.Body, render.BodyOptions{Width: o.env.IO.Width(), ContentType: a.Header.Get("Content-Type"), Size: a.BodySize}) {
			b.Line(line)
		}
	}
}
