// Package schemes holds whctl schemes and its verbs.
package schemes

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sort"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/verifier"
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
		Example: `  whctl schemes list shop
  whctl schemes show stripe
  whctl schemes show stripe -o yaml`,
	}
	c.AddCommand(newList(e, runList), newShow(e, runShow), newVectors(e, runVectors))
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
		Short:   "List the schemes, or those with a text in name, provider, header or algorithm",
		Example: `  whctl schemes list
  whctl schemes list x-signature
  whctl schemes list quickbooks`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.filter = strings.ToLower(args[0])
			}
			return run(o)
		},
	}
}

// How well an entry fits what people type: the less, the better.
const (
	fitsWhole  = iota // a name, or a word of one
	fitsBegin         // the beginning of a word of a name
	fitsOther         // the beginning of a word of the header or algorithm
	fitsInside        // it stands inside a word
	fitsNot
)

// fit says how well a scheme fits a text, whatever stands between words: its names first, also in a domain, then its header and algorithm.
func (e *entry) fit(text string) int {
	domain := scheme.DomainName(text)
	text = bare(text)
	best := fitsNot
	for _, name := range slices.Concat([]string{e.Name, e.Title}, e.Names) {
		best = min(best, fitOf(name, text, fitsBegin))
	}
	const least = 3 // letters of a domain that tell a provider by themselves
	if len(domain) >= least && best == fitsNot {
		for _, name := range slices.Concat([]string{e.Name, e.Title}, e.Names) {
			if fitOf(name, domain, fitsNot) == fitsWhole {
				best = fitsWhole
			}
		}
	}
	for _, place := range []string{e.Header, e.Algorithm} {
		best = min(best, max(fitOf(place, text, fitsOther), fitsOther))
	}
	return best
}

// fitOf says how well one name fits. begins is for a text at the beginning of a word.
func fitOf(name, text string, begins int) int {
	best := fitsNot
	if strings.Contains(bare(name), text) {
		best = fitsInside
	}
	words := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	for i, word := range words {
		switch rest := strings.Join(words[i:], ""); {
		case word == text, rest == text:
			return fitsWhole
		case strings.HasPrefix(rest, text):
			best = min(best, begins)
		}
	}
	return best
}

func bare(s string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "", ".", "").Replace(strings.ToLower(s))
}

// entry is one line of the list as JSON; docs/json.md lists it.
type entry struct {
	Name      string   `json:"name"`
	Title     string   `json:"title"`
	URL       string   `json:"url"`
	Algorithm string   `json:"algorithm"`
	Header    string   `json:"header"`
	Content   string   `json:"content"`
	Quirks    string   `json:"quirks"`
	Names     []string `json:"names"` // other names that people know it by
	Own       bool     `json:"own"`   // from a config file
	rank      int      // how well it fits what was looked for
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
			o.env.Say("no scheme matches %q%s", o.filter, o.instead(s))
			return nil
		}
		style := o.env.IO.Style()
		t := render.NewTable(
			render.Column{Title: "NAME", Narrow: render.Uncut}, render.Column{Title: "PROVIDER", Least: 26}, render.Column{Title: "HEADER", Worth: 3, Least: 20},
			render.Column{Title: "ALGORITHM", Worth: 2, Least: 17}, render.Column{Title: "SIGNED", Worth: 1, Least: 20},
		)
		for _, e := range list {
			t.AddCells(
				render.Cell{Text: e.Name, Paint: style.Accent}, render.Cell{Text: e.Title}, render.Cell{Text: e.Header},
				render.Cell{Text: e.Algorithm}, render.Cell{Text: e.Content},
			)
		}
		return t.Print(o.env.IO)
	})
}

// instead is what to look at where nothing matches.
func (o *listOptions) instead(s *config.Settings) string {
	if nearest := s.NearestScheme(o.filter); nearest != "" {
		return "; did you mean " + nearest + "?"
	}
	return "; whctl schemes list shows all, and whctl verify --scheme auto works out the rules of a request whose key you have"
}

func entries(s *config.Settings, filter string) ([]entry, error) {
	list := []entry{}
	add := func(sc *scheme.Scheme, own bool) {
		e := entry{
			Name: sc.Name, Title: sc.Title, URL: sc.URL, Algorithm: string(cmp.Or(sc.Algorithm, scheme.HMACSHA256)),
			Header: headerWords(sc), Content: signedWords(sc), Quirks: sc.Quirks, Names: append([]string{}, sc.Names...), Own: own,
		}
		e.rank = e.fit(filter)
		list = append(list, e)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Schemes)) {
		add(s.Schemes[name], true)
	}
	for _, name := range slices.Sorted(slices.Values(slices.Concat(scheme.BuiltinNames(), scheme.UnsignedNames()))) {
		if s.Schemes[name] != nil {
			continue // the user's own replaces it
		}
		sc, err := scheme.Builtin(name)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err, "the catalogue is damaged")
		}
		add(sc, false)
	}
	return fitting(list), nil
}

// fitting are the entries that fit, the best first. Where the text begins a word somewhere, those that only hold it inside one are left out.
func fitting(list []entry) []entry {
	sort.SliceStable(list, func(i, j int) bool { return list[i].rank < list[j].rank })
	least := fitsInside
	if len(list) > 0 && list[0].rank < fitsInside {
		least = fitsOther
	}
	return slices.DeleteFunc(list, func(e entry) bool { return e.rank > least })
}

type showOptions struct {
	env     *cmdkit.Env
	name    string
	code    string // the language of a verifier to print
	hasCode bool
}

func newShow(e *cmdkit.Env, run func(*showOptions) error) *cobra.Command {
	o := &showOptions{env: e}
	c := &cobra.Command{
		Use:     "show NAME",
		Aliases: []string{"get", "view"},
		Short:   "Show one scheme; -o yaml starts one of your own, --code prints a verifier",
		Example: `  whctl schemes show stripe
  whctl schemes show stripe --code node > verify-stripe.mjs
  whctl schemes show stripe -o yaml`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.name, o.hasCode = args[0], c.Flags().Changed("code")
			return run(o)
		},
	}
	c.Flags().StringVar(&o.code, "code", "", "print a whole verifier in this `language`: "+strings.Join(verifier.Languages(), ", "))
	cmdkit.OneOf(c, "code", verifier.Languages()...)
	return c
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
	if err := o.checkCode(); err != nil {
		return err
	}
	sc, err := s.LookupScheme(o.name)
	switch {
	case err != nil:
		return err
	case o.hasCode:
		return o.writeCode(out, sc)
	}
	bare := *sc
	bare.Name = "" // in a config file the name is the key above it
	return out.Value(o.env.IO, &bare, func() error { return o.text(sc) })
}

func (o *showOptions) text(sc *scheme.Scheme) error {
	rules, err := sign.Compile(sc)
	if err != nil {
		return fault.Wrap(fault.Usage, err, "scheme %s", sc.Name)
	}
	full := rules.Scheme()
	rows := sheet{style: o.env.IO.Style(), width: o.env.IO.Width()}
	rows.add("name", full.Name)
	rows.add("provider", full.Title)
	rows.words("known as", strings.Join(full.Names, ", "))
	rows.add("page", full.URL)
	rows.add("signs like", full.Like)
	rows.add("algorithm", string(full.Algorithm))
	if full.Algorithm != scheme.None {
		rows.words("key", keyWords(&full.Key))
		rows.words("shown", full.Key.Where)
		rows.words("not", notWords(&full.Key))
		rows.add("signed", signedWords(full))
		rows.words("signature", signatureWords(full))
		rows.words("time", timeWords(full))
	}
	if full.ID != nil {
		rows.add("id", "header "+strings.Join(full.ID.Header, ", "))
	}
	for _, h := range slices.Sorted(maps.Keys(full.Require)) {
		rows.add("requires", h+": "+full.Require[h])
	}
	rows.words("event", eventWords(full.Event))
	rows.words("handshake", handshakeWords(full.Handshake))
	if full.AnswerTimeout > 0 {
		rows.add("answer in", waitWords(full.AnswerTimeout))
	}
	rows.words("retries", retryWords(full))
	rows.words("quirks", full.Quirks)
	rows.words("uncertain", full.Note)
	rows.words("samples", strings.Join(event.SampleNames(full.Name), ", "))
	rows.words("your own", strings.Join(o.env.OwnNames(), ", "))
	if verifier.Writable(rules.Parsed) {
		rows.words("code", fault.Command("whctl schemes show", full.Name).Switch("--code node").String()+" prints a verifier; so do "+strings.Join(verifier.Languages()[1:], ", "))
	}
	tip := fault.Command("whctl schemes show", full.Name).Switch("-o yaml").String() + " prints it as a start for a scheme of your own: put it into the config file, under schemes: and a name of your own"
	tips := term.Wrap(tip, rows.width)
	_, err = o.env.IO.Out.Write([]byte(rows.text + "\n" + rows.style.Dim(strings.Join(tips, "\n")) + "\n"))
	return err
}

// sheet is a list of names and values.
type sheet struct {
	style term.Style
	width int // 0: unlimited
	text  string
}

// add adds a value that people may copy, so it is never wrapped.
func (s *sheet) add(name, value string) { s.put(name, value, 0) }

// words adds a value that people read. It is wrapped at blanks.
func (s *sheet) words(name, value string) { s.put(name, value, s.width) }

func (s *sheet) put(name, value string, width int) {
	const label, narrowest = 11, 20
	if value == "" {
		return
	}
	if width > 0 {
		width = max(width-label, narrowest)
	}
	lines := term.Wrap(term.Clean(value), width)
	s.text += s.style.Dim(fmt.Sprintf("%-*s", label-1, name)) + " " + strings.Join(lines, "\n"+strings.Repeat(" ", label)) + "\n"
}

// notWords are what people take for the key, each once.
func notWords(k *scheme.KeySpec) string {
	return strings.Join(slices.Compact(slices.Sorted(maps.Values(k.Not))), ", ")
}

func keyWords(k *scheme.KeySpec) string {
	words := map[string]string{"utf8": "its text as it is", "base64": "base64", "hex": "hex", "spki-base64": "public key, SPKI in base64", "pem": "public key or certificate in PEM"}[k.Encoding]
	if k.Prefix != "" {
		words += ", after " + k.Prefix + " where that is there"
	}
	return words
}

// handshakeWords say how the provider asks whether a URL is the user's.
func handshakeWords(h *scheme.HandshakeSpec) string {
	if h == nil {
		return ""
	}
	words := cmp.Or(h.Method, http.MethodPost)
	if len(h.When) > 0 {
		words += " with " + strings.Join(h.When, ", ")
	}
	if h.Verified {
		words += "; signed"
	}
	if h.VerifyToken != "" {
		words += "; --verify-token is compared with " + h.VerifyToken
	}
	if h.KeyFrom != "" {
		words += "; brings the key in " + h.KeyFrom
	}
	return words
}

// headerWords name the headers that carry the signature.
func headerWords(sc *scheme.Scheme) string {
	switch {
	case sc.JWT != nil:
		return strings.Join(sc.JWT.Header, ", ")
	case sc.MessageSignature != nil:
		return scheme.SignatureField + ", " + scheme.SignatureInput
	default:
		return strings.Join(sc.Signature.Header, ", ")
	}
}

// signedWords say what is signed: the content, or what stands in its place.
func signedWords(sc *scheme.Scheme) string {
	switch {
	case sc.JWT != nil && sc.JWT.BodyClaim == "":
		return "a token, not the body"
	case sc.JWT != nil:
		return "a token, with the body's hash in " + sc.JWT.BodyClaim
	case sc.MessageSignature != nil:
		return strings.Join(sc.MessageSignature.Components, " ")
	default:
		return sc.Content
	}
}

func signatureWords(sc *scheme.Scheme) string {
	s := sc.Signature
	switch {
	case sc.JWT != nil:
		return "JSON web token (" + sc.JWT.Alg + "), header " + headerWords(sc) + ", written " + sc.JWT.Prefix + "TOKEN"
	case sc.MessageSignature != nil:
		return "HTTP message signature (RFC 9421), headers " + headerWords(sc)
	}
	if s.JSON != "" {
		return "in the body at " + s.JSON + ", " + s.Encoding
	}
	words := "header " + strings.Join(s.Header, ", ") + ", " + s.Encoding
	if s.Item != "" && s.Item != "{sig}" || s.Prefix != "" {
		words += ", written " + s.Prefix + s.Item
	}
	if s.Separator != "" {
		words += fmt.Sprintf(", a list separated by %q", s.Separator)
	}
	return words
}

func timeWords(sc *scheme.Scheme) string {
	t := sc.Timestamp
	if t == nil && sc.JWT != nil {
		return "none that a token must have; where it has exp or nbf, they count"
	}
	if t == nil {
		return "none: a request stays valid for ever"
	}
	var words string
	switch {
	case sc.JWT != nil:
		words = "the token's claim iat"
	case sc.MessageSignature != nil:
		words = "the signature's parameter created"
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

func eventWords(e scheme.EventSpec) string {
	var parts []string
	for _, p := range []struct {
		what  string
		where scheme.Names
	}{{"type", e.Type}, {"id", e.ID}, {"time", e.Time}} {
		if len(p.where) > 0 {
			parts = append(parts, p.what+" at "+strings.Join(p.where, " or "))
		}
	}
	return strings.Join(parts, ", ")
}

func retryWords(s *scheme.Scheme) string {
	var words []string
	if len(s.Retry) > 0 {
		words = append(words, "after "+strings.Join(waitList(s.Retry), ", "))
	}
	if s.NoRetry4xx {
		words = append(words, "not after a 4xx")
	}
	return strings.Join(words, "; ")
}

// waitList returns waits as words. Equal ones in a row are one item.
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
	return strings.Replace(render.Dur(render.Seconds(seconds)), ".0 s", " s", 1)
}
