package journal

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/record"
)

// Each record waits for another process as long as it may and not as long as those before it: behind a batch that waits a
// sender is not kept twice the time.
func TestARecordBehindAWaitingOneHasItsOwnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { recordsThatWait(t, 1500*time.Millisecond) }) // with a time of its own, that no other work on the machine adds to
}

func recordsThatWait(t *testing.T, limit time.Duration) {
	t.Helper()
	busy := make(chan struct{})
	var once sync.Once
	tune := defaultTuning()
	tune.lockWait = limit
	tune.waiting = func() { once.Do(func() { close(busy) }) }
	j, err := open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), Options{}, tune)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	release := lockFile(t, j.Path())
	defer release()
	waits := make(chan time.Duration, 3)
	record := func() {
		start := time.Now()
		if err := j.AppendDelivery(t.Context(), delivery(start, "")); fault.KindOf(err) != fault.Storage {
			t.Errorf("got %v", err)
		}
		waits <- time.Since(start)
	}
	go record()
	<-busy // the first one waits for the lock
	<-time.After(limit / 2)
	go record()
	go record()
	for range 3 {
		if took := <-waits; took < limit || took > limit+10*time.Millisecond { // it looks once a millisecond
			t.Errorf("waited %s, want about %s", took, limit)
		}
	}
	if d := defaultTuning(); d.lockWait+d.stepWait >= 5*time.Second {
		t.Errorf("a sender may wait %s", d.lockWait+d.stepWait)
	}
}

// Opening ends when somebody holds the folder, and says so meanwhile.
func TestOpeningWaitsForAFolderWithAnEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	release, err := files.LockFolder(t.Context(), dir, files.Wait{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "journal.db")
	said := newTold()
	tune := defaultTuning()
	tune.openWait = 700 * time.Millisecond
	_, err = open(t.Context(), path, Options{Tell: said.tell}, tune)
	wantFault(t, err, fault.Storage)
	if !strings.Contains(err.Error(), dir+" has been locked by") || !strings.Contains(fault.HintOf(err).String(), "WHCTL_DATA_DIR") {
		t.Errorf("%v (%s)", err, fault.HintOf(err))
	}
	if got := said.all("waiting"); len(got) != 1 || !strings.Contains(got[0].Message, dir) {
		t.Errorf("told %+v", got)
	}
	ctx, stop := context.WithCancel(t.Context())
	tune.openWait = time.Hour
	_, err = open(ctx, path, Options{Tell: func(record.Changed) { stop() }}, tune)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	release()
	openAt(t, path, Options{})
}
