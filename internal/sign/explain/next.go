package explain

// What to do next when nothing is certain.

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain/restyle"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Step is one thing to do next.
type Step struct {
	Text    string `json:"text"`
	Command string `json:"command,omitempty"` // to type; "": none
}

// String is the step on one line.
func (s Step) String() string { return joinWords(s.Text, s.Command, ": ") }

// Steps are what to do next, in order.
type Steps []Step

// String is the steps on one line, "" for none.
func (s Steps) String() string {
	words := make([]string, len(s))
	for i, step := range s {
		words[i] = step.String()
	}
	return strings.Join(words, "; ")
}

// next says what to do when nothing was certain, beside the hints.
func (s *search) next(hints []Finding) Steps {
	switch s.v.Reason {
	case sign.MissingSignature, sign.MissingTimestamp, sign.MissingID:
		return s.nextMissing()
	case sign.MalformedSignature:
		return s.rightForm()
	case sign.MalformedTimestamp:
		return Steps{{Text: "send the time" + s.unitWords()}, s.otherScheme()}
	case sign.WrongHeader:
		if s.v.Detail.Place.In == sign.InSettings {
			return Steps{{Text: s.giveParams()}}
		}
		return Steps{{Text: "check whether a proxy drops or changes the header"}, s.otherScheme()}
	case sign.Valid, sign.TooOld, sign.TooNew, sign.Mismatch, sign.Unverified:
	}
	switch s.v.Detail.Code {
	case sign.CertificateEarly, sign.CertificateLate:
		return Steps{{Text: "save the certificate that the message names now"}, {Text: "or give --ignore-time, to see whether an old message was valid then"}}
	case sign.CertificateURL:
		return Steps{{Text: "give the certificate with --secret-file FILE"}, {Text: "check who sent this: the provider names a host of its own"}}
	case sign.NoCertificate:
		return Steps{{Text: "give the certificate with --secret-file FILE, or try again"}}
	default:
	}
	if s.r.Scheme().Algorithm == scheme.Token {
		return Steps{{Text: "compare the token with the one that is set at the provider: nothing is signed, the body plays no part"}}
	}
	if slices.ContainsFunc(hints, func(f Finding) bool { return f.ID == otherTokenID }) {
		return s.nextMismatch("")
	}
	return s.nextMismatch(shown(s.r.Scheme()))
}

// nextMismatch tells what to check, what is wrong most often first. That a library may have rewritten the body is told here and is
// not a finding: most senders write bodies like that, and then the key is wrong. where says where the key is shown, or is "".
func (s *search) nextMismatch(where string) (steps Steps) {
	key, body := "this webhook's current one", "the raw bytes that arrived: whctl listen records them"
	if s.r.Public() {
		key, body = "the sender's current public one", "the raw bytes"
	}
	add := func(text string) { steps = append(steps, Step{Text: text}) }
	if s.cutOff {
		add("the search ended early (" + cmp.Or(s.done, "not all of the common mistakes were tried") + ")")
	}
	if names := s.r.Needs().Params; len(names) > 0 && !s.r.Proves() {
		add("check what is given for " + strings.Join(names, " and ") + ", which is part of what is signed (--param)")
	}
	signsURL := s.r.Needs().URL && s.m.URL != ""
	copied := bodiless(s.m.Method) // the URL is copied from the request, not from the provider's settings
	if signsURL && !copied {
		add("check the URL first: the provider signs the one that is set there" + s.triedURL())
	}
	add(joinWords("check that the key is "+key, where, ": "))
	if signsURL && copied {
		add("check the URL: it must be the one that came, its query in the same order" + s.triedURL())
	}
	if s.custom() {
		add("check that " + s.schemeWords() + " is what the sender documents")
	}
	if !s.r.NeedsBody() || len(s.m.Body) == 0 && copied {
		return steps
	}
	author := ""
	if s.r.Uses[scheme.PieceBody] || s.r.Scheme().BodyHash != nil {
		author = restyle.Author(s.m.Body)
	}
	add(s.o.Source.doubt(cmp.Or(author, s.formDoubt()), body))
	return steps
}

// triedURL names the URL that was tried.
func (s *search) triedURL() string {
	return when(showable(s.m.URL), ", and "+fault.Quote(masking.RequestTarget(s.m.URL))+" was tried") + " (--url; whctl listen: --public-url)"
}

// otherScheme is the step behind an advice: the scheme may be the wrong one.
func (s *search) otherScheme() Step {
	if s.custom() {
		return Step{Text: "check whether " + s.schemeWords() + " is what the sender documents"}
	}
	return Step{Text: "check whether the sender really is " + s.r.Scheme().Name + ", else find its scheme", Command: fault.Command("whctl schemes list").String()}
}

// nextMissing is for a part that is not there.
func (s *search) nextMissing() Steps {
	names, path := s.r.SigHeaders, cmp.Or(s.r.Scheme().Signature.JSON, s.r.SigForm)
	switch {
	case s.v.Reason == sign.MissingID:
		names, path = s.r.IDHeaders, ""
	case s.v.Reason == sign.MissingTimestamp && s.r.TimeItem != nil:
		return s.rightForm()
	case s.v.Reason == sign.MissingTimestamp:
		names, path = s.r.TimeHeaders, cmp.Or(s.r.Scheme().Timestamp.JSON, s.r.TimeForm)
	}
	if path != "" {
		return Steps{{Text: "check whether the body is whole: its " + path + " is needed"}, s.otherScheme()}
	}
	return Steps{{Text: "check whether a proxy drops the header " + strings.Join(names, " or ")}, s.otherScheme()}
}

// rightForm says what a signature that can be read looks like.
func (s *search) rightForm() Steps {
	out := "check what writes " + s.sigPlace() + ": a right one looks like " + s.r.Form()
	n := s.r.SignatureSize()
	switch enc := s.r.Scheme().Signature.Encoding; {
	case n == 0:
	case enc == scheme.Base64:
		out += ", with " + strconv.Itoa((n+2)/3*4) + " characters of base64 for SIGNATURE"
	case enc == scheme.Base64URL:
		out += ", with " + strconv.Itoa((4*n+2)/3) + " characters of base64url for SIGNATURE"
	case enc == scheme.Hex || enc == scheme.UpperHex:
		out += ", with " + strconv.Itoa(2*n) + " hex digits for SIGNATURE"
	}
	return Steps{{Text: out}, s.otherScheme()}
}

// sigPlace is where the scheme has the signature.
func (s *search) sigPlace() string {
	if s.r.SignsInBody() {
		_, at, _ := s.r.SignatureIn(s.m)
		return at.String()
	}
	return "header " + strings.Join(s.r.SigHeaders, " or ")
}

// giveParams says how to give the settings that the scheme asks for. People copy it into a shell, so a name that a shell acts on
// is left out.
func (s *search) giveParams() string {
	names := make([]string, len(s.r.Needs().Params))
	for i, name := range s.r.Needs().Params {
		if names[i] = name; strings.ContainsFunc(name, func(c rune) bool {
			return c != '_' && c != '-' && c != '.' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
		}) {
			names[i] = "NAME"
		}
	}
	return "give it: --param " + strings.Join(names, "=VALUE --param ") + "=VALUE"
}
