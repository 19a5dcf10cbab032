package craft

// Spoiling a signed request so that a receiver must refuse it. Schemes differ in what they sign, so each change is verified. A
// request that is still valid is never returned.

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/sign"
)

// Tamper is the part of a request to spoil; "" is none.
type Tamper string

// The parts that can be spoiled.
const (
	TamperBody      Tamper = "body"
	TamperSignature Tamper = "signature"
	TamperKey       Tamper = "key"
)

// TamperError says that the request stays valid whatever changes in a part.
type TamperError struct {
	Part   Tamper
	Scheme string
}

// Error returns a sentence with part and scheme.
func (e *TamperError) Error() string {
	return "no change of the " + string(e.Part) + " makes a request of scheme " + e.Scheme + " invalid"
}

const (
	mostTries = 2000      // changes to one request
	mostBytes = 256 << 20 // bytes of body verified in all of them
)

// spoiler spoils one request. keys are those that the receiver verifies with.
type spoiler struct {
	rules  *sign.Rules
	keys   []sign.Key
	params map[string]string
	url    string // as it was signed
	signed sign.Signed
}

// spoil changes one part of the request. inPart reports that the scheme signs only a part of the body.
func (s *spoiler) spoil(part Tamper, q *deliver.Request) (inPart bool, err error) {
	ok := true
	switch part {
	case TamperBody:
		ok, inPart = s.spoilBody(q)
	case TamperSignature:
		ok = s.spoilSignature(q)
	case TamperKey: // signed with another key already
		ok = s.refused(*q)
	}
	if !ok {
		return false, &TamperError{Part: part, Scheme: s.rules.Scheme().Name}
	}
	return inPart, nil
}

// verdict verifies the request with the right keys. It ignores the time: a wrong time is another way to spoil a request.
func (s *spoiler) verdict(q deliver.Request) sign.Verdict {
	m := &sign.Message{Method: q.Method, URL: s.url, Header: q.Header, Body: q.Body, Params: s.params}
	return s.rules.Verify(m, s.keys, sign.VerifyOptions{IgnoreTime: true})
}

func (s *spoiler) refused(q deliver.Request) bool {
	v := s.verdict(q)
	return !v.OK && v.Reason != sign.Unverified
}

// spoilBody changes one byte of the body, near its middle if any byte counts.
func (s *spoiler) spoilBody(q *deliver.Request) (ok, inPart bool) {
	if s.rules.Proves() && !s.rules.HashesBody() {
		return false, false
	}
	body := q.Body
	isJSON := json.Valid(body)
	for i, at := range s.bodySpots(body) {
		changed := bytes.Clone(body)
		changed[at] = another(changed[at])
		if isJSON && !json.Valid(changed) {
			continue // a receiver would refuse it for its form
		}
		q.Body = changed
		if s.refused(*q) {
			return true, i > 0 && !s.coversAll(q, body, isJSON)
		}
	}
	q.Body = append(bytes.Clone(body), ' ') // {} and an empty body have no byte to change
	return s.refused(*q), false
}

// coversAll reports whether the scheme signs the whole body: then one more byte at its end makes it invalid too.
func (s *spoiler) coversAll(q *deliver.Request, body []byte, isJSON bool) bool {
	longer := *q
	longer.Body = append(bytes.Clone(body), ' ')
	if !isJSON {
		longer.Body[len(body)] = 'x'
	}
	return s.refused(longer)
}

// bodySpots returns the bytes to try, from the middle on and then from the start: letters and digits, but not those of a
// signature inside the body. Without letters and digits it returns all bytes.
func (s *spoiler) bodySpots(body []byte) []int {
	var spots []int
	sig, member := []byte(s.signed.Signature), s.rules.SignsInBody()
	var from, to int
	if at := bytes.Index(body, sig); member && len(sig) > 0 && at >= 0 {
		from, to = at, at+len(sig)
	}
	for i := range body {
		if at := (i + len(body)/2) % len(body); wordly(body[at]) && (at < from || at >= to) {
			spots = append(spots, at)
		}
	}
	if len(spots) == 0 {
		for i := range body {
			spots = append(spots, i)
		}
	}
	return thin(spots, min(mostTries, max(mostBytes/max(len(body), 1), 16)))
}

// thin returns at most n of the spots, evenly spread.
func thin(spots []int, n int) []int {
	if len(spots) <= n {
		return spots
	}
	spread := make([]int, 0, n)
	for i := range n {
		spread = append(spread, spots[i*len(spots)/n])
	}
	return spread
}

// spoilSignature changes one character of every signature. It reports whether the request is refused then.
func (s *spoiler) spoilSignature(q *deliver.Request) bool {
	if s.rules.SignsInBody() {
		return s.spoilMember(q)
	}
	original, ok := q.Header, false
	var second http.Header // refused, but for another reason than a mismatch
	for try := range mostTries {
		header, changed := original.Clone(), false
		for _, name := range s.rules.SignatureHeaders() {
			name = http.CanonicalHeaderKey(name)
			for i, value := range header[name] {
				spots := s.signatureSpots(value)
				if try < len(spots) {
					header[name][i], changed = exchange(value, spots[try]), true
				}
			}
		}
		if !changed {
			break
		}
		q.Header = header
		switch v := s.verdict(*q); {
		case v.OK || v.Reason == sign.Unverified:
		case v.Reason == sign.Mismatch:
			return true
		case second == nil:
			second, ok = header, true
		}
	}
	q.Header = original
	if ok {
		q.Header = second
	}
	return ok
}

// spoilMember is spoilSignature for a signature in the body.
func (s *spoiler) spoilMember(q *deliver.Request) bool {
	original := q.Body
	for _, at := range s.signatureSpots(s.signed.Signature) {
		wrong := sign.Signed{Body: slices.Clone(s.signed.Body), Form: slices.Clone(s.signed.Form)}
		for _, list := range [][]sign.Field{wrong.Body, wrong.Form} {
			for i := range list {
				if list[i].Value == s.signed.Signature {
					list[i].Value = exchange(s.signed.Signature, at)
				}
			}
		}
		var err error
		if q.Body, err = withSigned(q.Header, original, &wrong); err != nil {
			return false
		}
		if s.refused(*q) {
			return true
		}
	}
	q.Body = original
	return false
}

// signatureSpots returns the characters of a signature header's value to try, from the end on, because name and time stand
// before the signature. The last characters come last: in base64 they may be padding or hold spare bits.
func (s *spoiler) signatureSpots(value string) []int {
	const tail = 3
	var spots, last, marks []int
	for i := len(value) - 1; i >= 0; i-- {
		switch {
		case s.inTime(value, i):
		case !wordly(value[i]):
			marks = append(marks, i) // some tokens have nothing else
		case i >= len(value)-tail:
			last = append(last, i)
		default:
			spots = append(spots, i)
		}
	}
	return append(append(spots, last...), marks...)
}

// inTime reports whether a character belongs to the time or the id that share the header with the signature.
func (s *spoiler) inTime(value string, at int) bool {
	return slices.ContainsFunc([]string{s.signed.Timestamp, s.signed.ID}, func(text string) bool {
		if text == "" || text == value {
			return false
		}
		for from := max(at-len(text)+1, 0); from <= at && from+len(text) <= len(value); from++ {
			if value[from:from+len(text)] == text {
				return true
			}
		}
		return false
	})
}

func exchange(text string, at int) string {
	b := []byte(text)
	b[at] = another(b[at])
	return string(b)
}

func wordly(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// another returns another character of the same kind. A hex digit becomes a hex digit.
func another(c byte) byte {
	switch c {
	case '9', 'f', 'F', 'z', 'Z':
		return c - 1
	}
	switch {
	case wordly(c):
		return c + 1
	case c < ' ' || c > '~':
		return c ^ 1
	default:
		return 'x'
	}
}
