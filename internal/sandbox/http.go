package sandbox

// The way of an API call: who is let in, which route answers, how the answer is written.

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/serve"
)

const (
	maxBody        = 1 << 20
	maxTriggerBody = 8 << 20
	platformPath   = "/v1/" // begins the paths of the platform's API; the others are the sandbox's own
)

// refusal is an error with the status of its answer.
type refusal struct {
	status  int
	message string
	again   string // seconds after which to try again; "": nothing is said of that
}

func (r *refusal) Error() string { return r.message }

func refuse(status int, message string) error { return &refusal{status: status, message: message} }

// Messages of the platform where it documents them, else the sandbox's own.
const (
	textUnauthenticated = "Not authenticated"
	textUnauthorized    = "Not authorized"
	textUnavailable     = "Notification service is not configured for this environment"
	textLimit           = "Maximum webhook limit (5) reached for this tenant"
	textURL             = "url must be an HTTPS URL"
	textRetryID         = "webhookId must be a valid UUID"
	textNoWebhook       = "Webhook not found"
	textNoEvent         = "Event not found"
)

// openAPI describes the eleven endpoints.
//
//go:embed openapi.json
var openAPI []byte

// handler answers one route with a value to send as JSON, or with an error.
type handler func(r *http.Request) (status int, answer any, err error)

// Handler returns what answers the API and the sandbox's own routes.
func (s *Sandbox) Handler() http.Handler {
	mux := http.NewServeMux()
	route := func(pattern string, h handler) { mux.Handle(pattern, h) }
	route("GET "+api.PathWebhooks, s.listWebhooks)
	route("POST "+api.PathWebhooks, s.createWebhook)
	route("GET "+api.PathWebhooks+"/{id}", about(s, s.findWebhook, s.getWebhook))
	route("PUT "+api.PathWebhooks+"/{id}", s.updateWebhook)
	route("DELETE "+api.PathWebhooks+"/{id}", about(s, s.findWebhook, s.deleteWebhook))
	route("POST "+api.PathWebhooks+"/{id}/rotate-key", about(s, s.findWebhook, s.rotateKey))
	route("GET "+api.PathWebhooks+"/{id}/logs", s.webhookLogs)
	route("GET "+api.PathEvents, s.listEvents)
	route("GET "+api.PathEvents+"/{id}/status", about(s, s.findEvent, s.eventStatus))
	route("GET "+api.PathEvents+"/{id}/logs", about(s, s.findEvent, s.eventLogs))
	route("POST "+api.PathEvents+"/{id}/retry", s.retryEvent)
	route("GET "+api.PathTrigger, s.samples)
	route("POST "+api.PathTrigger, s.trigger)
	route("POST "+api.PathPlay, s.playScenario)
	route("POST "+api.PathAdvance, s.advanceClock)
	route("GET "+api.PathStatus, s.status)
	route("POST "+api.PathReset, s.resetAll)
	route("GET "+api.PathOpenAPI, func(*http.Request) (int, any, error) {
		return http.StatusOK, json.RawMessage(openAPI), nil
	})
	route("/", func(*http.Request) (int, any, error) { return 0, nil, refuse(http.StatusNotFound, "Not found") })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat)) // by the clock that can be moved: what is shown is relative to it
		if err := s.admit(r); err != nil {
			w.Header().Set("Connection", "close") // strangers must not hold connections that the owner needs
			writeRefusal(w, err)
			return
		}
		if err := s.disturb(r); err != nil {
			writeRefusal(w, err)
			return
		}
		if r.RequestURI == asterisk { // a ping of the server (RFC 9110, 9.3.7)
			w.Header().Set("Content-Length", "0")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// about makes a handler of a route about one thing. The sandbox is locked while it is found and answered about.
func about[T any](s *Sandbox, find func(*http.Request) (T, error), answer func(T) (int, any, error)) handler {
	return func(r *http.Request) (int, any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		thing, err := find(r)
		if err != nil {
			return 0, nil, err
		}
		return answer(thing)
	}
}

// asterisk is the request target of OPTIONS that stands for the server as a whole.
const asterisk = "*"

// wellFormed says whether a request target is one of RFC 9112, 3.2. The server lets others through, for the listener to hand on.
func wellFormed(r *http.Request) bool {
	if r.RequestURI == asterisk {
		return r.Method == http.MethodOptions
	}
	_, err := url.ParseRequestURI(r.RequestURI)
	return err == nil
}

// admit lets a request pass that is for this machine, not from a web page, and has a token.
func (s *Sandbox) admit(r *http.Request) error {
	if !wellFormed(r) {
		return refuse(http.StatusBadRequest, "the request target is malformed")
	}
	if !netname.LoopbackHost(r.Host) { // DNS rebinding shows in Host
		return refuse(http.StatusForbidden, "the sandbox answers under a loopback address only")
	}
	if serve.FromOtherSite(r.Header) {
		return refuse(http.StatusForbidden, "the sandbox does not answer web pages")
	}
	if r.URL.Path == api.PathOpenAPI {
		return nil
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	full, readOnly := sameText(token, s.o.Token), s.readOnly != "" && sameText(token, s.readOnly)
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead || r.RequestURI == asterisk
	switch {
	case !ok || !full && !readOnly:
		return refuse(http.StatusUnauthorized, textUnauthenticated)
	case !full && !reads:
		return refuse(http.StatusForbidden, textUnauthorized)
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if !reads && r.ContentLength != 0 && (err != nil || media != "application/json") {
		return refuse(http.StatusUnsupportedMediaType, "Content-Type must be application/json")
	}
	return nil
}

// sameText compares in a time that depends on neither content nor length.
func sameText(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	limit := int64(maxBody)
	if r.URL.Path == api.PathTrigger {
		limit = maxTriggerBody
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	status, answer, err := h(r)
	if err != nil {
		writeRefusal(w, err)
		return
	}
	writeJSON(w, status, answer)
}

func writeRefusal(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	if r, ok := errors.AsType[*refusal](err); ok {
		status = r.status
		if r.again != "" {
			w.Header().Set("Retry-After", r.again)
		}
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	writeJSON(w, status, api.Error{Message: err.Error()})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		status = http.StatusInternalServerError
		b.Reset()
		b.WriteString(`{"message":"the answer cannot be written as JSON"}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// object reads a JSON object. An empty body is an empty object.
func object(r *http.Request) (map[string]json.RawMessage, error) {
	body, err := readBody(r)
	if err != nil || len(body) == 0 {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil || fields == nil {
		return nil, refuse(http.StatusBadRequest, "Request body must be a JSON object")
	}
	return fields, nil
}

func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, refuse(http.StatusRequestEntityTooLarge, "Request body is too large")
		}
		return nil, refuse(http.StatusBadRequest, "Request body could not be read")
	}
	return bytes.TrimSpace(body), nil
}
