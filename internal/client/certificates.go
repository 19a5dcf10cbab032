package client

// Certificates that requests name, fetched where the user asks for it.

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"io"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

// The bounds of fetching. A stranger who sends requests names the URLs; the hosts are the scheme's.
const (
	certificateTimeout = 5 * time.Second
	maxCertificateText = 64 << 10         // bytes
	certificateKept    = 12 * time.Hour   // then it is fetched again
	failureKept        = 30 * time.Second // for so long a URL that failed is not asked again
	maxCertificates    = 64               // that are kept
	maxFetches         = 10               // new URLs in a minute
)

// Certificates fetches certificates and keeps them. It is safe for concurrent use.
type Certificates struct {
	transport http.RoundTripper
	now       func() time.Time

	mu      sync.Mutex // held while one is fetched: a second request for it waits, and is then answered from what is kept
	kept    map[string]fetched
	fetches []time.Time // of the last minute
}

// fetched is what came of fetching one certificate.
type fetched struct {
	text string
	err  error
	at   time.Time
}

// NewCertificates makes a fetcher. A nil transport is one over TLS that follows the proxy of the environment.
func NewCertificates(rt http.RoundTripper, now func() time.Time) *Certificates {
	if rt == nil {
		rt = transport(Options{}, &url.URL{Scheme: "https"})
	}
	return &Certificates{transport: rt, now: now, kept: map[string]fetched{}}
}

// Get is the PEM text at a URL, which the caller has checked: https, a host of the provider, nothing odd in it. No redirect is followed.
// Errors are Unreachable or Refused faults.
func (c *Certificates) Get(ctx context.Context, from string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if f, ok := c.kept[from]; ok && now.Sub(f.at) < certificateKept && (f.err == nil || now.Sub(f.at) < failureKept) {
		return f.text, f.err
	}
	recent := c.fetches[:0]
	for _, at := range c.fetches {
		if now.Sub(at) < time.Minute {
			recent = append(recent, at)
		}
	}
	if c.fetches = recent; len(recent) >= maxFetches {
		return "", fault.New(fault.Unreachable, "too many certificates were asked for within a minute")
	}
	c.fetches = append(c.fetches, now)
	text, err := c.fetch(ctx, from, now)
	if len(c.kept) >= maxCertificates {
		maps.DeleteFunc(c.kept, func(_ string, f fetched) bool { return f.err != nil || now.Sub(f.at) > certificateKept/2 })
		if len(c.kept) >= maxCertificates {
			clear(c.kept)
		}
	}
	c.kept[from] = fetched{text, err, now}
	return text, err
}

func (c *Certificates) fetch(ctx context.Context, from string, now time.Time) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, certificateTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil || req.URL.Scheme != "https" {
		return "", fault.New(fault.Refused, "its URL is none of https")
	}
	resp, err := c.transport.RoundTrip(req) // it follows no redirect
	if err != nil {
		return "", fault.Wrap(fault.Unreachable, err, "no answer from %s", req.URL.Host)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return "", fault.New(fault.Refused, "%s answered %d", req.URL.Host, resp.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxCertificateText+1))
	switch {
	case err != nil:
		return "", fault.Wrap(fault.Unreachable, err, "the answer of %s was cut off", req.URL.Host)
	case len(text) > maxCertificateText:
		return "", fault.New(fault.Refused, "the answer of %s is larger than %d KiB", req.URL.Host, maxCertificateText>>10)
	}
	return string(text), issued(text, now)
}

// issued says why fetched text is no certificate that somebody issued. Where the issuer's certificates stand behind the first one, the
// chain must lead to a root of this machine. A certificate that stands alone cannot be followed: the host that gave it vouches for it.
func issued(text []byte, now time.Time) error {
	var chain []*x509.Certificate
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if block.Type != "CERTIFICATE" || err != nil {
			return fault.New(fault.Refused, "what was fetched is no certificate")
		}
		chain = append(chain, cert)
	}
	switch len(chain) {
	case 0:
		return fault.New(fault.Refused, "what was fetched is no certificate")
	case 1:
		return nil
	}
	between := x509.NewCertPool()
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return fault.Wrap(fault.Refused, err, "nobody that this machine trusts has issued it")
	}
	return nil
}
