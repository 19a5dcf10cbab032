//go:build unix

package journal

// Owning a lane while others ask who owns it.

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"
)

// A lane is not taken for another's while somebody only asks who owns it, however long that one is kept from the processor.
func TestALaneIsNotOwnedByThoseWhoAsk(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	b := j.Backlog("baanx", TakeUp)
	lane, err := b.Own(t.Context(), "one")
	if lane == nil || err != nil {
		t.Fatal(lane, err)
	}
	lane.Release()
	asks, err := os.Open(j.laneLock("baanx", "one"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = asks.Close() }()
	if err := syscall.Flock(int(asks.Fd()), syscall.LOCK_SH); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if lane, err := b.Own(short, "one"); lane != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while another one asks: %v, %v", lane, err)
	}
	if err := syscall.Flock(int(asks.Fd()), syscall.LOCK_UN); err != nil {
		t.Fatal(err)
	}
	if lane, err := b.Own(t.Context(), "one"); lane == nil || err != nil {
		t.Errorf("once it has its answer: %v, %v", lane, err)
	} else {
		lane.Release()
	}
}
