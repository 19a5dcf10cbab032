package listen

// The answer to the sender of a delivery, made from the answer of a target.

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/serve"
	"github.com/whctl/whctl/internal/target"
)

// answer gives the answer of a target to the sender of a delivery: status, every header value, bytes. It is for one goroutine.
type answer struct {
	w     http.ResponseWriter
	conn  *serve.Conn
	turn  *turn
	begun bool
	gone  bool // the sender hung up before its answer began; once it has the answer it may well close the connection
}

func newAnswer(w http.ResponseWriter, r *http.Request, p *pending, d *record.Delivery) *answer {
	return &answer{w: w, conn: serve.ConnOf(r), turn: &turn{p: p, key: eventKey(d)}}
}

// begin is called before the first byte.
func (a *answer) begin() {
	if a.begun {
		return
	}
	a.begun = true
	a.turn.begin()
	a.gone = a.conn.Gone()
}

// sink takes the answer as it comes. What net/http would add is held back.
func (a *answer) sink(status int, header http.Header) io.Writer {
	a.begin()
	if status < 200 {
		return io.Discard // no final answer; finish says 502
	}
	out := a.w.Header()
	out["Date"], out["Content-Type"] = nil, nil
	maps.Insert(out, deliver.EndToEnd(header))
	a.w.WriteHeader(status)
	return a.w
}

// blameSender corrects the outcome where an answer did not come to its end because the sender did not read it: that is not the
// target's fault.
func (a *answer) blameSender(o target.Outcome, timeout time.Duration) target.Outcome {
	waited := timeout > 0 && a.conn.Blocked() > timeout/2
	if o.Err == nil || !o.Sunk || o.SinkErr == nil && !waited {
		return o
	}
	if o.SinkErr == nil {
		o.SinkErr = serve.ErrSlowReader
		a.conn.Unread()
	}
	return o.Answered()
}

// finish ends the answer, and makes one when the target gave none. It returns the status that the sender has for certain: 0 when
// the sender hung up. Its next try is then no needless one.
func (a *answer) finish(o target.Outcome) int {
	a.begin()
	status := a.give(o)
	if status == 0 {
		return 0
	}
	if err := http.NewResponseController(a.w).Flush(); err != nil || a.gone || o.SinkErr != nil || !a.conn.Took() {
		return 0
	}
	return status
}

// give writes what the sender has not been given yet, and returns the status of the answer; 0 when there is none.
func (a *answer) give(o target.Outcome) int {
	switch {
	case o.Sunk && o.Status >= 200:
		a.addTrailers(o.Trailer)
		return o.Status
	case o.Kind == record.OutcomeDelivered: // a broker has it, and gives no answer that could be passed on
		a.w.Header()["Content-Type"] = nil
		a.w.WriteHeader(http.StatusOK)
		return http.StatusOK
	case o.Kind == record.OutcomeCancelled: // everything ends at once, the sender's connection too
		return 0
	case o.Kind == record.OutcomeTimeout:
		serve.Answer(a.w, http.StatusGatewayTimeout, "the target did not answer in time")
		return http.StatusGatewayTimeout
	default:
		serve.Answer(a.w, http.StatusBadGateway, "no answer from the target")
		return http.StatusBadGateway
	}
}

// addTrailers passes on the trailers of the target's answer. Fields that frame a message may not be among them (RFC 9110, 6.5.1).
func (a *answer) addTrailers(trailer http.Header) {
	for name, values := range deliver.EndToEnd(trailer) {
		if !deliver.OwnHeader(name) && !strings.HasPrefix(name, "Content-") && name != "Set-Cookie" {
			a.w.Header()[http.TrailerPrefix+name] = values
		}
	}
}

// broken says whether the sender has no answer, or only a part of one.
func (a *answer) broken(o target.Outcome) bool {
	if o.Kind == record.OutcomeCancelled {
		return true
	}
	return o.Sunk && (o.Err != nil || errors.Is(o.SinkErr, serve.ErrSlowReader))
}
