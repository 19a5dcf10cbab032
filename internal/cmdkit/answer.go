package cmdkit

import (
	"net/url"
	"strings"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
)

// AnswerOf is a recorded attempt as one reads it for what is in the way of the delivery.
func AnswerOf(d *record.Delivery, a *record.Attempt) refusal.Answer {
	host := d.Host
	if own := d.Header.Get("X-Forwarded-Host"); own != "" {
		host = own
	}
	path, _, _ := strings.Cut(d.Path, "?")
	asked := a.Target // a name says nothing of the address
	if u, err := url.Parse(a.Target); err != nil || u.Host == "" {
		asked = "http://localhost" + path
	} else if u.Path == "" {
		asked += path
	}
	return refusal.Answer{Status: a.Status, Header: a.Header, Body: a.Body, URL: asked, Host: host}
}
