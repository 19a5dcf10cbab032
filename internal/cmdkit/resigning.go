package cmdkit

// The keys that recorded deliveries are signed again with: those that verified them, by name, or those of the command line.

import (
	"context"
	"maps"
	"slices"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
)

// Signer is what a recorded delivery is signed again with.
type Signer struct {
	Rules  *sign.Rules
	Key    sign.Key
	Check  sign.Key          // verifies what Key signs, if Key is the private half of what the delivery was verified with
	Name   string            // of the key
	Params map[string]string // settings that the scheme asks for
}

// Resigning finds signers. A key that is not named by the delivery or by the command line is never used.
type Resigning struct {
	env      *Env
	settings *config.Settings
	store    *secret.Store
	given    []secret.Resolved // of the command line
	params   map[string]string
	named    *sign.Rules                  // of the scheme that the command line names; nil: it names none
	variable []secret.Resolved            // WHCTL_SECRET
	saved    map[string][]secret.Resolved // by profile
	known    map[string]Signer            // by scheme, profile and name of the key
}

// newResigning is one without keys of the command line.
func newResigning(e *Env) (*Resigning, error) {
	s, err := e.Settings()
	if err != nil {
		return nil, err
	}
	r := &Resigning{env: e, settings: s, saved: map[string][]secret.Resolved{}, known: map[string]Signer{}}
	if name := e.Globals.Scheme; name != "" && name != AutoScheme {
		if r.named, err = RulesOf(s, name); err != nil {
			return nil, err
		}
	}
	r.store, err = e.Store()
	return r, err
}

// Resigning finds signers among the keys that the set was made of, as they were read then, and those that were made for it. The saved
// ones among them are read again, as they may have changed since.
func (s *KeySet) Resigning(made ...secret.Resolved) (*Resigning, error) {
	r, err := newResigning(s.env)
	if err != nil {
		return nil, err
	}
	r.params, r.given = s.Params, made
	for i, src := range s.sources {
		if src.Kind != secret.Webhook {
			r.given = append(r.given, s.found[i]...)
		}
	}
	if s.Given && len(s.sources) == 0 {
		r.variable = slices.Concat(s.found...)
	}
	return r, nil
}

// Resigning reads the keys of the command line.
func (f *SignFlags) Resigning(ctx context.Context, e *Env) (*Resigning, error) {
	r, err := newResigning(e)
	if err != nil {
		return nil, err
	}
	if r.params, err = ParsePairs("--param", f.Params); err != nil {
		return nil, err
	}
	if len(f.Sources) == 0 && e.Getenv("WHCTL_SECRET") == "" {
		return r, nil
	}
	_, found, err := f.named(ctx, e, r.settings, false)
	if r.given = slices.Concat(found...); len(f.Sources) == 0 {
		r.given, r.variable = nil, r.given
	}
	return r, err
}

// Signer is what a delivery is signed again with. Without any it is a usage fault.
func (r *Resigning) Signer(ctx context.Context, d *record.Delivery) (Signer, error) {
	rules, err := r.rules(d)
	if err != nil {
		return Signer{}, err
	}
	at := rules.Scheme().Name + "\x00" + d.Profile + "\x00" + d.KeyName
	s, known := r.known[at]
	if !known {
		if s, err = r.find(ctx, d, rules); err != nil {
			return Signer{}, err
		}
		r.known[at] = s
	}
	s.Params, err = r.paramsOf(d, rules)
	return s, err
}

// rules are those of the scheme that the command line names, else of the one that the delivery was verified with.
func (r *Resigning) rules(d *record.Delivery) (*sign.Rules, error) {
	if r.named != nil {
		return r.named, nil
	}
	name := d.Verdict.Scheme
	if name == "" {
		return nil, fault.Hint(fault.New(fault.Usage, "no scheme fits delivery %s, so it is not known how to sign it", d.ID), "add --scheme NAME, or send it as it was with --as-captured")
	}
	rules, err := RulesOf(r.settings, name)
	if err != nil {
		return nil, fault.Hint(fault.New(fault.Usage, "delivery %s was verified with scheme %s, which is not known here", d.ID, name), "add --scheme NAME, or send it as it was with --as-captured")
	}
	return rules, nil
}

func (r *Resigning) find(ctx context.Context, d *record.Delivery, rules *sign.Rules) (Signer, error) {
	k, byName, err := r.key(ctx, d, rules.Scheme().Name)
	if err != nil {
		return Signer{}, err
	}
	s := Signer{Rules: rules, Name: k.Label}
	s.Key, err = explain.SigningKey(rules, k.Text)
	if s.Check = s.Key; err == nil && byName {
		s.Check, err = rules.Key(k.Text)
	}
	if err != nil {
		return Signer{}, cannotSign(k.Label, err)
	}
	return s, nil
}

// cannotSign refuses a key that only verifies.
func cannotSign(label string, err error) error {
	return fault.Hint(fault.Wrap(fault.Usage, err, "%s cannot sign", label), "give the private key with --secret-file FILE, or send the delivery as it was with --as-captured")
}

// CannotSign refuses the key, which is one half of a pair: what it signs does not verify with the other half.
func (s Signer) CannotSign() error {
	return cannotSign(s.Name, fault.New(fault.Usage, "it is a public key"))
}

// key is the key of the command line, else the one whose name the delivery has.
func (r *Resigning) key(ctx context.Context, d *record.Delivery, scheme string) (k secret.Resolved, byName bool, err error) {
	if len(r.given) > 0 {
		fits := func(k secret.Resolved) bool { return !k.Previous && (k.Scheme == "" || k.Scheme == scheme) }
		verified := func(k secret.Resolved) bool { return fits(k) && k.Label == d.KeyName }
		for _, is := range []func(secret.Resolved) bool{verified, fits} {
			if i := slices.IndexFunc(r.given, is); i >= 0 {
				return r.given[i], false, nil
			}
		}
		return k, false, boundElsewhere(r.given[0], scheme)
	}
	if d.KeyName == "" {
		return k, false, fault.Hint(fault.New(fault.Usage, "no key to sign with: delivery %s was verified with none", d.ID),
			"add --secret-file FILE, or send it as it was with --as-captured")
	}
	saved, err := r.savedKeys(ctx, d.Profile)
	if err != nil {
		return k, false, err
	}
	for _, list := range [][]secret.Resolved{saved, r.variable} {
		at := slices.IndexFunc(list, func(k secret.Resolved) bool { return k.Label == d.KeyName })
		for at > 0 && list[at].Previous { // the key that signs now stands before those that it replaced
			at--
		}
		switch {
		case at < 0:
		case list[at].Scheme != "" && list[at].Scheme != scheme:
			return k, false, boundElsewhere(list[at], scheme)
		default:
			return list[at], true, nil
		}
	}
	return k, false, fault.Hint(fault.New(fault.Usage, "no key to sign with: the key that verified delivery %s is not saved here: %s", d.ID, d.KeyName),
		"name the key with --secret-file FILE, or send it as it was with --as-captured")
}

// savedKeys are the saved keys of a profile, each with those that it replaced behind it.
func (r *Resigning) savedKeys(ctx context.Context, profile string) ([]secret.Resolved, error) {
	if list, known := r.saved[profile]; known {
		return list, nil
	}
	list, warnings, err := (&secret.Resolver{Store: r.store, Profile: profile}).Resolve(ctx, nil)
	if err != nil {
		return nil, err
	}
	for _, k := range list {
		r.env.Hide(k.Text)
	}
	r.env.warnOfKeys(warnings)
	r.saved[profile] = list
	return list, nil
}

// paramsOf are the settings that a delivery was verified with, and those of the command line.
func (r *Resigning) paramsOf(d *record.Delivery, rules *sign.Rules) (map[string]string, error) {
	params := map[string]string{}
	maps.Copy(params, d.Params)
	maps.Copy(params, r.params)
	for _, name := range rules.Needs().Params {
		if params[name] == "" || params[name] == masking.Masked {
			return nil, fault.Hint(fault.New(fault.Usage, "scheme %s needs the setting %s, which the journal does not have", rules.Scheme().Name, name),
				"add %s", fault.Command("").Flag("--param", name+"=VALUE"))
		}
	}
	return params, nil
}

// Rules are those of the signers that were found so far.
func (r *Resigning) Rules() (list []*sign.Rules) {
	for _, s := range r.known {
		list = append(list, s.Rules)
	}
	return list
}
