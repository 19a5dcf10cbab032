package main

// A target that verifies, as a correct handler does, and misbehaves on plan.

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// arrival is one request that a target was sent.
type arrival struct {
	event string
	whole bool // it was answered 2xx, and not cut off
	fault kind // what was done instead
}

// target takes deliveries that verify.
type target struct {
	name string
	addr string
	keys [][]byte      // one for each webhook
	busy chan struct{} // one request at a time is expected

	mu      sync.Mutex
	plan    []fault
	seen    []arrival
	whole   int
	bad     []string // what a request was refused for
	both    int      // requests that came while another was being answered
	server  *http.Server
	stopped sync.WaitGroup
}

// target makes a target whose port is closed.
func (w *world) target(ctx context.Context, name string) (*target, error) {
	addr, err := freeAddr(ctx)
	t := &target{name: name, addr: addr, busy: make(chan struct{}, 1), server: &http.Server{ReadHeaderTimeout: time.Minute}}
	w.targets = append(w.targets, t)
	return t, err
}

// open opens the target's port.
func (t *target) open(ctx context.Context) error {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", t.addr)
	if err == nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.serve(ln)
	}
	return err
}

func (t *target) serve(ln net.Listener) {
	t.server = &http.Server{Handler: http.HandlerFunc(t.handle), ReadHeaderTimeout: time.Minute}
	go func(s *http.Server) { _ = s.Serve(ln) }(t.server)
}

// restart closes the port for a while.
func (t *target) restart(d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	t.mu.Lock()
	server := t.server
	t.mu.Unlock()
	_ = server.Shutdown(ctx)
	_ = server.Close()
	pause(context.Background(), d)
	for t.open(context.Background()) != nil {
		pause(context.Background(), lookEvery)
	}
}

func (t *target) close() {
	t.stopped.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	_ = t.server.Close()
}

func (t *target) handle(w http.ResponseWriter, r *http.Request) {
	select {
	case t.busy <- struct{}{}:
		defer func() { <-t.busy }()
	default:
		t.mu.Lock()
		t.both++
		t.mu.Unlock()
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil { // the sender was killed
		return
	}
	event, err := t.verify(r.Header, body, time.Now())
	t.mu.Lock()
	if err != nil {
		t.bad = append(t.bad, fmt.Sprintf("%s: %s", event, err))
		t.mu.Unlock()
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	f := t.next()
	t.seen = append(t.seen, arrival{event: event, whole: f == none, fault: f})
	if f == none {
		t.whole++
	}
	t.mu.Unlock()
	f.answer(w, r)
}

// verify does what the documentation of the scheme asks of a handler.
func (t *target) verify(h http.Header, body []byte, now time.Time) (event string, err error) {
	var e struct {
		ID string `json:"event_id"`
	}
	if err := json.Unmarshal(body, &e); err != nil || e.ID == "" {
		return "", fmt.Errorf("no event: %q", body)
	}
	at := h.Get("X-Timestamp")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return e.ID, fmt.Errorf("time %q", at)
	}
	if !t.signed(at, body, h.Get("X-Signature")) {
		return e.ID, fmt.Errorf("signature %q", h.Get("X-Signature"))
	}
	if age := now.Sub(time.Unix(seconds, 0)); age.Abs() > window {
		return e.ID, fmt.Errorf("signed %s ago", age)
	}
	return e.ID, nil
}

func (t *target) signed(at string, body []byte, signature string) bool {
	return slices.ContainsFunc(t.keys, func(key []byte) bool {
		return hmac.Equal([]byte(sign(key, at, body)), []byte(signature))
	})
}

func sum(body []byte) string {
	all := sha256.Sum256(body)
	return hex.EncodeToString(all[:])
}

// sign is what the scheme says of its signature.
func sign(key []byte, at string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// next is what is done with a request that verified. The lock is held.
func (t *target) next() kind {
	if len(t.plan) == 0 || t.whole < t.plan[0].from {
		return none
	}
	f := &t.plan[0]
	k := f.kind
	if f.times--; f.times <= 0 {
		t.plan = t.plan[1:]
	}
	if k == restarts { // this request is the last one before the port closes
		d := f.closed
		t.stopped.Go(func() { t.restart(d) })
		return none
	}
	return k
}

// reached is how many requests were answered 2xx.
func (t *target) reached() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.whole
}

// count is how many requests were answered in one way.
func (t *target) count(k kind) (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, a := range t.seen {
		if a.fault == k {
			n++
		}
	}
	return n
}
