package main

// How a target misbehaves.

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

// kind is one way to misbehave.
type kind int

const (
	none     kind = iota
	restarts      // the port closes for a while
	fails         // 500
	limits        // 429, with Retry-After in seconds
	away          // 503, with Retry-After as a date
	moved         // 302: nobody follows it, so the job dies
	hangs         // no answer until the sender gives up
	resets        // the connection is reset
	cuts          // an answer 200 that ends too soon
	kinds         // how many there are
)

func (k kind) String() string {
	return [...]string{"none", "restarted", "500", "429", "503", "302", "hung", "reset", "cut"}[k]
}

// fault is a row of requests that are answered badly.
type fault struct {
	kind   kind
	from   int // after so many were answered 2xx
	times  int
	closed time.Duration // of restarts
}

// misbehave gives a target each fault twice, in an order and at places that the seed decides.
func (w *world) misbehave(t *target, events int) {
	var all []fault
	for range 2 {
		for k := restarts; k < kinds; k++ {
			f := fault{kind: k, times: 3 + w.rand.IntN(8)}
			switch k {
			case restarts:
				f.times, f.closed = 1, w.between(500*time.Millisecond, 3*time.Second)
			case limits, away, hangs: // each of them stops the lane, for a second or more
				f.times = 1 + w.rand.IntN(2)
			default:
			}
			all = append(all, f)
		}
	}
	w.rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i := range all {
		step := events / (len(all) + 1)
		all[i].from = i*step + w.rand.IntN(max(step, 1))
	}
	t.plan = all
}

// answer gives the answer of a fault.
func (k kind) answer(w http.ResponseWriter, r *http.Request) {
	switch k {
	case fails:
		http.Error(w, "it is broken", http.StatusInternalServerError)
	case limits:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many", http.StatusTooManyRequests)
	case away:
		w.Header().Set("Retry-After", time.Now().Add(2*time.Second).UTC().Format(http.TimeFormat))
		http.Error(w, "not now", http.StatusServiceUnavailable)
	case moved:
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusFound)
	case hangs:
		<-r.Context().Done()
	case resets, cuts:
		k.hangUp(w)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// hangUp ends the connection before the answer is whole.
func (k kind) hangUp(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	if k == cuts {
		_, _ = fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot all")
		return
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}
