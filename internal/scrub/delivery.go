package scrub

// What is recorded of a delivery, of its attempts and of its diagnosis.

import (
	"bytes"
	"crypto/md5"  // #nosec G501 -- senders put it into headers
	"crypto/sha1" // #nosec G505 -- as above
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
)

// Delivery is a delivery with what the rules name replaced, and the scrubber of its attempts and its diagnosis: it knows the values
// that were found in this delivery, which an answer may repeat. Size and hash become those of the new body: with the old hash whoever
// has the record could find a value by trying all. d.Scrubbed counts the places.
func (s *Scrubber) Delivery(d record.Delivery) (record.Delivery, *Scrubber) {
	found, body, cut := map[string]string{}, d.Body, d.Truncated()
	clean, n := s.body(body, d.Header, part{cut: cut, found: found})
	own := s.knowing(found)
	if n > 0 {
		d.Size += int64(len(clean) - len(body))
		if cut {
			d.Size = max(d.Size, int64(len(clean))+1) // it stays a beginning
		}
		if sum := sha256.Sum256(clean); cut {
			d.BodySHA256 = "" // the rest is not known here
		} else if d.BodySHA256 != "" {
			d.BodySHA256 = hex.EncodeToString(sum[:])
		}
	}
	d.Body = clean
	t, read := tally{s: own, n: n}, tally{s: s}
	for _, field := range []*string{&d.EventType, &d.EventID, &d.EventTime} {
		read.value(field, found)
	}
	if n > 0 {
		t.s = own.knowing(s.digests(body))
	}
	if d.Header = t.header(d.Header); n > 0 && len(d.Header["Content-Length"]) > 0 {
		d.Header["Content-Length"] = []string{strconv.FormatInt(d.Size, 10)}
	}
	for _, field := range []*string{&d.Method, &d.Path, &d.Host, &d.Verdict.ID} {
		t.text(field)
	}
	t.detail(&d.Verdict.Detail)
	d.Scrubbed += t.n + read.n
	return d, t.s
}

// Attempt is an attempt with what the rules name replaced.
func (s *Scrubber) Attempt(a record.Attempt) record.Attempt {
	t := tally{s: s}
	cut := a.BodySize > int64(len(a.Body))
	clean, n := s.body(a.Body, a.Header, part{cut: cut})
	if n > 0 {
		a.BodySize += int64(len(clean) - len(a.Body))
		if cut {
			a.BodySize = max(a.BodySize, int64(len(clean))+1)
		}
	}
	a.Body, a.Header = clean, t.header(a.Header)
	t.text(&a.Error)
	if hint := a.Hint.String(); hint != "" {
		t.text(&hint)
		a.Hint = fault.StoredStep(hint)
	}
	return a
}

// Diagnosis is a diagnosis with what the rules name replaced.
func (s *Scrubber) Diagnosis(d record.Diagnosis) record.Diagnosis {
	t := tally{s: s}
	findings := make([]explain.Finding, len(d.Findings))
	for i, f := range d.Findings {
		for _, field := range []*string{&f.Title, &f.Evidence, &f.Fix} {
			t.text(field)
		}
		findings[i] = f
	}
	if d.Findings != nil {
		d.Findings = findings
	}
	d.Next = slices.Clone(d.Next)
	for i := range d.Next {
		t.text(&d.Next[i].Text)
		t.text(&d.Next[i].Command)
	}
	return d
}

// Event is an event of the stream with what the rules name replaced in its messages. Those with a delivery, an attempt or a diagnosis
// have it scrubbed already.
func (s *Scrubber) Event(e record.Event) record.Event {
	switch e := e.(type) {
	case record.Changed:
		e.Message = s.Text(e.Message)
		return e
	case record.Failed:
		e.Message = s.Text(e.Message)
		return e
	default:
		return e
	}
}

// body replaces what the rules name in a body. Of one that cannot be read nothing is left.
func (s *Scrubber) body(b []byte, h http.Header, p part) ([]byte, int) {
	if len(b) > 0 && opaque(b, h) && !isWord(b) {
		return []byte(s.word(b)), 1
	}
	return s.replace(b, p)
}

// opaque says whether a body is compressed or of a kind of text that is no ASCII, in which nothing can be found.
func opaque(b []byte, h http.Header) bool {
	for _, line := range h["Content-Encoding"] {
		for coding := range strings.SplitSeq(line, ",") {
			if coding = strings.TrimSpace(coding); coding != "" && !strings.EqualFold(coding, "identity") {
				return true
			}
		}
	}
	for _, magic := range []string{"\x1f\x8b", "\x28\xb5\x2f\xfd", "BZh", "PK\x03\x04", "\xfd7zXZ", "\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(b, []byte(magic)) {
			return true
		}
	}
	const most = 4 // one byte in so many is more NULs than text of one byte a character has
	return bytes.Count(b, []byte{0})*most > len(b)
}

// digests are the digests of a body as headers and queries have them. They would tell what was replaced to whoever tries all values.
func (s *Scrubber) digests(body []byte) map[string]string {
	sums := map[string]string{}
	m, one, two, five := md5.Sum(body), sha1.Sum(body), sha256.Sum256(body), sha512.Sum512(body) // #nosec G401 -- senders use them
	for _, sum := range [][]byte{m[:], one[:], two[:], five[:]} {
		word := s.word(sum)
		for _, text := range []string{
			hex.EncodeToString(sum), strings.ToUpper(hex.EncodeToString(sum)), base64.StdEncoding.EncodeToString(sum), base64.RawURLEncoding.EncodeToString(sum),
		} {
			sums[text] = word
		}
	}
	return sums
}

// tally counts the places that are replaced in the fields of a record.
type tally struct {
	s *Scrubber
	n int
}

func (t *tally) text(field *string) {
	if out, n := t.s.replace([]byte(*field), part{}); n > 0 {
		*field, t.n = string(out), t.n+n
	}
}

// value replaces a field that was read from the body. A part of it stays where it only looks like a value that was found: the type
// invoice.paid where a status is paid.
func (t *tally) value(field *string, found map[string]string) {
	if with, is := found[*field]; is {
		*field, t.n = with, t.n+1
		return
	}
	t.text(field)
}

func (t *tally) header(h http.Header) http.Header {
	if h == nil {
		return nil
	}
	out := make(http.Header, len(h))
	for name, values := range h {
		t.text(&name)
		for _, v := range values {
			t.text(&v)
			out[name] = append(out[name], v)
		}
		if len(values) == 0 {
			out[name] = values
		}
	}
	return out
}

func (t *tally) detail(d *sign.Detail) {
	text := d.String()
	before := t.n
	if t.text(&text); t.n > before {
		*d = sign.Words(text)
	}
}
