package craft

// Requests of a HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), from a browser or from whctl journal export.

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// maxEntries is how many requests of a HAR are read.
const maxEntries = 10_000

type harLog struct {
	Entries []struct {
		Request *harRequest `json:"request"`
	} `json:"entries"`
}

type harRequest struct {
	Method   string       `json:"method"`
	URL      string       `json:"url"`
	Headers  []harPair    `json:"headers"`
	PostData *harPostData `json:"postData"`
	BodySize *int64       `json:"bodySize"` // -1: not known
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type harPostData struct {
	Text     *string           `json:"text"`
	Params   []json.RawMessage `json:"params"`
	Encoding string            `json:"encoding"`  // base64: not of HAR, but what some proxies write
	Own      string            `json:"_encoding"` // base64: what whctl writes
}

var (
	errNoBody = errors.New("it has a body, and the HAR does not hold it")
	errParams = errors.New("the HAR has the fields of its form, and not the bytes that were sent")
	errBase64 = errors.New("its body is not whole base64")
	errMethod = errors.New("it names no method")
)

func (l *harLog) all() ([]Saved, error) {
	switch {
	case len(l.Entries) == 0:
		return nil, fault.Hint(fault.New(fault.Usage, "the HAR holds no requests"), "save it again once the network log shows the request")
	case len(l.Entries) > maxEntries:
		return nil, fault.Hint(fault.New(fault.Usage, "the HAR holds more than %d requests", maxEntries), "save those that are webhooks in a HAR of their own")
	}
	all := make([]Saved, 0, len(l.Entries))
	for _, e := range l.Entries {
		q, err := e.Request.saved()
		if err != nil {
			q = Saved{Form: FormHAR, Err: err}
		}
		all = append(all, q)
	}
	return all, nil
}

func (r *harRequest) saved() (Saved, error) {
	q, err := r.read()
	if err != nil {
		return Saved{}, fault.Hint(fault.New(fault.Usage, "cannot read the request: %w", err), "copy the request as cURL and use --curl FILE")
	}
	return q, nil
}

func (r *harRequest) read() (Saved, error) {
	if r == nil || r.Method == "" {
		return Saved{}, errMethod
	}
	q := Saved{Form: FormHAR, Method: r.Method}
	if err := q.setURL(r.URL); err != nil {
		return q, err
	}
	fields := make([]field, 0, len(r.Headers))
	for _, h := range r.Headers {
		fields = append(fields, field{h.Name, []string{h.Value}})
	}
	var err error
	if q.Header, _, err = headersOf(fields); err != nil {
		return q, err
	}
	q.Header.Del("Host")
	return q, r.body(&q)
}

func (r *harRequest) body(q *Saved) error {
	post := r.PostData
	switch {
	case post != nil && post.Text != nil && (*post.Text != "" || len(post.Params) == 0):
	case post != nil && len(post.Params) > 0:
		return errParams
	case r.BodySize != nil && *r.BodySize > 0:
		return errNoBody
	default:
		return nil
	}
	if strings.EqualFold(post.Encoding, "base64") || post.Own == "base64" {
		var err error
		if q.Body, err = base64.StdEncoding.DecodeString(*post.Text); err != nil {
			return errBase64
		}
		return nil
	}
	q.text(*post.Text)
	if r.BodySize != nil && *r.BodySize >= 0 && *r.BodySize != int64(len(q.Body)) {
		q.Doubt = DoubtSize
	}
	return nil
}
