package listen

// Requests from browsers: people who open the address, and web pages that send here. A web page can send requests to this machine,
// and a page whose host name leads here can read the answers too. Browsers mark such requests with Origin and Sec-Fetch-*, which no
// provider sends.

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/serve"
)

// visitPage is for people who open the listener's address. Nothing in it came from elsewhere.
const visitPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>whctl listen</title>
<p>This is <strong>whctl listen</strong>. It takes webhook deliveries for a program on this machine.</p>
<p>It works. Give this address to the sender of the webhooks; what arrives is shown where whctl was started.</p>
</html>
`

// fromPage says whether a browser sent a request.
func fromPage(h http.Header) bool {
	for name := range h {
		if name == "Origin" || strings.HasPrefix(name, "Sec-Fetch-") {
			return true
		}
	}
	return false
}

// isVisit says whether a person opened the address in a browser that marks its requests, so that the request is not a delivery.
func (in *incoming) isVisit() bool {
	if !in.isBare() || !slices.Equal(in.r.Header["Sec-Fetch-Mode"], []string{"navigate"}) {
		return false
	}
	_, query, _ := strings.Cut(in.r.RequestURI, "?")
	values, _ := url.ParseQuery(query)
	return !slices.ContainsFunc(handshakeFields(), values.Has)
}

// looksLikeVisit says whether a person probably opened the address in a browser that does not mark its requests, as old ones do not
// (https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Sec-Fetch-Mode). Browsers ask for HTML first
// (https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Accept). A query may be a handshake, and a program that checks addresses
// may call itself compatible with a browser: both stay deliveries.
func (in *incoming) looksLikeVisit() bool {
	h := in.r.Header
	agent := h.Get("User-Agent")
	first, _, _ := strings.Cut(h.Get("Accept"), ",")
	return in.isBare() && in.r.URL.RawQuery == "" && !fromPage(h) && first == "text/html" &&
		strings.HasPrefix(agent, "Mozilla/") && !strings.Contains(agent, "(compatible;")
}

// isIcon says whether a browser asks for the icon of a page that it was shown, which it does by itself.
func (in *incoming) isIcon() bool {
	return in.isBare() && in.r.RequestURI == "/favicon.ico" && !in.jm.NoVerify()
}

// isBare says whether a request is a GET that carries nothing of a delivery: no body, and no header of a scheme.
func (in *incoming) isBare() bool {
	return in.r.Method == http.MethodGet && in.size == 0 &&
		!slices.ContainsFunc(in.jm.ProofHeaders(), func(name string) bool { return len(in.r.Header[name]) > 0 })
}

// handshakeFields are the query parameters of handshakes by GET, which Meta, Dropbox, X, Microsoft Graph, Adobe and others send.
func handshakeFields() []string {
	return []string{"hub.challenge", "hub.mode", "challenge", "crc_token", "validationToken", "verification_token", "verificationToken"}
}

// showPage answers a visit.
func (l *Listener) showPage(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, visitPage)
	l.visited.Do(func() {
		l.emit(record.Changed{State: record.BrowserLooked, Message: "a browser looked at this address and got a page that says what it is"})
	})
}

// answerIcon tells a browser that there is no icon.
func answerIcon(w http.ResponseWriter, in *incoming) {
	status := http.StatusNotFound
	if in.fromStrangerPage() {
		status = http.StatusForbidden
	}
	serve.Answer(w, status, "no icon here")
}

// fromStrangerPage says whether a web page sent a delivery that nothing vouches for.
func (in *incoming) fromStrangerPage() bool {
	return !in.carried && !in.jm.Verdict.OK && !in.jm.NoVerify() && fromPage(in.r.Header)
}

// sayPage tells once why a delivery was answered 403: a web page sent it, and no valid signature vouches for it.
func (l *Listener) sayPage(d *record.Delivery) {
	l.paged.Do(func() {
		l.emit(record.Changed{State: record.Hinted, DeliveryID: d.ID, Message: "it has Origin or Sec-Fetch-* headers, so a web page sent it: answered 403, not handed on; --no-verify takes such"})
	})
}
