package client_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/fault"
)

// canned answers every request with the same bytes.
type canned struct {
	status int
	header http.Header
	body   []byte
}

func (c canned) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: c.status, Header: c.header, Body: io.NopCloser(bytes.NewReader(c.body))}, nil
}

// FuzzAnswers gives every call whatever an API may answer: each ends with a value, or with an error of a kind that
// has an exit code, and none with the token in it.
func FuzzAnswers(f *testing.F) {
	f.Add(200, "", []byte(`{"success":true,"data":{"id":"w","apiKey":"whk_x"}}`))
	f.Add(200, "", []byte(`[{"id":"w"}]`))
	f.Add(200, "", []byte(`{"total":1,"events":[{"id":"e"}],"logs":[{"id":"l"}],"event":{"id":"e"},"status":"x"}`))
	f.Add(400, "", []byte(`{"message":["a",{"message":"b"}],"error":{"message":"c"}}`))
	f.Add(429, "Wed, 21 Oct 2015 07:28:00 GMT", []byte(`<html>`))
	f.Add(302, "https://x.test/", []byte(token))
	f.Fuzz(func(t *testing.T, status int, header string, body []byte) {
		if status < 100 || status > 999 {
			return
		}
		c := newClient(t, client.Options{
			BaseURL: "https://api.test", Trace: func(l client.TraceLine) { noToken(t, l.Text) },
			Transport: canned{status, http.Header{"Retry-After": {header}, "Location": {header}}, body},
		})
		ctx := t.Context()
		_, err := c.ListWebhooks(ctx)
		checkFault(t, err)
		_, err = c.CreateWebhook(ctx, api.CreateWebhook{})
		checkFault(t, err)
		_, err = c.GetWebhook(ctx, "w")
		checkFault(t, err)
		_, err = c.ListEvents(ctx, api.EventQuery{})
		checkFault(t, err)
		_, err = c.EventLogs(ctx, "e")
		checkFault(t, err)
		_, err = c.RetryEvent(ctx, "e", "")
		checkFault(t, err)
		checkFault(t, c.DeleteWebhook(ctx, "w"))
	})
}

func checkFault(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	switch fault.KindOf(err) {
	case fault.Auth, fault.Refused, fault.Unreachable:
	default:
		t.Errorf("kind %s: %v", fault.KindOf(err), err)
	}
	noToken(t, err.Error()+fault.HintOf(err).String())
}

func noToken(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(text, token) {
		t.Errorf("the token is in %q", text)
	}
}
