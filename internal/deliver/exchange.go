package deliver

// One request over one connection, and its answer. net/http's Transport hands each request to two goroutines and its answer back,
// which costs more than all the rest of handing a delivery on.

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"time"
)

const (
	// inline is the size up to which a request is written before its answer is read. It fits into a socket's buffers, so
	// writing it waits for nobody. A larger one is written while the answer may already come.
	inline = 16 << 10
	// idleOut is how large a buffer an idle connection may hold.
	idleOut = 32 << 10
	// writeRest is how long a connection waits, to be reused, for the rest of a request whose answer has come.
	writeRest = 50 * time.Millisecond
)

// exchange is a request under way.
type exchange struct {
	wire    *wire
	answer  *http.Response
	unwatch func() bool   // the context no longer ends it
	writing chan struct{} // closed when the request is written; nil when it was before the answer was read
	wrote   error         // what came of that
	whole   bool          // the answer was read to its end
}

// exchange sends a request and reads the head of its answer. The caller ends it unless there is an error.
func (c *Client) exchange(ctx context.Context, o *outgoing, w *way, until time.Time, fresh bool) (*exchange, error) {
	var over *wire
	if !fresh {
		over = c.idle.take(o.place)
	}
	reused := over != nil
	if !reused {
		var err error
		if over, err = c.dialer.dial(ctx, o, w, until); err != nil {
			return nil, err
		}
	}
	w.ask(over, reused)
	x := &exchange{wire: over}
	err := over.begin(ctx, until)
	if err == nil {
		x.unwatch = context.AfterFunc(ctx, over.cut)
		if err = x.write(o); err == nil {
			err = x.readHead(o.method, w)
		}
	}
	if err != nil {
		x.drop()
		return nil, err
	}
	return x, nil
}

// write sends the request.
func (x *exchange) write(o *outgoing) error {
	out := o.appendHead(x.wire.out[:0])
	if len(o.body) <= inline {
		out = append(out, o.body...)
		_, err := x.wire.Write(out)
		if x.wire.out = out; cap(out) > idleOut {
			x.wire.out = nil
		}
		return err
	}
	x.writing = make(chan struct{})
	go func() {
		defer close(x.writing)
		parts := net.Buffers{out, o.body}
		_, x.wrote = parts.WriteTo(x.wire.Conn)
	}()
	return nil
}

// readHead reads the answer up to its body, and past what comes before it. Together these have one bound.
func (x *exchange) readHead(method string, w *way) error {
	if _, err := x.wire.in.Peek(1); err != nil {
		return err
	}
	w.answered = true
	x.wire.asked.Method = method
	for {
		answer, err := http.ReadResponse(x.wire.in, &x.wire.asked) //nolint:bodyclose // which would read it to its end; the connection is closed instead
		if err != nil {
			return cmp.Or(x.wire.waited, err) // the half of a line that had come is not what is wrong
		}
		if s := answer.StatusCode; s >= 100 && s < 200 && s != http.StatusSwitchingProtocols {
			continue
		}
		x.answer = answer
		x.wire.headRead()
		return nil
	}
}

// end keeps the connection where all that belongs to the request is over, and closes it otherwise.
func (x *exchange) end(idle *pool, place string) {
	a := x.answer
	if x.whole && !a.Close && a.StatusCode >= 200 && !x.wire.over && x.wire.in.Buffered() == 0 && x.written() && x.unwatch() {
		x.wire.ctx = nil
		idle.put(place, x.wire)
		return
	}
	x.drop()
}

// written says whether the whole request was written. It waits for the rest for a moment.
func (x *exchange) written() bool {
	if x.writing == nil {
		return true
	}
	timer := time.NewTimer(writeRest)
	defer timer.Stop()
	select {
	case <-x.writing:
		return x.wrote == nil
	case <-timer.C:
		return false
	}
}

// drop closes the connection. The body of the request is nobody's afterwards.
func (x *exchange) drop() {
	if x.unwatch != nil {
		x.unwatch()
	}
	_ = x.wire.Close()
	if x.writing != nil {
		<-x.writing
	}
}
