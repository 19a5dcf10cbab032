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

	"github.com/whctl/whctl/internal/fault"
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
	found  bool        // the consumer was there before
	denied atomic.Bool // acknowledgements were not allowed, so that the next message alone proves that this source works
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
	s.health.fits(c.misfits)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var workers sync.WaitGroup
	if !s.denied.Load() {
		workers.Go(func() { s.health.prove(ctx, s.o.After) })
	}
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
	if p.question, err = json.Marshal(map[string]any{"batch": 1, "expires": p.consumer.pull}); err != nil {
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
		}
		if err := p.mayAcknowledge(ctx, m); err != nil {
			return err
		}
		p.s.health.answers(ctx)
		if p.settle(ctx, m) {
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
	asking := api + "CONSUMER.MSG.NEXT." + p.consumer.stream + "." + p.consumer.name
	if err := p.link.conn.PublishRequest(asking, p.sub.Subject, p.question); err != nil {
		return nil, p.ended(err, asking)
	}
	p.asked = true
	waiting, end := context.WithTimeout(ctx, p.consumer.pull+pullGrace)
	defer end()
	m, err := p.sub.NextMsgWithContext(waiting)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return nil, silent(p.consumer.pull + pullGrace)
	case errors.Is(err, nats.ErrNoResponders):
		return nil, fmt.Errorf("nobody answers for consumer %s of stream %s now", p.consumer.name, p.consumer.stream)
	case err != nil:
		return nil, p.ended(err, asking)
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

// What is known of the right to acknowledge, over one connection.
const (
	ackUnknown int32 = iota
	ackTried
	ackAllowed
)

// mayAcknowledge asks whether a message can be acknowledged, before the first is taken over a connection: it would come again for ever.
func (p *puller) mayAcknowledge(ctx context.Context, m *nats.Msg) error {
	l := p.link
	if l.acks.Load() == ackAllowed {
		return nil
	}
	l.acks.Store(ackTried)
	if err := m.InProgress(); err != nil {
		return p.ended(err, m.Reply)
	}
	asking, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	err := l.conn.FlushWithContext(asking) // a refusal comes before its answer
	if last := l.conn.LastError(); errors.Is(last, nats.ErrPermissionViolation) {
		l.denied.Store(true)
		err = last
	}
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, context.DeadlineExceeded):
		return silent(connectTime)
	case err != nil:
		return p.ended(err, m.Reply)
	}
	l.acks.Store(ackAllowed)
	p.s.denied.Store(false)
	return nil
}

// silent is why a broker is not waited for any longer.
func silent(wait time.Duration) error { return fmt.Errorf("the broker has not answered for %s", wait) }

// ended is why nothing more comes over a connection. subject is what was published last.
func (p *puller) ended(err error, subject string) error {
	switch {
	case p.link.expired.Load():
		return fault.Hint(fault.New(fault.Unreachable, "the credentials have expired"), "give new ones with --nats-creds FILE, and start the listener again")
	case !p.link.denied.Load():
		return errors.New("the connection ended: " + short(rootText(err)))
	}
	if p.link.acks.Load() == ackTried {
		subject = "$JS.ACK.>"
		p.s.denied.Store(true)
	}
	return fault.Hint(fault.New(fault.Unreachable, "the credentials may not publish to subject %s", subject),
		"allow them to publish to $JS.API.STREAM.NAMES, $JS.API.CONSUMER.> and $JS.ACK.>, and to listen on _INBOX.>")
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
	if most := p.consumer.most; settlement.Again && !settlement.Over && most > 0 && meta.NumDelivered >= uint64(most) { // #nosec G115 -- more than 0
		p.s.health.gone(fmt.Sprintf("consumer %s gives a message %d times at most, and message %d of stream %s was not acknowledged the last time: it does not come again; its limit: %s",
			p.consumer.name, most, meta.Sequence.Stream, p.consumer.stream,
			fault.Command("nats consumer edit", p.consumer.stream, p.consumer.name).Flag("--max-deliver", "-1")))
	}
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
