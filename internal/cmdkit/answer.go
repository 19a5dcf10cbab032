package cmdkit

// A recorded attempt, read as its target's answer.

import (
	"net/url"
	"strings"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
)

// AnswerOf makes of a recorded attempt what refusal reads: the target's answer.
func AnswerOf(d *record.Delivery, a *record.Attempt) refusal.Answer {
	host := d.Host
	if forwarded := d.Header.Get("X-Forwarded-Host"); forwarded != "" {
		host = forwarded
	}
	path, _, _ := strings.Cut(d.Path, "?")
	asked := a.Target // a name alone does not tell the address
	if u, err := url.Parse(a.Target); err != nil || u.Host == "" {
		asked = "http://localhost" + path
	} else if u.Path == "" {
		asked += path
	}
	return refusal.Answer{Status: a.Status, Header: a.Header, Body: a.Body, URL: asked, Host: host}
}
