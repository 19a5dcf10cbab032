package broker

// Clients of Kafka, of whoever hands over to it and whoever takes from it.

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/target"
)

// kafkaAgain is how long a client waits before it asks the brokers again. How often that is done, who opens the client bounds.
const kafkaAgain = 100 * time.Millisecond

// kafkaClient opens a client of the brokers at a target's hosts, with its credentials. It connects when it is used, and must be closed.
func kafkaClient(t target.Target, more ...kgo.Opt) (*kgo.Client, error) {
	options := []kgo.Opt{
		kgo.ClientID(clientName), kgo.SeedBrokers(t.Hosts()...), kgo.Dialer(kafkaDialer(t)),
		kgo.RequestTimeoutOverhead(connectTime), kgo.DisableClientMetrics(),
		kgo.RetryBackoffFn(func(int) time.Duration { return kafkaAgain }), kgo.MetadataMinAge(kafkaAgain),
	}
	if mechanism := saslMechanism(&t.Access); mechanism != nil {
		options = append(options, kgo.SASL(mechanism))
	}
	return kgo.NewClient(append(options, more...)...)
}

// saslMechanism is how a broker is given the credentials. nil: there are none.
func saslMechanism(a *target.Access) sasl.Mechanism {
	if a.User == "" {
		return nil
	}
	switch a.Mechanism {
	case target.ScramSHA256:
		return scram.Auth{User: a.User, Pass: a.Password}.AsSha256Mechanism()
	case target.ScramSHA512:
		return scram.Auth{User: a.User, Pass: a.Password}.AsSha512Mechanism()
	default:
		return plain.Auth{User: a.User, Pass: a.Password}.AsMechanism()
	}
}

// kafkaDialer connects to one broker, which those of the target name too. Secrets go over TLS alone, or stay on this machine.
func kafkaDialer(t target.Target) func(ctx context.Context, network, address string) (net.Conn, error) {
	direct := &net.Dialer{Timeout: connectTime}
	if t.Here {
		direct.Control = netname.OnlyLoopback
	}
	secure := &tls.Dialer{NetDialer: direct, Config: tlsConfig(&t.Access)}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if needsTLS(&t.Access, address) {
			return secure.DialContext(ctx, network, address)
		}
		return direct.DialContext(ctx, network, address)
	}
}
