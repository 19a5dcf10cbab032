package deliver

// Reading an answer, and handing it on as it comes.

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

// readOnTime is how long an answer is read on after its receiver has gone. An answer may have no end.
const readOnTime = 3 * time.Second

// Sink takes an answer as it comes in; what it returns gets the body's bytes. A write error becomes Result.SinkErr.
type Sink func(status int, header http.Header) io.Writer

// read reads the answer up to MaxBody into memory, then gives it to the sink as it comes. So a target that breaks off early can
// still become a 502.
func (c *Client) read(res *Result, x *exchange, q Request, w *way) {
	answer := x.answer
	if err := unusable(answer); err != nil {
		res.Duration, res.Err, res.Cause = time.Since(res.StartedAt), err, NotHTTP
		return
	}
	head, whole, err := readFirst(answer, c.maxBody)
	res.BodySize = int64(len(head))
	if err != nil {
		c.fail(res, err, q, w)
		return
	}
	res.Status, res.Header, res.Body = answer.StatusCode, answer.Header, head
	left := false
	if q.Sink != nil || !whole {
		left, err = c.handOn(res, x, q, whole)
	}
	res.Trailer = answer.Trailer
	res.Duration = time.Since(res.StartedAt)
	switch {
	case err == nil || left:
	case q.Timeout > 0 && res.Duration >= q.Timeout:
		res.Err, res.Cause = fmt.Errorf("the answer had %s after %s, and no end", fault.Plural(res.BodySize, "byte"), q.Timeout), Cut
	default:
		res.Err, res.Cause = fmt.Errorf("the answer broke off after %s", fault.Plural(res.BodySize, "byte")), Cut
	}
	x.whole = err == nil && !left
}

// handOn gives the answer to the sink, and reads what of it is not in memory. left says that this side ended it.
func (c *Client) handOn(res *Result, x *exchange, q Request, whole bool) (left bool, err error) {
	out := &sinkWriter{w: io.Discard, leave: x.wire.cut}
	if q.Sink != nil {
		res.Streamed = true
		out.w = q.Sink(res.Status, res.Header)
	}
	if len(res.Body) > 0 {
		_, _ = out.Write(res.Body) // which keeps the error
	}
	if !whole {
		var n int64
		n, err = io.Copy(out, x.answer.Body)
		res.BodySize += n
	}
	res.SinkErr = out.err
	return out.stop(), err
}

// readFirst reads up to most bytes of a body, and says whether that is all.
func readFirst(answer *http.Response, most int64) (head []byte, whole bool, err error) {
	size := int64(512)
	if answer.ContentLength >= 0 {
		size = answer.ContentLength
	}
	head = make([]byte, 0, min(size, most))
	for int64(len(head)) < most {
		if len(head) == cap(head) {
			head = slices.Grow(head, 1)
		}
		n, err := answer.Body.Read(head[len(head):min(int64(cap(head)), most)])
		head = head[:len(head)+n]
		if errors.Is(err, io.EOF) {
			return head, true, nil
		}
		if err != nil {
			return head, false, err
		}
	}
	return head, false, nil
}

// sinkWriter reads the answer on for a moment when its receiver has gone: that is not the target's fault, and its connection
// should not be cut in the middle of an answer.
type sinkWriter struct {
	w     io.Writer
	err   error
	leave func()
	over  *time.Timer
}

func (s *sinkWriter) Write(p []byte) (int, error) {
	if s.over == nil {
		if _, s.err = s.w.Write(p); s.err != nil {
			s.over = time.AfterFunc(readOnTime, s.leave)
		}
	}
	return len(p), nil
}

// stop says whether the moment was over, so that this side ended the answer.
func (s *sinkWriter) stop() bool { return s.over != nil && !s.over.Stop() }
