package listen

// Reading a body, once, and what its sender is answered when that fails.

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/scrub"
	"github.com/whctl/whctl/internal/serve"
)

// incoming is a request once its body has been read, and what becomes of it.
type incoming struct {
	refused  bool // whctl answers it by itself, and not with success
	r        *http.Request
	body     []byte
	size     int64
	tooLarge bool
	d        *record.Delivery
	judge    *judge.Judge // as the keys were when it came
	jm       judge.Judgement
	about    about
	scrub    *scrub.Scrubber // of what is recorded of it; nil: it is recorded as it came

	carried   bool      // in a message of a broker
	checkedAt time.Time // when it was received first, if it is carried
	publicURL string    // the origin that the provider knew, if whoever received it first says so
}

// read reads the body once. Of a body over the limit only the beginning is kept, for the record.
func (l *Listener) read(w http.ResponseWriter, r *http.Request, h *hold) (*incoming, bool) {
	if r.ContentLength > l.o.MaxBody {
		in := &incoming{r: r, size: r.ContentLength, tooLarge: true}
		if r.Header.Get("Expect") == "" { // else the sender waits to hear whether it may send
			in.body, _ = io.ReadAll(io.LimitReader(r.Body, KeptBody))
		}
		return in, true
	}
	body, err := readAll(r, l.o.MaxBody, h)
	if err != nil {
		l.readFailed(w, r, len(body), err)
		return nil, false
	}
	in := &incoming{r: r, body: body, size: int64(len(body))}
	if in.size > l.o.MaxBody {
		in.tooLarge, in.body = true, body[:min(len(body), KeptBody)]
	}
	return in, true
}

// readAll reads at most one byte more than limit. It takes room for all of it once the first bytes have come.
func readAll(r *http.Request, limit int64, h *hold) ([]byte, error) {
	most := limit + 1
	if r.ContentLength >= 0 {
		most = r.ContentLength
	}
	buf := make([]byte, min(most, firstBytes))
	n, ended, err := fill(r.Body, buf)
	switch {
	case err != nil:
		return buf[:n], err
	case ended || int64(n) == most:
		if n < len(buf)/2 { // the body is kept for long, so its buffer is not larger than needed
			buf = append(make([]byte, 0, n), buf[:n]...)
		}
		return buf[:n], h.keepSmall(r.Context(), n)
	}
	if err := h.reserve(r.Context(), serve.ConnOf(r), most); err != nil {
		return buf[:n], err
	}
	whole, err := readRest(r, buf, most)
	if err != nil {
		h.arrived(0) // nothing of it is kept
		return whole, err
	}
	h.arrived(len(whole))
	return whole, nil
}

// readRest reads on to the end or to most bytes. Where the length is not known the buffer grows with what comes.
func readRest(r *http.Request, buf []byte, most int64) ([]byte, error) {
	n := len(buf)
	size := most
	if r.ContentLength < 0 {
		size = min(most, 4*int64(n))
	}
	for {
		whole := make([]byte, size)
		copy(whole, buf[:n])
		m, ended, err := fill(r.Body, whole[n:])
		n += m
		if err != nil || ended || size == most {
			return whole[:n], err
		}
		buf, size = whole, min(most, 2*size)
	}
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

// readFailed answers the sender of a body that did not come whole, and tells people of it.
func (l *Listener) readFailed(w http.ResponseWriter, r *http.Request, n int, err error) {
	slow, broken, total := sentSlowly, brokeOff, fmt.Sprintf(" of %d", r.ContentLength)
	if r.ContentLength < 0 {
		slow, broken, total = sentSlowChunks, brokeOffChunks, ""
	}
	switch cut := serve.ConnOf(r).Cut(); {
	case errors.Is(err, errBusy):
		w.Header().Set("Retry-After", "1")
		l.tell(foundNoRoom, "a request was answered 503 and not recorded: "+err.Error())
		serve.AnswerUnread(w, r, http.StatusServiceUnavailable, "busy")
	case errors.Is(err, os.ErrDeadlineExceeded) && cut != serve.NotCut:
		w.Header().Set("Retry-After", "1")
		l.tell(cut, "a request was cut off while its body came and answered 503: "+cut.String())
		serve.AnswerUnread(w, r, http.StatusServiceUnavailable, "busy")
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		serve.Answer(w, http.StatusRequestTimeout, "the request took too long to arrive")
		l.tell(slow, fmt.Sprintf("a sender took over %s for its request and was cut off after %s of body", l.server.Limits.Read, fault.Plural(n, "byte")))
	case brokenFraming(r, err):
		w.Header().Set("Connection", "close")
		serve.Answer(w, http.StatusBadRequest, "the body's chunks are malformed")
		l.tell(sentBadChunks, fmt.Sprintf("a sender's chunks are malformed after %s of body (%s): answered 400, nothing was recorded or forwarded", fault.Plural(n, "byte"), err))
	default:
		l.tell(broken, fmt.Sprintf("a sender broke off after %d%s bytes of body; nothing was recorded or forwarded", n, total))
		panic(http.ErrAbortHandler) // there is nobody to answer
	}
}

// brokenFraming says whether a body of unknown length ended because its chunks make no sense, and not the connection.
func brokenFraming(r *http.Request, err error) bool {
	var network net.Error
	return r.ContentLength < 0 && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.As(err, &network) && r.Context().Err() == nil
}
