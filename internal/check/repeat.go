package check

// What was sent, and how to send it again.

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Request is a request of a case.
type Request struct {
	Method, URL string
	Header      http.Header
	Body        []byte
	Sample      string   // the event type whose sample it carries; "" when the body is another one
	Args        []string // the flags of whctl send that make it, besides the receiver, the scheme and the keys
	Handshake   bool     // it is the provider's handshake
	VerifyToken string   // that the handshake carries; "": it carries none
	Raw         string   // how it differs from what whctl send and curl send; "" when it does not
}

// request is what a case shows of a shot.
func (r *runner) request(s *shot) *Request {
	q := &Request{Method: s.Method, URL: s.URL, Header: s.Header.Clone(), Body: slices.Clone(s.Body), Sample: s.sample, Handshake: s.shake, VerifyToken: s.verifyToken}
	if s.shake {
		q.Args = s.leftOut()
		return q
	}
	if s.Method != http.MethodPost {
		q.Args = append(q.Args, "--method", s.Method)
	}
	if s.tamper != "" {
		q.Args = append(q.Args, "--tamper", string(s.tamper))
	}
	if off := s.at.Sub(r.Now()).Round(time.Second); off < -time.Second || off > time.Second {
		q.Args = append(q.Args, "--age", (-off).String())
	}
	for _, name := range slices.Sorted(maps.Keys(s.Header)) {
		if slices.Equal(s.Header[name], s.pure[name]) || s.tamper != "" && slices.Contains(r.Rules.SignatureHeaders(), name) {
			continue
		}
		for _, value := range s.Header[name] {
			line := name + ": " + value
			if value == "" {
				line = name + ";"
			}
			q.Args = append(q.Args, "-H", line)
		}
	}
	q.Args = append(q.Args, s.leftOut()...)
	return q
}

// leftOut are the flags that leave out what signing adds and the request has not.
func (s *shot) leftOut() (args []string) {
	for _, name := range slices.Sorted(maps.Keys(s.pure)) {
		if _, has := s.Header[name]; !has {
			args = append(args, "-H", name+":")
		}
	}
	return args
}

// times says that something is sent several times.
func (q *Request) times(n int, atOnce bool) {
	q.Raw = "sent " + strconv.Itoa(n) + " times"
	if atOnce {
		q.Raw += " at once"
	}
}
