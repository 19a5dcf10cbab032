package craft

// Recorded requests: signed again, and edited.

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Recorded is a request as it was received.
type Recorded struct {
	Method string
	URL    string      // as the provider knows it
	Header http.Header // canonical names
	Body   []byte
	ID     string // the message's, as the scheme carries it; "" for none
	Params map[string]string
}

// Resigned is a recorded request with another time and signature.
type Resigned struct {
	URL  string // another one only where the scheme puts a hash of the body into it
	Body []byte // the same bytes, except that some schemes have time or signature in the body
	set  http.Header
	drop []string
}

// Apply changes headers of the request to those that belong to the signature.
func (r Resigned) Apply(h http.Header) {
	for _, name := range r.drop {
		delete(h, name)
	}
	maps.Copy(h, r.set)
}

// Resign signs a recorded request as of a time. Only time and signature change, under the names under which they came. Errors are
// usage faults.
func Resign(rules *sign.Rules, key sign.Key, at time.Time, q Recorded) (Resigned, error) {
	body, err := withTime(rules, q.Header, q.Body, at)
	if err != nil {
		return Resigned{}, err
	}
	id := q.ID
	for _, name := range rules.IDHeaders {
		if id == "" {
			id = scheme.HeaderValue(q.Header, name)
		}
	}
	signed, err := rules.Sign(sign.SignRequest{
		Time: at, ID: id, Method: q.Method, URL: q.URL, Header: q.Header, Body: bytes.NewReader(body), Params: q.Params,
	}, []sign.Key{key})
	if err != nil {
		return Resigned{}, SignFault(err)
	}
	r := Resigned{URL: q.URL, set: http.Header{}, drop: rules.SignatureHeaders()}
	if signed.URL != "" {
		r.URL = signed.URL
	}
	if r.Body, err = withSigned(q.Header, body, &signed); err != nil {
		return Resigned{}, err
	}
	for _, f := range signed.Fields {
		for _, name := range cameAs(rules, q.Header, f.Name) {
			r.set[name] = []string{f.Value}
		}
	}
	return r, nil
}

// cameAs are the names under which a header of the scheme came. A receiver may read any of them.
func cameAs(rules *sign.Rules, h http.Header, header string) []string {
	names := rules.Aliases(header)
	came := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return len(h[name]) == 0 })
	if len(came) == 0 {
		return names[:1]
	}
	return came
}

// withTime puts a time where the body itself holds the message's time.
func withTime(rules *sign.Rules, header http.Header, body []byte, at time.Time) ([]byte, error) {
	t := rules.Scheme().Timestamp
	if t == nil || rules.Items != nil { // the parts of a body have their times to themselves
		return body, nil
	}
	text := rules.Clock.Format(at)
	if _, place, code := rules.TimeIn(&sign.Message{Header: header, Body: body}); code == sign.NoDetail && place.In == sign.InForm {
		return withField(header, body, sign.Field{Name: place.Name, Value: text})
	}
	for _, member := range []struct {
		name string
		path jsonbytes.Path
	}{{t.JSON, rules.TimePath}, {t.Copy, rules.CopyPath}} {
		if member.path == nil {
			continue
		}
		found := jsonbytes.Find(body, member.path)[0]
		if _, there := found.Exact(len(body)); !there {
			continue
		}
		set, err := jsonbytes.SetString(member.name, text)
		if !found.Quoted() {
			set, err = jsonbytes.ParseEdit(member.name + "=" + text)
		}
		if err == nil {
			body, err = jsonbytes.Apply(body, []jsonbytes.Edit{set})
		}
		if err != nil {
			return nil, noPlace(err, "the time")
		}
	}
	return body, nil
}

// digests are headers that hold a digest of the body. Nobody signs them anew here.
func digests() []string { return []string{"Content-Digest", "Content-Md5", "Digest", "Repr-Digest"} }

// WithBody is the request with another body. What repeats type or id of its event in a header follows the body, and so does the
// message's id. Headers with a digest of the body are left out.
func (q Recorded) WithBody(spec event.Spec, body []byte) Recorded {
	was, is := event.Extract(spec, q.Header, q.Body), event.Extract(spec, q.Header, body)
	header := make(http.Header, len(q.Header))
	for name, values := range q.Header {
		if slices.Contains(digests(), name) {
			continue
		}
		header[name] = follow(follow(values, was.Type, is.Type), was.ID, is.ID)
	}
	q.ID = follow([]string{q.ID}, was.ID, is.ID)[0]
	q.Header, q.Body = header, body
	return q
}

// follow replaces values that are equal to a text that has changed.
func follow(values []string, was, is string) []string {
	if was == "" || is == "" || was == is {
		return values
	}
	out := slices.Clone(values)
	for i, v := range out {
		if v == was {
			out[i] = is
		}
	}
	return out
}
