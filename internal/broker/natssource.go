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
	"github.com/whctl/whctl/internal/target"
)

const (
	// pullTime is how long one question for a message waits at the broker, and pullGrace how much later its answer may come.
	pullTime  = 10 * time.Second
	pullGrace = 5 * time.Second
	// usualWidth is how many messages are under way where each event has a subject of its own.
	usualWidth = 16
	// firstRest is how long a source waits after trouble, doubled each time up to longestRest.
	firstRest   = time.Second
	longestRest = 30 * time.Second
	// leaveTime bounds the end: what came meanwhile is given back.
	leaveTime = 2 * time.Second
	// lookEvery is how often the broker is asked for the lag.
	lookEvery = 5 * time.Second
)

// SourceOptions are what a source is made of. All are needed.
type SourceOptions struct {
	Source  target.Source
	Width   int           // messages under way at once; with more than one they are in no order
	Timeout time.Duration // of the targets; 0: they are waited for for ever
	Now     func() time.Time
	After   func(time.Duration) <-chan time.Time
	Rand    func() float64 // from 0 to 1
}

// NATSSource takes messages of a stream. It connects when it runs, and again for as long as that takes.
type NATSSource struct {
	o    SourceOptions
	nats *NATS
	lag  atomic.Int64
	odd  sync.Once // people were told of a message with too many headers
}

// NewNATSSource makes a source. It opens nothing.
func NewNATSSource(o SourceOptions) *NATSSource {
	s := &NATSSource{o: o, nats: NewNATS(o.Source.Target)}
	s.lag.Store(-1)
	return s
}

// Lag is how many messages nobody has been given yet, -1 if that is not known.
func (s *NATSSource) Lag() int64 { return s.lag.Load() }

// Run gives messages to take until ctx ends. Each is acknowledged, or given back, as take says.
func (s *NATSSource) Run(ctx context.Context, take func(*record.Message) record.Settlement, tell func(record.Changed)) {
	defer func() { _ = s.nats.Close() }()
	health := &sourceHealth{name: s.o.Source.Name, tell: tell}
	for ctx.Err() == nil {
		err := s.session(ctx, take, health)
		if ctx.Err() != nil || errors.Is(err, errOver) {
			return
		}
		s.lag.Store(-1)
		rest := health.lost(err)
		select {
		case <-s.o.After(time.Duration(float64(rest) * (0.8 + 0.4*s.o.Rand()))):
		case <-ctx.Done():
		}
	}
}

// errOver says that the run takes no more messages.
var errOver = errors.New("no more messages are taken")

// session takes messages over one connection, until ctx ends or something fails.
func (s *NATSSource) session(ctx context.Context, take func(*record.Message) record.Settlement, health *sourceHealth) error {
	defer func() { _ = s.nats.Close() }()
	l, err := s.nats.connect(ctx)
	if err != nil {
		return stepped(s.nats.noConnection(ctx, err))
	}
	c, err := s.consumer(ctx, l)
	if err != nil {
		return err
	}
	health.answers(c.misfits)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var workers sync.WaitGroup
	for range s.width() {
		workers.Go(func() { stop((&puller{s: s, link: l, consumer: c, take: take, tell: health.tell}).run(ctx)) })
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

// sourceHealth tells of a change once.
type sourceHealth struct {
	name    string
	tell    func(record.Changed)
	isLost  bool
	misfits string
	times   int
	said    string
}

// lost takes a failure, and says how long to wait.
func (h *sourceHealth) lost(err error) time.Duration {
	text := err.Error()
	if step := fault.HintOf(err); step != (fault.Step{}) {
		text += "; " + step.String()
	}
	if !h.isLost || text != h.said {
		h.tell(record.Changed{State: record.SourceLost, Target: h.name, Message: "no messages are taken, which is tried again: " + text})
	}
	h.isLost, h.said = true, text
	rest := longestRest
	if h.times < 8 {
		rest = min(firstRest<<h.times, longestRest)
	}
	h.times++
	return rest
}

// answers takes that messages can be taken.
func (h *sourceHealth) answers(misfits string) {
	if h.isLost {
		h.tell(record.Changed{State: record.SourceRecovered, Target: h.name, Message: "it answers again"})
	}
	if misfits != "" && misfits != h.misfits {
		h.tell(record.Changed{State: record.Hinted, Target: h.name, Message: misfits})
	}
	h.isLost, h.said, h.times, h.misfits = false, "", 0, misfits
}

// puller asks for one message after another.
type puller struct {
	s        *NATSSource
	link     *link
	consumer *consumer
	take     func(*record.Message) record.Settlement
	tell     func(record.Changed)
	sub      *nats.Subscription
	question []byte
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

// leave gives back what nobody takes any more.
func (p *puller) leave() {
	_ = p.sub.Drain() // which keeps what has come
	ctx, end := context.WithTimeout(context.Background(), leaveTime)
	defer end()
	_ = p.link.conn.FlushWithContext(ctx) // behind it nothing comes
	for {
		m, err := p.sub.NextMsg(0)
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
	switch m.Header.Get(statusHeader) {
	case "":
		return m, nil
	case "404", "408": // none has come in time
		return nil, nil //nolint:nilnil // see above
	default:
		return nil, fmt.Errorf("the broker gives no messages: %s", m.Header.Get(descriptionHeader))
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
		p.s.tellHeaders(p.tell)
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

// tellHeaders tells once that headers were left out.
func (s *NATSSource) tellHeaders(tell func(record.Changed)) {
	s.odd.Do(func() {
		tell(record.Changed{State: record.Hinted, Target: s.o.Source.Name, Message: fmt.Sprintf(
			"a message has more than %d headers, or more than %d KiB of them: it is taken without", mostHeaders, mostHeaderBytes>>10)})
	})
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
