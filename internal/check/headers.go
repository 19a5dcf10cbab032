package check

// Headers that come twice, or in other letters.

import (
	"context"
	"net/http"
	"strings"
)

const (
	doubledWhy = "one part of a program reads the first header and another the last, so what is verified is not what is used"
	doubledFix = "refuse a request with two values for signature or timestamp"
	caseWhy    = "names of headers have no case (RFC 9110, 5.1), and proxies and HTTP/2 change it"
	caseFix    = "look headers up without regard to case"
)

func headerCases() []Case {
	twice := func(id, title string, severity Severity, run func(context.Context, *trial)) Case {
		return Case{ID: id, Group: groupHeaders, Title: title, Severity: severity, Expects: "401, or another 4xx", Why: doubledWhy, Fix: doubledFix, run: run}
	}
	signature := func(rightFirst bool) func(context.Context, *trial) {
		return func(ctx context.Context, t *trial) { t.signatureTwice(ctx, rightFirst) }
	}
	timestamp := func(rightFirst bool) func(context.Context, *trial) {
		return func(ctx context.Context, t *trial) { t.twice(ctx, t.timeHeader(), rightFirst) }
	}
	cased := func(id, title string, change func(string) string) Case {
		return Case{
			ID: id, Group: groupHeaders, Title: title, Severity: Failure, Expects: "2xx", Why: caseWhy, Fix: caseFix,
			run: func(ctx context.Context, t *trial) { t.cased(ctx, change) },
		}
	}
	return []Case{
		twice("signature-twice-wrong-first", "the signature twice, the wrong one first", Failure, signature(false)),
		twice("signature-twice-right-first", "the signature twice, the right one first", Warning, signature(true)),
		twice("timestamp-twice-wrong-first", "the timestamp twice, the wrong one first", Failure, timestamp(false)),
		twice("timestamp-twice-right-first", "the timestamp twice, the right one first", Warning, timestamp(true)),
		cased("headers-lower", "names of headers in small letters", strings.ToLower),
		cased("headers-upper", "names of headers in capitals", strings.ToUpper),
	}
}

// signatureTwice sends two signatures. Where the scheme takes a list of them, two headers are one list (RFC 9110, 5.3), and Stripe's and
// Standard Webhooks' libraries rightly accept it.
func (t *trial) signatureTwice(ctx context.Context, rightFirst bool) {
	if t.r.Rules.Listed() {
		t.skip("%s takes several signatures, and two headers are one list", t.r.Rules.Scheme().Name)
		return
	}
	t.twice(ctx, t.signatureHeader(), rightFirst)
}

// twice sends a header of the scheme with a wrong value beside the right one.
func (t *trial) twice(ctx context.Context, name string, rightFirst bool) {
	if name == "" {
		t.skip("%s has no such header", t.r.Rules.Scheme().Name)
		return
	}
	s, ok := t.now()
	if !ok {
		return
	}
	right := s.value(name)
	wrong, ok := t.now()
	if !ok {
		return
	}
	values := []string{other(right, wrong.value(name)), right}
	if rightFirst {
		values[0], values[1] = values[1], values[0]
	}
	s.setHeader(name, values...)
	t.refuse(ctx, s)
}

// other is a value that differs from the right one: that of another request, or with its last digit changed.
func other(right, candidate string) string {
	if candidate != right || right == "" {
		return candidate
	}
	last := right[len(right)-1]
	if last == '0' {
		return right[:len(right)-1] + "1"
	}
	return right[:len(right)-1] + "0"
}

// cased sends names of headers in other letters.
func (t *trial) cased(ctx context.Context, change func(string) string) {
	s, ok := t.now()
	if !ok {
		return
	}
	header := http.Header{}
	for name, values := range s.Header {
		header[change(name)] = values
	}
	named := *s
	named.Header = header
	res, ok := t.send(ctx, &named)
	if ok && !res.OK() {
		t.fail(&named, "answered %s; 2xx is right", status(res))
	}
}
