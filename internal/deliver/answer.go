package deliver

// Reading an answer, and handing it on as it comes.

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// readOnTime is how long an answer is read on after its receiver has gone. An answer may have no end.
const readOnTime = 3 * time.Second

// Sink takes an answer as it comes in; what it returns gets the body's bytes. A write error becomes Result.SinkErr.
type Sink func(status int, header http.Header) io.Writer

// read reads the answer up to MaxBody into memory, then gives it to the sink as it comes. So a target that breaks off early can
// still become a 502. leave ends the delivery.
func (c *Client) read(res *Result, resp *http.Response, q Request, w *way, leave context.CancelFunc) {
	head, err := io.ReadAll(io.LimitReader(resp.Body, c.maxBody))
	res.BodySize = int64(len(head))
	if err != nil {
		c.fail(res, err, q, w)
		return
	}
	res.Status, res.Header, res.Body = resp.StatusCode, resp.Header, head
	out := &sinkWriter{w: io.Discard, leave: leave}
	if q.Sink != nil {
		res.Streamed = true
		out.w = q.Sink(resp.StatusCode, resp.Header)
	}
	n, err := io.Copy(out, io.MultiReader(bytes.NewReader(head), resp.Body))
	res.BodySize, res.SinkErr, res.Trailer = n, out.err, resp.Trailer
	res.Duration = time.Since(res.StartedAt)
	if err != nil && !out.stop() {
		res.Err, res.Cause = fmt.Errorf("the answer broke off after %d bytes", n), Cut
	}
}

// sinkWriter reads the answer on for a moment when its receiver has gone: that is not the target's fault, and its connection
// should not be cut in the middle of an answer.
type sinkWriter struct {
	w     io.Writer
	err   error
	leave context.CancelFunc
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
