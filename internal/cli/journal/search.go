package journal

// whctl journal search: deliveries that hold a text, shown as they are found.

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

type searchOptions struct {
	env *cmdkit.Env

	filters *cmdkit.Filters
	text    string
	limit   int
}

func newSearch(e *cmdkit.Env, run func(context.Context, *searchOptions) error) *cobra.Command {
	o := &searchOptions{env: e}
	c := &cobra.Command{
		Use:   "search TEXT",
		Short: "Search bodies, headers and paths for a text, newest first",
		Long: `Search the bodies, headers and paths of recorded deliveries for a text. Hits are shown at once, newest first. Case does not
matter. A body is searched as it came, also for the text as JSON and forms write it (caf\u00e9, a%20b); one that came compressed is
not unpacked.`,
		Example: `  whctl journal search usr_4711
  whctl journal search 'insufficient funds' --type 'card.*' --since 7d
  whctl journal search usr_4711 -o json --limit 0`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.text = args[0]
			return run(c.Context(), o)
		},
	}
	o.filters = cmdkit.BindFilters(c, e, render.Matching)
	cmdkit.AddLimit(c.Flags(), &o.limit, defaultLimit, "how `many` at most; 0 is all")
	return c
}

func runSearch(ctx context.Context, o *searchOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	if o.text == "" {
		return fault.New(fault.Usage, "the text to search for is empty")
	}
	if o.limit < 0 {
		return fault.New(fault.Usage, "--limit must not be negative")
	}
	f, err := o.filters.Filter()
	if err != nil {
		return err
	}
	if o.limit > 0 {
		f.Limit = o.limit + 1 // one more tells whether there is more
	}
	j, err := open(ctx, o.env)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	var searched journal.Searched
	more, n := false, 0
	rows := render.Rows[*journal.Hit](func(fn func(*journal.Hit) error) (err error) {
		searched, err = j.Search(ctx, f, o.text, func(h *journal.Hit) error { return fn(shownHit(h)) })
		return err
	}).First(o.limit, &more)
	if out.Machine() {
		err = rows.WriteArray(o.env.IO, out, hitJSON)
	} else {
		err = rows(func(h *journal.Hit) error {
			n++
			return o.print(h)
		})
	}
	if err == nil {
		o.say(searched, more, out.Machine() || n > 0, f.Profile)
	}
	if err == nil && searched.Deliveries == 0 {
		err = o.filters.SayUnknown(ctx, j, f.Profile)
	}
	return err
}

// shownHit is a hit whose excerpt of the path shows no secret of its query.
func shownHit(h *journal.Hit) *journal.Hit {
	shown := masking.RequestTarget(h.Path)
	if shown == h.Path {
		return h
	}
	for i, f := range h.Found {
		if f.In != journal.InPath {
			continue
		}
		found := journal.Found{In: f.In, Excerpt: []byte(shown)} // where the text stands in a secret, nothing is marked
		if at := strings.Index(shown, string(f.Excerpt[f.From:f.To])); at >= 0 {
			found.From, found.To = at, at+f.To-f.From
		}
		h.Found[i] = found
	}
	return h
}

// say tells what was not shown.
func (o *searchOptions) say(searched journal.Searched, more, found bool, profile string) {
	switch {
	case more:
		o.env.SayMoreUncounted(o.limit)
	case !found && searched.Deliveries == 0:
		o.env.Say("%s", o.filters.None(profile))
	case !found && profile == "":
		o.env.Say("none of %s holds it", fault.Plural(searched.Deliveries, "delivery"))
	case !found:
		o.env.Say("none of %s of profile %s holds it; --all searches those of every profile", fault.Plural(searched.Deliveries, "delivery"), profile)
	}
	if searched.Compressed > 0 && !more {
		o.env.Say("%s of them came compressed, and were not unpacked", fault.Plural(searched.Compressed, "delivery"))
	}
}

// hitJSON is a delivery with the places that hold the text; docs/json.md lists it.
func hitJSON(h *journal.Hit) any {
	v := hitObject{Delivery: render.DeliveryJSON(h.Delivery, false)}
	for _, f := range h.Found {
		v.Found = append(v.Found, foundObject{In: string(f.In), Name: f.Name, Excerpt: strings.ToValidUTF8(string(f.Excerpt), "\uFFFD")})
	}
	return v
}

type hitObject struct {
	Delivery any           `json:"delivery"`
	Found    []foundObject `json:"found"`
}

type foundObject struct {
	In      string `json:"in"`
	Name    string `json:"name,omitempty"`
	Excerpt string `json:"excerpt"`
}

// print shows a delivery in one line, and below it each place that holds the text.
func (o *searchOptions) print(h *journal.Hit) error {
	style, width := o.env.IO.Style(), o.env.IO.Width()
	lines := []string{o.line(h)}
	for _, f := range h.Found {
		at := string(f.In)
		if f.In == journal.InHeader {
			at = "" // its excerpt begins with the name
		} else {
			at += ": "
		}
		before, match, after := oneLine(f.Excerpt[:f.From]), oneLine(f.Excerpt[f.From:f.To]), oneLine(f.Excerpt[f.To:])
		if f.CutBefore {
			before = "…" + before
		}
		if f.CutAfter {
			after += "…"
		}
		lines = append(lines, term.Cut("    "+style.Dim(at)+before+style.Bold(match)+after, width))
	}
	return render.Whole(o.env.IO, strings.Join(lines, "\n")+"\n")
}

// line is a delivery. Where the room is short its age is shorter, and the request is cut in the middle or left out.
func (o *searchOptions) line(h *journal.Hit) string {
	const gap, least = "  ", 12
	style, width := o.env.IO.Style(), o.env.IO.Width()
	age, request := render.AgoCell(o.env.Now(), h.ReceivedAt), term.Clean(h.Method+" "+masking.RequestTarget(h.Path))
	head := func(age string) string {
		return style.Accent(h.ID) + gap + age + gap + render.Mark(style, h.Verdict) + strings.TrimRight(gap+term.Clean(h.EventType), " ")
	}
	line := head(age.Text)
	if width > 0 && term.Width(line)+len(gap)+term.Width(request) > width && age.Short != "" {
		line = head(age.Short)
	}
	switch room := width - term.Width(line) - len(gap); {
	case width <= 0:
		return line + gap + request
	case room >= least:
		return line + gap + term.CutMiddle(request, room)
	default:
		return term.Cut(line, width)
	}
}

// oneLine is a part of a body for people: white space is one space.
func oneLine(b []byte) string {
	var out strings.Builder
	space := false
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if is := r == ' ' || r == '\t' || r == '\n' || r == '\r'; !is || !space {
			if space = is; is {
				out.WriteByte(' ')
			} else {
				out.Write(b[:size])
			}
		}
		b = b[size:]
	}
	return term.Clean(out.String())
}
