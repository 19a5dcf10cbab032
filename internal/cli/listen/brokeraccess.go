package listen

// What brokers ask for, read from files.

import (
	"crypto/tls"
	"crypto/x509"
	"strings"

	"github.com/whctl/whctl/internal/broker"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/target"
)

// credsBegin is how a .creds file begins, which nsc makes: a JWT, and the seed that goes with it.
const credsBegin = "-----BEGIN NATS USER JWT-----" // #nosec G101 -- the line before one

// accessTo is what the user gives to the broker of a target.
func (o *options) accessTo(t target.Target) target.Access {
	if t.Kafka() {
		return o.kafkaAccess
	}
	return o.access
}

// readAccess reads what the settings name. Its errors are usage faults, and name no secret.
func (o *options) readAccess() error {
	o.access.Insecure, o.kafkaAccess.Insecure = o.set.Insecure, o.set.Insecure
	o.kafkaAccess.Mechanism = target.Mechanism(o.set.KafkaSASL)
	if o.set.NATSCreds != "" {
		if err := o.readNATSCredentials(); err != nil {
			return err
		}
	}
	if err := o.readKafkaCredentials(); err != nil {
		return err
	}
	if err := o.readTLS(&o.access, "nats", o.set.NATSCA, o.set.NATSCert); err != nil {
		return err
	}
	return o.readTLS(&o.kafkaAccess, "kafka", o.set.KafkaCA, o.set.KafkaCert)
}

// readTLS reads the files of --nats-ca and --nats-cert, or of those of another broker.
func (o *options) readTLS(a *target.Access, broker, ca, cert string) error {
	if ca != "" {
		pem, err := o.env.ReadInput(ca, "the file of --"+broker+"-ca")
		if err != nil {
			return err
		}
		if a.Roots = x509.NewCertPool(); !a.Roots.AppendCertsFromPEM(pem) {
			return fault.Hint(fault.New(fault.Usage, "%s holds no certificate", fault.Quote(ca)), "name a file of certificates in the form PEM, which openssl x509 -text can read")
		}
	}
	if cert == "" {
		return nil
	}
	pem, err := o.env.ReadInput(cert, "the file of --"+broker+"-cert")
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(pem, pem)
	if err != nil {
		return fault.Hint(fault.New(fault.Usage, "%s does not hold a certificate and its key", fault.Quote(cert)), "write both into one file, in PEM")
	}
	a.Certificate = []tls.Certificate{pair}
	return nil
}

// readKafkaCredentials reads USER:PASSWORD. Nothing of the password is shown from then on.
func (o *options) readKafkaCredentials() error {
	if o.set.KafkaCreds == "" {
		if o.kafkaAccess.Mechanism != target.Plain {
			return fault.Hint(fault.New(fault.Usage, "--kafka-sasl says how credentials are given, and there are none"), "write USER:PASSWORD into a file, and add --kafka-creds FILE")
		}
		return nil
	}
	content, err := o.env.ReadInput(o.set.KafkaCreds, "the file of --kafka-creds")
	if err != nil {
		return err
	}
	text := strings.TrimSpace(string(content))
	user, password, pair := strings.Cut(text, ":")
	if !pair || user == "" || password == "" || strings.Contains(text, "\n") {
		for line := range strings.Lines(text) {
			o.env.Hide(strings.TrimSpace(line))
		}
		return fault.Hint(fault.New(fault.Usage, "%s does not hold one line USER:PASSWORD", fault.Quote(o.set.KafkaCreds)), "a cloud's API key is the user, and its secret the password")
	}
	o.env.Hide(text)
	o.env.Hide(password)
	o.kafkaAccess.User, o.kafkaAccess.Password = user, password
	return nil
}

// readNATSCredentials reads USER:PASSWORD, a token, a seed, or a .creds file. Nothing of it is shown from then on.
func (o *options) readNATSCredentials() error {
	content, err := o.env.ReadInput(o.set.NATSCreds, "the file of --nats-creds")
	if err != nil {
		return err
	}
	text := strings.TrimSpace(string(content))
	for line := range strings.Lines(text) {
		o.env.Hide(strings.TrimSpace(line))
	}
	seed, isSeed := broker.UserSeed(text)
	user, password, pair := strings.Cut(text, ":")
	switch {
	case text == "":
		return fault.Hint(fault.New(fault.Usage, "%s is empty", fault.Quote(o.set.NATSCreds)), "write USER:PASSWORD or a token into it, or name a .creds file or a seed")
	case strings.HasPrefix(text, credsBegin):
		o.access.JWT = content
	case isSeed:
		if seed == nil {
			return fault.Hint(fault.New(fault.Usage, "%s holds a seed that is not a user's, or that is not whole", fault.Quote(o.set.NATSCreds)), "name the file that nk -gen user made: the seed begins with SU")
		}
		o.access.Seed = seed
	case strings.Contains(text, "\n"):
		return fault.Hint(fault.New(fault.Usage, "%s holds more than one line, and neither a seed nor a .creds file", fault.Quote(o.set.NATSCreds)), "write USER:PASSWORD or a token into it, or name a .creds file or a seed")
	case pair:
		o.access.User, o.access.Password = user, password
		o.env.Hide(password)
	default:
		o.access.Token = text
	}
	return nil
}
