package cmdkit

// Certificates that requests name, where the user asks for them.

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/fault"
)

// BindFetch adds the flag that asks for certificates.
func BindFetch(fs *pflag.FlagSet, fetch *bool) {
	fs.BoolVar(fetch, "fetch-certificate", false, "fetch the certificate that a request names, from the hosts that its scheme names")
}

// Certificates fetches certificates for the judge of these keys; nil where nobody asked for it. A scheme that names no host has none
// fetched, and neither has a request whose scheme is found: its sender would choose it.
func (s *KeySet) Certificates(fetch bool) (func(ctx context.Context, url string) (string, error), error) {
	switch {
	case !fetch:
		return nil, nil //nolint:nilnil // no function is how a judge is told to fetch none
	case s.Auto():
		return nil, fault.Hint(fault.New(fault.Usage, "--fetch-certificate needs to know the scheme, and with auto the sender would choose it"),
			"name it: --scheme paypal, or --scheme sns")
	case !s.Rules.Certificate.Fetched():
		return nil, fault.Hint(fault.New(fault.Usage, "scheme %s names no host that a certificate may be fetched from", s.Scheme()),
			"leave out --fetch-certificate, and give a key with --secret-file FILE")
	}
	return client.NewCertificates(nil, s.env.Now).Get, nil
}
