package serve

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"
)

// serving serves on a free port until the test ends.
func serving(t *testing.T, addr string, h http.HandlerFunc, conns int) (*Server, net.Listener) {
	t.Helper()
	ln, err := Open(t.Context(), addr)
	if err != nil {
		t.Fatal(err)
	}
	s := New(t.Context(), Options{Handler: h, Conns: conns, Lost: func(what Loss) { t.Errorf("lost: %v", what) }, Draining: func(int) {}})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s, ln
}

// TestAnswers: a server that accepts says so, without a request that a handler would see.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1:0", "0.0.0.0:0"} {
		s, ln := serving(t, addr, func(http.ResponseWriter, *http.Request) { t.Error("a handler was called") }, 4)
		for range 3 * 4 { // more than there are places
			if err := s.Answers(t.Context(), ln); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestAnswersWhenFull: a server whose places are all taken by requests under way works as it should.
func TestAnswersWhenFull(t *testing.T) {
	t.Parallel()
	begun, over := make(chan struct{}, 1), make(chan struct{})
	s, ln := serving(t, "127.0.0.1:0", func(http.ResponseWriter, *http.Request) {
		begun <- struct{}{}
		<-over
	}, 1)
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+ln.Addr().String(), nil)
		if err != nil {
			t.Error(err)
			return
		}
		resp, err := new(http.Client).Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		_ = resp.Body.Close()
	}()
	<-begun
	for range 3 {
		if err := s.Answers(t.Context(), ln); err != nil {
			t.Error(err)
		}
	}
	close(over)
	<-answered
}

// TestAnswersNot: a socket that nobody accepts from takes connections, and is not alive.
func TestAnswersNot(t *testing.T) {
	t.Parallel()
	ln, err := Open(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := New(t.Context(), Options{Conns: 1})
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if err := s.Answers(ctx, ln); err == nil {
		t.Error("it answers")
	}
	_ = ln.Close()
	if err := s.Answers(t.Context(), ln); err == nil {
		t.Error("it answers when it is closed")
	}
}
