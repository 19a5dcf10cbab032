package broker

// What it means for a job that a broker of either kind is not reached, or not heard of.

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// steps are what to do next where nothing listens, where something else does, where the wait was short, where the broker's certificate is not
// known, and where it refuses whctl's.
type steps struct{ start, check, wait, ca, cert fault.Step }

// certificate is the step after a TLS handshake that failed.
func (s *steps) certificate(err error) fault.Step {
	network, _ := errors.AsType[*net.OpError](err)
	invalid, _ := errors.AsType[x509.CertificateInvalidError](err)
	_, name := errors.AsType[x509.HostnameError](err)
	switch {
	case network != nil && network.Op == "remote error":
		return s.cert
	case name:
		return fault.NextStep("name the broker's host as its certificate does")
	case invalid.Reason == x509.Expired && invalid.Cert != nil:
		return fault.NextStep("give the broker a new certificate, or correct the clock of this machine")
	default:
		return s.ca
	}
}

// unreached is the outcome of a connection that was not made. It names what the network says, and no secret.
func unreached(ctx context.Context, t target.Target, err error, next steps) target.Outcome {
	o := target.Outcome{Kind: record.OutcomeUnreachable}
	where := place(t)
	switch cause := deliver.CauseOf(err); {
	case cause == deliver.TLS:
		o.Err, o.Hint = errors.New(deliver.Words(cause, err, where)), next.certificate(err)
	case ctx.Err() != nil && t.Timeout > 0 && t.Timeout < connectTime:
		o.Err, o.Hint = fmt.Errorf("no connection to %s in %s", where, t.Timeout), next.wait
	case ctx.Err() != nil, cause == deliver.Timeout: // the broker takes a connection and says nothing
		o.Err, o.Hint = fmt.Errorf("no connection to %s in %s", where, connectTime), next.check
	case cause == deliver.Refused:
		o.Err, o.Hint = errors.New(deliver.Words(cause, err, where)), next.start
	case cause == deliver.Denied:
		o.Err, o.Hint = errors.New(deliver.Words(cause, err, where)), fault.NextStep("name the target yourself: --forward TARGET")
	case cause == deliver.DNS, cause == deliver.Cut:
		o.Err, o.Hint = errors.New(deliver.Words(cause, err, names(t))), next.check
	default:
		o.Err, o.Hint = errors.New(rootText(err)), next.check
	}
	return o
}

// place is the hosts of a broker with their ports, as people are shown them.
func place(t target.Target) string { return strings.Join(t.Hosts(), ",") }

// names is the hosts of a broker without their ports.
func names(t target.Target) string {
	list := t.Hosts()
	for i := range list {
		list[i], _, _ = net.SplitHostPort(list[i])
	}
	return strings.Join(list, ",")
}

// waited is the outcome where nobody waits any longer.
func waited(ctx context.Context, timeout time.Duration) target.Outcome {
	if errors.Is(ctx.Err(), context.Canceled) {
		return target.Outcome{Kind: record.OutcomeCancelled, Err: errors.New("stopped before there was an acknowledgement")}
	}
	if timeout == 0 {
		return target.Outcome{Kind: record.OutcomeTimeout, Err: errors.New("no acknowledgement in time")}
	}
	return target.Outcome{Kind: record.OutcomeTimeout, Err: fmt.Errorf("no acknowledgement in %s", timeout)}
}
