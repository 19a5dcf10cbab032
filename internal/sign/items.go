package sign

// Bodies whose parts are signed one by one.

import (
	"bytes"
	"io"
	"strconv"

	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// maxSigned bounds the parts of a body that are signed one by one.
const maxSigned = 100

// items are the parts of a body that are signed one by one.
func (r *Rules) items(body []byte) [][]byte {
	var out [][]byte
	jsonbytes.Places(body, []jsonbytes.Path{r.Items}, func(start, end int) { out = append(out, body[start:end]) })
	return out
}

// itemName is the path of one of the parts.
func (r *Rules) itemName(i int) string { return r.Scheme().Items + "[" + strconv.Itoa(i) + "]" }

// verifyItems verifies each part of the body that is signed by itself. The verdict is that of the first that does not hold.
func (r *Rules) verifyItems(m *Message, keys []Key, o VerifyOptions) Verdict {
	parts := r.items(m.Body)
	v := Verdict{Scheme: r.Scheme().Name, KeyIndex: -1, Reason: MissingSignature, Detail: Detail{Code: Missing, Place: Place{InBody, r.Scheme().Items}}}
	switch {
	case len(keys) == 0:
		v.Reason, v.Detail = Unverified, Detail{Code: NoKey}
		return v
	case !ambiguous(m.Body, []jsonbytes.Path{r.Items}).IsZero():
		v.Reason, v.Detail = Mismatch, ambiguous(m.Body, []jsonbytes.Path{r.Items})
		return v
	case len(parts) > maxSigned:
		v.Reason, v.Detail = MalformedSignature, Detail{Code: TooManyItems, Place: Place{InBody, r.Scheme().Items}, Count: maxSigned}
		return v
	}
	var first Verdict
	for i, part := range parts {
		one := *m
		one.Body = part
		if v = r.verifyOne(&one, keys, o); !v.OK {
			if v.Detail.Place.In == InBody {
				v.Detail.Place.Name = r.itemName(i) + "." + v.Detail.Place.Name
			}
			return v
		}
		if i == 0 {
			first = v
		}
	}
	if first.OK {
		return first
	}
	return v
}

// Failing is the part of a message whose signature does not hold, as a message of its own, where parts of the body are signed one by
// one; otherwise it is the message.
func (r *Rules) Failing(m *Message, keys []Key, o VerifyOptions) *Message {
	if r.Items == nil {
		return m
	}
	for _, part := range r.items(m.Body) {
		one := *m
		one.Body = part
		if !r.verifyOne(&one, keys, o).OK {
			return &one
		}
	}
	return m
}

// signItems signs each part of the body by itself.
func (r *Rules) signItems(q SignRequest, keys []Key) (Signed, error) {
	fail := func(problem string, err error) error {
		return &SignError{Scheme: r.Scheme().Name, Field: "body", Problem: problem, Err: err}
	}
	var body []byte
	if q.Body != nil {
		var err error
		if body, err = io.ReadAll(io.LimitReader(q.Body, maxWhole+1)); err != nil {
			return Signed{}, fail("the body cannot be read", err)
		}
	}
	parts := r.items(body)
	if len(parts) == 0 || len(parts) > maxSigned {
		return Signed{}, fail("the body needs a list "+scheme.Quote(r.Scheme().Items)+" of 1 to "+strconv.Itoa(maxSigned)+" parts, each of which is signed", nil)
	}
	var out Signed
	for i, part := range parts {
		one := q
		one.Body = bytes.NewReader(part)
		signed, err := r.signOne(one, keys)
		if err != nil {
			return Signed{}, err
		}
		for j := range signed.Body {
			signed.Body[j].Name = r.itemName(i) + "." + signed.Body[j].Name
		}
		signed.Body = append(out.Body, signed.Body...)
		if i > 0 {
			signed.Signature = out.Signature
		}
		out = signed
	}
	return out, nil
}
