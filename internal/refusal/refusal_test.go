package refusal_test

import (
	"bytes"
	"compress/gzip"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/refusal"
)

// answers are what software of others answers, word for word where that is short, and the cause that they tell. "" is none.
func answers() map[string]struct {
	status int
	header http.Header
	body   string
	cause  string
} {
	type answer = struct {
		status int
		header http.Header
		body   string
		cause  string
	}
	h := func(name, value string) http.Header {
		out := http.Header{}
		out.Set(name, value)
		return out
	}
	return map[string]answer{
		"Django":            {403, nil, "<!DOCTYPE html><html><head><title>403 Forbidden</title></head><body><h1>Forbidden <span>(403)</span></h1><p>CSRF verification failed. Request aborted.</p></body></html>", "csrf"},
		"Django origin":     {403, nil, "<p>Origin checking failed - https://x does not match any trusted origins.</p>", "csrf"},
		"DRF session":       {403, nil, `{"detail":"CSRF Failed: CSRF token missing."}`, "csrf"},
		"Laravel":           {419, nil, "<title>Page Expired</title>", "csrf"},
		"Laravel JSON":      {419, nil, `{"message":"CSRF token mismatch."}`, "csrf"},
		"Laravel, silent":   {419, nil, "", "csrf"},
		"Rails dev":         {422, nil, "ActionController::InvalidAuthenticityToken in HooksController#create\nCan't verify CSRF token authenticity.", "csrf"},
		"Rails prod":        {422, nil, "<title>The change you wanted was rejected (422)</title>", "csrf"},
		"csurf":             {403, nil, "ForbiddenError: invalid csrf token", "csrf"},
		"Flask-WTF":         {400, nil, "<h1>Bad Request</h1>\n<p>The CSRF token is missing.</p>", "csrf"},
		"SvelteKit":         {403, nil, "Cross-site POST form submissions are forbidden", "csrf"},
		"gorilla":           {403, nil, "Forbidden - CSRF token not found in request\n", "csrf"},
		"gorilla referer":   {403, nil, "Forbidden - referer not supplied\n", "csrf"},
		"Go 1.25":           {403, nil, "cross-origin request detected from Origin header\n", "csrf"},
		"Jenkins":           {403, nil, "No valid crumb was included in the request", "csrf"},
		"Yii":               {400, nil, "Bad Request (#400): Unable to verify your data submission.", "csrf"},
		"WordPress":         {403, nil, `{"code":"rest_cookie_invalid_nonce","message":"Cookie check failed"}`, "csrf"},
		"ASP.NET":           {400, nil, "Microsoft.AspNetCore.Antiforgery.AntiforgeryValidationException: The required antiforgery cookie is not present.", "csrf"},
		"own IP list":       {403, nil, "Your IP is not allowed", "address"},
		"allowlist, JSON":   {403, nil, `{"error":"IP address not allowed: 127.0.0.1"}`, "address"},
		"API gateway":       {403, nil, `{"message":"Missing API key"}`, "auth"},
		"x-api-key":         {401, nil, `{"error":"x-api-key header is missing"}`, "auth"},
		"stripe-go, time":   {400, nil, "timestamp wasn't within tolerance", "clock"},
		"svix, time":        {400, nil, `{"error":"Message timestamp too old"}`, "clock"},
		"stripe-node, time": {400, nil, "Webhook Error: Timestamp outside the tolerance zone", "clock"},
		"slack-bolt, time":  {401, nil, "stale timestamp, signature not looked at", "clock"},
		"Basic":             {401, h("WWW-Authenticate", `Basic realm="staging"`), "Unauthorized", "auth.basic"},
		"Basic in capitals": {401, h("WWW-Authenticate", `BASIC realm=x`), "", "auth.basic"},
		"Bearer":            {401, h("WWW-Authenticate", "Bearer"), "", "auth.bearer"},
		"Digest":            {401, h("WWW-Authenticate", `Digest realm="x"`), "", "auth"},
		"Sanctum":           {401, nil, `{"message":"Unauthenticated."}`, "auth"},
		"Clerk":             {401, h("X-Clerk-Auth-Status", "signed-out"), "", "auth"},
		"DRF":               {403, nil, `{"detail":"Authentication credentials were not provided."}`, "auth"},
		"FastAPI":           {403, nil, `{"detail":"Not authenticated"}`, "auth"},
		"Devise":            {401, nil, `{"error":"You need to sign in or sign up before continuing."}`, "auth"},
		"Spring":            {401, nil, `{"error":"unauthorized","error_description":"Full authentication is required to access this resource"}`, "auth"},
		"flask-jwt":         {401, nil, `{"msg":"Missing Authorization Header"}`, "auth"},
		"Supabase":          {401, nil, `{"code":401,"message":"Missing authorization header"}`, "auth"},
		"express-jwt":       {401, nil, "UnauthorizedError: No authorization token was found", "auth"},
		"Rails hosts":       {403, h("Content-Type", "text/html"), "<header role=\"banner\"><h1>Blocked hosts: abc.ngrok-free.app</h1></header>", "host"},
		"Rails host 6":      {403, nil, "<h1>Blocked host: abc.ngrok-free.app</h1>", "host"},
		"Vite":              {403, nil, "Blocked request. This host (\"abc.test\") is not allowed.\nTo allow this host, add \"abc.test\" to `server.allowedHosts` in vite.config.js.", "host"},
		"webpack":           {403, nil, "Invalid Host header", "host"},
		"webpack 3":         {200, nil, "Invalid Host header", "host"},
		"Django hosts":      {400, nil, "DisallowedHost at /\nInvalid HTTP_HOST header: 'x.test'. You may need to add 'x.test' to ALLOWED_HOSTS.", "host"},
		"Django prod":       {400, nil, "<!doctype html><html lang=\"en\"><head><title>Bad Request</title></head><body><h1>Bad Request (400)</h1><p></p></body></html>", "host"},
		"Starlette":         {400, nil, "Invalid host header", "host"},
		"HTTP.sys":          {400, nil, "<h2>Bad Request - Invalid Hostname</h2>\n<hr><p>HTTP Error 400. The request hostname is invalid.</p>", "host"},
		"werkzeug":          {400, nil, "<p>Host &#39;x.test&#39; is not trusted.</p>", "host"},
		"AirPlay":           {403, h("Server", "AirTunes/595.13.1"), "", "airplay"},
		"Go TLS":            {400, nil, "Client sent an HTTP request to an HTTPS server.\n", "tls"},
		"nginx TLS":         {400, nil, "<center>The plain HTTP request was sent to HTTPS port</center>", "tls"},
		"Apache TLS":        {400, nil, "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />", "tls"},
		"Node http2":        {403, nil, "Missing ALPN Protocol, expected `h2`\n", "http2"},
		"Cloudflare":        {403, h("Cf-Mitigated", "challenge"), "Just a moment...", "bots"},
		"own check":         {401, nil, `{"error":"Invalid signature"}`, refusal.Signature},
		"own check 400":     {400, nil, "No signatures found matching the expected signature for payload", refusal.Signature},
		"hmac":              {403, nil, "HMAC mismatch", refusal.Signature},

		"HTTP signatures": {401, h("WWW-Authenticate", `Signature realm="x"`), "", refusal.Signature},
		"Rails origin":    {422, nil, "ActionController::InvalidCrossOriginRequest", "csrf"},
		"nginx":           {403, h("Server", "nginx"), "<head><title>403 Forbidden</title></head>\r\n<center><h1>403 Forbidden</h1></center>\r\n<hr><center>nginx/1.24.0</center>", "server"},
		"Apache":          {403, nil, "<p>You don't have permission to access this resource.</p>\n<hr>\n<address>Apache/2.4.57</address>", "server"},

		"nothing said":      {401, nil, "", ""},
		"Nest":              {401, nil, `{"statusCode":401,"message":"Unauthorized"}`, ""},
		"forbidden":         {403, nil, "Forbidden", ""},
		"a validation":      {422, nil, `{"errors":["amount is missing"]}`, ""},
		"a bad request":     {400, nil, "unexpected end of JSON input", ""},
		"done":              {200, nil, "ok", ""},
		"done with csrf":    {200, nil, "CSRF verification failed", ""},
		"not there":         {404, nil, "CSRF verification failed", ""},
		"broken":            {500, nil, "Unauthenticated.", ""},
		"a page of Rails":   {403, nil, `<head><meta name="csrf-token" content="x"><meta name="csrf-param" content="authenticity_token"></head><form><input type="hidden" name="authenticity_token"></form>Not allowed`, ""},
		"a page of Laravel": {403, nil, `<script>window.csrfToken = "x"</script><style>.login required{}</style><h1>403</h1>`, ""},
		"teapot":            {418, nil, "csrf", ""},
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	for name, a := range answers() {
		cause, ok := refusal.Read(refusal.Answer{Status: a.status, Header: a.header, Body: []byte(a.body), URL: "http://localhost:3000/hooks"})
		if cause.ID != a.cause || ok != (a.cause != "") {
			t.Errorf("%s: %q, want %q", name, cause.ID, a.cause)
		}
		if ok && (cause.Title == "" || cause.Fix.String() == "" || !strings.Contains(cause.Step().String(), cause.Title)) {
			t.Errorf("%s: %+v", name, cause)
		}
		if !ok || a.body == "" {
			continue
		}
		// the same, packed and cut off
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(a.body))
		_ = z.Close()
		packed := http.Header{"Content-Encoding": {"gzip"}}
		maps.Copy(packed, a.header)
		if cause, _ := refusal.Read(refusal.Answer{Status: a.status, Header: packed, Body: b.Bytes()[:b.Len()-4]}); cause.ID != a.cause {
			t.Errorf("%s, packed: %q, want %q", name, cause.ID, a.cause)
		}
	}
}

// What is not sure is not said as if it were.
func TestDoubt(t *testing.T) {
	t.Parallel()
	for body, certain := range map[string]bool{
		"CSRF token missing": true, "CSRF or signature wrong": false, "<h1>Bad Request (400)</h1>": false,
	} {
		cause, ok := refusal.Read(refusal.Answer{Status: 400, Body: []byte(body)})
		if !ok || cause.Certain != certain || strings.HasPrefix(cause.Step().String(), "probably ") == certain {
			t.Errorf("%q: %v, %+v: %s", body, ok, cause, cause.Step())
		}
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	const url = "http://localhost:3000/hooks?a=1"
	for location, want := range map[string][2]string{
		"/hooks/":                            {"redirect.slash", "308 to /hooks/"},
		"http://localhost:3000/hooks/?a=1":   {"redirect.slash", "http://localhost:3000/hooks/?…"},
		"https://localhost:3000/hooks?a=1":   {"redirect.https", "https://localhost:3000/hooks"},
		"https://abc.test/hooks":             {"redirect.https", "https://abc.test/hooks"},
		"http://www.x.test/hooks":            {"redirect.host", "http://www.x.test/hooks"},
		"/login?next=/hooks&token=s3cr3t":    {"redirect.login", "/login?…"},
		"/accounts/login/":                   {"redirect.login", "/accounts/login/"},
		"/users/sign_in":                     {"redirect.login", "/users/sign_in"},
		"https://x.cloudflareaccess.com/cdn": {"redirect.login", "cloudflareaccess"},
		"https://login.x.test/hooks?next=1":  {"redirect.login", "https://login.x.test/hooks?…"},
		"/en/hooks":                          {"redirect", "/en/hooks"},
		"elsewhere":                          {"redirect", "elsewhere"},
		"http://u:s3cr3t@x.test/y":           {"redirect", "http://x.test/y"},
		"http://[::1":                        {"redirect", "an address that is none"},
		"/a$(touch x)`y`":                    {"redirect", "'/a$%28touch%20x%29%60y%60'"},
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			cause, ok := refusal.Read(refusal.Answer{Status: status, Header: http.Header{"Location": {location}}, URL: url})
			text := cause.Step().String()
			if !ok || cause.ID != want[0] || !strings.Contains(text, strings.Replace(want[1], "308", strconv.Itoa(status), 1)) {
				t.Errorf("%d %s: %s: %s", status, location, cause.ID, text)
			}
			if strings.Contains(text, "s3cr3t") || !strings.Contains(text, "senders do not follow it") {
				t.Errorf("%s: %s", location, text)
			}
		}
	}
	if _, ok := refusal.Read(refusal.Answer{Status: 304, Header: http.Header{"Location": {"/x"}}}); ok {
		t.Error("304 is no redirect")
	}
}

// The name in X-Forwarded-Host is named where the answer has it, as one word for a shell. The way out is told in any case.
func TestBlockedHost(t *testing.T) {
	t.Parallel()
	for body, named := range map[string]bool{"Blocked hosts: abc.test$(id)": true, "Blocked hosts: other.test": false, "Invalid Host header": false} {
		cause, _ := refusal.Read(refusal.Answer{Status: 403, Body: []byte(body), Host: "abc.test$(id):443"})
		text := cause.Step().String()
		if strings.Contains(text, "'abc.test$(id):443'") != named || !strings.Contains(text, "--header 'X-Forwarded-Host:'") {
			t.Errorf("%s: %s", body, text)
		}
	}
	cause, _ := refusal.Read(refusal.Answer{Status: 403, Body: []byte("Blocked hosts: x")})
	if text := cause.Step().String(); strings.Contains(text, "X-Forwarded-Host") {
		t.Errorf("nothing was in X-Forwarded-Host: %s", text)
	}
}

func FuzzRead(f *testing.F) {
	for _, a := range answers() {
		f.Add(a.status, a.header.Get("Location"), []byte(a.body))
	}
	f.Add(308, "/x/\x1b[31m", []byte("<!--"))
	f.Fuzz(func(t *testing.T, status int, location string, body []byte) {
		cause, ok := refusal.Read(refusal.Answer{
			Status: status, Header: http.Header{"Location": {location}, "Content-Encoding": {"gzip"}}, Body: body, URL: "http://h/x", Host: location,
		})
		if ok && !refusal.Is(status) && status != 200 || ok && cause.ID == "" {
			t.Errorf("%d: %+v", status, cause)
		}
	})
}
