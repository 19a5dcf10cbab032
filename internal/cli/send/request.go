package send

// The request that whctl send sends.

import (
	"errors"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
)

// template is the request without its event and its time.
func (o *options) template(keys *cmdkit.KeySet) (craft.Request, error) {
	header, err := o.env.OwnHeaders(o.headers)
	return craft.Request{
		Rules: keys.Rules, Keys: keys.Keys, Params: keys.Params,
		Method: o.method, URL: netname.Complete(o.to), SignURL: o.url, Header: header, Agent: "whctl/" + o.env.Version,
		Tamper: o.tamper, Rand: o.env.Rand,
	}, err
}

// signed makes the request of an event, signed as of now or as the flags say.
func (o *options) signed(r craft.Request, e craft.Event) (craft.Made, error) {
	r.Event, r.At = e, o.timestamp.Resolve(o.env.Now().Add(-o.age))
	m, err := r.Make()
	m.Timeout = o.timeout
	if unspoiled, ok := errors.AsType[*craft.TamperError](err); ok {
		return m, tamperFault(unspoiled)
	}
	return m, err
}

// tamperFault advises what to spoil instead.
func tamperFault(e *craft.TamperError) error {
	switch e.Part {
	case craft.TamperBody:
		return fault.Hint(fault.New(fault.Usage, "--tamper body: scheme %s does not sign the body, so a changed one is as valid as before", e.Scheme),
			"use --tamper signature or --tamper key")
	case craft.TamperSignature:
		return fault.Hint(fault.New(fault.Usage, "--tamper signature: nothing was found to change that counts for scheme %s", e.Scheme), "try --tamper key")
	default:
		return fault.Hint(fault.New(fault.Usage, "--tamper key: the request is still valid, because its signature is not made with the key"),
			"leave out the --header that carries the signature")
	}
}
