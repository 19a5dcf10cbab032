package replay

// A recorded delivery, made ready to be sent again.

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/target"
)

// ready is a delivery that can be sent again.
type ready struct {
	row     record.Delivery // of the replay
	message target.Message
	signing record.Signing
	key     string   // the name of the key that it was signed with; "" for none
	left    []string // headers that are not sent, as the journal has no secrets
	bare    bool     // it came without a signature, and goes without one
}

// maker makes deliveries ready.
type maker struct {
	o       *options
	signers *cmdkit.Resigning
	sets    []jsonbytes.Edit
}

func newMaker(ctx context.Context, o *options) (*maker, error) {
	m := &maker{o: o}
	var err error
	if m.sets, err = craft.Edits(o.sets); err != nil {
		return nil, fault.Hint(fault.Wrap(fault.Usage, err, "--set"), "write it as --set data.status=active")
	}
	m.signers, err = o.flags.Resigning(ctx, o.env)
	return m, err
}

// signs says whether a delivery is signed again. A token is not recorded, so it is set again in any case.
func (m *maker) signs(d *record.Delivery) bool {
	if !m.o.asCaptured {
		return true
	}
	rules := m.rules(d)
	return rules != nil && slices.ContainsFunc(rules.SecretHeaders(), func(name string) bool { return slices.Contains(d.Header[name], masking.Masked) })
}

// rules are those that a delivery was verified with, nil if they are not known here.
func (m *maker) rules(d *record.Delivery) *sign.Rules {
	s, err := m.o.env.Settings()
	if err != nil {
		return nil
	}
	rules, err := cmdkit.RulesOf(s, d.Verdict.Scheme)
	if err != nil {
		return nil
	}
	return rules
}

// check says what is missing to sign a delivery again, before anything is sent.
func (m *maker) check(ctx context.Context, d *record.Delivery) error {
	if !m.signs(d) {
		return nil
	}
	_, err := m.signers.Signer(ctx, d)
	return m.unsigned(err)
}

// unsigned is the error of a delivery that cannot be signed again. Where it was to go as captured, only its token was to be set.
func (m *maker) unsigned(err error) error {
	if err == nil || !m.o.asCaptured {
		return err
	}
	return fault.Hint(err, "its token was not recorded, so one is set: give the key that makes it with --secret-file FILE")
}

// whole refuses a delivery whose bytes are not what was received.
func whole(d *record.Delivery) error {
	show := fault.Command("whctl journal show", d.ID)
	switch {
	case d.BodyDamaged:
		return fault.Hint(fault.New(fault.Storage, "the stored body of %s is no longer what was received, so it cannot be sent again", d.ID), "%s shows what else is known of it", show)
	case d.Scrubbed > 0:
		return fault.Hint(fault.New(fault.Refused, "delivery %s was scrubbed when it was recorded, so what was received cannot be sent again", d.ID), "%s shows what was recorded", show)
	case d.Truncated():
		return fault.Hint(fault.New(fault.Refused, "only the first %s of %s of the refused delivery %s were recorded, so it cannot be sent again",
			render.Size(int64(len(d.Body))), render.Size(d.Size), d.ID), "%s shows what was recorded", show)
	}
	return nil
}

// ready makes a delivery ready for a place.
func (m *maker) ready(ctx context.Context, d *record.Delivery, to *place) (*ready, error) {
	if err := whole(d); err != nil {
		return nil, err
	}
	q := craft.Recorded{Method: d.Method, Header: maps.Clone(d.Header), Body: d.Body, ID: d.Verdict.ID, Params: d.Params}
	q, err := m.edited(ctx, d, q)
	if err != nil {
		return nil, err
	}
	now := m.o.env.Now()
	r := &ready{row: *d}
	row := &r.row
	row.ID, row.Seq, row.ReplayOf, row.ReceivedAt, row.RemoteAddr = "", 0, d.ID, now, ""
	row.Duplicate, row.Conflict, row.Late, row.OutOfOrder, row.Answer, row.Skipped, row.Route = nil, "", 0, false, 0, "", ""
	row.Targets, row.KeyName = []string{to.label}, ""
	row.Verdict = sign.Verdict{Scheme: d.Verdict.Scheme, Reason: sign.Unverified, KeyIndex: -1, SignedAt: d.Verdict.SignedAt, ID: q.ID}
	if !row.Verdict.SignedAt.IsZero() {
		row.Verdict.Skew = now.Sub(row.Verdict.SignedAt)
	}
	if m.signs(d) {
		if err := m.sign(ctx, d, to, &q, r, now); err != nil {
			return nil, m.unsigned(err)
		}
	}
	r.bare = d.Verdict.Reason == sign.MissingSignature && r.key == "" && len(m.o.headers) == 0 // a header that is given may be one
	m.finish(d, to, q, r)
	return r, nil
}

// edited makes the edits of --set and --edit.
func (m *maker) edited(ctx context.Context, d *record.Delivery, q craft.Recorded) (craft.Recorded, error) {
	if len(m.sets) == 0 && !m.o.edit {
		return q, nil
	}
	if coding := q.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return q, fault.Hint(fault.New(fault.Usage, "the body of %s is compressed (%s), so it cannot be edited", d.ID, coding), "send it without --set and --edit")
	}
	body, err := jsonbytes.Apply(q.Body, m.sets)
	if err != nil {
		return q, fault.Wrap(fault.Usage, err, "--set")
	}
	if m.o.edit {
		if body, err = editBody(ctx, m.o.env, body); err != nil {
			return q, err
		}
	}
	var spec event.Spec
	if rules := m.rules(d); rules != nil {
		spec = craft.Spec(rules.Scheme())
	}
	return q.WithBody(spec, body), nil
}

// sign signs the request again, and verifies it as its receiver will.
func (m *maker) sign(ctx context.Context, d *record.Delivery, to *place, q *craft.Recorded, r *ready, now time.Time) error {
	s, err := m.signers.Signer(ctx, d)
	if err != nil {
		return err
	}
	q.Params = s.Params
	q.Header["Host"] = []string{d.Host} // some schemes may sign it
	q.URL = m.signedURL(d, to, s.Rules, &r.row)
	at := m.o.at.Resolve(now)
	if m.o.asCaptured && !d.Verdict.SignedAt.IsZero() { // a token that is set again has the time that it came with
		at = d.Verdict.SignedAt
	}
	again, err := craft.Resign(s.Rules, s.Key, at, *q)
	if err != nil {
		return err
	}
	again.Apply(q.Header)
	q.Body = again.Body
	v := s.Rules.Verify(&sign.Message{Method: q.Method, URL: again.URL, Header: q.Header, Body: q.Body, Params: q.Params}, []sign.Key{s.Check}, sign.VerifyOptions{Now: now})
	delete(q.Header, "Host")
	v.KeyIndex = -1
	switch {
	case v.OK, v.Reason == sign.TooOld, v.Reason == sign.TooNew:
	case v.Reason == sign.Mismatch && s.Rules.Public():
		return s.CannotSign()
	default:
		return fault.New(fault.Usage, "delivery %s does not hold when it is signed again: %s, %s", d.ID, v.Reason, v.Detail)
	}
	r.row.Path = withQueryOf(r.row.Path, again.URL, q.URL, to.Query)
	r.row.Verdict, r.row.KeyName, r.key = v, s.Name, s.Name
	if !m.o.asCaptured {
		r.signing = record.Resigned
	}
	return nil
}

// signedURL is the URL to sign: the one that the provider knew. Without one it is where the request goes, as its sender knows no other.
func (m *maker) signedURL(d *record.Delivery, to *place, rules *sign.Rules, row *record.Delivery) string {
	switch {
	case m.o.url != "":
		return m.o.url
	case d.PublicURL == "" && !to.before && to.known:
		if rules.Needs().URL {
			row.PublicURL = to.Origin()
		}
		return to.Address(d.Path)
	default:
		return cmp.Or(d.PublicURL, "http://"+d.Host) + d.Path
	}
}

// withQueryOf gives a path the query that signing has put into a URL. own is the target's own query, which it gets when it is sent.
func withQueryOf(path, signed, before, own string) string {
	if signed == before {
		return path
	}
	u, err := url.Parse(signed)
	if err != nil {
		return path
	}
	bare, _, _ := strings.Cut(path, "?")
	query := u.RawQuery
	if own != "" {
		query = strings.TrimPrefix(strings.TrimPrefix(query, own), "&")
	}
	return bare + "?" + query
}

// finish makes the row and the message of what is sent now.
func (m *maker) finish(d *record.Delivery, to *place, q craft.Recorded, r *ready) {
	row := &r.row
	row.Body, row.Size, row.Header = q.Body, int64(len(q.Body)), http.Header{}
	sum := sha256.Sum256(q.Body)
	row.BodySHA256 = hex.EncodeToString(sum[:])
	var secrets []string
	rules := m.rules(&r.row)
	if rules != nil {
		secrets = rules.SecretHeaders()
		if m.o.edit || len(m.sets) > 0 {
			info := event.Extract(craft.Spec(rules.Scheme()), q.Header, q.Body)
			row.EventType, row.EventID, row.EventTime = info.Type, info.ID, info.Time
		}
	}
	header := maps.Collect(deliver.EndToEnd(q.Header))
	for name, values := range q.Header {
		row.Header[name] = values
		switch {
		case slices.Contains(values, masking.Masked):
			delete(header, name)
			r.left = append(r.left, name)
		case slices.Contains(secrets, name), slices.ContainsFunc(values, m.o.env.Secret):
			row.Header[name] = slices.Repeat([]string{masking.Masked}, len(values))
		}
	}
	slices.Sort(r.left)
	if to.before {
		forwarded(header, d.Host)
	}
	r.message = target.Message{Method: d.Method, Request: row.Path, Header: header, Body: q.Body}
}

// forwarded adds what a listener adds to what it hands on, so that a target that it stood before makes the same URL of it.
func forwarded(h http.Header, host string) {
	for name, value := range map[string]string{"X-Forwarded-Host": host, "X-Forwarded-Proto": "http"} {
		if _, has := h[name]; !has {
			h[name] = []string{value}
		}
	}
}
