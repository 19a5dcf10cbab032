package render

// A delivery as an entry of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/).

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/term"
)

type harEntry struct {
	Started  string      `json:"startedDateTime"`
	Time     float64     `json:"time"` // milliseconds, the sum of the timings
	Request  harRequest  `json:"request"`
	Response harResponse `json:"response"`
	Cache    struct{}    `json:"cache"`
	Timings  harTimings  `json:"timings"`
	Comment  string      `json:"comment,omitempty"`
	Delivery any         `json:"_delivery"`
	Attempts []any       `json:"_attempts"`
}

type harRequest struct {
	Method      string    `json:"method"`
	URL         string    `json:"url"`
	HTTPVersion string    `json:"httpVersion"`
	Cookies     []harPair `json:"cookies"`
	Headers     []harPair `json:"headers"`
	QueryString []harPair `json:"queryString"`
	PostData    *harPost  `json:"postData,omitempty"`
	HeadersSize int       `json:"headersSize"` // -1: not known
	BodySize    int64     `json:"bodySize"`
}

type harPost struct {
	MimeType string    `json:"mimeType"`
	Params   []harPair `json:"params"`
	Text     string    `json:"text"`
	Encoding string    `json:"_encoding,omitempty"` // base64, for what is no text; HAR has no field for it
}

type harResponse struct {
	Status      int        `json:"status"`
	StatusText  string     `json:"statusText"`
	HTTPVersion string     `json:"httpVersion"`
	Cookies     []harPair  `json:"cookies"`
	Headers     []harPair  `json:"headers"`
	Content     harContent `json:"content"`
	RedirectURL string     `json:"redirectURL"`
	HeadersSize int        `json:"headersSize"`
	BodySize    int64      `json:"bodySize"`
}

type harContent struct {
	Size     int64  `json:"size"`
	MimeType string `json:"mimeType"`
	Text     string `json:"text,omitempty"`
	Encoding string `json:"encoding,omitempty"`
}

type harTimings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// HAR writes a document, one entry at a time.
type HAR struct {
	t *term.IO
	n int
}

// NewHAR begins a document of this version of whctl.
func NewHAR(t *term.IO, version string) (*HAR, error) {
	creator, err := encode(struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}{"whctl", version})
	if err != nil {
		return nil, err
	}
	head := slices.Concat([]byte(`{"log":{"version":"1.2","creator":`), bytes.TrimSuffix(creator, []byte("\n")), []byte(`,"entries":[`+"\n"))
	return &HAR{t: t}, writeJSON(t, head)
}

// Close ends the document.
func (h *HAR) Close() error { return writeJSON(h.t, []byte("]}}\n")) }

// Add writes the entry of a delivery that went to origin, scheme://host:port. Its response is the answer of the last attempt, or
// what whctl answered by itself. All attempts and the rest of what was recorded stand in fields of their own, which begin with an
// underscore as HAR has it.
func (h *HAR) Add(d *record.Delivery, attempts []record.Attempt, origin string) error {
	e := harEntry{
		Started: Stamp(d.ReceivedAt), Request: harRequestOf(d, origin), Response: harAnswer(d.Answer),
		Delivery: DeliveryJSON(*d, false), Attempts: []any{},
	}
	switch {
	case len(attempts) > 0:
		last := &attempts[len(attempts)-1]
		e.Response, e.Timings.Wait, e.Comment = harResponseOf(last), Millis(max(last.Duration, 0)), last.Error
	case d.Answer == 0:
		e.Comment = "no answer was recorded"
	}
	if d.BodyDamaged {
		e.Comment = "the body is left out: it is no longer what was received"
	}
	e.Time = e.Timings.Wait
	for _, a := range attempts {
		e.Attempts = append(e.Attempts, AttemptJSON(a))
	}
	b, err := encode(e)
	if err != nil {
		return err
	}
	if h.n++; h.n > 1 {
		b = slices.Insert(b, 0, ',')
	}
	return writeJSON(h.t, b)
}

func harRequestOf(d *record.Delivery, origin string) harRequest {
	target := masking.RequestTarget(d.Path)
	r := harRequest{
		Method: d.Method, URL: origin + escaped(target), HTTPVersion: "HTTP/1.1", Cookies: []harPair{}, Headers: harHeaders(d.Header),
		QueryString: []harPair{}, HeadersSize: -1, BodySize: d.Size,
	}
	if _, query, has := strings.Cut(target, "?"); has {
		for pair := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(pair, "=")
			r.QueryString = append(r.QueryString, harPair{unescaped(name), unescaped(value)})
		}
	}
	if len(d.Body) > 0 && !d.BodyDamaged {
		r.PostData = &harPost{MimeType: d.Header.Get("Content-Type"), Params: []harPair{}}
		r.PostData.Text, r.PostData.Encoding = harText(d.Body)
	}
	return r
}

// harAnswer is an answer of which the status alone is known.
func harAnswer(status int) harResponse {
	return harResponse{
		Status: status, StatusText: http.StatusText(status), HTTPVersion: "HTTP/1.1", Cookies: []harPair{}, Headers: []harPair{},
		HeadersSize: -1, BodySize: -1,
	}
}

func harResponseOf(a *record.Attempt) harResponse {
	r := harAnswer(a.Status)
	r.Headers, r.RedirectURL, r.BodySize = harHeaders(a.Header), a.Header.Get("Location"), a.BodySize
	r.Content = harContent{Size: a.BodySize, MimeType: a.Header.Get("Content-Type")}
	r.Content.Text, r.Content.Encoding = harText(a.Body)
	return r
}

// harText is a body as HAR holds it, and how it is encoded.
func harText(b []byte) (text, encoding string) {
	if utf8.Valid(b) {
		return string(b), ""
	}
	return base64.StdEncoding.EncodeToString(b), "base64"
}

func harHeaders(h http.Header) []harPair {
	out := []harPair{}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			out = append(out, harPair{name, strings.ToValidUTF8(value, "\ufffd")})
		}
	}
	return out
}

// escaped is a request target in which all that does not belong in a URL (RFC 3986, 2) is percent-encoded.
func escaped(target string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?@!$&'()*+,;="
	if !strings.HasPrefix(target, "/") { // another form of it (RFC 9112, 3.2)
		target = "/" + target
	}
	var b strings.Builder
	for i := range len(target) {
		c := target[i]
		switch {
		case strings.IndexByte(plain, c) >= 0, c == '%' && len(target) > i+2 && strings.Trim(target[i+1:i+3], "0123456789abcdefABCDEF") == "":
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// unescaped is a name or value of a query, as it stands there when it cannot be decoded.
func unescaped(s string) string {
	text, err := url.QueryUnescape(s)
	if err != nil {
		text = s
	}
	return strings.ToValidUTF8(text, "\ufffd")
}
