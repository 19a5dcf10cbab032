package broker

// Taking deliveries from a stream of NATS JetStream, through a durable consumer that machines share.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/whctl/whctl/internal/record"
)

const (
	// pullTime is how long one question for a message waits at the broker, and pullGrace how much later its answer may come.
	pullTime  = 10 * time.Second
	pullGrace = 5 * time.Second
	// lateAnswer is how long an end waits for the answer to a question.
	lateAnswer = 250 * time.Millisecond
	// usualWidth is how many messages are under way where each event has a subject of its own.
	usualWidth = 16
)

// NATSSource takes messages of a stream.
type NATSSource struct {
	o      SourceOptions
	nats   *NATS
	health sourceHealth
	lag    atomic.Int64
}

func newNATSSource(o SourceOptions) *NATSSource {
	s := &NATSSource{o: o, nats: NewNATS(o.Source.Target)}
	s.lag.Store(-1)
	return s
}

// Lag is how many messages nobody has been given yet, -1 if that is not known.
func (s *NATSSource) Lag() int64 { return s.lag.Load() }

// Run gives messages to take until ctx ends. Each is acknowledged, or given back, as take says.
func (s *NATSSource) Run(ctx context.Context, take Take, tell func(record.Changed)) {
	defer func() { _ = s.nats.Close() }()
	s.health.name, s.health.tell = s.o.Source.Name, tell
	s.o.run(ctx, &s.health, func(ctx context.Context) error {
		defer s.lag.Store(-1)
		return s.session(ctx, take)
	})
}

// session takes messages over one connection, until ctx ends or something fails.
func (s *NATSSource) session(ctx context.Context, take Take) error {
	defer func() { _ = s.nats.Close() }()
	l, err := s.nats.connect(ctx)
	if err != nil {
		return stepped(s.nats.noConnection(ctx, err))
	}
	c, err := s.consumer(ctx, l)
	if err != nil {
		return err
	}
	s.health.answers(c.misfits)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var workers sync.WaitGroup
	for range s.width() {
		workers.Go(func() { stop((&puller{s: s, link: l, consumer: c, take: take}).run(ctx)) })
	}
	workers.Go(func() { stop(s.watch(ctx, l, c)) })
	workers.Wait()
	flushing, end := context.WithTimeout(context.Background(), leaveTime)
	defer end()
	_ = l.conn.FlushWithContext(flushing) // the last acknowledgements; what is lost comes again
	return context.Cause(ctx)
}

// watch asks from time to time how many messages nobody has been given: others take them too.
func (s *NATSSource) watch(ctx context.Context, l *link, c *consumer) error {
	for {
		select {
		case <-s.o.After(lookEvery):
		case <-ctx.Done():
			return nil
		}
		if err := s.look(ctx, l, c); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

func (s *NATSSource) width() int {
	if s.o.Width == 1 && s.o.Source.EachAlone() {
		return usualWidth
	}
	return s.o.Width
}

// ordered says whether the order of messages is kept.
func (s *NATSSource) ordered() bool { return s.width() == 1 }

// puller asks for one message after another.
type puller struct {
	s        *NATSSource
	link     *link
	consumer *consumer
	take     Take
	sub      *nats.Subscription
	question []byte
	asked    bool // and not answered
}

// run pulls until ctx ends. What the broker sends meanwhile is given back.
func (p *puller) run(ctx context.Context) (err error) {
	if p.sub, err = p.link.conn.SubscribeSync(p.link.conn.NewRespInbox()); err != nil {
		return errors.New(rootText(err))
	}
	defer p.leave()
	if p.question, err = json.Marshal(map[string]any{"batch": 1, "expires": pullTime}); err != nil {
		return err
	}
	for ctx.Err() == nil {
		m, err := p.next(ctx)
		switch {
		case ctx.Err() != nil:
			if m != nil {
				_ = m.Nak()
			}
			return nil
		case err != nil:
			return err
		case m == nil:
			continue
		case p.settle(ctx, m):
			return errOver
		}
	}
	return nil
}

// leave gives back what nobody takes any more. A broker that was asked a moment ago may be about to answer, and what comes when nobody
// is there is given to nobody else until the consumer has waited.
func (p *puller) leave() {
	if p.asked {
		p.giveBack(lateAnswer)
	}
	_ = p.sub.Drain()
	ctx, end := context.WithTimeout(context.Background(), leaveTime)
	defer end()
	_ = p.link.conn.FlushWithContext(ctx) // behind it nothing comes
	p.giveBack(0)
}

// giveBack gives back what comes, until nothing has come for a time.
func (p *puller) giveBack(wait time.Duration) {
	for {
		m, err := p.sub.NextMsg(wait)
		if err != nil {
			return
		}
		if m.Header.Get(statusHeader) == "" {
			_ = m.Nak()
		}
	}
}

// statusHeader has the status of what is no message of the stream, and descriptionHeader why (ADR-13 of NATS).
const (
	statusHeader      = "Status"
	descriptionHeader = "Description"
)

// next asks for a message. It is nil where none has come yet.
func (p *puller) next(ctx context.Context) (*nats.Msg, error) {
	if err := p.link.conn.PublishRequest(api+"CONSUMER.MSG.NEXT."+p.consumer.stream+"."+p.consumer.name, p.sub.Subject, p.question); err != nil {
		return nil, errors.New(rootText(err))
	}
	p.asked = true
	waiting, end := context.WithTimeout(ctx, pullTime+pullGrace)
	defer end()
	m, err := p.sub.NextMsgWithContext(waiting)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("the broker has not answered for %s", pullTime+pullGrace)
	case err != nil:
		return nil, errors.New("the connection ended: " + rootText(err))
	}
	p.asked = false
	switch m.Header.Get(statusHeader) {
	case "":
		return m, nil
	case "404", "408": // none has come in time
		return nil, nil //nolint:nilnil // see above
	default:
		return nil, fmt.Errorf("the broker gives no messages: %s", short(m.Header.Get(descriptionHeader)))
	}
}

// settle has a message taken, and says so to the broker. It is true where the run takes no more.
func (p *puller) settle(ctx context.Context, m *nats.Msg) (over bool) {
	meta, err := m.Metadata()
	if err != nil { // not from a consumer
		return false
	}
	p.s.lag.Store(int64(meta.NumPending)) //nolint:gosec // no stream has as many
	message, whole := received(m.Header, m.Data, meta.Timestamp)
	message.RemoteAddr, message.Times = p.link.conn.ConnectedAddr(), int(min(meta.NumDelivered, 1000))
	if !whole {
		p.s.health.odd()
	}
	stop := p.keepAlive(m)
	settlement := p.take(&message)
	stop()
	switch {
	case !settlement.Again:
		_ = m.Ack()
	case settlement.After > 0 && ctx.Err() == nil:
		_ = m.NakWithDelay(settlement.After)
	default:
		_ = m.Nak()
	}
	return settlement.Over
}

// keepAlive tells the broker that a message is under way, until it is stopped.
func (p *puller) keepAlive(m *nats.Msg) (stop func()) {
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-p.s.o.After(p.consumer.wait / 3):
				_ = m.InProgress()
			case <-over:
				return
			}
		}
	}()
	return func() {
		close(over)
		<-ended
	}
}
