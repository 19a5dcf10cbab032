package listen

// Handshakes: a provider asks whether this URL is the user's. They are answered here or by the target, shown, and neither recorded
// nor counted: what they hold may be a key.

import (
	"cmp"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/serve"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/target"
)

// Handshakes says who answers handshakes.
type Handshakes string

// The ways.
const (
	HandshakesForward Handshakes = "forward" // the first target, and whctl where that gives no answer to it, or there is none
	HandshakesAnswer  Handshakes = "answer"  // whctl
	HandshakesOff     Handshakes = "off"     // nobody: they are deliveries like others
)

// withheldAnswer says nothing more, because the reason is for the developer and not for the sender.
const withheldAnswer = "this handshake is not answered"

// shake answers a request that is a handshake, and says whether it did.
func (l *Listener) shake(w http.ResponseWriter, in *incoming) bool {
	if l.o.Handshakes == HandshakesOff || in.tooLarge || fromPage(in.r.Header) { // no provider is a browser
		return false
	}
	s, ok := in.judge.Handshake(in.r.Context(), &in.jm)
	if !ok {
		return false
	}
	asked := record.Asked{
		Scheme: s.Scheme().Name, Provider: s.Scheme().Title, Field: s.Asks(), Method: in.d.Method, Path: maskQuery(in.d.Path, s.Secrets()), Withheld: s.Withheld,
	}
	switch err := l.keepKey(&asked, s.Key()); {
	case err != nil:
		l.emit(record.Failed{Message: err.Error()})
		asked.Status = http.StatusServiceUnavailable
		serve.Answer(w, asked.Status, withheldAnswer)
	case l.handsOn(s) && l.askTarget(w, in, &asked):
		asked.Withheld = ""
	default:
		asked.Status = answerHandshake(w, s)
	}
	l.emitAt(in.d.ReceivedAt, asked)
	return true
}

// keepKey keeps the key that a handshake brings, before it is answered: the provider shows it once.
func (l *Listener) keepKey(asked *record.Asked, key string) (err error) {
	switch {
	case key == "":
		return nil
	case l.o.KeepKey == nil:
		asked.Key = record.KeyLost
		return nil
	}
	if asked.KeyFile, err = l.o.KeepKey(key); asked.KeyFile == "" { // it could not be written, or the file has an earlier one
		asked.Key = record.KeyLost
		return err
	}
	asked.Key = record.KeyKept
	return nil
}

// handsOn says whether a handshake goes to a target. One whose signature does not hold stays here: nothing unsigned gets through.
func (l *Listener) handsOn(s judge.Handshake) bool {
	return l.o.Handshakes == HandshakesForward && l.program() >= 0 && s.Withheld != sign.WithheldUnsigned
}

// program is the place of the first target that answers requests; -1: there is none. A broker answers nothing.
func (l *Listener) program() int {
	return slices.IndexFunc(l.o.Targets, func(t target.Target) bool { return !t.Broker() })
}

// askTarget hands a handshake on to the first program, whose answer goes back. It is false where the target does not know of
// handshakes: it says 404 or 405, or nothing.
func (l *Listener) askTarget(w http.ResponseWriter, in *incoming, asked *record.Asked) bool {
	first := l.program()
	t := l.o.Targets[first]
	began := time.Now()
	status := 0
	o := l.senders[first].Send(l.server.Forced(), target.Message{
		Method: in.r.Method, Request: originForm(in.r.RequestURI), Header: l.targetHeaders(in.r.Header, in.r.Host, in.d, used(in)), Body: in.body,
		Sink: func(code int, header http.Header) io.Writer {
			if code < 200 || code == http.StatusNotFound || code == http.StatusMethodNotAllowed {
				return io.Discard
			}
			status = code
			out := w.Header()
			out["Date"], out["Content-Type"] = nil, nil
			maps.Insert(out, deliver.EndToEnd(header))
			w.WriteHeader(code)
			return w
		},
	})
	if status == 0 {
		return false
	}
	asked.Target, asked.Status, asked.Duration = t.Label(), status, cmp.Or(o.Took, time.Since(began))
	if o.Err != nil { // the provider must see that the answer is not whole
		l.emit(*asked)
		panic(http.ErrAbortHandler)
	}
	return true
}

// answerHandshake writes whctl's own answer and returns its status.
func answerHandshake(w http.ResponseWriter, s judge.Handshake) int {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if s.Withheld != "" {
		status := withheldStatus(s.Withheld)
		serve.Answer(w, status, withheldAnswer)
		return status
	}
	a := s.Answer
	for _, f := range a.Fields {
		h.Set(f.Name, f.Value)
	}
	h["Content-Type"] = nil
	if a.ContentType != "" {
		h.Set("Content-Type", a.ContentType)
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
	return a.Status
}

func withheldStatus(why sign.Withheld) int {
	switch why {
	case sign.WithheldVerifyToken, sign.WithheldUnknown:
		return http.StatusForbidden
	case sign.WithheldUnsigned:
		return http.StatusUnauthorized
	default:
		return http.StatusBadRequest
	}
}

// maskQuery masks the parameters of a request target whose value is one of some secrets.
func maskQuery(path string, secrets []string) string {
	before, query, has := strings.Cut(path, "?")
	if !has || len(secrets) == 0 {
		return path
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, value, _ := strings.Cut(part, "=")
		if text, err := url.QueryUnescape(value); err == nil && slices.Contains(secrets, text) {
			parts[i] = name + "=" + masking.Masked
		}
	}
	return before + "?" + strings.Join(parts, "&")
}
