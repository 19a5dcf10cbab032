package send

import (
	"bytes"
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/sign"
)

// request signs the payload and makes the delivery of it. The bytes that are hashed are the bytes that are sent, unless
// --tamper says otherwise.
func (o *options) request(keys *cmdkit.KeySet, p payload) (deliver.Request, error) {
	header, err := cmdkit.OwnHeaders("--header", o.headers, deliver.OwnHeader)
	if err != nil {
		return deliver.Request{}, err
	}
	own := header.Clone()
	if header == nil {
		header = http.Header{}
	}
	for _, f := range p.fields {
		setDefault(header, f.Name, f.Value)
	}
	setDefault(header, "Content-Type", event.ContentType(p.body))
	setDefault(header, "User-Agent", "whctl/"+o.env.Version)
	signed, err := o.sign(keys, p, header)
	if err != nil {
		return deliver.Request{}, err
	}
	body := p.body
	if body, err = withMembers(body, signed.Body); err != nil {
		return deliver.Request{}, err
	}
	for _, f := range signed.Fields {
		if _, mine := own[http.CanonicalHeaderKey(f.Name)]; !mine { // a header the user gave is sent as given
			header.Set(f.Name, f.Value)
		}
	}
	target := netname.Complete(o.to)
	if signed.URL != "" {
		target = o.withQuery(target, signed.URL)
	}
	q := deliver.Request{Method: o.method, URL: target, Header: header, Body: body, Timeout: o.timeout}
	s := spoiler{
		rules: keys.Rules, keys: keys.Keys, params: keys.Params, signed: signed,
		url: cmp.Or(signed.URL, o.url, netname.Complete(o.to)),
	}
	o.tampered, err = s.spoil(o.tamper, &q)
	return q, err
}

// withQuery gives the target the query of the signed URL, to which signing has added a parameter. Where another URL was
// signed than the target's, the target's own parameters come first.
func (o *options) withQuery(target, signed string) string {
	_, query, _ := strings.Cut(signed, "?")
	target, own, _ := strings.Cut(target, "?")
	if o.url == "" {
		own = "" // the signed URL has it already
	}
	return target + "?" + netname.JoinQuery(own, query)
}

func (o *options) sign(keys *cmdkit.KeySet, p payload, header http.Header) (sign.Signed, error) {
	at := o.timestamp.Resolve(o.env.Now().Add(-o.age))
	q := sign.SignRequest{
		Time: at, ID: p.id, Method: o.method, URL: cmp.Or(o.url, netname.Complete(o.to)), Header: header, Body: bytes.NewReader(p.body), Params: keys.Params,
	}
	var err error
	if keys.Rules.Needs().ID && q.ID == "" {
		if q.ID, err = cmdkit.NewID(o.env.Rand); err != nil {
			return sign.Signed{}, err
		}
	}
	use := keys.Keys
	if o.tamper == tamperKey {
		if use, err = o.otherKey(keys.Rules); err != nil {
			return sign.Signed{}, err
		}
	}
	signed, err := keys.Rules.Sign(q, use)
	if err != nil {
		return sign.Signed{}, fault.New(fault.Usage, "%s", err)
	}
	return signed, nil
}

// otherKey is a key of the right form that the receiver cannot know.
func (o *options) otherKey(rules *sign.Rules) ([]sign.Key, error) {
	key, err := cmdkit.RandomKey(rules, o.env.Rand)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "--tamper key")
	}
	return []sign.Key{key}, nil
}

// withMembers sets the members that schemes which sign inside the body put there.
func withMembers(body []byte, members []sign.Field) ([]byte, error) {
	if len(members) == 0 {
		return body, nil
	}
	sets := make([]event.Set, 0, len(members))
	for _, m := range members {
		set, err := event.SetString(m.Name, m.Value)
		if err != nil {
			return nil, fault.Wrap(fault.Usage, err, "cannot put the signature into the body")
		}
		sets = append(sets, set)
	}
	out, err := event.ApplySets(body, sets)
	return out, fault.Wrap(fault.Usage, err, "cannot put the signature into the body")
}

func setDefault(h http.Header, name, value string) {
	if _, has := h[http.CanonicalHeaderKey(name)]; !has {
		h.Set(name, value)
	}
}

// elapsed is the part of a result that people read.
func elapsed(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
