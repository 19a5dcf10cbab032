package refusal_test

import (
	"bytes"
	"compress/gzip"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

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
		"not there":         {404, nil, "CSRF verification failed", "path"},
		"broken":            {500, nil, "Unauthenticated.", "crash"},
		"Express 404":       {404, nil, "<pre>Cannot POST /hooks</pre>", "path"},
		"405":               {405, h("Allow", "GET, HEAD"), "", "method"},
		"body-parser":       {413, nil, "PayloadTooLargeError: request entity too large", "size"},
		"Fastify 415":       {415, nil, `{"statusCode":415,"code":"FST_ERR_CTP_INVALID_MEDIA_TYPE"}`, "type"},
		"throttled":         {429, nil, "Too many requests", "rate"},
		"nginx 502":         {502, nil, "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>", "gateway"},
		"Heroku":            {503, nil, "<title>Application Error</title>", "gateway"},
		"own 503":           {503, nil, `{"error":"maintenance"}`, ""},
		"Cloudflare 504":    {504, h("Server", "cloudflare"), "", "gateway"},
		"no database":       {500, nil, "Error: connect ECONNREFUSED 127.0.0.1:5432", "database"},
		"Node":              {500, nil, "TypeError: Cannot read properties of undefined (reading 'id')\n    at handler (/app/x.js:10:3)", "crash"},
		"created":           {201, nil, "Cannot POST", ""},
		"not modified":      {304, nil, "", ""},
		"gone":              {410, nil, "", ""},
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

// What is not served there is named, and is certain only where the answer is a router's.
func TestUnserved(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"<pre>Cannot POST /hooks</pre>": "your program has no POST /hooks: forward to",
		"404 page not found\n":          "your program has no POST /hooks: forward to",
		`{"error":"no such customer"}`:  "probably your program has no POST /hooks: forward to",
		"":                              "probably your program has no POST /hooks: forward to",
	} {
		cause, _ := refusal.Read(refusal.Answer{Status: 404, Method: "POST", Body: []byte(body), URL: "http://localhost:3000/hooks?token=s3cr3t"})
		if text := cause.Step().String(); !strings.HasPrefix(text, want) || strings.Contains(text, "s3cr3t") {
			t.Errorf("%q: %s", body, text)
		}
	}
	cause, _ := refusal.Read(refusal.Answer{Status: 405, Method: "PUT", Header: http.Header{"Allow": {"GET, $(id)"}}, URL: "http://localhost:3000/a b"})
	if text := cause.Step().String(); !strings.HasPrefix(text, "your program does not take PUT /a%20b, only 'GET, $(id)': ") {
		t.Errorf("%s", text)
	}
	cause, _ = refusal.Read(refusal.Answer{Status: 415, Type: "text/plain; charset=utf-8"})
	if text := cause.Step().String(); !strings.HasPrefix(text, "your program does not take 'text/plain; charset=utf-8': ") {
		t.Errorf("%s", text)
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                                      "",
		"  \n ok\nmore":                         "ok",
		"TypeError: x is null\n    at f (a.js)": "TypeError: x is null",
		"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    x()\nKeyError: 'amount'\n\n": "KeyError: 'amount'",
		"Traceback (most recent call last):":             "Traceback (most recent call last):",
		"{\n  \"error\": \"bad\",\n  \"a\": [1, 2]\n}\n": `{ "error": "bad", "a": [1, 2] }`,
		`["a b"] and more`:                               `["a b"] and more`,
		"<!DOCTYPE html>\n<html><head>\n<title>Error</title>\n<style>b{}</style></head>\n<body>\n<pre>Cannot POST /hooks</pre>": "Cannot POST /hooks",
		"<html><head><title>404 Not Found</title></head><body><h1>x</h1>":                                                       "404 Not Found",
		"<!doctype html><title>TypeError: can&#39;t &lt;add&gt; // Werkzeug Debugger</title>":                                   "TypeError: can't <add> // Werkzeug Debugger",
		"<h1>Gone</h1>":             "Gone",
		"<script>alert(1)</script>": "",
		"\x00\x01binary":            "",
		"a\xffb":                    "a\ufffdb",
		strings.Repeat("é", 150):    strings.Repeat("é", 100) + "…",
		"<title>Error":              "",
	} {
		if got := refusal.Line(nil, []byte(body)); got != want {
			t.Errorf("%.60q: %q, not %q", body, got, want)
		}
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
		if line := refusal.Line(nil, body); len(line) > 210 || strings.ContainsAny(line, "\n\x00") || !utf8.ValidString(line) {
			t.Errorf("%q", line)
		}
		if ok && status < 300 && status != 200 || ok && cause.ID == "" {
			t.Errorf("%d: %+v", status, cause)
		}
	})
}
