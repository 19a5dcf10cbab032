package broker

// What a NATS server says of the streams that take a subject.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/target"
)

// Stream is a stream of a broker.
type Stream struct {
	Name   string
	Window time.Duration // for which it finds duplicates
}

// api is the subject of the requests that JetStream answers.
const api = "$JS.API."

// mostStreams bounds the streams that are asked for one subject. One takes it, save where its placeholders lead to several.
const mostStreams = 16

// Stream finds the stream that takes the messages, of several the one with the shortest window. It makes a connection of its own, and its errors are
// those of an attempt, with its next step.
func (n *NATS) Stream(ctx context.Context) (Stream, error) {
	l, err := n.connect(ctx)
	if err != nil {
		return Stream{}, stepped(n.noConnection(ctx, err))
	}
	defer func() { _ = n.Close() }()
	subject := target.Wildcards(n.target.Subject)
	names, err := n.streams(ctx, l, subject)
	switch {
	case err != nil:
		return Stream{}, err
	case len(names) == 0:
		o := n.noStream(subject)
		// Only who publishes finds out whether the server maps a subject to another one, and nothing is published to find that out.
		o.Err = fmt.Errorf("%w, unless the server maps it to another one", o.Err)
		return Stream{}, stepped(o)
	}
	var shortest Stream
	for i, name := range names[:min(len(names), mostStreams)] {
		var info struct {
			Config struct {
				Window time.Duration `json:"duplicate_window"` // nanoseconds
			} `json:"config"`
		}
		if err := n.ask(ctx, l, "STREAM.INFO."+name, nil, &info); err != nil {
			return Stream{}, err
		}
		if i == 0 || info.Config.Window < shortest.Window {
			shortest = Stream{Name: name, Window: info.Config.Window}
		}
	}
	return shortest, nil
}

// streams are the names of the streams that have a subject.
func (n *NATS) streams(ctx context.Context, l *link, subject string) ([]string, error) {
	var list struct {
		Streams []string `json:"streams"`
	}
	question, err := json.Marshal(map[string]string{"subject": subject})
	if err != nil {
		return nil, err
	}
	if err := n.ask(ctx, l, "STREAM.NAMES", question, &list); err != nil {
		return nil, err
	}
	for _, name := range list.Streams {
		if badStream(name) {
			return nil, fault.New(fault.Unreachable, "the broker names a stream as none can be named: %s", fault.Quote(short(name)))
		}
	}
	return list.Streams, nil
}

// badStream says whether a text would be more than one token of a subject, or less.
func badStream(name string) bool {
	return name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '.' || r == '*' || r == '>' })
}

// apiError is what JetStream says instead of an answer, as in an account that has no JetStream.
type apiError struct{ *streamError }

func (e apiError) Error() string {
	return "the broker does not tell of its streams: " + said(e.streamError)
}

// isNumber says whether JetStream answered with the error of a number.
func isNumber(err error, number int) bool {
	e, is := errors.AsType[apiError](err)
	return is && e.Number == number
}

// ask reads the answer to a request of JetStream's API.
func (n *NATS) ask(ctx context.Context, l *link, what string, question []byte, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	m, err := l.conn.RequestWithContext(ctx, api+what, question)
	if errors.Is(err, nats.ErrNoResponders) {
		return fault.Hint(fault.New(fault.Unreachable, "the broker has no JetStream"), "turn it on there: nats-server -js")
	}
	if errors.Is(err, context.DeadlineExceeded) && !l.denied.Load() { // most of the servers of a cluster are away
		return stepped(target.Outcome{Err: errors.New("the broker does not tell of its streams"), Hint: n.checkCluster()})
	}
	if err != nil {
		return stepped(n.noAnswer(ctx, l, err, &nats.Msg{Subject: api + what, Data: question}))
	}
	var refused struct {
		Error *streamError `json:"error"`
	}
	if err := json.Unmarshal(m.Data, &refused); err != nil {
		return err
	}
	if refused.Error != nil {
		return apiError{refused.Error}
	}
	return json.Unmarshal(m.Data, answer)
}

// stepped is the error of an outcome, with what to do about it.
func stepped(o target.Outcome) error { return fault.WithStep(o.Err, o.Hint) }
