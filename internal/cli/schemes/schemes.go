// Package schemes holds whctl schemes and its verbs.
package schemes

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

// New makes the group.
func New(e *cmdkit.Env) *cobra.Command {
	c := &cobra.Command{
		Use:     "schemes",
		Aliases: []string{"scheme"},
		Short:   "Look up how providers sign",
		Long: `Look up how providers sign their webhooks: the built-in catalogue, and schemes of your own from the config file, which
have the same fields.`,
		Example: "  whctl schemes list shop\n  whctl schemes show stripe\n  whctl schemes show stripe -o yaml",
	}
	c.AddCommand(newList(e, runList), newShow(e, runShow))
	return c
}

type listOptions struct {
	env    *cmdkit.Env
	filter string
}

func newList(e *cmdkit.Env, run func(*listOptions) error) *cobra.Command {
	o := &listOptions{env: e}
	return &cobra.Command{
		Use:     "list [TEXT]",
		Aliases: []string{"ls"},
		Short:   "List the schemes, or those whose name, title or header holds a text",
		Example: "  whctl schemes list\n  whctl schemes list x-signature",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.filter = strings.ToLower(args[0])
			}
			return run(o)
		},
	}
}

// entry is one line of the list as JSON; docs/json.md lists it.
type entry struct {
	Name      string `json:"name"`
	Title     string `json:"title"`
	URL       string `json:"url"`
	Algorithm string `json:"algorithm"`
	Header    string `json:"header"`
	Content   string `json:"content"`
	Quirks    string `json:"quirks"`
	Own       bool   `json:"own"` // from a config file
}

func runList(o *listOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	s, err := o.env.Settings()
	if err != nil {
		return err
	}
	list, err := entries(s, o.filter)
	if err != nil {
		return err
	}
	return out.Value(o.env.IO, list, func() error {
		if len(list) == 0 {
			o.env.Say("no scheme matches %q", o.filter)
			return nil
		}
		style := o.env.IO.Style()
		columns := []render.Column{
			{Title: "NAME", Fixed: true}, {Title: "PROVIDER"}, {Title: "HEADER"}, {Title: "ALGORITHM"}, {Title: "SIGNED"},
		}
		columns = columns[:columnsFor(o.env.IO.Width())]
		t := render.NewTable(columns...)
		for _, e := range list {
			cells := []render.Cell{{Text: e.Name, Paint: style.Accent}, {Text: e.Title}, {Text: e.Header}, {Text: e.Algorithm}, {Text: e.Content}}
			t.AddCells(cells[:len(columns)]...)
		}
		return t.Print(o.env.IO)
	})
}

// columnsFor is how many columns a terminal has room for, so that what is shown can be read; 0 is no terminal.
func columnsFor(width int) int {
	const narrow, middling, wide = 60, 90, 110
	switch {
	case width == 0 || width >= wide:
		return 5
	case width >= middling:
		return 4
	case width >= narrow:
		return 3
	default:
		return 2
	}
}

func entries(s *config.Settings, filter string) ([]entry, error) {
	list := []entry{}
	add := func(sc *sign.Scheme, own bool) {
		e := entry{
			Name: sc.Name, Title: sc.Title, URL: sc.URL, Algorithm: string(cmp.Or(sc.Algorithm, sign.HMACSHA256)),
			Header: strings.Join(sc.Signature.Header, ", "), Content: sc.Content, Quirks: sc.Quirks, Own: own,
		}
		if strings.Contains(strings.ToLower(e.Name+"\n"+e.Title+"\n"+e.Header), filter) {
			list = append(list, e)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Schemes)) {
		add(s.Schemes[name], true)
	}
	for _, name := range sign.BuiltinNames() {
		if s.Schemes[name] != nil {
			continue // the user's own stands in its place
		}
		sc, err := sign.Builtin(name)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err, "the catalogue is damaged")
		}
		add(sc, false)
	}
	return list, nil
}

type showOptions struct {
	env  *cmdkit.Env
	name string
}

func newShow(e *cmdkit.Env, run func(*showOptions) error) *cobra.Command {
	o := &showOptions{env: e}
	return &cobra.Command{
		Use:     "show NAME",
		Short:   "Show one scheme; with -o yaml, as a start for one of your own",
		Example: "  whctl schemes show stripe\n  whctl schemes show stripe -o yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			o.name = args[0]
			return run(o)
		},
	}
}

func runShow(o *showOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	s, err := o.env.Settings()
	if err != nil {
		return err
	}
	sc, err := s.LookupScheme(o.name)
	if err != nil {
		return err
	}
	bare := *sc
	bare.Name = "" // the name is the key it stands under in a config file
	return out.Value(o.env.IO, &bare, func() error { return o.text(sc) })
}

func (o *showOptions) text(sc *sign.Scheme) error {
	rules, err := sign.Compile(sc)
	if err != nil {
		return fault.Wrap(fault.Usage, err, "scheme %s", sc.Name)
	}
	full := rules.Scheme()
	style := o.env.IO.Style()
	var b strings.Builder
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s %s\n", style.Dim(fmt.Sprintf("%-10s", name)), term.Clean(value))
		}
	}
	row("name", full.Name)
	row("provider", full.Title)
	row("page", full.URL)
	row("algorithm", string(full.Algorithm))
	row("key", keyWords(full.Key))
	row("signed", full.Content)
	row("signature", signatureWords(full.Signature))
	row("time", timeWords(full.Timestamp))
	if full.ID != nil {
		row("id", "header "+strings.Join(full.ID.Header, ", "))
	}
	for _, h := range slices.Sorted(maps.Keys(full.Require)) {
		row("requires", h+": "+full.Require[h])
	}
	row("event", eventWords(full.Event))
	if full.AnswerTimeout > 0 {
		row("answer in", waitWords(full.AnswerTimeout))
	}
	row("retries", retryWords(full))
	row("quirks", full.Quirks)
	row("uncertain", full.Note)
	row("samples", strings.Join(event.SampleTypes(full.Name), ", "))
	fmt.Fprintf(&b, "\n%s\n", style.Dim("whctl schemes show "+full.Name+" -o yaml prints it as a start for one of your own"))
	_, err = o.env.IO.Out.Write([]byte(b.String()))
	return err
}

func keyWords(k sign.KeySpec) string {
	words := map[string]string{"utf8": "its text as it is", "base64": "base64", "hex": "hex", "spki-base64": "public key, SPKI in base64"}[k.Encoding]
	if k.Prefix != "" {
		words += ", after " + k.Prefix + " where that is there"
	}
	return words
}

func signatureWords(s sign.SignatureSpec) string {
	if s.JSON != "" {
		return "in the body at " + s.JSON + ", " + s.Encoding
	}
	words := "header " + strings.Join(s.Header, ", ") + ", " + s.Encoding
	if s.Item != "" && s.Item != "{sig}" || s.Prefix != "" {
		words += ", written " + s.Prefix + s.Item
	}
	if s.Separator != "" {
		words += fmt.Sprintf(", a list parted by %q", s.Separator)
	}
	return words
}

func timeWords(t *sign.TimestampSpec) string {
	if t == nil {
		return "none: a request stays valid for ever"
	}
	var words string
	switch {
	case len(t.Header) > 0:
		words = "header " + strings.Join(t.Header, ", ")
	case t.Item != "":
		words = "in the signature header, " + t.Item
	default:
		words = "in the body at " + t.JSON
	}
	words += ", " + t.Unit
	if t.Tolerance.Off {
		return words + ", not checked"
	}
	words += fmt.Sprintf(", at most %g s old", t.Tolerance.Seconds)
	if t.Window != "past" {
		words += " or ahead"
	}
	return words
}

func eventWords(e sign.EventSpec) string {
	var parts []string
	for _, p := range []struct {
		what  string
		where sign.Names
	}{{"type", e.Type}, {"id", e.ID}, {"time", e.Time}} {
		if len(p.where) > 0 {
			parts = append(parts, p.what+" at "+strings.Join(p.where, " or "))
		}
	}
	return strings.Join(parts, ", ")
}

func retryWords(s *sign.Scheme) string {
	var words []string
	if len(s.Retry) > 0 {
		words = append(words, "after "+strings.Join(waitList(s.Retry), ", "))
	}
	if s.NoRetry4xx {
		words = append(words, "not after a 4xx")
	}
	return strings.Join(words, "; ")
}

// waitList writes waits, equal ones in a row once.
func waitList(waits []float64) []string {
	var parts []string
	for i := 0; i < len(waits); {
		n := 1
		for i+n < len(waits) && waits[i+n] == waits[i] {
			n++
		}
		part := waitWords(waits[i])
		if n > 2 {
			part += fmt.Sprintf(" (%d times)", n)
		} else if n == 2 {
			part += ", " + part
		}
		parts, i = append(parts, part), i+n
	}
	return parts
}

func waitWords(seconds float64) string {
	if seconds == 0 {
		return "no wait"
	}
	return strings.Replace(render.Dur(time.Duration(seconds*float64(time.Second))), ".0 s", " s", 1)
}
