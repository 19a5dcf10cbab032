package target

// The subject of a broker's messages, as a URL names it: fixed text, and placeholders.

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// longestSubject bounds the text of a subject, in bytes. A NATS server ends a connection over a line of more than 4096 (max_control_line).
const longestSubject = 1000

// The placeholders of a subject.
const (
	OfScheme = "{scheme}"
	OfType   = "{type}"
	OfID     = "{id}"
)

// subjectOf reads the subject of a URL, with its placeholders.
func subjectOf(u *url.URL) (string, error) {
	subject := strings.TrimPrefix(u.Path, "/")
	if why := badSubject(u, subject); why != "" {
		return "", fault.Hint(fault.New(fault.Usage, "cannot forward to nats://%s: %s", u.Host, why),
			"write it as nats://HOST/SUBJECT, such as 'nats://localhost:4222/webhooks.{scheme}.{type}.{id}'")
	}
	return subject, nil
}

// badSubject says what is wrong about a subject, or "". Names that begin with $ and _INBOX belong to the server and its clients.
func badSubject(u *url.URL, subject string) string {
	fixed := strings.NewReplacer(OfScheme, "x", OfType, "x", OfID, "x").Replace(subject)
	odd := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("*>/\\", r) }
	first, _, _ := strings.Cut(fixed, ".")
	switch {
	case subject == "":
		return "it names no subject"
	case u.RawQuery != "" || u.ForceQuery:
		return "a subject has no query"
	case len(subject) > longestSubject:
		return fmt.Sprintf("the subject is longer than %d bytes", longestSubject)
	case strings.ContainsAny(fixed, "{}"):
		return "its placeholders are {scheme}, {type} and {id}"
	case strings.ContainsFunc(fixed, odd):
		return "a subject has no blanks, wildcards or slashes"
	case strings.HasPrefix(fixed, ".") || strings.HasSuffix(fixed, ".") || strings.Contains(fixed, ".."):
		return "a part of the subject between dots is empty"
	case strings.HasPrefix(first, "$") || first == "_INBOX":
		return "that subject belongs to the server"
	}
	return ""
}

// OneSubject says whether all messages have one subject.
func (t Target) OneSubject() bool { return !strings.Contains(t.Subject, "{") }

// OneSubjectEach says whether no two events have one subject.
func (t Target) OneSubjectEach() bool {
	return strings.Contains(t.Subject, OfScheme) && strings.Contains(t.Subject, OfID)
}
