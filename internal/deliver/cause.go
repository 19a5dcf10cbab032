package deliver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

// ErrDenied is what a DialCheck wraps to say that an address must not be dialled.
var ErrDenied = errors.New("address is not allowed")

func causeOf(err error) Cause {
	var (
		dns    *net.DNSError
		cert   *tls.CertificateVerificationError
		record tls.RecordHeaderError
		alert  tls.AlertError
		x509A  x509.UnknownAuthorityError
		x509H  x509.HostnameError
	)
	switch {
	case errors.Is(err, ErrDenied):
		return Denied
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), os.IsTimeout(err):
		return Timeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.As(err, &dns):
		return DNS
	case errors.As(err, &cert), errors.As(err, &record), errors.As(err, &alert), errors.As(err, &x509A), errors.As(err, &x509H):
		return TLS
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Cut
	default:
		return Other
	}
}

// words says the failure without the noise of net/http's own texts, which repeat method and URL.
func words(err error, cause Cause, q Request) string {
	switch cause {
	case Refused:
		return "connection refused"
	case Timeout:
		if q.Timeout > 0 {
			return fmt.Sprintf("no answer in %s", q.Timeout.Round(time.Millisecond))
		}
		return "no answer in time"
	case DNS:
		return fmt.Sprintf("host %s cannot be found", nameOf(q.URL))
	case TLS:
		return "TLS: " + innermost(err).Error()
	case Cut:
		return "connection ended before the answer was complete"
	case Canceled:
		return "stopped before there was an answer"
	case None, Denied, Invalid, Other:
		return innermost(err).Error()
	default:
		return innermost(err).Error()
	}
}

func hint(err error, cause Cause, q Request) fault.Step {
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &record):
		return fault.NextStep("the target speaks plain HTTP: use http:// instead of https://")
	case strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`):
		return fault.NextStep("the target speaks TLS: use https:// instead of http://")
	case cause == TLS:
		return fault.NextStep("use --insecure for a development certificate")
	case cause == DNS:
		return fault.NextStep("check the spelling, or use 127.0.0.1 with the port")
	case cause == Refused:
		return fault.NextStep("start the program that should listen on %s, or correct the port", fault.Word(hostOf(q.URL)))
	default:
		return fault.Step{}
	}
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "TARGET"
	}
	return u.Host
}

// nameOf is the host without its port, which has no part in finding it.
func nameOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "of the target"
	}
	return u.Hostname()
}

func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
