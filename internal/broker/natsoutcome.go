package broker

// What came of handing a delivery over to NATS.

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// Numbers of JetStream's errors (server/errors.json of nats-server).
const (
	streamMessageTooLarge = 10054
	streamWrongLast       = 10071 // the subject has a message, and was to have none
	streamStoreFailed     = 10077 // the stream is full, and does not drop its oldest messages
	streamHeaderTooLarge  = 10097
	streamWrongLastInWork = 10164 // the subject has one on its way, which the stream may not come to have (nats-server, jetstream_batching.go)
	streamIDInWork        = 10158 // the same of the message's id
	// What an account, or all streams of a server, may have is used up.
	accountFull = 10002
	serverFull  = 10023
	memoryFull  = 10028
	storageFull = 10047
)

// longestReason is how much of what a broker says is shown, in bytes.
const longestReason = 200

// answered is the outcome of a stream's answer.
func (n *NATS) answered(ack acknowledgement) target.Outcome {
	e := ack.Error
	switch {
	case e == nil:
		return target.Outcome{Kind: record.OutcomeDelivered}
	case n.target.Dedupe == target.DedupeSubject && e.Number == streamWrongLast && e.last() > 0:
		return target.Outcome{Kind: record.OutcomeDelivered} // the stream has the event
	case e.Number == streamWrongLast, e.Number == streamWrongLastInWork, e.Number == streamIDInWork:
		return n.inDoubt(target.Outcome{Kind: record.OutcomeFailed, Err: errors.New("an earlier try is on its way: " + said(e))})
	case e.Number == streamMessageTooLarge, e.Number == streamHeaderTooLarge:
		return tooLarge(errors.New("the stream does not take it: " + said(e)))
	case e.Number == streamStoreFailed:
		return n.inDoubt(n.blocked("the stream is full: "+said(e), fault.NextStep("raise the limits of the stream, or let it drop old messages")))
	case e.Number == accountFull, e.Number == serverFull, e.Number == memoryFull, e.Number == storageFull:
		return n.inDoubt(target.Outcome{
			Kind: record.OutcomeUnreachable, Err: errors.New("the broker has no room: " + said(e)),
			Hint: fault.NextStep("raise what the account and its streams may have, or let a stream drop old messages: nats account info"),
		})
	case e.Code >= 500:
		return target.Outcome{Kind: record.OutcomeUnreachable, Err: errors.New("the stream takes nothing: " + said(e)), Hint: n.checkCluster()}
	default:
		return target.Outcome{Kind: record.OutcomeFailed, Err: errors.New("the stream does not take it: " + said(e))}
	}
}

// last is the number of the last message that the subject has, 0 for none. The server names it in no field of its own ("wrong last sequence:
// {seq}", server/errors.json), and says 0 where it could not read that.
func (e *streamError) last() (number uint64) {
	if _, err := fmt.Sscanf(e.Description, "wrong last sequence: %d", &number); err != nil {
		return 0
	}
	return number
}

// inDoubt marks an outcome after which what is behind its job waits, where events share a subject: their order would not hold.
func (n *NATS) inDoubt(o target.Outcome) target.Outcome {
	o.InDoubt = !n.target.OneSubjectEach()
	return o
}

// checkCluster is the next step where servers are there, and streams take nothing.
func (n *NATS) checkCluster() fault.Step {
	return fault.NextStep("see whether most of its servers are up, and the stream has a leader: nats stream report")
}

// said is the broker's own reason. It is never longer than a line.
func said(e *streamError) string {
	return fmt.Sprintf("%s (JetStream %d)", short(e.Description), e.Number)
}

// short is the beginning of a text of the broker, as much as is shown of it.
func short(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), longestReason)], "")
}

// tooLarge is the end of a job: no later try gets another answer.
func tooLarge(err error) target.Outcome {
	return target.Outcome{
		Kind: record.OutcomeRefused, Final: true, Err: err,
		Hint: fault.NextStep("raise max_payload of the server or max_msg_size of the stream, then send it again: whctl queue retry"),
	}
}

// blocked is the outcome of what no message of this subject gets past. Where each event has a subject of its own, that says nothing of others.
func (n *NATS) blocked(text string, hint fault.Step) target.Outcome {
	kind := record.OutcomeFailed
	if n.target.OneSubject() {
		kind = record.OutcomeUnreachable
	}
	return target.Outcome{Kind: kind, Err: errors.New(text), Hint: hint}
}

// noResponders is the outcome where nobody acknowledges what is published: no stream takes the subject, or the one that does has no leader, as
// for some seconds after a server of a cluster went.
func (n *NATS) noResponders(ctx context.Context, l *link, subject string) target.Outcome {
	names, err := n.streams(ctx, l, subject)
	switch {
	case l.denied.Load(), err == nil && len(names) == 0:
		return n.noStream(subject)
	case errors.Is(ctx.Err(), context.Canceled):
		return waited(ctx, n.target.Timeout)
	case err != nil:
		return target.Outcome{Kind: record.OutcomeUnreachable, Err: errors.New("nobody takes subject " + subject + " now: " + err.Error()), Hint: fault.HintOf(err)}
	default:
		return target.Outcome{Kind: record.OutcomeUnreachable, Err: fmt.Errorf("stream %s has no leader now", names[0]), Hint: n.checkCluster()}
	}
}

// noStream is the outcome where no stream takes a subject.
func (n *NATS) noStream(subject string) target.Outcome {
	return n.blocked("no stream takes subject "+subject,
		fault.NextStep("make one, %s, where JetStream is on: nats-server -js", fault.Command("nats stream add WEBHOOKS").Flag("--subjects", subject)))
}

// noAnswer is the outcome of a message without an acknowledgement.
func (n *NATS) noAnswer(ctx context.Context, l *link, err error, msg *nats.Msg) target.Outcome {
	switch {
	case errors.Is(err, nats.ErrMaxPayload):
		return tooLarge(fmt.Errorf("the message has %d bytes with its headers, and the broker takes %d", msg.Size(), l.conn.MaxPayload()))
	case errors.Is(err, nats.ErrNoResponders):
		return n.noResponders(ctx, l, msg.Subject)
	case l.denied.Load():
		return target.Outcome{
			Kind: record.OutcomeUnreachable, Err: errors.New("the credentials may not publish to subject " + msg.Subject),
			Hint: fault.NextStep("allow them to publish there, and to listen on _INBOX.> for the acknowledgement"),
		}
	case ctx.Err() != nil:
		o := waited(ctx, n.target.Timeout)
		o.Hint = n.checkCluster()
		return n.inDoubt(o)
	case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, nats.ErrDisconnected):
		return target.Outcome{Kind: record.OutcomeUnreachable, Err: errors.New("the connection ended before the acknowledgement")}
	default:
		return target.Outcome{Kind: record.OutcomeFailed, Err: errors.New(rootText(err))}
	}
}

// noConnection is the outcome where the broker is not reached, or lets nobody in.
func (n *NATS) noConnection(ctx context.Context, err error) target.Outcome {
	away := func(text string, hint fault.Step) target.Outcome {
		return target.Outcome{Kind: record.OutcomeUnreachable, Err: errors.New(text), Hint: hint}
	}
	next := steps{
		start: fault.NextStep("start the NATS server, or correct the port (usually " + netname.NATSPort + ")"),
		check: fault.NextStep("check the name of the host, and that a NATS server listens there (usually port " + netname.NATSPort + ")"),
		wait:  fault.NextStep("check that a NATS server listens there, or raise --timeout"),
		ca:    fault.NextStep("give the certificate of its authority with --nats-ca FILE"),
		cert:  fault.NextStep("it may want a certificate of whctl's: --nats-cert FILE"),
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return waited(ctx, n.target.Timeout)
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked), errors.Is(err, nats.ErrAccountAuthExpired):
		return away("the broker does not take the credentials", fault.NextStep("give those it asks for: --nats-creds FILE, which is read when the listener starts"))
	case errors.Is(err, nats.ErrSecureConnWanted):
		return away("the broker speaks no TLS", fault.NextStep("turn TLS on there: passwords and tokens go over TLS, or to this machine"))
	case errors.Is(err, nats.ErrTLS):
		return away(deliver.Words(deliver.TLS, err, place(n.target)), next.certificate(err))
	}
	return unreached(ctx, n.target, err, next)
}

// rootText is the text of an error of the client, without the name of its library.
func rootText(err error) string { return strings.TrimPrefix(fault.Root(err).Error(), "nats: ") }
