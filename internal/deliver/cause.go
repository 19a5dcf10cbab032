package deliver

// Why a request got no answer: the class of a network error, its words, and the next step.

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
)

// ErrDenied is what a DialCheck wraps to say that an address must not be dialled.
var ErrDenied = errors.New("address is not allowed")

// waited says whether an error ended a wait, by its bound or by a cancelled context.
func waited(err error) bool {
	if err == nil {
		return false
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || isTimeout(err)
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// CauseOf is the class of a network error, whoever made the connection. An error of another kind is Other.
func CauseOf(err error) Cause {
	var (
		dns    *net.DNSError
		shake  *handshakeError
		record tls.RecordHeaderError
		cert   *tls.CertificateVerificationError
		op     *net.OpError
		away   *netname.ElsewhereError
	)
	switch {
	case errors.As(err, &away), errors.Is(err, ErrDenied):
		return Denied
	case errors.Is(err, context.Canceled):
		return Canceled
	case waited(err):
		return Timeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.As(err, &dns):
		return DNS
	case errors.As(err, &shake), errors.As(err, &record), errors.As(err, &cert):
		return TLS
	case errors.As(err, &op) && op.Op == "remote error": // a TLS alert, which may come after the handshake
		return TLS
	case ended(err):
		return Cut
	default:
		return Other
	}
}

// Words says a network error of a class in a few words, without the noise of net/http's own texts, which repeat method and URL.
// host is the name that was asked for.
func Words(cause Cause, err error, host string) string {
	switch cause {
	case Refused:
		return "connection refused"
	case DNS:
		return fmt.Sprintf("host %s cannot be found", host)
	case TLS:
		if invalid, is := errors.AsType[x509.CertificateInvalidError](err); is && invalid.Reason == x509.Expired { // whose text has the time now, and is another each time
			return fmt.Sprintf("TLS: the certificate is valid from %s to %s alone", moment(invalid.Cert.NotBefore), moment(invalid.Cert.NotAfter))
		}
		return "TLS: " + strings.TrimPrefix(fault.Root(err).Error(), "tls: ")
	case Cut:
		return "connection ended before the answer was complete"
	case Canceled:
		return "stopped before there was an answer"
	case None, Timeout, Denied, Invalid, NotHTTP, Other:
	}
	return fault.Root(err).Error()
}

func moment(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// causeOf is CauseOf for a delivery, which knows how far it came and how the answer begins.
func causeOf(err error, w *way) Cause {
	switch cause := CauseOf(err); {
	case cause != Cut && cause != Other:
		return cause
	case w.stage() < asking:
		return Other
	}
	switch opening, over := w.began(); {
	case foreign(opening):
		return NotHTTP
	case over, ended(err), w.silent():
		return Cut
	default:
		return NotHTTP // an answer came and could not be read
	}
}

// fail says why there was no answer, and what to do.
func (c *Client) fail(r *Result, err error, q Request, w *way) {
	r.Duration = time.Since(r.StartedAt)
	r.Cause = causeOf(err, w)
	text, hint := Words(r.Cause, err, w.url.Hostname()), fault.Step{}
	host := w.url.Host
	switch r.Cause {
	case Refused:
		hint = fault.NextStep("start the program that should listen on %s, or correct the port", fault.Word(host))
	case Timeout:
		text, hint = c.tooSlow(r, q, w)
	case DNS:
		hint = fault.NextStep("check the spelling, or use 127.0.0.1 with the port")
	case TLS:
		text, hint = badTLS(text, err, host)
	case NotHTTP:
		opening, _ := w.began()
		text, hint = notHTTP(err, opening, host)
	case Cut:
		r.Silent = w.silent()
		switch {
		case r.Silent && w.url.Scheme == "http":
			hint = fault.NextStep("it gave no byte of an answer: look at its log, or use %s if it speaks TLS", fault.Word("https://"+host))
		case r.Silent: // as a gRPC server does with anything else
			hint = fault.NextStep("it gave no byte of an answer: look at its log, and whether it takes HTTP/1.1")
		}
	case None, Canceled, Denied, Invalid, Other:
		hint = fault.HintOf(err) // a DialCheck may give one
	}
	r.Err, r.Hint = errors.New(text), hint
}

// tooSlow says what was waited for, and how long.
func (c *Client) tooSlow(r *Result, q Request, w *way) (text string, hint fault.Step) {
	whole := q.Timeout > 0 && r.Duration >= q.Timeout
	took := func(bound time.Duration) string {
		if whole {
			bound = q.Timeout
		}
		return max(bound.Round(time.Millisecond), time.Millisecond).String()
	}
	host := w.url.Host
	opening, _ := w.began()
	switch at := w.stage(); {
	case at == lookingUp:
		return fmt.Sprintf("host %s was not found in %s", w.url.Hostname(), took(c.dialTimeout)), fault.NextStep("check the name and the network, or give its address")
	case at <= connecting:
		return fmt.Sprintf("no connection to %s in %s", host, took(c.dialTimeout)), fault.NextStep("check the address; a firewall may drop what is sent to it")
	case at == shaking:
		return "no TLS handshake in " + took(handshakeTimeout), fault.NextStep("use %s if it speaks plain HTTP", fault.Word("http://"+host))
	case foreign(opening):
		_, hint = notHTTP(nil, opening, host)
		return "no HTTP answer in " + took(r.Duration), hint
	case q.Timeout > 0:
		return "no answer in " + took(q.Timeout), fault.Step{}
	default:
		return "no answer in time", fault.Step{}
	}
}

func badTLS(text string, err error, host string) (string, fault.Step) {
	var (
		record tls.RecordHeaderError
		cert   *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &record):
		return text, fault.NextStep("the target speaks plain HTTP: use http:// instead of https://")
	case ended(err):
		return "TLS: the target ended the connection during the handshake", fault.NextStep("use %s if it speaks plain HTTP", fault.Word("http://"+host))
	case errors.As(err, &cert):
		return text, fault.NextStep("use --insecure for a development certificate")
	default:
		return text, fault.Step{} // as that the target asks for a certificate of whctl's
	}
}
