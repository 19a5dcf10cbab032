package listen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/whctl/whctl/internal/record"
)

const (
	drainBytes = 64 << 20
	drainTime  = 10 * time.Second
	budgetWait = 10 * time.Second
	// firstBytes is what a sender gets room for before it has sent anything: announcing much must not hold back others.
	firstBytes = 64 << 10
	// perRequest is what a request weighs besides its body.
	perRequest = 4 << 10
)

var errBusy = errors.New("too many large bodies at once")

// hold is a request's part of the body budget. It goes back when the last user of the body is done, which may be a
// target that answers long after the sender has its answer.
type hold struct {
	budget *semaphore.Weighted
	n      int64
	users  atomic.Int32
}

func (l *Listener) newHold() *hold {
	h := &hold{budget: l.bodies}
	h.users.Store(1)
	return h
}

func (h *hold) take(ctx context.Context, n int64) error {
	ctx, cancel := context.WithTimeout(ctx, budgetWait)
	defer cancel()
	if err := h.budget.Acquire(ctx, n); err != nil {
		return errBusy
	}
	h.n += n
	return nil
}

func (h *hold) share() { h.users.Add(1) }

func (h *hold) done() {
	if h.users.Add(-1) == 0 {
		h.budget.Release(h.n)
	}
}

// received is a request once its body has been read.
type received struct {
	body     []byte
	size     int64
	tooLarge bool
}

// read takes the body as it comes. Of one over the limit only the beginning is kept, for the record.
func (l *Listener) read(w http.ResponseWriter, r *http.Request, h *hold) (received, bool) {
	if err := h.take(r.Context(), perRequest+min(firstBytes, l.o.MaxBody+1)); err != nil {
		l.readFailed(w, r, 0, err)
		return received{}, false
	}
	if r.ContentLength > l.o.MaxBody {
		got := received{size: r.ContentLength, tooLarge: true}
		if r.Header.Get("Expect") == "" { // else the sender waits to hear whether it may send
			got.body, _ = io.ReadAll(io.LimitReader(r.Body, KeptBody))
		}
		return got, true
	}
	body, err := readAll(r, l.o.MaxBody, h)
	if err != nil {
		l.readFailed(w, r, len(body), err)
		return received{}, false
	}
	// The deadline was for the request; the answer may take as long as the target does.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	got := received{body: body, size: int64(len(body))}
	if got.size > l.o.MaxBody {
		got.tooLarge, got.body = true, body[:min(len(body), KeptBody)]
	}
	return got, true
}

// readAll reads at most one byte more than limit. Room for all of it is taken once the first bytes have come.
func readAll(r *http.Request, limit int64, h *hold) ([]byte, error) {
	most := limit + 1
	if r.ContentLength >= 0 {
		most = r.ContentLength
	}
	buf := make([]byte, min(most, firstBytes))
	n, ended, err := fill(r.Body, buf)
	if err != nil || ended || int64(n) == most {
		return buf[:n], err
	}
	if err := h.take(r.Context(), most-int64(n)); err != nil {
		return buf, err
	}
	if r.ContentLength < 0 { // its length is not known: let the buffer grow with it
		rest, err := io.ReadAll(io.LimitReader(r.Body, most-int64(n)))
		return append(buf, rest...), err
	}
	whole := make([]byte, most)
	copy(whole, buf)
	m, _, err := fill(r.Body, whole[n:])
	return whole[:n+m], err
}

// fill reads until p is full or the body ends.
func fill(body io.Reader, p []byte) (n int, ended bool, err error) {
	for n < len(p) {
		m, err := body.Read(p[n:])
		n += m
		if errors.Is(err, io.EOF) {
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
	}
	return n, false, nil
}

func (l *Listener) readFailed(w http.ResponseWriter, r *http.Request, n int, err error) {
	switch {
	case errors.Is(err, errBusy):
		w.Header().Set("Retry-After", "1")
		w.Header().Set("Connection", "close")
		answer(w, http.StatusServiceUnavailable, "busy")
		l.failure(record.Failure{Message: "a delivery was answered 503: " + err.Error()})
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		answer(w, http.StatusRequestTimeout, "the request took too long to arrive")
		l.failure(record.Failure{Message: fmt.Sprintf("a sender took over %s for its request and was cut off after %d bytes of body", readTimeout, n)})
	case brokenFraming(r, err):
		w.Header().Set("Connection", "close")
		answer(w, http.StatusBadRequest, "the body's chunks are malformed")
		l.failure(record.Failure{Message: fmt.Sprintf("a sender's chunks are malformed after %d bytes of body (%s): answered 400, nothing was recorded or forwarded", n, err)})
	default:
		of := ""
		if r.ContentLength >= 0 {
			of = fmt.Sprintf(" of %d", r.ContentLength)
		}
		l.failure(record.Failure{Message: fmt.Sprintf("a sender broke off after %d%s bytes of body; nothing was recorded or forwarded", n, of)})
		panic(http.ErrAbortHandler) // there is nobody to answer
	}
}

// brokenFraming says whether a body of unknown length ended because its chunks make no sense, and not the connection.
func brokenFraming(r *http.Request, err error) bool {
	var network net.Error
	return r.ContentLength < 0 && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.As(err, &network) && r.Context().Err() == nil
}

// refuseUnread answers before the body is read, and then goes on reading for a while: a sender that is still sending would
// otherwise see its connection reset instead of the answer.
func refuseUnread(w http.ResponseWriter, r *http.Request, status int, text string) {
	rc := http.NewResponseController(w)
	_ = rc.EnableFullDuplex()
	w.Header().Set("Connection", "close")
	answer(w, status, text)
	_ = rc.Flush()
	if r.Header.Get("Expect") != "" {
		return
	}
	_ = rc.SetReadDeadline(time.Now().Add(drainTime))
	_, _ = io.CopyN(io.Discard, r.Body, drainBytes)
}
