package listen

// The headers that targets are given.

import (
	"context"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
)

// hopHeader names each listener that a delivery has passed, so that a circle of listeners is found.
const hopHeader = "Whctl-Hop"

// targetHeaders makes the headers for the targets: the sender's without those of its connection, and those that say where the
// request came from. Each target adds headers of its own. A target that folds names must not read another value than the verified
// or added one, so a header that shadows one of these stays in the record only.
func (l *Listener) targetHeaders(received http.Header, host string, d *record.Delivery, used []string) http.Header {
	h := make(http.Header, len(received)+4)
	maps.Copy(h, received)
	dropConnection(h, used)
	l.dropShadows(h, d, used)
	add := func(name, value string) { h[name] = append(slices.Clip(h[name]), value) } // the values are shared with the record
	if sender, _, err := net.SplitHostPort(d.RemoteAddr); err == nil {
		add("X-Forwarded-For", sender)
	}
	if _, has := h["X-Forwarded-Host"]; !has {
		h.Set("X-Forwarded-Host", host)
	}
	if _, has := h["X-Forwarded-Proto"]; !has {
		h.Set("X-Forwarded-Proto", "http")
	}
	if l.o.HopMark != "" {
		add(hopHeader, l.o.HopMark)
	}
	return h
}

// storedHeaders makes the headers for the targets of a delivery that was read from the journal. Values that are secret were never
// stored, so their headers are left out; signing sets those of the scheme again.
func (l *Listener) storedHeaders(d *record.Delivery) http.Header {
	var used []string
	if rules := l.o.Judge(context.Background()).RulesOf(d.Verdict.Scheme); rules != nil {
		used = rules.Headers()
	}
	return l.targetHeaders(unmasked(d.Header), d.Host, d, used)
}

// unmasked are headers without those whose value is masked.
func unmasked(h http.Header) http.Header {
	out := maps.Clone(h)
	maps.DeleteFunc(out, func(_ string, values []string) bool { return slices.Contains(values, masking.Masked) })
	return out
}

// dropConnection takes out Connection and the headers it names, except those that the scheme reads and those that say whose
// request this is and what its body is.
func dropConnection(h http.Header, used []string) {
	for _, line := range h["Connection"] {
		for part := range strings.SplitSeq(line, ",") {
			name := http.CanonicalHeaderKey(strings.TrimSpace(part))
			needed := slices.Contains(used, name) || name == "Forwarded" || name == hopHeader ||
				strings.HasPrefix(name, "X-Forwarded-") || strings.HasPrefix(name, "Content-")
			if !needed {
				delete(h, name)
			}
		}
	}
	delete(h, "Connection")
}

// dropShadows takes out the headers that a target may take for a verified or an added one. People are told of the first.
func (l *Listener) dropShadows(h http.Header, d *record.Delivery, used []string) {
	var guarded []string
	for name := range h {
		if plain(name) && l.guardsPlain && !slices.ContainsFunc(used, odd) {
			continue // two plain names that fold alike are the same
		}
		if guarded == nil {
			guarded = slices.Concat(used, l.added(), addedNames())
		}
		i := slices.IndexFunc(guarded, func(g string) bool { return fold(g) == fold(name) })
		if i < 0 || slices.Contains(guarded, name) {
			continue
		}
		original := guarded[i]
		delete(h, name)
		l.shadowed.Do(func() {
			l.emit(record.Changed{State: record.Hinted, DeliveryID: d.ID, Message: "header " + name + " is recorded and not handed on: CGI, WSGI, PHP and Rack take it for " + original})
		})
	}
}

// plain says whether a name is in its usual form, and of letters, digits and hyphens alone.
func plain(name string) bool {
	other := func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-'
	}
	return http.CanonicalHeaderKey(name) == name && !strings.ContainsFunc(name, other)
}

func odd(name string) bool { return !plain(name) }

// added are the headers that the user adds.
func (l *Listener) added() (names []string) {
	for _, t := range l.o.Targets {
		names = slices.AppendSeq(names, maps.Keys(t.Header))
	}
	return names
}

// addedNames are the headers that every forwarded request has because of whctl or of HTTP itself.
func addedNames() []string {
	return []string{
		hopHeader, "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
		"Content-Encoding", "Content-Length", "Content-Type", "Transfer-Encoding",
	}
}

// fold gives names that other software confuses the same text. CGI (RFC 3875, 4.1.18) and its successors turn letters into
// capitals, and whatever is neither letter nor digit into one character.
func fold(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			return c
		default:
			return '-'
		}
	}, name)
}
