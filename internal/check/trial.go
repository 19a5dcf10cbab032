package check

// One case under way: requests are made and sent, and their answers judged.

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign"
)

// trial is one case under way.
type trial struct {
	r       *runner
	c       Case
	outcome Outcome
	detail  string
	shown   *Request
	// answered and unanswered say what came of its requests.
	answered, unanswered bool
	statuses             []int           // the same, of each; 0 for one without an answer
	silent               *deliver.Result // the first that never reached a receiver
	unproven             bool
}

// shot is a request of a case.
type shot struct {
	craft.Made
	event  craft.Event
	sample string // the type of its sample; "" when the body is another one
	at     time.Time
	tamper craft.Tamper // what was spoiled
	pure   http.Header  // as signing made it
	keys   []sign.Key
	// shake says that it is the provider's handshake, and verifyToken which token that carries.
	shake       bool
	verifyToken string
}

// skip ends a case that cannot be tried.
func (t *trial) skip(format string, args ...any) {
	if t.outcome == Passed {
		t.outcome, t.detail = Skipped, fmt.Sprintf(format, args...)
	}
}

// fail says that a case does not hold. The first reason counts, except that a failure counts more than a warning.
func (t *trial) fail(s *shot, format string, args ...any) {
	t.settle(s, map[Severity]Outcome{Failure: Failed, Warning: Warned}[t.c.Severity], format, args...)
}

// warn says that a case holds badly.
func (t *trial) warn(s *shot, format string, args ...any) { t.settle(s, Warned, format, args...) }

func (t *trial) settle(s *shot, o Outcome, format string, args ...any) {
	if t.outcome == Failed || t.outcome == o {
		return
	}
	t.outcome, t.detail = o, fmt.Sprintf(format, args...)
	if s != nil {
		t.shown = t.r.request(s)
	}
}

// sample is a fresh event of the first type.
func (t *trial) sample() (craft.Event, bool) { return t.sampleOf(t.r.Types[0]) }

func (t *trial) sampleOf(typ string, sets ...string) (craft.Event, bool) {
	return t.sampleAt(t.r.Now(), typ, sets...)
}

// sampleAt is a fresh event of a time.
func (t *trial) sampleAt(at time.Time, typ string, sets ...string) (craft.Event, bool) {
	edits, err := craft.Edits(sets)
	if err == nil {
		var e craft.Event
		if e, err = craft.Sample(t.r.Rules, typ, event.BuildOptions{Now: at, Rand: t.r.Rand, Sets: edits}); err == nil {
			return e, true
		}
	}
	t.skip("no such event can be made: %s", err)
	return craft.Event{}, false
}

// with is an event with another body. Type and id are read from it.
func (t *trial) with(e craft.Event, body []byte) craft.Event {
	e.Body, e.Source = body, ""
	return e
}

// sign makes a request for an event, signed as of a time.
func (t *trial) sign(e craft.Event, at time.Time) (*shot, bool) {
	return t.make(craft.Request{Rules: t.r.Rules, Event: e, At: at})
}

// make makes a request. What q leaves out is as in all requests of the run.
func (t *trial) make(q craft.Request) (*shot, bool) {
	q.Params, q.Method, q.URL, q.SignURL, q.Agent, q.Rand = t.r.Params, cmp.Or(q.Method, http.MethodPost), t.r.URL, t.r.SignURL, t.r.Agent, t.r.Rand
	if q.Keys == nil {
		q.Keys = t.r.Keys[:1]
	}
	header := t.r.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	maps.Copy(header, q.Header)
	q.Header = header
	made, err := q.Make()
	if err != nil {
		t.skip("the scheme cannot sign it: %s", err)
		return nil, false
	}
	made.Timeout = t.r.Timeout
	s := &shot{Made: made, event: q.Event, at: q.At, tamper: q.Tamper, pure: made.Header.Clone(), keys: q.Keys}
	if q.Event.Source != "" && q.Event.Source == q.Event.Type {
		s.sample = q.Event.Source
	}
	return s, true
}

// now is a request for a fresh sample, signed now.
func (t *trial) now() (*shot, bool) {
	e, ok := t.sample()
	if !ok {
		return nil, false
	}
	return t.sign(e, t.r.Now())
}

// send sends a request and judges whether there is an answer at all.
func (t *trial) send(ctx context.Context, s *shot) (deliver.Result, bool) {
	res := t.r.Send(ctx, s.Request)
	return res, t.took(s, res)
}

// took notes an answer. Without one the case fails.
func (t *trial) took(s *shot, res deliver.Result) bool {
	t.statuses = append(t.statuses, res.Status)
	if res.Err != nil {
		t.unanswered = true
		if t.silent == nil && unreached(res) {
			t.silent = &res
		}
		t.fail(s, "no answer: %s", res.Err)
		return false
	}
	t.answered = true
	t.r.takes(s, res)
	t.r.answers = append(t.r.answers, answered{t.c.ID, s.Made, res})
	if t.shown == nil {
		t.shown = t.r.request(s)
	}
	return true
}

// refused says whether a correct receiver refuses a request, by the scheme's own rules. A case that the scheme cannot tell from a right
// request is skipped.
func (t *trial) refused(s *shot) bool {
	if v := t.r.verdict(s); v.OK {
		t.skip("%s does not refuse this", t.r.Rules.Scheme().Name)
		return false
	}
	return true
}

// verdict is what a correct receiver says of a request. It verifies with the first key.
func (r *runner) verdict(s *shot) sign.Verdict {
	m := &sign.Message{Method: s.Method, URL: cmp.Or(r.SignURL, s.URL), Header: s.Header, Body: s.Body, Params: r.Params}
	return r.Rules.Verify(m, r.Keys[:1], sign.VerifyOptions{Now: r.Now()})
}

// accept expects 2xx.
func (t *trial) accept(ctx context.Context, s *shot) {
	if res, ok := t.send(ctx, s); ok && !res.OK() {
		t.fail(s, "answered %s; 2xx is right", status(res))
	}
}

// refuse expects that a request is refused as such, and not by accident.
func (t *trial) refuse(ctx context.Context, s *shot) {
	if !t.refused(s) {
		return
	}
	if res, ok := t.send(ctx, s); ok {
		t.judgeRefusal(ctx, s, res)
	}
}

// preferRefusal expects that a request is refused, and only warns where it is accepted: nobody without the key can make it.
func (t *trial) preferRefusal(ctx context.Context, s *shot) {
	if !t.refused(s) {
		return
	}
	switch res, ok := t.send(ctx, s); {
	case !ok:
	case res.OK():
		t.warn(s, "answered %s: it was accepted; 401 is right", status(res))
	default:
		t.judgeRefusal(ctx, s, res)
	}
}

// unreached says whether a request without an answer tells nothing of how a receiver works, as it came to none.
func unreached(res deliver.Result) bool {
	return slices.Contains([]deliver.Cause{deliver.Refused, deliver.DNS, deliver.TLS, deliver.NotHTTP}, res.Cause)
}

// sane says whether the receiver accepts a right event. Where it does not, what it refuses says nothing.
func (t *trial) sane(ctx context.Context) bool {
	if !t.r.taken {
		t.tryPlain(ctx)
	}
	return t.r.taken
}

// judgeRefusal says whether an answer refuses a request, and not by accident.
func (t *trial) judgeRefusal(ctx context.Context, s *shot, res deliver.Result) {
	switch {
	case res.Status >= 400 && res.Status < 500:
		if !t.sane(ctx) {
			t.unproven = t.outcome == Passed
			t.skip("answered %s, which proves nothing: the receiver refuses right events too", status(res))
		}
	case res.OK():
		t.fail(s, "answered %s: it was accepted; 401 is right", status(res))
	case res.Status >= 500:
		t.fail(s, "answered %s, and senders try such an answer again; 401 is right", status(res))
	default:
		t.fail(s, "answered %s; 401 is right", status(res))
	}
}

// acceptOdd expects 2xx for a body that is right and unusual. A receiver that refuses it for its form is only warned of: a signature or a
// crash is another matter.
func (t *trial) acceptOdd(ctx context.Context, s *shot) {
	res, ok := t.send(ctx, s)
	switch {
	case !ok || res.OK():
	case res.Status == http.StatusBadRequest || res.Status == http.StatusUnprocessableEntity || res.Status == http.StatusUnsupportedMediaType:
		t.warn(s, "answered %s to a right signature; 2xx is right", status(res))
	default:
		t.fail(s, "answered %s to a right signature; 2xx is right", status(res))
	}
}

// survive expects any answer but a crash.
func (t *trial) survive(ctx context.Context, s *shot, right string, fits func(status int) bool) {
	res, ok := t.send(ctx, s)
	switch {
	case !ok || fits(res.Status):
	case res.Status >= 500:
		t.fail(s, "answered %s, and senders try such an answer again; %s is right", status(res), right)
	default:
		t.warn(s, "answered %s; %s is right", status(res), right)
	}
}

// status is an answer in words.
func status(res deliver.Result) string {
	text := fmt.Sprint(res.Status)
	if name := http.StatusText(res.Status); name != "" {
		text += " " + name
	}
	return text
}

// setHeader gives a request another value of a header; without a value the header is left out.
func (s *shot) setHeader(name string, values ...string) {
	name = http.CanonicalHeaderKey(name)
	if len(values) == 0 {
		delete(s.Header, name)
		return
	}
	s.Header[name] = values
}

// value is the first value of a header.
func (s *shot) value(name string) string { return s.Header.Get(name) }

// edited is a body with one member changed or added.
func edited(body []byte, path, value string) ([]byte, bool) {
	edit, err := jsonbytes.ParseEdit(path + "=" + value)
	if err != nil {
		return nil, false
	}
	out, err := jsonbytes.Apply(body, []jsonbytes.Edit{edit})
	return out, err == nil
}

// isJSON says whether a body is a JSON object.
func isJSON(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(body), []byte("{"))
}

// signatureHeader is the header that carries the signature; "" when it stands elsewhere.
func (t *trial) signatureHeader() string {
	if t.r.Rules.SignsInBody() || len(t.r.Rules.SigHeaders) == 0 {
		return ""
	}
	return t.r.Rules.SigHeaders[0]
}

// timeHeader is the header that carries the time; "" when it stands elsewhere or there is none.
func (t *trial) timeHeader() string {
	if !t.r.Rules.HasTime || len(t.r.Rules.TimeHeaders) == 0 {
		return ""
	}
	return t.r.Rules.TimeHeaders[0]
}

// covers says whether the scheme's signature covers something.
func (t *trial) covers(placeholder string) bool { return t.r.Rules.Uses[placeholder] }
