package hub_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
)

var errReader = errors.New("the reader's own")

// reader keeps what it is told. Until it is let it stays in its first Read.
type reader struct {
	given chan struct{} // closed by the first Read
	let   chan struct{}
	gap   chan struct{} // has one for each time that it is told that it missed something
	once  sync.Once
	got   []hub.Stamped
}

func newReader() *reader {
	return &reader{given: make(chan struct{}), let: make(chan struct{}), gap: make(chan struct{}, 100)}
}

func freeReader() *reader {
	r := newReader()
	close(r.let)
	return r
}

func (r *reader) Read(s hub.Stamped) {
	r.once.Do(func() { close(r.given) })
	<-r.let
	r.got = append(r.got, s)
	if _, ok := s.Event.(record.Missed); ok {
		r.gap <- struct{}{}
	}
}

func (r *reader) Close() error { return errReader }

func (r *reader) end(t *testing.T, f *hub.Feed) {
	t.Helper()
	if err := <-f.Ended(); !errors.Is(err, errReader) {
		t.Errorf("the reader ended with %v", err)
	}
}

// missed sums up what the reader was told that it missed.
func (r *reader) missed() (n, times int, from int64) {
	for _, s := range r.got {
		if m, ok := s.Event.(record.Missed); ok {
			n, times, from = n+m.Count, times+1, m.From
		}
	}
	return n, times, from
}

func (r *reader) rises(t *testing.T) {
	t.Helper()
	for i := 1; i < len(r.got); i++ {
		if r.got[i].Seq <= r.got[i-1].Seq {
			t.Fatalf("%d came after %d", r.got[i].Seq, r.got[i-1].Seq)
		}
	}
}

func received(seq int64) record.Received {
	return record.Received{Delivery: &record.Delivery{Seq: seq, ID: fmt.Sprint(seq)}}
}

// Many emit at once, and each of many readers is told of all in the same order.
func TestEveryReaderHasTheSameOrder(t *testing.T) {
	t.Parallel()
	var h hub.Hub
	const senders, each, readers = 64, 50, 5
	var all []*reader
	var feeds []*hub.Feed
	for range readers {
		r := freeReader()
		all, feeds = append(all, r), append(feeds, h.Attach(r, senders*each))
	}
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for n := range each {
				h.Emit(time.Now(), received(int64(s*each+n+1)))
			}
		})
	}
	wg.Wait()
	h.Close()
	for i, r := range all {
		r.end(t, feeds[i])
		if len(r.got) != senders*each || !slices.Equal(r.got, all[0].got) {
			t.Errorf("reader %d was told of %d events, or in another order", i, len(r.got))
		}
		r.rises(t)
	}
}

// A reader that reads nothing delays neither who emits nor another reader, and is told once of what it missed, in its place.
func TestSlowReaderIsToldWhatItMissed(t *testing.T) {
	t.Parallel()
	var h hub.Hub
	slow, quick := newReader(), freeReader()
	slowFeed, quickFeed := h.Attach(slow, 4), h.Attach(quick, 100)
	at := time.Unix(1000, 0)
	h.Emit(at, record.Ready{})
	<-slow.given
	for n := range int64(20) {
		h.Emit(at.Add(time.Duration(n)), received(100+n))
	}
	close(slow.let)
	<-slow.gap
	h.Emit(at, record.Failed{})
	h.Close()
	slow.end(t, slowFeed)
	quick.end(t, quickFeed)
	if n, times, _ := quick.missed(); n != 0 || times != 0 || len(quick.got) != 22 {
		t.Errorf("the other reader has %d events, missed %d", len(quick.got), n)
	}
	if n, times, from := slow.missed(); n != 16 || times != 1 || from != 104 {
		t.Errorf("told %d times of %d missed from %d on, want once of 16 from 104 on", times, n, from)
	}
	want := []int64{1, 100, 101, 102, 103, 119, 120} // the gap stands in the place of the last that was missed
	var got []int64
	for _, s := range slow.got {
		got = append(got, s.Seq)
	}
	if !slices.Equal(got, want) || !slow.got[5].Time.Equal(at.Add(19)) {
		t.Errorf("got %v at %s, want %v", got, slow.got[5].Time, want)
	}
}

// What was missed at the end is told at the end.
func TestEndTellsWhatWasMissed(t *testing.T) {
	t.Parallel()
	var h hub.Hub
	r := newReader()
	f := h.Attach(r, 2)
	h.Emit(time.Time{}, record.Ready{})
	<-r.given
	for range 5 {
		h.Emit(time.Time{}, record.Failed{})
	}
	h.Close()
	h.Emit(time.Time{}, record.Ready{}) // nobody is told
	close(r.let)
	r.end(t, f)
	if n, times, from := r.missed(); n != 3 || times != 1 || from != 0 || len(r.got) != 4 {
		t.Errorf("%d events, told %d times of %d missed from %d on", len(r.got), times, n, from)
	}
	r.rises(t)
}

// Changes of state have places that a flood of deliveries cannot take.
func TestChangesAreKeptInAFlood(t *testing.T) {
	t.Parallel()
	var h hub.Hub
	r := newReader()
	f := h.Attach(r, 10)
	h.Emit(time.Time{}, record.Ready{})
	<-r.given
	for range 1000 {
		h.Emit(time.Time{}, received(0))
	}
	h.Emit(time.Time{}, record.Changed{State: record.StorageLost})
	for range 1000 {
		h.Emit(time.Time{}, received(0))
	}
	h.Emit(time.Time{}, record.Changed{State: record.Draining})
	for range 1000 {
		h.Emit(time.Time{}, record.Changed{State: record.Waiting}) // which are bounded all the same
	}
	close(r.let)
	h.Close()
	r.end(t, f)
	states := map[record.State]int{}
	for _, s := range r.got {
		if c, ok := s.Event.(record.Changed); ok {
			states[c.State]++
		}
	}
	if n, times, _ := r.missed(); states[record.StorageLost] != 1 || states[record.Draining] != 1 || states[record.Waiting] > 100 || times != 3 || n+len(r.got)-times != 3003 {
		t.Errorf("%v, told %d times of %d missed", states, times, n)
	}
	r.rises(t)
}

// Bodies that wait for a slow reader are bounded in bytes, not only in number.
func TestWaitingBodiesAreBoundedInBytes(t *testing.T) {
	t.Parallel()
	var h hub.Hub
	r := newReader()
	f := h.Attach(r, 1024)
	h.Emit(time.Time{}, record.Ready{})
	<-r.given
	for range 100 {
		h.Emit(time.Time{}, record.Received{Delivery: &record.Delivery{Body: make([]byte, 5<<20)}})
	}
	h.Close()
	close(r.let)
	r.end(t, f)
	kept := 0
	for _, s := range r.got {
		if d, ok := s.Event.(record.Received); ok {
			kept += len(d.Delivery.Body)
		}
	}
	if n, _, _ := r.missed(); n == 0 || kept == 0 || kept > 64<<20 {
		t.Errorf("kept %d bytes, missed %d", kept, n)
	}
}

// The end of the stream is that of its slowest reader, and of each other one too.
func TestTheEndWaitsForEveryReader(t *testing.T) {
	t.Parallel()
	var h hub.Hub
	slow, quick := newReader(), freeReader()
	slowFeed, quickFeed := h.Attach(slow, 10), h.Attach(quick, 10)
	h.Emit(time.Time{}, record.Ready{})
	<-slow.given
	h.Emit(time.Time{}, record.Ready{})
	ended := h.Close()
	quick.end(t, quickFeed)
	select {
	case <-ended:
		t.Fatal("the stream ended before its slow reader")
	default:
	}
	h.Emit(time.Time{}, record.Ready{}) // too late for anybody
	close(slow.let)
	<-ended
	select {
	case err := <-slowFeed.Ended():
		if !errors.Is(err, errReader) {
			t.Errorf("the reader ended with %v", err)
		}
	default:
		t.Error("the slow reader has not ended")
	}
	if len(slow.got) != 2 || len(quick.got) != 2 {
		t.Errorf("%d and %d events, want 2 and 2", len(slow.got), len(quick.got))
	}
}

// A stream without readers ends at once, however often it is closed. A reader that comes after the end is told nothing.
func TestNothingIsToldAfterTheEnd(t *testing.T) {
	t.Parallel()
	var h hub.Hub
	<-h.Close()
	late := freeReader()
	late.end(t, h.Attach(late, 1))
	h.Emit(time.Time{}, record.Ready{})
	<-h.Close()
	if len(late.got) != 0 {
		t.Errorf("it was told %v", late.got)
	}
}

// What the journal numbered has that number, unless a higher one was told already; the rest has the next.
func TestSeqIsOnTheScaleOfTheJournal(t *testing.T) {
	t.Parallel()
	var h hub.Hub
	r := freeReader()
	f := h.Attach(r, 10)
	for _, e := range []record.Event{
		record.Ready{},
		received(1000),
		record.Attempted{Attempt: &record.Attempt{Seq: 1010}},
		record.Changed{},
		received(1005),
		received(0), received(2000),
	} {
		h.Emit(time.Time{}, e)
	}
	h.Close()
	r.end(t, f)
	var got []int64
	for _, s := range r.got {
		got = append(got, s.Seq)
	}
	if want := []int64{1, 1000, 1010, 1011, 1012, 1013, 2000}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

type discard struct{}

func (discard) Read(hub.Stamped) {}
func (discard) Close() error     { return nil }

// BenchmarkEmit emits to as many readers as the number says.
func BenchmarkEmit(b *testing.B) {
	for _, readers := range []int{0, 1, 4} {
		b.Run(fmt.Sprint(readers), func(b *testing.B) {
			b.ReportAllocs()
			var h hub.Hub
			for range readers {
				h.Attach(discard{}, 1024)
			}
			at, e := time.Now(), received(1)
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					h.Emit(at, e)
				}
			})
		})
	}
}
