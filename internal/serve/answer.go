package serve

// Short answers, also to a sender that is still sending.

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	drainBytes = 64 << 20
	drainTime  = 10 * time.Second
)

// Answer answers with a text.
func Answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// AnswerUnread answers before the body is read, and then goes on reading for a while: a sender that is still sending would
// otherwise see its connection reset instead of the answer.
func AnswerUnread(w http.ResponseWriter, r *http.Request, status int, text string) {
	rc := http.NewResponseController(w)
	_ = rc.EnableFullDuplex()
	w.Header().Set("Connection", "close")
	w.Header().Set("Content-Length", strconv.Itoa(len(text))) // the answer is whole before all is read
	Answer(w, status, text)
	_ = rc.Flush()
	if r.Header.Get("Expect") != "" {
		return
	}
	c := ConnOf(r)
	_ = c.SetReadDeadline(time.Now().Add(c.readOn()))
	n, err := io.CopyN(io.Discard, r.Body, drainBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		c.discard(drainBytes - n)
	}
}
