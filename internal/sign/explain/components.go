package explain

// The component of an HTTP message signature that was changed on its way: each is tried as the sender is likely to have signed it.

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain/restyle"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// componentRow is a component as it may have been signed.
type componentRow struct {
	name     string // of the component
	evidence string // goes on after "it matches with"
	fix      string
	change   func(m *sign.Message)
}

const (
	digestFix = "find what rewrites Content-Digest on its way, such as a proxy that compresses or a framework that sets it; the body itself is as it was signed"
	headerFix = "find what changes the header on its way: a proxy, a server in front, or the framework"
)

func (r *componentRow) mistake() *mistake {
	return &mistake{
		id: "signature.component." + strings.TrimPrefix(r.name, "@"), title: r.name + ", which the signature covers, was changed on its way",
		evidence: "with " + r.evidence, fix: r.fix, rank: rankURL,
	}
}

// proofComponents tries other values of what a message signature covers, one at a time.
func (s *search) proofComponents(keys []sign.Key) {
	if s.r.Scheme().MessageSignature == nil {
		return
	}
	covered := s.r.Covers(s.m)
	for _, row := range slices.Concat(s.methodRows(), s.digestRows(), s.headerRows(covered), s.queryRows()) {
		if !slices.Contains(covered, row.name) {
			continue
		}
		m := *s.m
		m.Header = maps.Clone(s.m.Header)
		if row.change(&m); s.signedAs(&m, keys...) {
			s.note(row.mistake())
		}
	}
}

// changedComponents says which of the covered components differ between two URLs, for a finding's evidence.
func (s *search) changedComponents(other string) string {
	if s.r.Scheme().MessageSignature == nil {
		return ""
	}
	var out []string
	for _, name := range s.r.Covers(s.m) {
		if sign.URLComponent(s.m.URL, name) != sign.URLComponent(other, name) {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ", which the signature covers as " + strings.Join(out, ", ")
}

func (s *search) methodRows() []componentRow {
	var out []componentRow
	for _, method := range []string{"POST", "PUT", "GET", "PATCH", "DELETE", "HEAD", strings.ToLower(s.m.Method)} {
		if method != s.m.Method {
			fix := "give the method that was sent (--method), and find what changes it on its way"
			if method == strings.ToLower(method) {
				fix = "the code that signs must sign the method as it is sent, in capitals (RFC 9421, section 2.2.1)"
			}
			out = append(out, componentRow{"@method", "the method as " + scheme.Quote(method), fix, func(m *sign.Message) { m.Method = method }})
		}
	}
	return out
}

// digestRows are the hashes of the body that arrived.
func (s *search) digestRows() []componentRow {
	short, long := sha256.Sum256(s.m.Body), sha512.Sum512(s.m.Body)
	code := func(name string, sum []byte) string {
		return name + "=:" + base64.StdEncoding.EncodeToString(sum) + ":"
	}
	sha2, sha5 := code(scheme.DigestSHA256, short[:]), code(scheme.DigestSHA512, long[:])
	var out []componentRow
	for _, value := range []string{sha2, sha5, sha2 + ", " + sha5, sha5 + ", " + sha2, sha2 + "," + sha5} {
		out = append(out, componentRow{scheme.BodyComponent, "Content-Digest of this body", digestFix, setHeader(scheme.ContentDigest, value)})
	}
	return out
}

// setHeader changes one header, under whatever spelling it came.
func setHeader(name, value string) func(m *sign.Message) {
	return func(m *sign.Message) {
		for given := range m.Header {
			if strings.EqualFold(given, name) {
				delete(m.Header, given)
			}
		}
		m.Header[scheme.CanonicalHeader(name)] = []string{value}
	}
}

// headerRows are covered headers as they were before something added to them or set them anew.
func (s *search) headerRows(covered []string) []componentRow {
	var out []componentRow
	add := func(name, value, how string) {
		if value != "" && value != strings.Join(scheme.HeaderValues(s.m.Header, scheme.CanonicalHeader(name)), ", ") {
			out = append(out, componentRow{name, "header " + scheme.CanonicalHeader(name) + " " + how, headerFix, setHeader(name, value)})
		}
	}
	add("content-length", strconv.Itoa(len(s.m.Body)), "of this body")
	if kind, _, _ := strings.Cut(scheme.HeaderValue(s.m.Header, "Content-Type"), ";"); kind != "" {
		add("content-type", kind, "without its parameters")
		for _, charset := range []string{"; charset=utf-8", ";charset=utf-8", "; charset=UTF-8", ";charset=UTF-8"} {
			add("content-type", kind+charset, "with"+charset)
		}
	}
	if host := sign.URLComponent(s.m.URL, "@authority"); host != "" {
		add("host", host, "as the URL has it")
	}
	for _, name := range forwardedHosts() {
		add("host", scheme.HeaderValue(s.m.Header, name), "as header "+name+" has it")
	}
	for _, name := range covered {
		values := scheme.HeaderValues(s.m.Header, scheme.CanonicalHeader(name))
		joined := strings.Join(values, ", ")
		if i := strings.LastIndex(joined, ", "); i > 0 && !strings.HasPrefix(name, "@") && name != scheme.BodyComponent {
			add(name, joined[:i], "without its last value, which something added")
		}
	}
	return out
}

// queryRows are the query as others write it, with the component that it is covered by.
func (s *search) queryRows() []componentRow {
	const most = 60
	before, text, _ := strings.Cut(s.m.URL, "?")
	text, _, _ = strings.Cut(text, "#")
	f, ok := restyle.ParseForm([]byte(text))
	if !ok {
		return nil
	}
	var out []componentRow
	for w := range f.Writings() {
		other := before + "?" + string(w.Text)
		for _, name := range []string{"@query", "@target-uri", "@request-target"} {
			out = append(out, componentRow{name, "the query" + formWords(&w), queryFix(other, f.Authors()), func(m *sign.Message) { m.URL = other }})
		}
		if len(out) >= most {
			break
		}
	}
	return out
}

// forwardedHosts are the headers in which proxies name the host that they were asked for.
func forwardedHosts() []string { return []string{"X-Forwarded-Host", "X-Original-Host", "Host"} }

// originalTargets are the headers in which proxies keep path and query as they came, before they rewrote them: those of IIS and Azure,
// nginx's ingress, Traefik, and Envoy.
func originalTargets() []string {
	return []string{"X-Original-Url", "X-Original-Uri", "X-Rewrite-Url", "X-Forwarded-Uri", "X-Envoy-Original-Path"}
}

// targetRows are URLs with the path and query that a proxy says it was asked for.
func targetRows(m *sign.Message, u *url.URL) []urlRow {
	var out []urlRow
	for _, name := range originalTargets() {
		target := scheme.HeaderValue(m.Header, name)
		if !strings.HasPrefix(target, "/") || !showable(target) {
			continue
		}
		words := "the path and query that header " + name + " names"
		for _, proto := range []string{u.Scheme, map[string]string{"http": "https", "https": "http"}[u.Scheme]} {
			out = append(out, urlRow{id: "path.forwarded", evidence: words, url: proto + "://" + u.Host + target, fix: fixURL})
		}
	}
	if prefix := strings.TrimSuffix(scheme.HeaderValue(m.Header, "X-Forwarded-Prefix"), "/"); strings.HasPrefix(prefix, "/") && showable(prefix) {
		out = append(out, urlRow{id: "path.prefix", evidence: "the prefix that header X-Forwarded-Prefix names before the path", url: u.Scheme + "://" + u.Host + prefix + u.RequestURI(), fix: fixURL})
	}
	return out
}
