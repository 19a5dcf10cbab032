package broker

// When and how connections to brokers are encrypted.

import (
	"crypto/tls"
	"slices"

	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/target"
)

// needsTLS says whether a connection to one of the hosts must be encrypted. Credentials that are secrets go over TLS alone, or stay on this
// machine.
func needsTLS(a *target.Access, hosts ...string) bool {
	elsewhere := func(host string) bool { return !netname.LoopbackHost(host) }
	return a.Roots != nil || a.Certificate != nil || a.Secret() && slices.ContainsFunc(hosts, elsewhere)
}

// tlsConfig is for connections to any of a broker's hosts: each is known by its own name.
func tlsConfig(a *target.Access) *tls.Config {
	return &tls.Config{RootCAs: a.Roots, Certificates: a.Certificate, MinVersion: tls.VersionTLS12, InsecureSkipVerify: a.Insecure} // #nosec G402 -- --insecure, as the user asked
}
