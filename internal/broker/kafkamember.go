package broker

// A member of a consumer group: the partitions that it has, each taken one message after another.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/whctl/whctl/internal/fault"
)

// member is one session in the group.
type member struct {
	s     *KafkaSource
	take  Take
	dials dials
	ctx   context.Context
	stop  context.CancelCauseFunc
}

// part is a partition while this member has it.
type part struct {
	records chan []*kgo.Record
	quit    chan struct{} // closed when this member is to have it no more
	done    chan struct{} // closed when nothing of it is under way
	next    atomic.Int64  // the offset behind what was taken
	begun   atomic.Bool   // messages of it have come
	handed  int64         // the offset behind those, for whoever polls
}

// options are those of the client.
func (m *member) options() []kgo.Opt {
	return append(m.s.topics(),
		kgo.WithHooks(&m.dials), kgo.ConsumerGroup(m.s.o.Source.Group), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.AutoCommitMarks(), kgo.AutoCommitInterval(commitEvery), kgo.BlockRebalanceOnPoll(), kgo.FetchMaxPartitionBytes(partitionBytes),
		kgo.FetchMaxWait(askFor), kgo.MaxDecompressBatchBytes(kafkaLargest), kgo.MetadataMaxAge(newTopics),
		kgo.SessionTimeout(sessionTime), kgo.RebalanceTimeout(max(rebalanceTime, 2*m.s.o.Timeout)),
		kgo.OnPartitionsAssigned(m.assigned), kgo.OnPartitionsRevoked(m.revoked), kgo.OnPartitionsLost(m.lost),
	)
}

// assigned begins to take partitions. One that this member had before may be paused still.
func (m *member) assigned(_ context.Context, client *kgo.Client, list map[string][]int32) {
	client.ResumeFetchPartitions(list)
	m.s.mu.Lock()
	defer m.s.mu.Unlock()
	if m.s.parts == nil {
		m.s.parts = map[partition]*part{}
	}
	for topic, numbers := range list {
		for _, n := range numbers {
			p := &part{records: make(chan []*kgo.Record, 1), quit: make(chan struct{}), done: make(chan struct{})}
			m.s.parts[partition{topic, n}] = p
			go m.work(client, partition{topic, n}, p)
		}
	}
}

// revoked finishes what is under way of partitions that another member is to have, and commits it.
func (m *member) revoked(ctx context.Context, client *kgo.Client, list map[string][]int32) {
	m.lost(ctx, client, list)
	_ = client.CommitMarkedOffsets(ctx) // what is not committed comes again
}

// lost ends the work on partitions, and waits for what is under way.
func (m *member) lost(_ context.Context, _ *kgo.Client, list map[string][]int32) {
	m.finish(func(at partition) bool { return slices.Contains(list[at.topic], at.n) })
}

// finish ends the work on some partitions.
func (m *member) finish(which func(partition) bool) {
	var ending []*part
	m.s.mu.Lock()
	for at, p := range m.s.parts {
		if which(at) {
			ending = append(ending, p)
			delete(m.s.parts, at)
		}
	}
	m.s.mu.Unlock()
	for _, p := range ending {
		close(p.quit)
	}
	for _, p := range ending {
		<-p.done
	}
}

// poll hands what comes to the partitions, until the session ends. A partition is not asked for more while it has not begun with that.
func (m *member) poll(client *kgo.Client) error {
	for m.ctx.Err() == nil {
		fetches := client.PollFetches(m.ctx)
		var failed error
		fetches.EachError(func(_ string, _ int32, err error) {
			var (
				dropped *kgo.ErrDataLoss
				large   *kgo.ErrDecompressTooLarge
			)
			switch {
			case errors.As(err, &dropped): // which shows when the next messages come
			case errors.As(err, &large):
				m.leaveOut(client, large)
			case m.ctx.Err() == nil:
				failed = err
			}
		})
		if failed == nil {
			fetches.EachPartition(func(t kgo.FetchTopicPartition) { m.hand(client, t) })
		}
		client.AllowRebalance()
		if failed != nil {
			return failed
		}
	}
	return nil
}

func (m *member) hand(client *kgo.Client, t kgo.FetchTopicPartition) {
	m.s.mu.Lock()
	p := m.s.parts[partition{t.Topic, t.Partition}]
	m.s.mu.Unlock()
	if p == nil || len(t.Records) == 0 {
		return
	}
	m.s.health.answers(m.ctx)
	m.tellGap(client, p, t)
	p.handed = t.Records[len(t.Records)-1].Offset + 1
	select {
	case p.records <- t.Records:
	case <-p.quit:
	case <-m.ctx.Done():
	}
	if len(p.records) == cap(p.records) { // a partition that is paused without need waits for the end of the question that is under way
		client.PauseFetchPartitions(map[string][]int32{t.Topic: {t.Partition}})
	}
}

// tellGap tells of messages that the broker dropped before they were taken, and of those that come again as it has fewer than were taken. A
// compacted topic has gaps of another kind: its log begins where it began.
func (m *member) tellGap(client *kgo.Client, p *part, t kgo.FetchTopicPartition) {
	from, first := p.handed, t.Records[0].Offset
	if !p.begun.Load() {
		from = max(client.CommittedOffsets()[t.Topic][t.Partition].Offset, 0)
		p.begun.Store(true)
		p.next.Store(first)
	}
	switch {
	case from == 0: // of a group that has taken nothing yet
	case first < from:
		m.s.health.hint(fmt.Sprintf("partition %d of topic %s ends before message %d, which is the next: it begins again with message %d, and messages come that were taken before",
			t.Partition, t.Topic, from, first))
	case t.LogStartOffset > from:
		m.s.health.gone(fmt.Sprintf("the broker dropped %s of partition %d of topic %s before they were taken; see retention.ms and retention.bytes of the topic",
			fault.Plural(int(t.LogStartOffset-from), "message"), t.Partition, t.Topic))
	}
}

// leaveOut goes on behind messages that whoever wrote them packed so that they would take up all memory.
func (m *member) leaveOut(client *kgo.Client, e *kgo.ErrDecompressTooLarge) {
	m.s.health.gone(fmt.Sprintf("messages %d to %d of partition %d of topic %s would take more than %d MiB once they are unpacked: they are left out, and stay in the topic",
		e.Offset, e.NextOffset-1, e.Partition, e.Topic, kafkaLargest>>20))
	client.SetOffsets(map[string]map[int32]kgo.EpochOffset{e.Topic: {e.Partition: {Epoch: e.Epoch, Offset: e.NextOffset}}})
}

// work takes the messages of one partition.
func (m *member) work(client *kgo.Client, at partition, p *part) {
	defer close(p.done)
	for {
		select {
		case <-p.quit:
			return
		case <-m.ctx.Done():
			return
		case records := <-p.records:
			for _, r := range records {
				if !m.settle(p, r) {
					return
				}
				client.MarkCommitRecords(r)
				p.next.Store(r.Offset + 1)
			}
			client.ResumeFetchPartitions(map[string][]int32{at.topic: {at.n}})
		}
	}
}

// settle has a message taken until it need not come again. It is false where it does not come to that here.
func (m *member) settle(p *part, r *kgo.Record) bool {
	header := map[string][]string{}
	for _, h := range r.Headers {
		header[h.Key] = append(header[h.Key], string(h.Value))
	}
	taken := r.Timestamp
	if taken.UnixMilli() < 0 { // it has none
		taken = m.s.o.Now()
	}
	message, whole := received(header, r.Value, taken)
	if !whole {
		m.s.health.odd()
	}
	message.RemoteAddr = m.s.o.Source.Hosts()[0]
	for m.goesOn(p, 0) {
		message.Times++
		settlement := m.take(&message)
		switch {
		case settlement.Over:
			m.stop(errOver)
			return false
		case !settlement.Again:
			return true
		case !m.goesOn(p, settlement.After):
			return false
		}
	}
	return false
}

// goesOn waits, and says whether this member has the partition still.
func (m *member) goesOn(p *part, wait time.Duration) bool {
	var over <-chan time.Time
	if wait > 0 {
		over = m.s.o.After(wait)
	} else {
		now := make(chan time.Time)
		close(now)
		over = now
	}
	select {
	case <-over:
	case <-p.quit:
	case <-m.ctx.Done():
	}
	select {
	case <-p.quit:
		return false
	default:
		return m.ctx.Err() == nil
	}
}

// leave finishes what is under way, commits it and leaves the group, so that others take over at once.
func (m *member) leave(client *kgo.Client) {
	m.stop(nil)
	m.finish(func(partition) bool { return true })
	m.s.mu.Lock()
	m.s.ends = nil
	m.s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), leaveTime)
	defer cancel()
	client.AllowRebalance()
	_ = client.CommitMarkedOffsets(ctx)
	_ = client.LeaveGroupContext(ctx)
	client.Close()
}
