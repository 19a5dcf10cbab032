package broker

// What came of handing a delivery over to Kafka.

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// outcome is what an attempt's error means for its job. nil: all replicas in sync have the message.
func (k *Kafka) outcome(ctx context.Context, l *kafkaLink, topic string, err error) target.Outcome {
	var (
		refused *kerr.Error
		away    connectError
	)
	switch {
	case err == nil:
		return target.Outcome{Kind: record.OutcomeDelivered}
	case errors.Is(ctx.Err(), context.Canceled):
		return waited(ctx, k.target.Timeout)
	case errors.As(err, &refused):
		return k.refused(topic, refused)
	case errors.As(err, &away):
		return k.noConnection(ctx, away.error)
	case ctx.Err() != nil && l.dials.last() == nil:
		return waited(ctx, k.target.Timeout)
	case l.dials.last() != nil:
		return k.noConnection(ctx, l.dials.last())
	case errors.Is(err, kgo.ErrRecordRetries): // of the client, where the leader has the message and the replicas may not
		return target.Outcome{Kind: record.OutcomeTimeout, Err: errors.New("no acknowledgement of all replicas in sync")}
	default:
		return target.Outcome{Kind: record.OutcomeUnreachable, Err: errors.New("the connection ended before the acknowledgement")}
	}
}

// refused is the outcome of an answer that tells an error (kafka.apache.org/protocol, error codes).
func (k *Kafka) refused(topic string, e *kerr.Error) target.Outcome {
	o := target.Outcome{Kind: record.OutcomeUnreachable}
	switch e {
	case kerr.UnknownTopicOrPartition, kerr.UnknownTopicID:
		return k.blocked("there is no topic "+topic, fault.NextStep("make it: %s", fault.Command("kafka-topics.sh --create").Flag("--topic", topic).Flag("--bootstrap-server", place(k.target))))
	case kerr.TopicAuthorizationFailed:
		return k.blocked("the credentials may not write to topic "+topic, fault.NextStep("allow them to: %s", fault.Command("kafka-acls.sh --add --operation Write").Flag("--topic", topic)))
	case kerr.InvalidTopicException, kerr.PolicyViolation:
		return k.blocked(fmt.Sprintf("the broker takes no topic %s: %s", topic, code(e)), fault.NextStep("name another, or make it yourself"))
	case kerr.MessageTooLarge, kerr.RecordListTooLarge:
		return target.Outcome{
			Kind: record.OutcomeRefused, Final: true, Err: fmt.Errorf("topic %s does not take a message of this size: %s", topic, code(e)),
			Hint: fault.NextStep("raise max.message.bytes of the topic, then send it again: whctl queue retry"),
		}
	case kerr.InvalidRecord, kerr.InvalidTimestamp, kerr.UnsupportedForMessageFormat:
		return target.Outcome{Kind: record.OutcomeRefused, Final: true, Err: fmt.Errorf("topic %s does not take the message: %s", topic, code(e))}
	case kerr.SaslAuthenticationFailed, kerr.IllegalSaslState:
		o.Err, o.Hint = errors.New("the broker does not take the credentials"), fault.NextStep("give those it asks for: --kafka-creds FILE")
	case kerr.UnsupportedSaslMechanism:
		o.Err, o.Hint = errors.New("the broker does not take credentials in this way"), fault.NextStep("name one that it has on: --kafka-sasl scram-sha-256")
	case kerr.ClusterAuthorizationFailed:
		o.Err, o.Hint = errors.New("the credentials may not write idempotently"), fault.NextStep("allow them to: kafka-acls.sh --add --operation IdempotentWrite --cluster")
	default:
		if !e.Retriable {
			return target.Outcome{Kind: record.OutcomeFailed, Err: fmt.Errorf("the broker does not take it: %s", code(e))}
		}
		o.Err = fmt.Errorf("topic %s takes nothing now: %s", topic, code(e))
	}
	return o
}

// code is how Kafka's documentation names an error.
func code(e *kerr.Error) string { return fmt.Sprintf("%s (Kafka %d)", e.Message, e.Code) }

// blocked is the outcome of what no message of this topic gets past. Where events have several topics, that says nothing of others.
func (k *Kafka) blocked(text string, hint fault.Step) target.Outcome {
	kind := record.OutcomeFailed
	if k.target.OneSubject() {
		kind = record.OutcomeUnreachable
	}
	return target.Outcome{Kind: kind, Err: errors.New(text), Hint: hint}
}

// endedAtOnce says whether a broker ended a connection before it answered. The client has several names for that, and no type for some.
func endedAtOnce(err error) bool {
	var (
		first   *kgo.ErrFirstReadEOF
		network *net.OpError
	)
	cause := deliver.CauseOf(err)
	return errors.As(err, &first) || cause == deliver.Cut || cause == deliver.Other && !errors.As(err, &network) && kgo.IsRetryableBrokerErr(err)
}

// noConnection is the outcome where no broker is reached, or lets nobody in.
func (k *Kafka) noConnection(ctx context.Context, err error) target.Outcome {
	var (
		refused *kerr.Error
		network *net.OpError
	)
	switch {
	case errors.As(err, &refused):
		o := k.refused(k.target.Subject, refused)
		o.Kind = record.OutcomeUnreachable
		return o
	case endedAtOnce(err): // which is how brokers refuse what they do not understand
		o := target.Outcome{
			Kind: record.OutcomeUnreachable, Err: errors.New("the broker ended the connection at once"),
			Hint: fault.NextStep("it may want credentials (--kafka-creds FILE) or TLS (--kafka-ca FILE)"),
		}
		if k.target.Access.User != "" {
			o.Hint = fault.NextStep("it may not take the credentials (--kafka-creds FILE, --kafka-sasl HOW), or want TLS or none (--kafka-ca FILE)")
		}
		return o
	}
	check := fault.NextStep("check the name of the host, that Kafka listens there (usually port " + netname.KafkaPort + "), and whether it speaks TLS")
	if deliver.CauseOf(err) == deliver.Other && !errors.As(err, &network) { // the client's text may hold what was worked out of the password
		return target.Outcome{Kind: record.OutcomeUnreachable, Err: errors.New("the broker does not answer as Kafka does"), Hint: check}
	}
	return unreached(ctx, k.target, err, steps{
		start: fault.NextStep("start the broker, or correct the port (usually " + netname.KafkaPort + ")"),
		check: check,
		wait:  fault.NextStep("check that Kafka listens there, or raise --timeout"),
		ca:    fault.NextStep("give the certificate of its authority with --kafka-ca FILE"),
		cert:  fault.NextStep("it may want a certificate of whctl's: --kafka-cert FILE"),
	})
}
