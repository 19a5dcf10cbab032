package craft

// The request with which a provider asks whether a URL is the user's.

import (
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Handshake is a handshake to make. The scheme of its rules must have one.
type Handshake struct {
	Rules       *sign.Rules
	Keys        []sign.Key // the first one signs, where the provider signs its handshakes
	Params      map[string]string
	URL         string
	SignURL     string      // the URL to sign, if it is another one; "" is URL
	Header      http.Header // canonical names; wins over everything else; a name without values is not sent
	Agent       string
	At          time.Time
	VerifyToken string // that the user chose at the provider
	Rand        io.Reader
}

// Asking is a handshake that is ready to be sent, and the answer that is right.
type Asking struct {
	deliver.Request
	Field string // what asks
	Right sign.Answer
}

// Make makes the provider's request. The error is a fault.
func (h *Handshake) Make() (Asking, error) {
	shake := h.Rules.Handshake
	r := Request{
		Rules: h.Rules, Keys: h.Keys, Params: h.Params, Method: shake.Method, URL: h.URL, SignURL: h.SignURL, Header: http.Header{}, Agent: h.Agent, At: h.At, Rand: h.Rand,
	}
	body, query, err := h.fields(r.Header)
	if err != nil {
		return Asking{}, err
	}
	r.Event = Event{Body: body}
	r.URL = withParams(r.URL, query)
	if r.SignURL != "" {
		r.SignURL = withParams(r.SignURL, query)
	}
	made, err := h.signed(r)
	if err != nil {
		return Asking{}, err
	}
	if len(body) == 0 && shake.Safe() {
		delete(made.Header, "Content-Type")
	}
	asking, err := h.judged(made.Request)
	maps.Copy(asking.Header, h.Header)
	return asking, err
}

// fields gives the fields of the request their values: those that it must have, and those whose values are fresh each time.
func (h *Handshake) fields(header http.Header) (body []byte, query url.Values, err error) {
	shake, query := h.Rules.Handshake, url.Values{}
	body = []byte(shake.Sample)
	done := map[string]bool{}
	set := func(f *scheme.Field, value string) {
		if f == nil || done[f.Kind+":"+f.Name] || err != nil {
			return
		}
		done[f.Kind+":"+f.Name] = true
		switch f.Kind {
		case scheme.FieldQuery:
			query.Set(f.Name, value)
		case scheme.FieldHeader:
			header.Set(f.Name, value)
		default:
			body, err = withText(body, f.Name, value)
		}
	}
	fresh := func() (text string) {
		if err == nil {
			text, err = newChallenge(h.Rand)
		}
		return text
	}
	set(shake.VerifyToken, h.VerifyToken)
	for i := range shake.When {
		f := &shake.When[i]
		switch {
		case f.Value != "" && f.Kind == scheme.FieldJSON && shake.Sample != "": // the sample has it, maybe as a number
		case f.Value != "":
			set(f, f.Value)
		default:
			set(f, fresh())
		}
	}
	set(shake.Key, fresh())
	for _, p := range shake.Content {
		set(p.Field, fresh())
	}
	return body, query, err
}

// withText sets a member of a body to a text.
func withText(body []byte, path, value string) ([]byte, error) {
	if len(body) == 0 {
		body = []byte("{}")
	}
	edit, err := jsonbytes.SetString(path, value)
	if err == nil {
		body, err = jsonbytes.Apply(body, []jsonbytes.Edit{edit})
	}
	if err != nil {
		return nil, noPlace(err, "the question")
	}
	return body, nil
}

func newChallenge(rand io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fault.Wrap(fault.Internal, err, "no randomness")
	}
	return strings.NewReplacer("-", "A", "_", "B").Replace(base64.RawURLEncoding.EncodeToString(b[:])), nil
}

func withParams(target string, query url.Values) string {
	if len(query) == 0 {
		return target
	}
	base, own, _ := strings.Cut(target, "?")
	return base + "?" + netname.JoinQuery(own, query.Encode())
}

// signed signs the request where its provider does.
func (h *Handshake) signed(r Request) (Made, error) {
	shake := h.Rules.Handshake
	if !shake.Verified {
		return Made{Request: deliver.Request{Method: r.Method, URL: r.URL, Header: r.header(), Body: r.Event.Body}}, nil
	}
	if shake.Content == nil {
		return r.Make()
	}
	q, ok := h.Rules.Question(message(deliver.Request{Method: r.Method, URL: r.URL, Header: r.Header, Body: r.Event.Body}))
	if !ok {
		return Made{}, fault.New(fault.Internal, "the handshake of scheme %s cannot be made", h.Rules.Scheme().Name)
	}
	body := r.Event.Body
	r.Event.Body = q.Signed().Body
	made, err := r.Make()
	made.Body = body
	return made, err
}

// judged adds the right answer.
func (h *Handshake) judged(q deliver.Request) (Asking, error) {
	m := message(q)
	asked, ok := h.Rules.Question(m)
	if !ok {
		return Asking{}, fault.New(fault.Internal, "the handshake of scheme %s cannot be made", h.Rules.Scheme().Name)
	}
	var v sign.Verdict
	if asked.MustVerify() {
		signed := *asked.Signed()
		signed.Params = h.Params
		if signed.URL = q.URL; h.SignURL != "" {
			signed.URL = h.SignURL
		}
		v = h.Rules.Verify(&signed, h.Keys[:1], sign.VerifyOptions{IgnoreTime: true})
	}
	right, withheld := asked.Answer(h.Keys, v, h.VerifyToken)
	if withheld != "" {
		return Asking{}, fault.Hint(fault.New(fault.Usage, "the handshake of scheme %s has no right answer: %s", h.Rules.Scheme().Name, withheld),
			"%s shows the handshake", fault.Command("whctl schemes show", h.Rules.Scheme().Name))
	}
	return Asking{Request: q, Field: asked.Asks(), Right: right}, nil
}

// message is a request as a receiver gets it.
func message(q deliver.Request) *sign.Message {
	target := q.URL
	if u, err := url.Parse(q.URL); err == nil {
		target = u.RequestURI()
	}
	return &sign.Message{Method: q.Method, URL: q.URL, Target: target, Header: q.Header, Body: q.Body}
}
