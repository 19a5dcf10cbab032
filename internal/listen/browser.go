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

// isVisit says whether a person opened the address in a browser, so that the request is not a delivery.
func (l *Listener) isVisit(in *incoming) bool {
	r := in.r
	if r.Method != http.MethodGet || in.size > 0 || !slices.Equal(r.Header["Sec-Fetch-Mode"], []string{"navigate"}) {
		return false
	}
	if slices.ContainsFunc(in.jm.ProofHeaders(), func(name string) bool { return len(r.Header[name]) > 0 }) {
		return false
	}
	_, query, _ := strings.Cut(r.RequestURI, "?")
	values, _ := url.ParseQuery(query)
	return !slices.ContainsFunc(handshakeFields(), values.Has)
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

// fromStrangerPage says whether a web page sent a delivery that nothing vouches for.
func (in *incoming) fromStrangerPage() bool {
	return !in.jm.Verdict.OK && !in.jm.NoVerify() && fromPage(in.r.Header)
}

// sayPage tells once why a delivery was answered 403: a web page sent it, and no valid signature vouches for it.
func (l *Listener) sayPage(d *record.Delivery) {
	l.paged.Do(func() {
		l.emit(record.Changed{State: record.Hinted, DeliveryID: d.ID, Message: "it has Origin or Sec-Fetch-* headers, so a web page sent it: answered 403, not handed on; --no-verify takes such"})
	})
}
