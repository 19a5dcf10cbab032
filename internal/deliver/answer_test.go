package deliver_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/deliver"
)

type gone struct{}

var errGone = errors.New("gone")

func (gone) Write([]byte) (int, error) { return 0, errGone }

// TestAnswerThatNobodyTakes asks for answers without an end for somebody who has gone, with no time-out: the delivery ends all
// the same, and the target is not blamed. An answer that does have an end is read to it.
func TestAnswerThatNobodyTakes(t *testing.T) {
	t.Parallel()
	chunk := "400\r\n" + strings.Repeat("x", 0x400) + "\r\n"
	chunked := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for name, begin := range map[string]string{
		"chunked": chunked,
		"closed":  "HTTP/1.1 200 OK\r\n\r\n",
		"length":  "HTTP/1.1 200 OK\r\nContent-Length: 900000000000\r\n\r\n",
		"status":  "HTTP/1.1 500 No\r\n\r\n",
	} {
		for pace, quiet := range map[string]bool{"flood": false, "silent after 200 KiB": true} {
			t.Run(name+" "+pace, func(t *testing.T) {
				t.Parallel()
				res := takeFor(t, gone{}, begin, chunk, quiet)
				if res.Err != nil || res.Cause != deliver.None || res.Status == 0 || !errors.Is(res.SinkErr, errGone) || res.BodySize < 100<<10 {
					t.Errorf("got status %d, %v (%s), sink %v, %d bytes", res.Status, res.Err, res.Cause, res.SinkErr, res.BodySize)
				}
			})
		}
	}
	t.Run("with an end", func(t *testing.T) {
		t.Parallel()
		began := time.Now()
		res := takeFor(t, gone{}, chunked+strings.Repeat(chunk, 1000)+"0\r\n\r\n", "", true)
		if res.Err != nil || res.BodySize != 0x400*1000 || time.Since(began) > 15*time.Second {
			t.Errorf("got %v, %d bytes after %v", res.Err, res.BodySize, time.Since(began))
		}
	})
	t.Run("broken off", func(t *testing.T) {
		t.Parallel()
		res := takeFor(t, io.Discard, chunked+strings.Repeat(chunk, 200)+"400\r\n", "", false)
		if res.Err == nil || res.Cause != deliver.Cut {
			t.Errorf("got %v (%s)", res.Err, res.Cause)
		}
	})
}

// takeFor delivers to a target that answers with begin and then writes more again and again; when quiet, just two hundred times,
// and then it waits for the other side.
func takeFor(t *testing.T, w io.Writer, begin, more string, quiet bool) deliver.Result {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		readRequest(conn)
		_, err = io.WriteString(conn, begin)
		for i := 0; err == nil && more != "" && (!quiet || i < 200); i++ {
			_, err = io.WriteString(conn, more)
		}
		if quiet {
			_, _ = io.Copy(io.Discard, conn)
		}
	}()
	c := deliver.New(deliver.Options{})
	t.Cleanup(c.Close)
	done := make(chan deliver.Result, 1)
	go func() {
		done <- c.Do(t.Context(), deliver.Request{Method: "POST", URL: "http://" + ln.Addr().String(), Body: []byte("x"), Sink: func(int, http.Header) io.Writer { return w }})
	}()
	select {
	case res := <-done:
		return res
	case <-time.After(30 * time.Second):
		t.Fatal("the delivery does not end")
		return deliver.Result{}
	}
}
