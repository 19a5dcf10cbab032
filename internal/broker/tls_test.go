package broker

import (
	"crypto/tls"
	"crypto/x509"
	"testing"

	"github.com/whctl/whctl/internal/target"
)

// A password goes to another machine over TLS alone, whichever of several hosts that is and however it is written.
func TestSecretsNeedTLS(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		access target.Access
		hosts  []string
		want   bool
	}{
		{target.Access{}, []string{"broker.example:9092"}, false},
		{target.Access{User: "u", Password: "p"}, []string{"broker.example:9092"}, true},
		{target.Access{User: "u", Password: "p", Mechanism: target.ScramSHA256}, []string{"10.0.0.1:9092"}, true},
		{target.Access{User: "u", Password: "p", Insecure: true}, []string{"127.1:9092"}, true},
		{target.Access{Token: "t"}, []string{"localhost:4222", "broker.example:4222"}, true},
		{target.Access{User: "u", Password: "p"}, []string{"localhost:9092", "[::1]:9092", "127.0.0.1:9092"}, false},
		{target.Access{Roots: x509.NewCertPool()}, []string{"localhost:9092"}, true},
		{target.Access{Certificate: []tls.Certificate{{}}}, []string{"localhost:9092"}, true},
	} {
		if got := needsTLS(&c.access, c.hosts...); got != c.want {
			t.Errorf("%+v to %q: %v", c.access, c.hosts, got)
		}
	}
}
