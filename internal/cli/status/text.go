package status

// The report as people read it.

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// names is how many columns the names of rows take.
const names = 8

// page is the report in the making.
type page struct {
	*render.Card
	env   *cmdkit.Env
	style term.Style
	r     *report
}

func card(e *cmdkit.Env, r report) *render.Card {
	p := page{render.NewCard(e.IO.Style(), names), e, e.IO.Style(), &r}
	p.listeners()
	p.sandboxes()
	p.platform()
	p.keys()
	p.journal()
	p.targets()
	return p.Card
}

// more adds a line below a row.
func (p page) more(value string) { p.Row(" ", value) }

// failure adds why a part could not be read.
func (p page) failure(name string, f failure) {
	p.Row(name, p.style.Bad("cannot be read: ")+term.Clean(f.Error))
	if f.Hint != "" {
		p.more(p.style.Accent("hint:") + " " + term.Clean(p.env.AsTyped(f.Hint)))
	}
}

func (p page) answers(url string, yes bool) string {
	if yes {
		return p.style.Accent(term.Clean(url))
	}
	return term.Clean(url) + "  " + p.style.Bad("does not answer")
}

// where is where a listener takes deliveries.
func (p page) where(l listener) string {
	from := "from " + term.Clean(strings.Join(l.From, ", "))
	switch {
	case len(l.From) == 0:
		return p.answers(l.URL, l.Answers) + render.Reach(l.URL, l.Addr)
	case l.URL == "":
		return from
	default:
		return p.answers(l.URL, l.Answers) + render.Reach(l.URL, l.Addr) + "  " + from
	}
}

func (p page) listeners() {
	switch {
	case p.r.Running.Error != "":
		p.failure("listener", p.r.Running)
	case len(p.r.Listeners) == 0:
		p.Row("listener", p.style.Dim(p.env.AsTyped("none runs: whctl listen")))
	}
	for _, l := range p.r.Listeners {
		p.Row("listener", fmt.Sprintf("%s  %s, profile %s, scheme %s%s", p.where(l), term.Clean(l.Command), term.Clean(l.Profile), term.Clean(l.Scheme),
			p.style.Dim(fmt.Sprintf(", process %d, started %s", l.PID, render.Ago(p.r.At, l.StartedAt.Time)))))
		if len(l.Targets) > 0 {
			p.more("to " + term.Clean(strings.Join(l.Targets, ", ")))
		}
		if l.AdminURL != "" {
			p.more("admin " + term.Clean(l.AdminURL))
		}
		if l.Journal != p.r.Journal.Path {
			p.more("journal " + term.Clean(l.Journal))
		}
		if l.Version != p.r.Version {
			p.more("of whctl " + term.Clean(l.Version))
		}
		for _, t := range l.Troubles {
			words := strings.TrimSpace(strings.ReplaceAll(t.State, "_", " ") + " " + t.Target)
			p.more(p.style.Warn(term.Clean(words)) + ", " + render.Ago(p.r.At, t.Since.Time))
		}
		if l.Missed > 0 {
			p.more(p.style.Warn(fmt.Sprintf("%d events came too fast to be looked at", l.Missed)) + ": a trouble may be missing here, or over")
		}
	}
}

func (p page) sandboxes() {
	if len(p.r.Sandboxes) == 0 && p.r.Running.Error == "" {
		p.Row("sandbox", p.style.Dim(p.env.AsTyped("none runs: whctl sandbox")))
	}
	for _, s := range p.r.Sandboxes {
		where := fmt.Sprintf(", process %d, started %s", s.PID, render.Ago(p.r.At, s.StartedAt.Time))
		if s.Listener != "" {
			where = ", part of the listener at " + term.Clean(s.Listener)
		}
		p.Row("sandbox", p.answers(s.URL, s.Answers)+"  scheme "+term.Clean(s.Scheme)+p.style.Dim(where))
	}
}

func (p page) platform() {
	p.Row("profile", p.style.Bold(term.Clean(p.r.Profile.Name))+p.style.Dim("  "+term.Clean(p.r.Profile.Origin)))
	a := p.r.API
	url := term.Clean(a.URL)
	if a.Answers != nil {
		url = p.answers(a.URL, *a.Answers)
	}
	p.Row("api", url+p.style.Dim("  "+term.Clean(a.Origin)))
	switch {
	case a.Error != "":
		p.failure("token", a.failure)
	case a.TokenFrom == "":
		p.Row("token", p.env.AsTyped("none: whctl login, or WHCTL_TOKEN"))
	case a.TokenFrom == string(client.FromLogin):
		p.Row("token", "saved by whctl login")
	default:
		p.Row("token", term.Clean(a.TokenFrom))
	}
}

// mostKeys is how many keys are named.
const mostKeys = 8

func (p page) keys() {
	k := p.r.Keys
	switch {
	case k.Error != "":
		p.failure("keys", k.failure)
		return
	case k.Count == 0:
		p.Row("keys", p.style.Dim("none saved for this profile"))
		return
	}
	var list []string
	for _, one := range k.Saved[:min(len(k.Saved), mostKeys)] {
		list = append(list, cmp.Or(one.Name, one.WebhookID)+" ("+one.Scheme+")")
	}
	if more := k.Count - mostKeys; more > 0 {
		list = append(list, fmt.Sprintf("%d more", more))
	}
	p.Row("keys", fmt.Sprintf("%d saved: %s", k.Count, term.Clean(strings.Join(list, ", "))))
}

func (p page) journal() {
	j := p.r.Journal
	if j.Bytes == 0 && j.Error == "" {
		p.Row("journal", p.style.Dim("none yet: "+term.Clean(j.Path)))
		return
	}
	p.Row("journal", term.Clean(j.Path)+p.style.Dim("  "+render.Size(j.Bytes)))
	if j.Error != "" {
		p.failure(" ", j.failure)
		return
	}
	words := "whctl journal stats counts the deliveries"
	if j.Deliveries != nil {
		words = fault.Plural(*j.Deliveries, "delivery")
	}
	if !j.Oldest.IsZero() {
		words += fmt.Sprintf("; the oldest came %s, the newest %s", render.Ago(p.r.At, j.Oldest.Time), render.Ago(p.r.At, j.Newest.Time))
	}
	p.more(p.env.AsTyped(words))
}

// mostTargets is how many targets people are shown.
const mostTargets = 10

func (p page) targets() {
	if p.r.Journal.Error != "" || p.r.Journal.Bytes == 0 {
		return
	}
	if p.r.Journal.Open+p.r.Journal.Dead == 0 {
		p.Row("queue", p.style.Dim("nothing is owed"))
	} else {
		p.Row("queue", fmt.Sprintf("%d open, %d dead", p.r.Journal.Open, p.r.Journal.Dead))
	}
	slices.SortStableFunc(p.r.Targets, func(a, b target) int { return cmp.Compare(b.Open+b.Dead, a.Open+a.Dead) })
	for _, t := range p.r.Targets[:min(len(p.r.Targets), mostTargets)] {
		p.more(p.target(t))
	}
	if more := len(p.r.Targets) - mostTargets; more > 0 {
		p.more(p.env.AsTyped(fmt.Sprintf("and %d more targets: whctl queue list --all", more)))
	}
}

// target says what is owed to one target, and who sends it.
func (p page) target(t target) string {
	words := term.Clean(render.ShortTarget(t.Target))
	if t.Profile != p.r.Profile.Name {
		words += " of profile " + term.Clean(t.Profile)
	}
	words += fmt.Sprintf(": %d open", t.Open)
	if !t.Oldest.IsZero() {
		words += ", the oldest " + render.Ago(p.r.At, t.Oldest.Time)
	}
	if t.Dead > 0 {
		words += fmt.Sprintf(", %d dead", t.Dead)
	}
	if t.Error != "" {
		return words + "; " + p.style.Warn("who sends them cannot be asked") + ": " + term.Clean(t.Error)
	}
	if t.Open == 0 && !t.Owned { // there is nothing to send
		return words
	}
	if why, mend := p.env.LaneTrouble(record.Lane{Profile: t.Profile, Target: t.Target, Paused: t.Paused}, t.Owned); why != "" {
		words += "; " + p.style.Warn(why) + ": " + term.Clean(p.env.AsTyped(mend.String()))
	}
	return words
}
