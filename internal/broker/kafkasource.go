package broker

// Taking deliveries from topics of Kafka, through a consumer group that machines share.

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

const (
	// sessionTime is how long a group waits for a member that is gone. Brokers take 6 s at least (group.min.session.timeout.ms).
	sessionTime = 10 * time.Second
	// rebalanceTime is how long it waits for one that finishes what is under way.
	rebalanceTime = time.Minute
	// commitEvery is how often what was acknowledged is committed.
	commitEvery = 500 * time.Millisecond
	// askFor is how long one question for messages waits at a broker.
	askFor = time.Second
	// newTopics is how soon a new partition is found, or a new topic where the URL has placeholders.
	newTopics = 10 * time.Second
	// partitionBytes bounds what of a partition is in memory.
	partitionBytes = 1 << 20
)

// KafkaSource takes messages of topics. Each partition is taken one message after another, and several are side by side.
type KafkaSource struct {
	o      SourceOptions
	health sourceHealth

	mu    sync.Mutex
	parts map[partition]*part // that this member has
	ends  map[partition]int64 // where they end; nil: that is not known
}

// partition is one of a topic.
type partition struct {
	topic string
	n     int32
}

func newKafkaSource(o SourceOptions) *KafkaSource { return &KafkaSource{o: o} }

// Lag is how many messages of this member's partitions have not been taken yet, -1 if that is not known.
func (s *KafkaSource) Lag() (sum int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ends == nil {
		return -1
	}
	for p, part := range s.parts {
		end, known := s.ends[p]
		if !known {
			return -1
		}
		sum += max(end-part.next.Load(), 0)
	}
	return sum
}

// Run gives messages to take until ctx ends. What is acknowledged is committed. What is to come again is given again here, before what is
// behind it.
func (s *KafkaSource) Run(ctx context.Context, take Take, tell func(record.Changed)) {
	s.health.name, s.health.tell = s.o.Source.Name, tell
	s.o.run(ctx, &s.health, func(ctx context.Context) error { return s.session(ctx, take) })
}

// session takes messages as a member of the group, until ctx ends or something fails.
func (s *KafkaSource) session(ctx context.Context, take Take) error {
	m := &member{s: s, take: take}
	ctx, m.stop = context.WithCancelCause(ctx)
	defer m.stop(nil)
	m.ctx = ctx
	client, err := kafkaClient(s.o.Source.Target, m.options()...)
	if err != nil {
		return err
	}
	defer m.leave(client)
	if err := s.check(ctx, client); err != nil {
		return s.failed(ctx, m, err)
	}
	s.health.fits(s.misfits())
	var watching sync.WaitGroup
	watching.Go(func() { s.health.prove(ctx, s.o.After) })
	watching.Go(func() {
		if err := s.watch(ctx, client); err != nil {
			m.stop(s.failed(ctx, m, err))
		}
	})
	if err := m.poll(client); err != nil {
		m.stop(s.failed(ctx, m, err))
	}
	watching.Wait()
	return context.Cause(ctx)
}

// misfits says which settings mean nothing here.
func (s *KafkaSource) misfits() string {
	if s.o.Width > 1 {
		return fmt.Sprintf("--lane-width %d: each partition is taken one message after another, and several side by side", s.o.Width)
	}
	return ""
}

// topics are those that are taken from, by a regular expression where the URL has placeholders.
func (s *KafkaSource) topics() []kgo.Opt {
	if s.o.Source.OneSubject() {
		return []kgo.Opt{kgo.ConsumeTopics(s.o.Source.Subject)}
	}
	text := regexp.QuoteMeta(s.o.Source.Subject)
	for _, placeholder := range []string{target.OfScheme, target.OfType} {
		text = strings.ReplaceAll(text, regexp.QuoteMeta(placeholder), "[A-Za-z0-9._-]+")
	}
	return []kgo.Opt{kgo.ConsumeTopics("^" + text + "$"), kgo.ConsumeRegex()}
}

// check asks whether a broker answers and the topic is there.
func (s *KafkaSource) check(ctx context.Context, client *kgo.Client) error {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	if err := client.Ping(ctx); err != nil {
		return connectError{err}
	}
	if !s.o.Source.OneSubject() {
		return nil
	}
	question, topic := kmsg.NewPtrMetadataRequest(), kmsg.NewMetadataRequestTopic()
	topic.Topic = new(s.o.Source.Subject)
	question.Topics = append(question.Topics, topic)
	answer, err := question.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	for i := range answer.Topics {
		if err := kerr.ErrorForCode(answer.Topics[i].ErrorCode); err != nil {
			return err
		}
	}
	return nil
}

// watch asks from time to time where the partitions end. That tells too whether a broker answers.
func (s *KafkaSource) watch(ctx context.Context, client *kgo.Client) error {
	for {
		select {
		case <-s.o.After(lookEvery):
		case <-ctx.Done():
			return nil
		}
		asking, cancel := context.WithTimeout(ctx, connectTime)
		err := s.look(asking, client)
		cancel()
		if err != nil && ctx.Err() == nil {
			return connectError{err}
		}
	}
}

// look asks where the partitions of this member end.
func (s *KafkaSource) look(ctx context.Context, client *kgo.Client) error {
	question := kmsg.NewPtrListOffsetsRequest()
	question.ReplicaID = -1
	for topic, list := range s.mine() {
		t := kmsg.NewListOffsetsRequestTopic()
		t.Topic = topic
		for _, n := range list {
			p := kmsg.NewListOffsetsRequestTopicPartition()
			p.Partition, p.Timestamp = n, -1 // the end
			t.Partitions = append(t.Partitions, p)
		}
		question.Topics = append(question.Topics, t)
	}
	ends := map[partition]int64{}
	if len(question.Topics) == 0 { // others have them all
		s.setEnds(client, ends)
		return client.Ping(ctx)
	}
	answer, err := question.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	for i := range answer.Topics {
		for j := range answer.Topics[i].Partitions {
			p := &answer.Topics[i].Partitions[j]
			if p.ErrorCode != 0 { // as while its leader moves
				continue
			}
			ends[partition{answer.Topics[i].Topic, p.Partition}] = p.Offset
		}
	}
	s.setEnds(client, ends)
	return nil
}

// setEnds takes where partitions end. Of those that nothing was taken of yet, what is committed was taken.
func (s *KafkaSource) setEnds(client *kgo.Client, ends map[partition]int64) {
	committed := client.CommittedOffsets()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends = ends
	for p, part := range s.parts {
		if at := committed[p.topic][p.n].Offset; !part.begun.Load() && at > part.next.Load() {
			part.next.Store(at)
		}
	}
}

// mine are the partitions that this member has.
func (s *KafkaSource) mine() map[string][]int32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string][]int32{}
	for p := range s.parts {
		all[p.topic] = append(all[p.topic], p.n)
	}
	return all
}

// failed is why nothing is taken, with the next step.
func (s *KafkaSource) failed(ctx context.Context, m *member, err error) error {
	var (
		refused *kerr.Error
		away    connectError
		sender  = Kafka{target: s.o.Source.Target}
	)
	switch {
	case ctx.Err() != nil:
		return err
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return fault.Hint(fault.New(fault.Unreachable, "the credentials may not read topic %s", s.o.Source.Subject), "allow them to: %s", fault.Command("kafka-acls.sh --add --operation Read").Flag("--topic", s.o.Source.Subject))
	case errors.Is(err, kerr.GroupAuthorizationFailed):
		return fault.Hint(fault.New(fault.Unreachable, "the credentials may not be of group %s", s.o.Source.Group), "allow them to: %s", fault.Command("kafka-acls.sh --add --operation Read").Flag("--group", s.o.Source.Group))
	case errors.Is(err, kerr.InconsistentGroupProtocol):
		return fault.Hint(fault.New(fault.Unreachable, "others use group %s in another way than whctl", s.o.Source.Group), "give this run another: --from NAME=kafka://HOST/TOPIC")
	case errors.As(err, &refused) && !aboutTopic(refused):
		return fmt.Errorf("the broker gives no messages of topic %s: %s", s.o.Source.Subject, code(refused))
	case errors.As(err, &refused):
		return stepped(sender.refused(s.o.Source.Subject, refused))
	case errors.As(err, &away) && m.dials.last() != nil:
		return stepped(sender.noConnection(ctx, m.dials.last()))
	case errors.As(err, &away):
		return stepped(sender.noConnection(ctx, away.error))
	default:
		return errors.New(rootText(err))
	}
}

// aboutTopic says whether an error means the same for whoever takes from a topic as for whoever hands over to it.
func aboutTopic(e *kerr.Error) bool {
	switch e {
	case kerr.UnknownTopicOrPartition, kerr.UnknownTopicID, kerr.InvalidTopicException, kerr.SaslAuthenticationFailed, kerr.IllegalSaslState, kerr.UnsupportedSaslMechanism:
		return true
	}
	return false
}
