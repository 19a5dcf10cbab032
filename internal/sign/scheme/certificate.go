package scheme

// Certificates that a message names.

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// CertificateSpec says where a message names the certificate of its signer, and which one counts. The sender chooses the URL, so the
// host alone says whose certificate it is: it must match whole. A certificate in somebody's bucket on the provider's domain does not count.
type CertificateSpec struct {
	URL   Names `json:"url,omitempty"`   // JSON paths, or header:Name; the first that is there counts
	Hosts Names `json:"hosts,omitempty"` // patterns of whole hosts
	Names Names `json:"names,omitempty"` // common names of certificates that count; empty: any
}

// Certificate is a CertificateSpec that was checked.
type Certificate struct {
	headers []string
	paths   []jsonbytes.Path
	hosts   []*regexp.Regexp
	names   []string
}

const maxCertificateURL = 512 // bytes

// URL is the URL of the certificate that a message names, and the header or member that it stands in. ok is false where it is none that
// may be fetched: not https, another host, or one with a port, a user or a fragment. Where a header with it stands twice, none counts.
func (c *Certificate) URL(header map[string][]string, body []byte) (url, inHeader, inBody string, ok bool) {
	for _, h := range c.headers {
		if values := HeaderValues(header, h); len(values) > 0 {
			return values[0], h, "", len(values) == 1 && c.counts(values[0])
		}
	}
	for _, path := range c.paths {
		if found, there := Lookup(body, path); there {
			return found, "", path.String(), c.counts(found)
		}
	}
	if len(c.headers) > 0 {
		return "", c.headers[0], "", false
	}
	return "", "", c.paths[0].String(), false
}

// counts says whether a certificate may be fetched from a URL. The URL is taken apart here, byte by byte, because parsers differ on
// odd ones, and every odd one is refused.
func (c *Certificate) counts(url string) bool {
	rest, https := strings.CutPrefix(url, "https://")
	host, path, hasPath := strings.Cut(rest, "/")
	plain := func(s, marks string) bool {
		return !strings.ContainsFunc(s, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune(marks, r)
		})
	}
	if !https || !hasPath || len(url) > maxCertificateURL || !plain(host, "-.") || !plain(path, "-._~/") || strings.Contains(path, "..") {
		return false
	}
	return slices.ContainsFunc(c.hosts, func(p *regexp.Regexp) bool { return p.MatchString(host) })
}

// Fetched says whether a certificate may be fetched at all.
func (c *Certificate) Fetched() bool { return c != nil && len(c.hosts) > 0 }

// Named says whether a certificate with a common name counts.
func (c *Certificate) Named(name string) bool {
	return len(c.names) == 0 || slices.Contains(c.names, name)
}

// Wanted are the common names that count.
func (c *Certificate) Wanted() string { return strings.Join(c.names, " or ") }

// certificate reads the places, and compiles the patterns of hosts.
func (c *parser) certificate() {
	spec := c.p.scheme.Certificate
	if spec == nil {
		return
	}
	out := &Certificate{names: spec.Names}
	for _, place := range spec.URL {
		if name, ok := strings.CutPrefix(place, "header:"); ok {
			out.headers = append(out.headers, c.headers("certificate.url", Names{name})...)
			continue
		}
		out.paths = append(out.paths, c.path("certificate.url", place))
	}
	for _, pattern := range spec.Hosts {
		if compiled := c.host(pattern); compiled != nil {
			out.hosts = append(out.hosts, compiled)
		}
	}
	switch {
	case !c.p.Public():
		c.fail("certificate", "is for algorithms with public keys", "")
	case len(spec.URL) > 0 != (len(spec.Hosts) > 0):
		c.fail("certificate", "needs url and hosts, or neither: a certificate counts only where its host is named here", "")
	}
	c.p.Certificate = out
}

// host compiles the pattern of a host. It has to name the host whole, and a bare dot in it would stand for any character, so that
// another domain could match.
func (c *parser) host(pattern string) *regexp.Regexp {
	const field = "certificate.hosts"
	inner, begins := strings.CutPrefix(pattern, "^")
	inner, ends := strings.CutSuffix(inner, "$")
	tree, err := syntax.Parse(inner, syntax.Perl)
	switch {
	case !begins || !ends:
		c.fail(field, "must be the pattern of a whole host, as in ^sns\\.[a-z0-9-]+\\.amazonaws\\.com$", "")
		return nil
	case err != nil:
		c.fail(field, "is no regular expression", "")
		return nil
	case anything(tree):
		c.fail(field, "holds a bare dot, which stands for any character: write \\.", "")
		return nil
	}
	compiled, err := regexp.Compile("^(?:" + inner + ")$")
	if err != nil {
		c.fail(field, "is no regular expression", "")
	}
	return compiled
}

// anything says whether a pattern has a part that any character matches, or a dot among others.
func anything(t *syntax.Regexp) bool {
	if t.Op == syntax.OpAnyChar || t.Op == syntax.OpAnyCharNotNL {
		return true
	}
	if t.Op == syntax.OpCharClass {
		for i := 0; i+1 < len(t.Rune); i += 2 {
			if t.Rune[i] <= '.' && '.' <= t.Rune[i+1] {
				return true // the class could match several labels of a name
			}
		}
	}
	return slices.ContainsFunc(t.Sub, anything)
}
