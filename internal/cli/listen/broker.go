package listen

// What brokers ask for, read from files.

import (
	"crypto/tls"
	"crypto/x509"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// credsBegin is how a .creds file begins, which nsc makes: a JWT, and the seed that goes with it.
const credsBegin = "-----BEGIN NATS USER JWT-----" // #nosec G101 -- the line before one

// readAccess reads what the settings name. Its errors are usage faults, and name no secret.
func (o *options) readAccess() error {
	o.access.Insecure = o.set.Insecure
	if o.set.NATSCreds != "" {
		if err := o.readCredentials(); err != nil {
			return err
		}
	}
	if o.set.NATSCA != "" {
		pem, err := o.env.ReadInput(o.set.NATSCA, "the file of --nats-ca")
		if err != nil {
			return err
		}
		if o.access.Roots = x509.NewCertPool(); !o.access.Roots.AppendCertsFromPEM(pem) {
			return fault.Hint(fault.New(fault.Usage, "%s holds no certificate", fault.Quote(o.set.NATSCA)), "a certificate in PEM begins with -----BEGIN CERTIFICATE-----")
		}
	}
	if o.set.NATSCert != "" {
		pem, err := o.env.ReadInput(o.set.NATSCert, "the file of --nats-cert")
		if err != nil {
			return err
		}
		pair, err := tls.X509KeyPair(pem, pem)
		if err != nil {
			return fault.Hint(fault.New(fault.Usage, "%s does not hold a certificate and its key", fault.Quote(o.set.NATSCert)), "write both into one file, in PEM")
		}
		o.access.Certificate = []tls.Certificate{pair}
	}
	return nil
}

// readCredentials reads USER:PASSWORD, a token, or a .creds file. Nothing of it is shown from then on.
func (o *options) readCredentials() error {
	content, err := o.env.ReadInput(o.set.NATSCreds, "the file of --nats-creds")
	if err != nil {
		return err
	}
	text := strings.TrimSpace(string(content))
	for line := range strings.Lines(text) {
		o.env.Hide(strings.TrimSpace(line))
	}
	user, password, pair := strings.Cut(text, ":")
	switch {
	case text == "":
		return fault.Hint(fault.New(fault.Usage, "%s is empty", fault.Quote(o.set.NATSCreds)), "write USER:PASSWORD or a token into it, or name a .creds file")
	case strings.HasPrefix(text, credsBegin):
		o.access.JWT = content
	case strings.Contains(text, "\n"):
		return fault.Hint(fault.New(fault.Usage, "%s holds more than one line, and is no .creds file", fault.Quote(o.set.NATSCreds)), "write USER:PASSWORD or a token into it, or name a .creds file")
	case pair:
		o.access.User, o.access.Password = user, password
		o.env.Hide(password)
	default:
		o.access.Token = text
	}
	return nil
}

// withAccess gives brokers what they ask for. The user's credentials do not go to a broker that only a project file names.
func (s *session) withAccess(to *directions) {
	withheld := false
	for _, t := range to.used() {
		switch {
		case !t.Broker():
		case t.foreign:
			withheld = true
		default:
			t.Access = s.access
		}
	}
	if withheld && s.set.NATSCreds+s.set.NATSCert != "" {
		s.env.Warn("your credentials are not sent to a broker that a project file names; to send them, name it yourself: --forward TARGET")
	}
}
