package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestAlive: a writer that hangs is seen, and one that cannot write is none that hangs.
func TestAlive(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(j.Alive(t.Context()), j.Probe(t.Context(), 1)); err != nil {
		t.Error(err)
	}
	hangs, over := make(chan struct{}), make(chan struct{})
	go func() {
		_ = j.do(t.Context(), func(*writer) error {
			close(hangs)
			<-over
			return nil
		})
	}()
	<-hangs
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := j.Alive(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a writer that hangs: %v", err)
	}
	close(over)
	if err := j.Alive(t.Context()); err != nil {
		t.Error(err)
	}
	r := j.Room()
	if info, err := os.Stat(path); err != nil || r.Used < info.Size() || r.Limit != DefaultMaxBytes || r.Free <= 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if err := os.Rename(path, path+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := j.Probe(t.Context(), 1); err == nil {
		t.Error("a journal that is not at its place takes records")
	}
	if err := j.Alive(t.Context()); err != nil {
		t.Errorf("its writer: %v", err)
	}
	if err := os.Rename(path+"-away", path); err != nil {
		t.Fatal(err)
	}
	if err := j.Probe(t.Context(), 1); err != nil {
		t.Error(err)
	}
	if j.Probe(t.Context(), 1<<60) == nil {
		t.Error("an exbibyte is taken")
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if j.Alive(t.Context()) == nil {
		t.Error("a closed journal is alive")
	}
}
