package craft

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign"
)

// Spoiling a signed request so that a receiver has to refuse it. What counts differs from scheme to scheme, so whctl's own
// check is asked after every change, and a request that it still accepts is not given out.

// Tamper names the part of a request to spoil after signing; "" is none.
type Tamper string

// The parts that can be spoiled.
const (
	TamperBody      Tamper = "body"
	TamperSignature Tamper = "signature"
	TamperKey       Tamper = "key"
)

// TamperError says that no change of a part makes the request invalid.
type TamperError struct {
	Part   Tamper
	Scheme string
}

// Error names the part and the scheme.
func (e *TamperError) Error() string {
	return "no change of the " + string(e.Part) + " makes a request of scheme " + e.Scheme + " invalid"
}

const (
	mostTries = 2000      // changes to one request
	mostBytes = 256 << 20 // bytes of body looked at in all of them
)

// spoiler spoils one request. The keys are those that the receiver verifies with.
type spoiler struct {
	rules  *sign.Rules
	keys   []sign.Key
	params map[string]string
	url    string // as it was signed
	signed sign.Signed
}

// spoil changes one part of the request. inPart says that the scheme signs a part of the body only, which the change is in.
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

// verdict is what whctl says about a request to whoever has the right keys. The time is left out of it: --age is another
// way to spoil a request.
func (s *spoiler) verdict(q deliver.Request) sign.Verdict {
	m := &sign.Message{Method: q.Method, URL: s.url, Header: q.Header, Body: q.Body, Params: s.params}
	return s.rules.Verify(m, s.keys, sign.VerifyOptions{IgnoreTime: true})
}

func (s *spoiler) refused(q deliver.Request) bool {
	v := s.verdict(q)
	return !v.OK && v.Reason != sign.Unverified
}

// spoilBody changes one byte of the body, near its middle where any byte counts.
func (s *spoiler) spoilBody(q *deliver.Request) (ok, inPart bool) {
	body := q.Body
	isJSON := json.Valid(body)
	for i, at := range s.bodySpots(body) {
		changed := bytes.Clone(body)
		changed[at] = another(changed[at])
		if isJSON && !json.Valid(changed) {
			continue // it would be refused for its form
		}
		q.Body = changed
		if s.refused(*q) {
			return true, i > 0 && !s.coversAll(q, body, isJSON)
		}
	}
	q.Body = append(bytes.Clone(body), ' ') // nothing in {} or an empty body can be another
	return s.refused(*q), false
}

// coversAll says whether a blank behind the body makes it invalid too, which it does where all of it is signed.
func (s *spoiler) coversAll(q *deliver.Request, body []byte, isJSON bool) bool {
	longer := *q
	longer.Body = append(bytes.Clone(body), ' ')
	if !isJSON {
		longer.Body[len(body)] = 'x'
	}
	return s.refused(longer)
}

// bodySpots are the bytes to try, from the middle on and then from the start: letters and digits, outside of the signature
// that some schemes put there. Others are tried when there are none.
func (s *spoiler) bodySpots(body []byte) []int {
	var spots []int
	sig, member := []byte(s.signed.Signature), s.rules.Scheme().Signature.JSON != ""
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

// thin keeps at most n of the spots, spread evenly.
func thin(spots []int, n int) []int {
	if len(spots) <= n {
		return spots
	}
	kept := make([]int, 0, n)
	for i := range n {
		kept = append(kept, spots[i*len(spots)/n])
	}
	return kept
}

// spoilSignature changes one character of the signature wherever it stands, and of every one where several do. It says whether
// the request is refused then.
func (s *spoiler) spoilSignature(q *deliver.Request) bool {
	if path := s.rules.Scheme().Signature.JSON; path != "" {
		return s.spoilMember(q, path)
	}
	original, ok := q.Header, false
	var second http.Header // refused, but not because the signature does not match
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

// spoilMember is spoilSignature for a signature that stands in the body.
func (s *spoiler) spoilMember(q *deliver.Request, path string) bool {
	original := q.Body
	for _, at := range s.signatureSpots(s.signed.Signature) {
		set, err := jsonbytes.SetString(path, exchange(s.signed.Signature, at))
		if err != nil {
			return false
		}
		if q.Body, err = jsonbytes.Apply(original, []jsonbytes.Edit{set}); err != nil {
			return false
		}
		if s.refused(*q) {
			return true
		}
	}
	q.Body = original
	return false
}

// signatureSpots are the characters of a signature header's value to try: from the end on, as what stands before the
// signature is a name or a time; but its last characters come last, which in base64 may be padding or hold spare bits.
func (s *spoiler) signatureSpots(value string) []int {
	const tail = 3
	var spots, last, marks []int
	for i := len(value) - 1; i >= 0; i-- {
		switch {
		case s.inTime(value, i):
		case !wordly(value[i]):
			marks = append(marks, i) // a token may hold nothing else
		case i >= len(value)-tail:
			last = append(last, i)
		default:
			spots = append(spots, i)
		}
	}
	return append(append(spots, last...), marks...)
}

// inTime says whether a character belongs to the time or the id that some schemes put into the same header.
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

// another is another character, of the same kind where it is a letter or digit, and hex where it is hex.
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
