package listen

import (
	"fmt"
	"testing"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

func putFresh(f *fresh, id string, size int, targets ...string) {
	f.expect(id)
	f.put(&record.Delivery{ID: id}, target.Message{Body: make([]byte, size)}, targets)
}

// empty wants nothing to be held any more.
func empty(t *testing.T, f *fresh) {
	t.Helper()
	if len(f.byID) > 0 || f.bytes != 0 {
		t.Errorf("%d deliveries of %d bytes are held", len(f.byID), f.bytes)
	}
}

// TestFreshForEachTarget gives a delivery to the first try of each of its jobs, and holds nothing then.
func TestFreshForEachTarget(t *testing.T) {
	t.Parallel()
	f := newFresh()
	f.expect("a") // for the second target
	putFresh(&f, "a", 10, "x", "y")
	for i, name := range []string{"x", "z", "x", "y", "y"} { // those of z were told of late, or it sends nothing now
		want := i == 0 || i == 3
		if d, _, ok := f.take("a", name); ok != want || ok && d.ID != "a" {
			t.Errorf("take %d for %s gives %v, %v", i, name, d, ok)
		}
	}
	empty(t, &f)
	putFresh(&f, "b", 10) // whose lanes send nothing now
	if _, _, ok := f.take("b", "x"); ok {
		t.Error("what waits for long is held")
	}
	f.put(&record.Delivery{ID: "c"}, target.Message{}, []string{"x"}) // whose jobs others send
	empty(t, &f)
}

// TestFreshIsBounded counts headers too: many small deliveries take no more than few large ones.
func TestFreshIsBounded(t *testing.T) {
	t.Parallel()
	f := newFresh()
	for i := range 100_000 {
		putFresh(&f, fmt.Sprint(i), 2, "x")
	}
	if n := len(f.byID); n > freshBytes/perRequest || n < freshBytes/perRequest/2 || f.bytes > freshBytes {
		t.Errorf("%d deliveries of %d bytes are held", n, f.bytes)
	}
	f.clear()
	empty(t, &f)
	putFresh(&f, "large", freshBytes+1, "x")
	empty(t, &f)
}

// TestFreshWaitsForTelling has a try come before people were told of the delivery, once with and once without a delivery to give.
func TestFreshWaitsForTelling(t *testing.T) {
	t.Parallel()
	f := newFresh()
	for _, id := range []string{"told", "abandoned"} {
		f.expect(id)
		f.clear() // drops nothing that was not told of
		taken := make(chan bool)
		go func() {
			_, _, ok := f.take(id, "x")
			taken <- ok
		}()
		select {
		case <-taken:
			t.Errorf("%s: the try did not wait", id)
		default:
		}
		if id == "told" {
			f.put(&record.Delivery{ID: id}, target.Message{}, []string{"x"})
		}
		f.abandon(id)
		if ok := <-taken; ok != (id == "told") {
			t.Errorf("%s: it gives %v", id, ok)
		}
	}
	f.abandon("unknown")
	empty(t, &f)
}
