package refusal

// Causes of answers that are no refusals: nothing is served there, or the program failed.

import (
	"net/http"
	"net/url"

	"github.com/whctl/whctl/internal/fault"
)

// placeRows are about the path, the method and the form of what was asked.
func placeRows() []row {
	return []row{
		{
			id: "path", statuses: []int{http.StatusNotFound}, make: unserved, likely: true,
			fix: fault.NextStep("forward to the path that it serves: --forward HOST:PORT/PATH"),
		},
		{
			id: "method", statuses: []int{http.StatusMethodNotAllowed}, make: unserved,
			fix: fault.NextStep("look at the methods of that route, and whether the path is the one that you want: --forward HOST:PORT/PATH"),
		},
		{
			id: "size", statuses: []int{http.StatusRequestEntityTooLarge}, title: "the body is larger than your program takes, or what stands in front of it",
			fix: fault.NextStep("raise its limit (Express: express.raw({limit}), nginx: client_max_body_size, Django: DATA_UPLOAD_MAX_MEMORY_SIZE)"),
		},
		{
			id: "type", statuses: []int{http.StatusUnsupportedMediaType}, make: untaken,
			fix: fault.NextStep("have the route take it, best as raw bytes: that is what the signature covers"),
		},
		{
			id: "rate", statuses: []int{http.StatusTooManyRequests}, title: "the target, or what stands in front of it, limits how often it is called",
			fix: fault.NextStep("raise the limit for the webhook's path, or answer at once and work later"),
		},
	}
}

// unserved names what was asked for.
func unserved(a Answer, text string, c Cause) Cause {
	what := fault.Quote(a.Method)
	if u, err := url.Parse(a.URL); err == nil {
		what += " " + fault.Quote(u.EscapedPath())
	}
	c.Title = "your program has no " + what
	if a.Status == http.StatusMethodNotAllowed {
		c.Title = "your program does not take " + what
		if allow := a.Header.Get("Allow"); allow != "" {
			c.Title += ", only " + fault.Quote(allow)
		}
	}
	c.Certain = c.Certain || says(text, "cannot post", "cannot put", "cannot get", "404 page not found", "no route", "not found on the server", "url was not found", "no handler found", "route not found", "could not be found")
	return c
}

// untaken names the content type that was sent.
func untaken(a Answer, _ string, c Cause) Cause {
	c.Title = "your program does not take this content type"
	if a.Type != "" {
		c.Title = "your program does not take " + fault.Quote(a.Type)
	}
	return c
}

// failureRows are about a program that fails, or is not there.
func failureRows() []row {
	gateway := []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}
	return []row{
		{
			id: "gateway", statuses: gateway, title: "something in front of your program answers for it: it got no answer from your program",
			fix: fault.NextStep("look whether your program runs where that expects it"),
			phrases: []string{
				"<center>nginx", "bad gateway", "gateway timeout", "gateway time-out", "no healthy upstream", "upstream connect error", "backend fetch failed",
				"no server is available", "application error", "service temporarily unavailable", "err_ngrok", "error 1033",
			},
			headers: map[string]string{"Server": "cloudflare", "Via": "1.1 caddy"},
		},
		{
			id: "database", statuses: []int{http.StatusInternalServerError}, title: "your program failed: it does not reach a service that it needs",
			fix: fault.NextStep("start that service"),
			phrases: []string{
				"econnrefused", "connection refused", "could not connect to server", "operationalerror", "sequelizeconnection", "prismaclientinitialization", "no such host", "enotfound",
			},
		},
		{
			id: "crash", statuses: []int{http.StatusInternalServerError}, title: "your program failed on this delivery",
			fix: fault.NextStep("see its log"),
		},
	}
}
