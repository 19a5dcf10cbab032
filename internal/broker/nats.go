// Package broker hands deliveries over to brokers, as messages of a stream of NATS or a topic of Kafka, and takes them from there.
package broker

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/target"
)

const (
	// connectTime bounds the connection to a broker, with TLS and credentials.
	connectTime = 5 * time.Second
	// clientName is what the broker's operator sees.
	clientName = "whctl"
)

// NATS hands deliveries over to a stream. It connects when there is something to send, and again after a connection ended: when that is
// tried, the queue decides.
type NATS struct {
	target target.Target

	mu   sync.Mutex
	link *link
}

// link is one connection.
type link struct {
	conn    *nats.Conn
	denied  atomic.Bool  // the broker ended what the credentials do not allow
	expired atomic.Bool  // the broker ended the connection as the credentials are too old
	acks    atomic.Int32 // whether they allow acknowledgements, which a source asks
}

// NewNATS makes a sender. It opens nothing.
func NewNATS(t target.Target) *NATS { return &NATS{target: t} }

// Close ends the connection.
func (n *NATS) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.link != nil {
		n.link.conn.Close()
	}
	return nil
}

// Send publishes one message and waits for the stream's acknowledgement.
func (n *NATS) Send(ctx context.Context, m target.Message) target.Outcome {
	return timed(ctx, n.target.Timeout, func(ctx context.Context) target.Outcome { return n.publish(ctx, m) })
}

// timed tries once, for as long as a target is waited for; 0: as long as it takes.
func timed(ctx context.Context, timeout time.Duration, try func(ctx context.Context) target.Outcome) target.Outcome {
	began := time.Now()
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	o := try(ctx)
	o.Took = max(time.Since(began), 1)
	return o
}

func (n *NATS) publish(ctx context.Context, m target.Message) target.Outcome {
	l, err := n.connect(ctx)
	if err != nil {
		return n.noConnection(ctx, err)
	}
	msg := &nats.Msg{Subject: subject(n.target, m.Delivery), Header: natsBinding().header(m), Data: m.Body}
	msg.Header[nats.MsgIdHdr] = []string{messageID(m.Delivery)}
	addHops(msg.Header, m.Header)
	if n.target.Dedupe == target.DedupeSubject {
		msg.Header[nats.ExpectedLastSubjSeqHdr] = []string{"0"}
	}
	answer, err := l.conn.RequestMsgWithContext(ctx, msg)
	if err != nil {
		return n.noAnswer(ctx, l, err, msg)
	}
	var ack acknowledgement
	if err := json.Unmarshal(answer.Data, &ack); err != nil || ack.Stream == "" && ack.Error == nil {
		return n.noStream(msg.Subject)
	}
	o := n.answered(ack)
	o.Body, o.BodySize = answer.Data[:min(len(answer.Data), mostAnswer)], int64(len(answer.Data))
	return o
}

// mostAnswer is how much of an acknowledgement is kept, in bytes.
const mostAnswer = 4 << 10

// connect gives the connection, and makes one where there is none.
func (n *NATS) connect(ctx context.Context) (*link, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.link != nil && n.link.conn.IsConnected() {
		return n.link, nil
	}
	l := &link{}
	d := &dialer{ctx: ctx}
	if n.target.Here {
		d.net.Control = netname.OnlyLoopback
	}
	defer d.done()
	hosts := n.target.Hosts()
	conn, err := nats.Connect(strings.Join(hosts, ","), append(n.options(hosts),
		nats.SetCustomDialer(d),
		nats.ErrorHandler(func(c *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrPermissionViolation) { // nothing else comes of what was published
				l.denied.Store(true)
				c.Close()
			}
			if errors.Is(err, nats.ErrAuthExpired) || errors.Is(err, nats.ErrAuthRevoked) || errors.Is(err, nats.ErrAccountAuthExpired) {
				l.expired.Store(true)
			}
		}))...)
	if err != nil {
		return nil, errors.Join(err, d.err)
	}
	l.conn, n.link = conn, l
	return l, nil
}

// options are those of a connection to one of the hosts.
func (n *NATS) options(hosts []string) []nats.Option {
	a := &n.target.Access
	list := []nats.Option{
		nats.Name(clientName), nats.NoReconnect(), nats.SkipHostLookup(), nats.IgnoreDiscoveredServers(), nats.Timeout(connectTime),
	}
	if a.JWT != nil {
		list = append(list, nats.UserCredentialBytes(a.JWT))
	}
	if a.Seed != nil {
		list = append(list, withSeed(a.Seed))
	}
	if a.User != "" {
		list = append(list, nats.UserInfo(a.User, a.Password))
	}
	if a.Token != "" {
		list = append(list, nats.Token(a.Token))
	}
	return append(list, func(o *nats.Options) error {
		o.TLSConfig, o.Secure = tlsConfig(a), needsTLS(a, hosts...) // where the server asks for TLS, it is used in any case
		return nil
	})
}

// dialer connects for as long as whoever sends waits.
type dialer struct {
	ctx  context.Context
	net  net.Dialer
	err  error
	stop func() bool
}

// Dial is for nats.CustomDialer. The end of the wait ends the handshake too.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(d.ctx, connectTime)
	defer cancel()
	conn, err := d.net.DialContext(ctx, network, address)
	if err != nil {
		d.err = err
		return nil, err
	}
	d.stop = context.AfterFunc(d.ctx, func() { _ = conn.Close() })
	return conn, nil
}

// done leaves the connection to its user.
func (d *dialer) done() {
	if d.stop != nil {
		d.stop()
	}
}

// acknowledgement is what a stream answers (PubAck).
type acknowledgement struct {
	Stream    string       `json:"stream"`
	Duplicate bool         `json:"duplicate"`
	Error     *streamError `json:"error"`
}

// streamError is why a stream does not take a message.
type streamError struct {
	Code        int    `json:"code"`
	Number      int    `json:"err_code"`
	Description string `json:"description"`
}
