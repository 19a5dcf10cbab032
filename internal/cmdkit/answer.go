package cmdkit

// A receiver's answer: what is shown and recorded of it, and a recorded attempt read as one.

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
)

// MaskAnswer copies the headers of a receiver's answer without its secrets: cookies, and values that hold one of the user's keys.
func MaskAnswer(e *Env, h http.Header) http.Header {
	out := h.Clone()
	if out == nil {
		return http.Header{}
	}
	for name, values := range out {
		if name == "Set-Cookie" || name == "Authorization" || slices.ContainsFunc(values, e.Secret) { // a receiver may give the key back
			out[name] = []string{masking.Masked}
		}
	}
	return out
}

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
	return refusal.Answer{Status: a.Status, Method: d.Method, Type: d.Header.Get("Content-Type"), Header: a.Header, Body: a.Body, URL: asked, Host: host}
}
